"""The command: `python -m kerasreg.tune`."""

from kerasreg.tune import signals

if __name__ == "__main__":
    signals.listen()

import argparse
import os
import shlex
import sys
import time
import warnings
from collections.abc import Mapping
from typing import Any

from kerasreg.checks import InvalidInput, SearchFailed, UnusualData
from kerasreg.population.schedule.interrupts import say_word, say_words_by
from kerasreg.tune import memory
from kerasreg.tune.loading import PATCH_SIZE, load
from kerasreg.tune.settings import DEFAULT_EPOCHS, DEFAULT_PATIENCE, ENGINES, TUNERS, SearchSettings
from kerasreg.tune.silence import say_past_silence, standard_error_silenced
from kerasreg.tune.spaces import DEFAULT_SEARCH_OVER, SPACES
from kerasreg.tune.terminal import steady_streams

DESCRIPTION = """\
Find a well-regularized network on your data and measure it honestly. Configurations are chosen on
validation data; the winner is retrained with fresh seeds and meets the test data once. With no
arguments: an MLP on scikit-learn's 1,797 handwritten digits, about half a minute on two cores.
The same command again goes on where it stopped.
"""


def parser() -> argparse.ArgumentParser:
    """Returns the command's argument parser."""
    knobs = ", ".join(dict.fromkeys(knob for space in SPACES.values() for knob in space))
    standard = SearchSettings(model="mlp")
    made = argparse.ArgumentParser(
        prog="python -m kerasreg.tune",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("model", nargs="?", default="mlp", help=f"{', '.join(SPACES)} (default: mlp)")
    add(
        "--data",
        default="digits",
        metavar="DATA",
        help="digits, mnist, FILE.npz with x and y, or x_train, y_train, x_test, y_test (the autoencoder "
        "needs no y), or for the autoencoder a picture such as FILE.png, some blocks of which are kept for "
        "validation and test (default: digits)",
    )
    add(
        "--patch-size",
        type=int,
        metavar="N",
        help=f"cut a picture into patches of N x N pixels, which do not overlap (default: {PATCH_SIZE})",
    )
    add(
        "--task",
        default="classification",
        help="what an npz file's y holds: classification or regression (default: classification)",
    )
    add(
        "--drop-duplicates",
        action="store_true",
        help="keep only the first of an npz file's rows with exactly the same content",
    )
    add(
        "--max-data-size",
        type=float,
        metavar="GB",
        help="the most gigabytes that an npz file's arrays may take up in memory (default: 2)",
    )
    add(
        "--max-pixels",
        type=int,
        metavar="N",
        help="the most pixels that a picture may have (default: 50 million)",
    )
    add(
        "--train-size",
        type=int,
        metavar="N",
        help="rows to train and validate on; of a picture, patches to train on (default: 1000 of MNIST, all "
        "of other data)",
    )
    add("--tuner", default=standard.tuner, help=f"{', '.join(TUNERS)} (default: {standard.tuner})")
    add(
        "--engine",
        default=standard.engine,
        help=f"{' or '.join(ENGINES)}: many networks at once in one compiled program, or one by one "
        f"(default: {standard.engine})",
    )
    add(
        "--objective",
        help="cross_entropy or accuracy for classes, mse otherwise, standardized_mse or mse for several "
        "targets (default: the first of these)",
    )
    add(
        "--max-trials",
        type=int,
        metavar="N",
        help="configurations to try (default: 10; of hyperband's shorter ones one pass, or 90 if that is "
        "more)",
    )
    add(
        "--epochs",
        type=int,
        metavar="N",
        help=f"the most epochs to train a network (default: {by_model(DEFAULT_EPOCHS)})",
    )
    add(
        "--patience",
        type=int,
        metavar="N",
        help=f"epochs without improvement before a network stops (default: {by_model(DEFAULT_PATIENCE)})",
    )
    add(
        "--folds",
        type=int,
        default=standard.folds,
        metavar="K",
        help="validate on K folds instead of one part (default: 1)",
    )
    add(
        "--repeats",
        type=int,
        default=standard.repeats,
        metavar="R",
        help="train each configuration with R seeds (default: 1)",
    )
    add(
        "--search-over",
        metavar="A,B,…",
        help=f"what to vary, of {knobs} (default: {by_model(DEFAULT_SEARCH_OVER)})",
    )
    add(
        "--time-budget",
        type=float,
        metavar="SECONDS",
        help="begin no further trial of the search after this time; the same command with more time or "
        "none goes on with it, and tests the new winner (default: none)",
    )
    add("--seed", type=int, default=0, metavar="S", help="decides every random number (default: 0)")
    add(
        "--output-dir",
        default="kerasreg-tune",
        metavar="DIR",
        help="where the results go (default: kerasreg-tune)",
    )
    add("--overwrite", action="store_true", help="discard the results in that folder and begin anew")
    add("--quiet", action="store_true", help="print only the answer and where the report lies")
    return made


def by_model(defaults: Mapping[str, Any]) -> str:
    """Returns the usual default in words and those of other models, `50; autoencoder: 200`."""
    texts = {
        model: ",".join(value) if isinstance(value, tuple) else str(value)
        for model, value in defaults.items()
    }
    usual = texts["mlp"]
    return "; ".join([usual, *(f"{model}: {text}" for model, text in texts.items() if text != usual)])


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, 1 for a failed search, 2 for bad usage."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args(given)
    try:
        return run(options, shlex.join(["python", "-m", "kerasreg.tune", *given]))
    except InvalidInput as error:
        return complain(str(error), status=2)
    except SearchFailed as error:
        return complain(str(error), status=1)
    except OSError as error:
        return complain(
            f"A file could not be written or read ({error}). Once this is mended: {kept(options)}",
            status=1,
        )
    except KeyboardInterrupt:
        return complain(f"Interrupted. {kept(options)}", status=signals.INTERRUPTED)


def kept(options: argparse.Namespace) -> str:
    """Returns in words what the folder keeps and how to go on."""
    from kerasreg.tune.store import trials_in

    again = "the same command without --overwrite" if options.overwrite else "the same command"
    number = trials_in(options.output_dir)
    if not number:
        return f"No trial has finished, so nothing is kept; {again} begins anew."
    trials = "finished trial is" if number == 1 else "finished trials are"
    return f"{number:,} {trials} kept in {options.output_dir!r}; {again} goes on from there."


def complain(message: str, *, status: int) -> int:
    """Prints a message to standard error and returns the exit status."""
    print(f"kerasreg.tune: {message}", file=sys.stderr)
    return status


def run(options: argparse.Namespace, command: str) -> int:
    """Loads the data, searches, and prints what was found."""
    settings = {
        "tuner": options.tuner,
        "engine": options.engine,
        "max_trials": options.max_trials,
        "epochs": options.epochs,
        "patience": options.patience,
        "folds": options.folds,
        "repeats": options.repeats,
        "search_over": options.search_over,
    }
    SearchSettings(model=options.model, **settings)  # complains of most before TensorFlow is waited for
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        split, data_code, picture = load(options)
    for warning in said:  # a large picture is scaled down with a word about it
        complain(str(warning.message), status=0)

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from rich.console import Console

    from kerasreg.tune.folder import check_free, output_folder

    console = Console()
    if not options.quiet:
        console.print(f"{split!r}; starting TensorFlow …", highlight=False, markup=False, soft_wrap=True)
    check_free(options.output_dir)  # before TensorFlow is waited for
    with standard_error_silenced():
        import tensorflow  # noqa: F401  its C++ start-up lines heed no log level
    from kerasreg.tune.progress import Progress, progress_on
    from kerasreg.tune.scratch import remove_all
    from kerasreg.tune.searching import search
    from kerasreg.tune.summary import print_summary

    signals.search_begins(
        word=say_word,
        last=lambda: stop_now(options),
        cleanup=remove_all,
    )
    began, time_budget = memory.taken_over(), options.time_budget
    overwrite = options.overwrite and began is None
    began = time.monotonic() if began is None else began
    if time_budget is not None and time_budget > 0:
        time_budget = max(time_budget - (time.monotonic() - began), 1e-3)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnusualData)  # was told when the data were loaded
            result = search(
                options.model,
                split,
                **settings,
                objective=options.objective,
                time_budget=time_budget,
                directory=options.output_dir,
                overwrite=overwrite,
                seed=options.seed,
                progress=Progress() if options.quiet else progress_on(console),
                command=command,
                data_code=data_code,
                picture=picture,
            )
    except memory.FreshProcessNeeded:
        if not options.quiet:
            console.print("TensorFlow's memory has grown; the search goes on in a fresh process.")
        signals.wait()
        memory.go_on(began)
    print_summary(result, output_folder(options.output_dir), console, brief=options.quiet)
    return 0


def stop_now(options: argparse.Namespace) -> None:
    """Keeps what can be kept before the process ends at once, and says what is kept."""
    from kerasreg.tune.store import flush_all

    flush_all()
    say_past_silence(f"kerasreg.tune: Stopped. {kept(options)}")


def command() -> int:
    """Runs the command as a process of its own."""
    steady_streams()
    words = (
        "Interrupted; the finished trials are kept, and the same command goes on from there."
        if memory.takes_over()
        else "Interrupted before the search began."
    )
    signals.when_nothing_began(lambda: say_past_silence(f"kerasreg.tune: {words}"))
    say_words_by(lambda word: say_past_silence(f"kerasreg.tune: {word}"))
    memory.let_replace_process()
    try:
        status = main()
    except KeyboardInterrupt:  # again, while it was told what is kept
        status = signals.INTERRUPTED
    signals.ignore()
    return status


if __name__ == "__main__":
    sys.exit(command())
