"""A search by populations against KerasTuner's own, trial for trial.

Run `python -m benchmarks.search_speed`, about 40 minutes on two cores, or with `--quick`, under two minutes,
which gives KerasTuner two trials a work. The last line is JSON: the ratio of the seconds per trial by work.
"""

import argparse
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import works
from benchmarks.environment import describe_environment
from benchmarks.machine import print_arithmetic, print_compilation, print_memory, print_pytorch


def main() -> None:
    """Times both sides and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_speed")
    parser.add_argument("--quick", action="store_true", help="two trials a work for KerasTuner")
    quick = parser.parse_args().quick
    print(describe_environment())
    print(f"{works.EPOCHS} epochs, batches of {works.BATCH_SIZE}; seconds count from the call to the result")
    searches = works.works()
    works.by_keras_tuner(searches[0], 1)  # imports and threads, which neither side should pay for
    ratios = {}
    for work in searches:
        population = works.by_population(work, work.trials)
        fit = works.by_keras_tuner(work, 2 if quick else work.trials)
        ratios[work.name] = report(work.title, work.goal, population, fit)
    folds = works.ten_folds_five_times()
    population = works.cross_validation_by_population(folds)
    fit = works.cross_validation_by_fit(folds[:2] if quick else folds)
    ratios["cross_validation"] = report("10 folds x 5 of an MLP, 1,437 digits", 40, population, fit)
    print_compilation(searches)
    print_arithmetic(searches[1].split)
    if not quick:
        print_memory(searches[1].split)
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
