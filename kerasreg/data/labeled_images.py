"""Labeled images whose test part is always the same rows."""

import numpy as np

from kerasreg.checks import check_fraction
from kerasreg.records import Split
from kerasreg.sampling import draw_fraction, take_rows
from kerasreg.seeds import derive_seed


def split_around_test(
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    *,
    development: np.ndarray,
    test: np.ndarray,
    train_size: int | None,
    validation_fraction: float,
    seed: int,
    scale: float,
) -> Split:
    """Draws the train and validation parts of labeled images whose test part is settled.

    Args:
        name: What the data set is called.
        x: Images of shape (n, height, width).
        y: Labels of shape (n,), which hold every class.
        development: The rows to draw from, shape (n_development,).
        test: The rows of the test part, shape (n_test,).
        train_size: How many rows train and validation hold together, or `None` for all. For one seed
            the rows of a smaller size are among those of a larger one.
        validation_fraction: Fraction of these that becomes validation, in (0, 1).
        seed: Seed of the draws, which are stratified.
        scale: The value of a white pixel, which becomes 1.

    Raises:
        InvalidInput: If an argument is outside its range, or too few rows are left for every class.
    """
    check_fraction("validation_fraction", validation_fraction)
    taken = take_rows(
        y[development], len(development), train_size, seed=derive_seed(seed, name, "train_size")
    )
    rows = development[taken]
    validation, train = draw_fraction(
        y[rows],
        len(rows),
        validation_fraction,
        seed=derive_seed(seed, name, "validation"),
        what="validation part",
    )
    arrays = {}
    for part, indices in (("train", rows[train]), ("validation", rows[validation]), ("test", test)):
        arrays[f"x_{part}"] = np.divide(x[indices], scale, dtype=np.float32)[..., np.newaxis]
        arrays[f"y_{part}"] = y[indices].astype(np.int64)
        arrays[f"{part}_indices"] = indices
    return Split(name=name, num_classes=int(y.max()) + 1, **arrays)
