"""Ways to divide a `Split`'s development rows (train and validation together) anew.

The test part is never touched. Each way depends on the rows and the seed alone, not on how the rows
were divided before, and is stratified where labels are classes. Every `Split` of a list holds arrays of
its own but shares the test part: k folds of n rows take k times the memory of n rows.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.model_selection import (
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_fraction, check_list, check_whole_number, shown
from kerasreg.records import Split
from kerasreg.records.given import check_split
from kerasreg.sampling import draw_fraction, fraction_size, stratified_order
from kerasreg.seeds import derive_seed

MAX_BYTES = 20_000_000_000  # of all divisions together


def hold_out(split: Split, *, validation_fraction: float = 0.3, seed: int = 0) -> Split:
    """Redraws which development rows are validation.

    Args:
        split: The data set.
        validation_fraction: Fraction of the development rows that becomes validation, in (0, 1).
        seed: Seed of the draw.

    Raises:
        InvalidInput: If one part would be empty or have fewer rows than there are classes.
    """
    check_fraction("validation_fraction", validation_fraction)
    rows, labels = _development(split)
    validation, train = draw_fraction(
        labels,
        len(rows),
        validation_fraction,
        seed=derive_seed(seed, "hold_out"),
        what="validation part",
    )
    return split.redrawn(rows[train], rows[validation])


def k_fold(split: Split, num_folds: int = 5, *, seed: int = 0) -> list[Split]:
    """Divides the development rows into folds, each of which is the validation part once.

    Args:
        split: The data set.
        num_folds: Number of folds, at least 2.
        seed: Seed of the shuffle before.

    Returns:
        `num_folds` data sets, whose validation parts together are all development rows.

    Raises:
        InvalidInput: If a class, or the whole, has fewer rows than there are folds.

    Reference:
        Kohavi, A Study of Cross-Validation and Bootstrap for Accuracy Estimation, IJCAI 1995.
    """
    rows, labels = _development(split)
    _check_folds(labels, len(rows), num_folds)
    _check_memory(split, num_folds)
    splitter = KFold if labels is None else StratifiedKFold
    folds = splitter(num_folds, shuffle=True, random_state=derive_seed(seed, "k_fold"))
    return _redrawn(split, rows, folds.split(rows, labels))


def repeated_k_fold(split: Split, num_folds: int = 5, num_repeats: int = 2, *, seed: int = 0) -> list[Split]:
    """Divides the development rows into folds several times, each time shuffled afresh.

    Args:
        split: The data set.
        num_folds: Number of folds, at least 2.
        num_repeats: How many times, at least 1.
        seed: Seed of the shuffles.

    Returns:
        `num_repeats * num_folds` data sets: the folds of the first repeat, then of the second, …

    Raises:
        InvalidInput: If a class, or the whole, has fewer rows than there are folds.
    """
    check_whole_number("num_repeats", num_repeats, maximum=MAX_REPEATS)
    rows, labels = _development(split)
    _check_folds(labels, len(rows), num_folds)
    _check_memory(split, num_folds * num_repeats)
    splitter = RepeatedKFold if labels is None else RepeatedStratifiedKFold
    folds = splitter(
        n_splits=num_folds, n_repeats=num_repeats, random_state=derive_seed(seed, "repeated_k_fold")
    )
    return _redrawn(split, rows, folds.split(rows, labels))


def monte_carlo(
    split: Split, num_repeats: int = 100, *, validation_fraction: float = 0.3, seed: int = 0
) -> list[Split]:
    """Redraws the validation part many times, each draw independent of the others.

    Args:
        split: The data set.
        num_repeats: How many draws, at least 1.
        validation_fraction: Fraction of the development rows that becomes validation, in (0, 1).
        seed: Seed of the draws.

    Returns:
        `num_repeats` data sets. Their scores are correlated, as their training rows overlap: compare
        them with the corrected resampled t-test (Nadeau & Bengio, Machine Learning 52, 2003).

    Raises:
        InvalidInput: If one part would be empty or have fewer rows than there are classes.
    """
    check_whole_number("num_repeats", num_repeats, maximum=MAX_REPEATS)
    check_fraction("validation_fraction", validation_fraction)
    rows, labels = _development(split)
    size = fraction_size(labels, len(rows), validation_fraction, "validation part")
    _check_memory(split, num_repeats)
    splitter = ShuffleSplit if labels is None else StratifiedShuffleSplit
    draws = splitter(num_repeats, test_size=size, random_state=derive_seed(seed, "monte_carlo"))
    return _redrawn(split, rows, draws.split(rows, labels))


def chronological(split: Split, num_folds: int = 5) -> list[Split]:
    """Trains on the past and validates on what follows, for rows whose source is in order of time.

    The development rows, in the order of their source, are cut into `num_folds + 1` blocks; fold k is
    validated on block k + 1 and trained on all the blocks before. Nothing is shuffled or stratified. For
    a test part that is the future too, give `Split.from_arrays` your own `x_test` and `y_test`.

    Args:
        split: The data set.
        num_folds: Number of folds, at least 2.

    Raises:
        InvalidInput: If there are fewer rows than blocks.
    """
    rows, _ = _development(split)
    check_whole_number("num_folds", num_folds, minimum=2)
    if len(rows) <= num_folds:
        raise InvalidInput(
            f"{num_folds} chronological folds need at least {num_folds + 1} rows that are not test; there "
            f"are {len(rows)}. Take fewer folds or more rows."
        )
    _check_memory(split, num_folds)
    return _redrawn(split, rows, TimeSeriesSplit(num_folds).split(rows))


def nested_subsets(split: Split, sizes: Sequence[int], *, seed: int = 0) -> list[Split]:
    """Returns the data set with ever fewer training rows, for learning curves.

    Each subset of the train part is contained in every larger one, and is the same whatever other sizes
    are asked for. The validation and test parts stay whole.

    Args:
        split: The data set.
        sizes: Numbers of training rows, each at most those of `split`.
        seed: Seed of the order in which rows are added, which is stratified.

    Returns:
        One data set for each size, in the order of `sizes`.

    Raises:
        InvalidInput: If a size is larger than the train part, or smaller than its number of classes.
    """
    num_rows = len(check_split("split", split).x_train)
    sizes = check_list("sizes", sizes, "numbers of training rows")
    labels = None if split.num_classes is None else split.y_train
    num_classes = 1 if labels is None else len(np.unique(labels))
    for size in sizes:
        check_whole_number("Each size", size)
        if not num_classes <= size <= num_rows:
            smallest = "1" if labels is None else f"{num_classes} (one row a class)"
            raise InvalidInput(
                f"Each size must be {smallest} to {num_rows} (the whole train part); received {shown(size)}."
            )
    order = stratified_order(labels, num_rows, seed=derive_seed(seed, "nested_subsets"))
    validation = np.arange(num_rows, num_rows + len(split.x_validation))
    return [split.redrawn(order[:size], validation) for size in sizes]


def _development(split: Split) -> tuple[np.ndarray, np.ndarray | None]:
    """Returns positions of the development rows in the order of their source, and their labels."""
    rows = np.argsort(check_split("split", split).development_indices, kind="stable")
    return rows, None if split.num_classes is None else split.y_development[rows]


def _check_folds(labels: np.ndarray | None, num_rows: int, num_folds: int) -> None:
    check_whole_number("num_folds", num_folds, minimum=2)
    if num_rows < num_folds:
        raise InvalidInput(
            f"{num_folds} folds need at least {num_folds} rows that are not test; there are {num_rows}. "
            "Take fewer folds or more rows."
        )
    if labels is not None:
        classes, counts = np.unique(labels, return_counts=True)
        if counts.min() < num_folds:
            raise InvalidInput(
                f"Class {classes[counts.argmin()]} has {counts.min()} rows that are not test, fewer than the "
                f"{num_folds} folds; every fold needs a row of every class. Take fewer folds or more rows."
            )


def _redrawn(
    split: Split, rows: np.ndarray, divisions: Iterable[tuple[np.ndarray, np.ndarray]]
) -> list[Split]:
    return [split.redrawn(rows[train], rows[validation]) for train, validation in divisions]


def _check_memory(split: Split, count: int) -> None:
    """Raises `InvalidInput` where so many copies of the development rows would fill the memory."""
    size = count * (split.x_train.nbytes + split.x_validation.nbytes)
    if size > MAX_BYTES:
        raise InvalidInput(
            f"{count:,} divisions of these rows would take up {size / 1e9:,.0f} GB, more than the limit of "
            f"{MAX_BYTES / 1e9:g} GB. Take fewer at a time, each time with another seed, or fewer rows."
        )
