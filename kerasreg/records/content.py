"""What the arrays of a data set must hold, checked row by row."""

import numpy as np

from kerasreg.checks import InvalidInput


def some_rows(rows: np.ndarray) -> str:
    """Returns the first few row numbers as words, such as `"3, 7, 9 and 21 more"`."""
    shown = ", ".join(str(int(row)) for row in rows[:3])
    return shown if len(rows) <= 3 else f"{shown} and {len(rows) - 3} more"


def check_finite(name: str, values: np.ndarray) -> None:
    """Raises `InvalidInput` naming the rows of `values` that hold NaN or infinity."""
    finite = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    if not finite.all():
        raise InvalidInput(
            f"{name} holds NaN or infinite values in rows {some_rows(np.flatnonzero(~finite))}; "
            "all values must be finite. Remove or repair these rows."
        )


def check_labels(name: str, labels: np.ndarray, num_classes: int) -> None:
    """Raises `InvalidInput` unless `labels` are integers in [0, num_classes), of shape (n,)."""
    if labels.ndim != 1:
        raise InvalidInput(
            f"{name} must have shape (rows,); received shape {labels.shape}. "
            "One-hot rows become labels with y.argmax(axis=1)."
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise InvalidInput(
            f"{name} must be integer labels; received {labels.dtype}. Convert labels with "
            'y.astype(int), or say task="regression" if they are numbers to predict.'
        )
    outside = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if len(outside):
        raise InvalidInput(
            f"{name} must lie in 0 to {num_classes - 1} for {num_classes} classes; received "
            f"{labels[outside[0]]} in row {outside[0]}, {len(outside)} such in all."
        )


def duplicate_groups(x: np.ndarray) -> list[list[int]]:
    """Finds the rows of `x` that are equal to the last bit.

    Returns:
        One list of row numbers for each content that stands more than once, in order.
    """
    rows = np.ascontiguousarray(x).reshape(len(x), -1).view(np.uint8).reshape(len(x), -1)
    by_hash: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        by_hash.setdefault(hash(row.tobytes()), []).append(number)
    groups = []
    for numbers in by_hash.values():
        while len(numbers) > 1:  # one hash may stand for several contents, if hardly ever
            same = [n for n in numbers if np.array_equal(rows[n], rows[numbers[0]])]
            if len(same) > 1:
                groups.append(same)
            numbers = [n for n in numbers if n not in same]
    return groups


def check_disjoint(x: dict[str, np.ndarray], indices: dict[str, np.ndarray]) -> None:
    """Raises `InvalidInput` where two parts share a source row or a row of equal content.

    Args:
        x: The inputs of each part, by the part's name.
        indices: The source rows of each part, by the part's name.
    """
    parts = list(x)
    for position, first in enumerate(parts):
        for second in parts[position + 1 :]:
            shared = np.intersect1d(indices[first], indices[second])
            if len(shared):
                raise InvalidInput(
                    f"The {first} and {second} parts share the source rows {some_rows(shared)}; "
                    "each row may stand in one part only."
                )
    part_of = np.repeat(np.arange(len(parts)), [len(x[part]) for part in parts])
    source = np.concatenate([indices[part] for part in parts])
    for group in duplicate_groups(np.concatenate([x[part] for part in parts])):
        if len(set(part_of[group])) > 1:
            first = group[0]
            second = next(row for row in group if part_of[row] != part_of[first])
            raise InvalidInput(
                f"Row {source[first]} ({parts[part_of[first]]}) and row {source[second]} "
                f"({parts[part_of[second]]}) have exactly the same content; a row that was trained "
                "on cannot be tested on. Remove the duplicates, for example with "
                "Split.from_arrays(..., drop_duplicates=True)."
            )
