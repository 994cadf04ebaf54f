"""Random draws of rows, stratified where there are classes."""

import numpy as np
from sklearn.model_selection import train_test_split

from kerasreg.checks import InvalidInput


def draw_rows(
    labels: np.ndarray | None, num_rows: int, size: int, *, seed: int, what: str
) -> tuple[np.ndarray, np.ndarray]:
    """Draws `size` of `num_rows` rows without replacement, and returns the others beside them.

    Args:
        labels: Labels of shape (num_rows,) to keep the class proportions of, or `None`.
        num_rows: How many rows there are.
        size: How many to draw, 0 to `num_rows`.
        seed: Seed of the draw, in [0, 2**32).
        what: What is drawn, for the message, such as `"validation part"`.

    Returns:
        Positions of the drawn rows, shape (size,), and of the rest, shape (num_rows - size,), both
        in random order.

    Raises:
        InvalidInput: If there are too few rows, or too few for every class to be in both.
    """
    if size > num_rows:
        raise InvalidInput(f"The {what} of {size} rows is larger than the {num_rows} rows there are.")
    rows = np.arange(num_rows)
    if size in (0, num_rows):
        order = np.random.default_rng(seed).permutation(rows)
        return (order, rows[:0]) if size else (rows[:0], order)
    if labels is not None:
        check_classes_fill(labels, size, num_rows - size, what)
    drawn, rest = train_test_split(rows, train_size=size, stratify=labels, random_state=seed)
    return drawn, rest


def check_classes_fill(labels: np.ndarray, size: int, rest: int, what: str) -> None:
    """Raises `InvalidInput` where a class cannot stand on both sides of a stratified draw."""
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() < 2:
        raise InvalidInput(
            f"Class {classes[counts.argmin()]} has a single row, so the {what} cannot be stratified; "
            "every class needs at least 2 rows. Add rows of that class or leave it out."
        )
    if min(size, rest) < len(classes):
        raise InvalidInput(
            f"The {what} would leave {min(size, rest)} rows on one side for {len(classes)} classes; "
            "a stratified draw needs at least one row a class on both. "
            "Take more rows or another fraction."
        )
