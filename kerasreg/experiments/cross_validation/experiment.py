"""Cross-validation, and its estimates compared with the true error."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_mapping, check_takes, check_whole_number
from kerasreg.experiments.cross_validation.record import EstimatorComparison
from kerasreg.experiments.last_scores import AT_ONCE, Task, fold_scores, last_scores
from kerasreg.experiments.running import built
from kerasreg.records import FoldScores, Split
from kerasreg.records.given import check_split, check_splits
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed

Scheme = Callable[[Split], Split | Sequence[Split]]


def cross_validate(
    build: Callable[..., keras.Model],
    folds: Sequence[Split],
    *,
    epochs: int,
    batch_size: int = 32,
    metric: str | None = None,
    seed: int = 0,
    progress: bool = False,
) -> FoldScores:
    """Trains one network on each split of the data and scores it on the validation part.

    All networks start with the same weights. They are scored after the last epoch, since the best epoch by
    the very rows that a network is scored on gives an optimistic score.

    Args:
        build: Function `build(seed=...)` that returns a compiled model.
        folds: Splits as from `kerasreg.data.k_fold`, `monte_carlo`, `repeated_k_fold` or `chronological`.
        epochs: Number of epochs.
        batch_size: Rows per batch.
        metric: Metric to score by; by default the loss without penalties and smoothing.
        seed: Seed of the networks.
        progress: Whether to show a progress bar.

    Returns:
        The score of each fold, with mean, standard deviation and intervals; NaN for a network that was
        interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or the training of a network diverged.

    Reference:
        Kohavi, A Study of Cross-Validation and Bootstrap for Accuracy Estimation, IJCAI 1995. The interval:
        Nadeau and Bengio, Inference for the Generalization Error, Machine Learning 52, 2003.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_mlp, noisy_parabola
    >>> from kerasreg.data import k_fold
    >>> build = partial(build_mlp, (1,), None, units=(8,), activation="tanh")
    >>> scores = cross_validate(build, k_fold(noisy_parabola(20), 4), epochs=2)
    >>> len(scores.scores), scores.metric
    (4, 'mse')
    """
    seed = check_whole_number("seed", seed, minimum=0)
    tasks = [Task(seed, fold) for fold in check_splits("folds", folds)]
    found = last_scores(
        lambda network: built(build, seed=network),
        tasks,
        epochs=epochs,
        batch_size=batch_size,
        metric=metric,
        at_once=max(1, len(tasks)),
        progress=progress,
    )
    return fold_scores(
        found.metric, found.scores, [task.split for task in tasks], interrupted=found.interrupted
    )


def compare_estimators(
    build: Callable[..., keras.Model],
    draw: Callable[[int], Split],
    schemes: Mapping[str, Scheme],
    *,
    epochs: int,
    data_sets: int = 30,
    batch_size: int = 32,
    metric: str | None = None,
    seed: int = 0,
    at_once: int = AT_ONCE,
    progress: bool = False,
) -> EstimatorComparison:
    """Estimates the true error with several schemes on many data sets drawn afresh, and measures it.

    The true error is that of the network that starts with the same weights as those of the folds, trained
    for as many epochs on all development rows (training and validation) of a data set, and scored on its
    test part. It is the error of that one network, not the mean over all possible data sets, and is known
    only as well as the size of the test part allows. The schemes never see the test part.

    With a `draw` that returns time series in order, whose test part comes later, and the schemes
    `chronological` and `k_fold`, it shows what shuffling hides, as in the example.

    Args:
        build: Function `build(seed=...)` that returns a compiled model.
        draw: Function of a seed that returns a data set with a large test part, such as
            `lambda seed: noisy_parabola(20, test_size=1000, seed=seed)` or
            `lambda seed: load_mnist_subset(200, seed=seed)`.
        schemes: Functions by name that split a data set: `kerasreg.data.hold_out`, `k_fold`, `monte_carlo`,
            `repeated_k_fold` or `chronological`, with `functools.partial` for other options. The schemes of
            a course are `hold_out`, `partial(k_fold, num_folds=10)` and `monte_carlo` (100 times 70:30).
            Hold-out has an interval for accuracy only, whose spread follows from the mean; a single split
            says nothing about the spread of other metrics.
        epochs: Number of epochs.
        data_sets: Number of data sets to draw, at least 1; intervals over them need 2.
        batch_size: Rows per batch.
        metric: Metric to score by; by default the loss without penalties and smoothing.
        seed: Seed of the draws and networks.
        at_once: Number of models to hold in memory at a time.
        progress: Whether to show progress bars.

    Returns:
        The true values and the scores of all splits, with bias, variance, mean squared error and coverage;
        NaN for networks that were interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or the training of a network diverged.

    Reference:
        Kohavi, IJCAI 1995. Such schemes estimate a mean over data sets rather than the error of the
        network at hand: Bates, Hastie and Tibshirani, Cross-Validation: What Does It Estimate and How
        Well Does It Do It?, JASA 2023.

    Example: a random walk over time, whose last eight steps are the test part.
    >>> from functools import partial
    >>> import numpy as np
    >>> from kerasreg import Split, build_mlp
    >>> from kerasreg.data import chronological, k_fold
    >>> build = partial(build_mlp, (1,), None, units=(4,), activation="tanh")
    >>> def walk(seed):
    ...     time, values = np.linspace(0, 3, 24), np.random.default_rng(seed).normal(size=24).cumsum()
    ...     later = {"x_test": time[16:, None], "y_test": values[16:]}
    ...     return Split.from_arrays(time[:16, None], values[:16], task="regression", **later)
    >>> schemes = {"chronological": chronological, "shuffled": partial(k_fold, num_folds=5)}
    >>> result = compare_estimators(build, walk, schemes, epochs=2, data_sets=2)
    >>> print(result.shift_verdict("chronological", "shuffled"))  # doctest: +ELLIPSIS
    No difference shown between chronological and shuffled: chronological minus shuffled is ...
    """
    seed = check_whole_number("seed", seed, minimum=0)
    check_whole_number("data_sets", data_sets)
    check_takes("draw", draw, "draw(seed)", seed)
    check_mapping("schemes", schemes, "functions that divide a Split, by name")
    if not schemes:
        raise InvalidInput(
            "There is no scheme to compare; pass at least one, such as {'hold-out': hold_out}."
        )
    splits_of: dict[str, list[list[Split]]] = {scheme: [] for scheme in schemes}
    by_data_set: list[list[Task]] = []
    tests: list[Split] = []
    for number in range(data_sets):
        split = check_split("What draw returns", draw(derive_seed(seed, "data", number)))
        if not len(split.x_test):
            raise InvalidInput(
                f"The data set {split.name!r} has no test rows, so its true error cannot be measured. Draw "
                "it with a large test part."
            )
        split = _sharing_test(split, tests)
        whole = _whole(split)
        split = _without_test(split)
        for scheme, divide in schemes.items():
            check_takes(f"schemes[{scheme!r}]", divide, "divide(split)", split)
            splits_of[scheme].append(check_splits(f"What schemes[{scheme!r}] returns", divide(split)))
        network = derive_seed(seed, "network", number)
        by_data_set.append([Task(network, whole, "test")])
        by_data_set[-1] += [Task(network, fold) for name in schemes for fold in splits_of[name][-1]]
    # Interleaved by data set, so that every turn of the training needs the same networks again.
    order = [(n, place) for place in range(max(map(len, by_data_set))) for n in range(data_sets)]
    order = [(n, place) for n, place in order if place < len(by_data_set[n])]
    found = last_scores(
        lambda network: built(build, seed=network),
        [by_data_set[n][place] for n, place in order],
        epochs=epochs,
        batch_size=batch_size,
        metric=metric,
        at_once=at_once,
        progress=progress,
    )
    score_of = dict(zip(order, found.scores, strict=True))
    folds: dict[str, list[FoldScores]] = {scheme: [] for scheme in schemes}
    for number in range(data_sets):
        place = 1
        for scheme in schemes:
            of_scheme = splits_of[scheme][number]
            values = [score_of[number, place + offset] for offset in range(len(of_scheme))]
            folds[scheme].append(fold_scores(found.metric, values, of_scheme))
            place += len(of_scheme)
    return EstimatorComparison(
        metric=found.metric,
        truths=tuple(score_of[number, 0] for number in range(data_sets)),
        folds={scheme: tuple(rows) for scheme, rows in folds.items()},
        test_rows=tuple(len(tasks[0].split.x_test) for tasks in by_data_set),
        interrupted=found.interrupted,
        majority_error=(
            majority_error(tasks[0].split for tasks in by_data_set) if found.metric == "accuracy" else None
        ),
    )


def _sharing_test(split: Split, others: list[Split]) -> Split:
    """Returns the split with an equal test part of an earlier one, so that it is held in memory once."""
    for other in others:
        if np.array_equal(other.x_test, split.x_test) and np.array_equal(other.y_test, split.y_test):
            return replace(split, x_test=other.x_test, y_test=other.y_test)
    others.append(split)
    return split


def _without_test(split: Split) -> Split:
    empty = {f"{letter}_test": getattr(split, f"{letter}_test")[:0].copy() for letter in ("x", "y")}
    return replace(split, **empty, test_indices=split.test_indices[:0])


def _whole(split: Split) -> Split:
    """Returns the data set with all development rows as its training part."""
    return split.redrawn(np.arange(len(split.x_development)), np.arange(0))
