"""How well do hold-out, k-fold and repeated divisions estimate the true error?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_mapping, check_takes, check_whole_number
from kerasreg.experiments.last_scores import AT_ONCE, Task, last_scores
from kerasreg.experiments.running import built
from kerasreg.records import Split
from kerasreg.records.cross_validation import EstimatorComparison
from kerasreg.records.fold_scores import FoldScores
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
    """Trains one network for each division of the data and scores it on the validation part.

    All begin with the same weights. They are scored after the last epoch: the best epoch by the very
    rows that the score is measured on would be too good an estimate.

    Args:
        build: Called with `seed=`; returns a compiled model.
        folds: What `kerasreg.data.k_fold`, `monte_carlo`, `repeated_k_fold` or `chronological` return.
        epochs: Epochs that each network is trained.
        batch_size: Rows in a batch.
        metric: What to score by; by default the loss without penalties and smoothing.
        seed: Seed of the networks.
        progress: Whether to show a bar.

    Returns:
        The score of each fold, with mean, standard deviation and intervals.

    Raises:
        InvalidInput: If an argument cannot be used, or a training ended in numbers that are not finite.

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
    metric, scores = last_scores(
        lambda network: built(build, seed=network),
        tasks,
        epochs=epochs,
        batch_size=batch_size,
        metric=metric,
        at_once=max(1, len(tasks)),
        progress=progress,
    )
    return _fold_scores(metric, scores, folds)


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
    """Estimates the true error by several schemes on many data sets drawn afresh, and measures it.

    The truth, precisely: the network that begins with the same weights as those of the folds, trained
    for as many epochs on all development rows (train and validation) of that data set, and scored on its
    test part. It is the error of that one network, not the mean over all data sets there could be, and
    it is known only as well as the test part is large. The schemes never see the test part.

    With a `draw` that returns time series in order, whose test part is what comes later, and the schemes
    `chronological` and `k_fold`, it shows what a shuffled division hides, as in the example.

    Args:
        build: Called with `seed=`; returns a compiled model.
        draw: Called with a seed; returns a data set with a large test part, such as
            `lambda seed: noisy_parabola(20, test_size=1000, seed=seed)` or
            `lambda seed: load_mnist_subset(200, seed=seed)`.
        schemes: By name, what divides a data set: `kerasreg.data.hold_out`, `k_fold`, `monte_carlo`,
            `repeated_k_fold` or `chronological`, with `functools.partial` for other options than theirs.
            Those of a course are `hold_out`, `partial(k_fold, num_folds=10)` and `monte_carlo` (100 times
            70:30). Hold-out has an interval for accuracy only: of one division the mean alone is kept, which
            has no spread, and only where rows are right or wrong does their spread follow from the mean.
        epochs: Epochs that each network is trained.
        data_sets: How many data sets to draw, at least 1; intervals over them need 2.
        batch_size: Rows in a batch.
        metric: What to score by; by default the loss without penalties and smoothing.
        seed: Seed of the draws and networks.
        at_once: How many models to hold in memory at a time.
        progress: Whether to show bars.

    Returns:
        Truths and the scores of all divisions, with bias, variance, mean squared error and coverage.

    Raises:
        InvalidInput: If an argument cannot be used, or a training ended in numbers that are not finite.

    Reference:
        Kohavi, IJCAI 1995. That such schemes estimate a mean over data sets rather than the error of the
        network at hand: Bates, Hastie and Tibshirani, Cross-Validation: What Does It Estimate and How
        Well Does It Do It?, JASA 2023.

    Example: a random walk over time, of which the last eight steps are the test part.
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
    chronological less shuffled: the estimates of the mse differ by ... data sets): no difference shown.
    """
    seed = check_whole_number("seed", seed, minimum=0)
    check_whole_number("data_sets", data_sets)
    check_takes("draw", draw, "draw(seed)", seed)
    check_mapping("schemes", schemes, "functions that divide a Split, by name")
    if not schemes:
        raise InvalidInput(
            "There is no scheme to compare; give at least one, such as {'hold-out': hold_out}."
        )
    divisions: dict[str, list[list[Split]]] = {scheme: [] for scheme in schemes}
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
            divisions[scheme].append(check_splits(f"What schemes[{scheme!r}] returns", divide(split)))
        network = derive_seed(seed, "network", number)
        by_data_set.append([Task(network, whole, "test")])
        by_data_set[-1] += [Task(network, fold) for name in schemes for fold in divisions[name][-1]]
    # Data sets take turns, so that every turn of the training needs the same networks again.
    order = [(n, place) for place in range(max(map(len, by_data_set))) for n in range(data_sets)]
    order = [(n, place) for n, place in order if place < len(by_data_set[n])]
    metric, scores = last_scores(
        lambda network: built(build, seed=network),
        [by_data_set[n][place] for n, place in order],
        epochs=epochs,
        batch_size=batch_size,
        metric=metric,
        at_once=at_once,
        progress=progress,
    )
    score_of = dict(zip(order, scores, strict=True))
    folds: dict[str, list[FoldScores]] = {scheme: [] for scheme in schemes}
    for number in range(data_sets):
        place = 1
        for scheme in schemes:
            of_scheme = divisions[scheme][number]
            values = [score_of[number, place + offset] for offset in range(len(of_scheme))]
            folds[scheme].append(_fold_scores(metric, values, of_scheme))
            place += len(of_scheme)
    return EstimatorComparison(
        metric=metric,
        truths=tuple(score_of[number, 0] for number in range(data_sets)),
        folds={scheme: tuple(rows) for scheme, rows in folds.items()},
        test_rows=tuple(len(tasks[0].split.x_test) for tasks in by_data_set),
    )


def _fold_scores(metric: str, scores: Sequence[float], folds: Sequence[Split]) -> FoldScores:
    return FoldScores(
        metric=metric,
        scores=tuple(scores),
        train_rows=tuple(len(fold.x_train) for fold in folds),
        validation_rows=tuple(len(fold.x_validation) for fold in folds),
        majority_error=majority_error(folds, "validation") if metric == "accuracy" else None,
    )


def _sharing_test(split: Split, others: list[Split]) -> Split:
    """Returns the split with the equal test part of an earlier one, so that it is held in memory once."""
    for other in others:
        if np.array_equal(other.x_test, split.x_test) and np.array_equal(other.y_test, split.y_test):
            return replace(split, x_test=other.x_test, y_test=other.y_test)
    others.append(split)
    return split


def _without_test(split: Split) -> Split:
    empty = {f"{letter}_test": getattr(split, f"{letter}_test")[:0].copy() for letter in ("x", "y")}
    return replace(split, **empty, test_indices=split.test_indices[:0])


def _whole(split: Split) -> Split:
    """Returns the data set with all development rows to train on."""
    return split.redrawn(np.arange(len(split.x_development)), np.arange(0))
