"""A search by populations against KerasTuner's own, trial for trial.

Run `python -m benchmarks.search_speed`, about a quarter of an hour on two cores, where KerasTuner makes the
first 16 trials of each work; or with `--quick`, under two minutes, where it makes one, and the
longest work is left out. What a trial costs does not depend on how many there are, and both sides make the
same ones. The last line is JSON: the ratio of the seconds per trial by work.
"""

import argparse
import json
import os
import sys
from dataclasses import replace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import works
from benchmarks.environment import describe_environment
from benchmarks.machine import print_arithmetic, print_compilation, print_memory, print_pytorch
from kerasreg.checks import InvalidInput


def main() -> None:
    """Times both sides and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_speed")
    parser.add_argument("--quick", action="store_true", help="one trial a work for KerasTuner")
    quick = parser.parse_args().quick
    print(describe_environment())
    print(f"{works.EPOCHS} epochs, batches of {works.BATCH_SIZE}; seconds count from the call to the result")
    try:
        searches = works.works()
    except InvalidInput as error:
        sys.exit(str(error))
    if quick:  # the sizes compile a dozen programs, and a trial of the CNN takes seconds
        searches = [replace(work, trials=min(work.trials, work.quick)) for work in searches if work.quick]
    works.by_keras_tuner(searches[0], 1)  # imports and threads, which neither side should pay for
    ratios = {}
    for work in searches:
        population = works.by_population(work, work.trials)
        fit = works.by_keras_tuner(work, 1 if quick else 16)
        ratios[work.name] = report(work.title, work.goal, population, fit)
    folds = works.ten_folds_five_times()
    population = works.cross_validation_by_population(folds)
    fit = works.cross_validation_by_fit(folds[: 1 if quick else 16])
    ratios["cross_validation"] = report("10 folds x 5 of an MLP, 1,437 digits", 40, population, fit)
    print_arithmetic(searches[1].split)
    if not quick:
        print_compilation(searches)
        print_memory()
        print_pytorch(searches[1].split)
    print(json.dumps(ratios))


def report(title: str, goal: int, population: works.Outcome, fit: works.Outcome) -> float:
    """Prints a line of the table and returns the ratio of the seconds per trial."""
    ratio = fit.seconds_per_trial / population.seconds_per_trial
    print(
        f"{title}\n"
        f"  fit {fit.seconds_per_trial:.2f} s a trial ({len(fit.scores)} trials), population "
        f"{population.seconds_per_trial:.3f} s ({len(population.scores)} trials in "
        f"{population.seconds:.1f} s): {ratio:.1f} times faster (goal {goal})\n"
        f"  validation accuracy, population minus fit: {works.paired_difference(population, fit)}",
        flush=True,
    )
    return round(ratio, 1)


if __name__ == "__main__":
    main()
