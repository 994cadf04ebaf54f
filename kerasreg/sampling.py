"""Random draws of rows, stratified where there are classes."""

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_whole_number, shown


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
        InvalidInput: If there are too few rows, or fewer on one side than there are classes.
    """
    if size > num_rows:
        raise InvalidInput(f"The {what} of {size} rows is larger than the {num_rows} rows there are.")
    rows = np.arange(num_rows)
    if size in (0, num_rows):
        order = np.random.default_rng(seed).permutation(rows)
        return (order, rows[:0]) if size else (rows[:0], order)
    if labels is not None:
        check_classes_fill(labels, size, num_rows - size, what)
    from sklearn.model_selection import train_test_split  # takes a second, and records are made without

    drawn, rest = train_test_split(rows, train_size=size, stratify=labels, random_state=seed)
    return drawn, rest


def draw_fraction(
    labels: np.ndarray | None, num_rows: int, fraction: float, *, seed: int, what: str
) -> tuple[np.ndarray, np.ndarray]:
    """Draws a fraction of `num_rows` rows, as `draw_rows` does, so that neither side is empty.

    Args:
        labels: Labels of shape (num_rows,) to keep the class proportions of, or `None`.
        num_rows: How many rows there are.
        fraction: How much of them to draw, in (0, 1); rounded to whole rows.
        seed: Seed of the draw, in [0, 2**32).
        what: What is drawn, for the message, such as `"validation part"`.

    Returns:
        Positions of the drawn rows and of the rest, both in random order.

    Raises:
        InvalidInput: If one side would be empty, or have fewer rows than there are classes.
    """
    return draw_rows(labels, num_rows, fraction_size(labels, num_rows, fraction, what), seed=seed, what=what)


def fraction_size(labels: np.ndarray | None, num_rows: int, fraction: float, what: str) -> int:
    """Returns how many rows `fraction` of `num_rows` is, with the checks of `draw_fraction`."""
    size = round(check_fraction("fraction", fraction) * num_rows)
    if size in (0, num_rows):
        raise InvalidInput(
            f"The {what} would hold {size} of {num_rows} rows; both it and the rest need at least one. "
            "Take more rows or another fraction."
        )
    if labels is not None:
        check_classes_fill(labels, size, num_rows - size, what)
    return size


def check_classes_fill(labels: np.ndarray, size: int, rest: int, what: str) -> None:
    """Raises `InvalidInput` where a class cannot stand on both sides of a stratified draw."""
    classes, counts = np.unique(labels, return_counts=True)
    if min(size, rest) < len(classes):
        raise InvalidInput(
            f"The {what} would hold {size} of {size + rest} rows, for {len(classes)} classes; a stratified "
            "draw needs at least one row a class in it and in the rest. "
            "Take more rows or another fraction."
        )
    if counts.min() < 2:
        raise InvalidInput(
            f"Class {classes[counts.argmin()]} has a single row, so the {what} cannot be stratified; "
            "every class needs at least 2 rows. Add rows of that class or leave it out."
        )


def stratified_order(labels: np.ndarray | None, num_rows: int, *, seed: int) -> np.ndarray:
    """Orders rows at random so that every beginning of the order is a stratified sample.

    The first k rows hold each class in proportion, to within about one row, and the first k are
    among the first k + 1: samples of several sizes are nested. Which class comes next is decided as
    seats are apportioned to parties by Sainte-Laguë's method, row r of a class of n having the rank
    (r + 1/2) / n; which row of it, by chance.

    Args:
        labels: Labels of shape (num_rows,), or `None` for an order that is random alone.
        num_rows: How many rows there are.
        seed: Seed of the order, in [0, 2**32).

    Returns:
        Positions of all rows, shape (num_rows,).

    Reference:
        Balinski & Young, Fair Representation, 2nd edition 2001: the method of Webster and Sainte-Laguë.
    """
    shuffled = np.random.default_rng(seed).permutation(num_rows)
    if labels is None:
        return shuffled
    rank = np.empty(num_rows)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels[shuffled] == label)
        rank[of_class] = (np.arange(len(of_class)) + 0.5) / len(of_class)
    return shuffled[np.argsort(rank, kind="stable")]


def take_rows(labels: np.ndarray | None, num_rows: int, train_size: int | None, *, seed: int) -> np.ndarray:
    """Returns the first `train_size` rows of a `stratified_order`, or of all rows for `None`.

    Args:
        labels: Labels of shape (num_rows,), or `None`.
        num_rows: How many rows there are.
        train_size: How many to take, 1 to `num_rows`, or `None` for all.
        seed: Seed of the order, in [0, 2**32).

    Raises:
        InvalidInput: If `train_size` is no whole number, or larger than `num_rows`.
    """
    if train_size is not None:
        check_whole_number("train_size", train_size)
        if train_size > num_rows:
            raise InvalidInput(
                f"train_size must be at most {num_rows}, the number of rows that are not test; "
                f"received {shown(train_size)}."
            )
    return stratified_order(labels, num_rows, seed=seed)[:train_size]
