"""What the arrays of a data set must hold, checked row by row."""

import hashlib

import numpy as np

from kerasreg.checks import InvalidInput, check_whole_number


def some_rows(rows: np.ndarray, word: str = "and") -> str:
    """Returns the first few row numbers as words, such as `"3, 7, 9 and 21 more"`."""
    shown = ", ".join(str(int(row)) for row in rows[:3])
    return shown if len(rows) <= 3 else f"{shown} {word} {len(rows) - 3} more"


def check_rows(name: str, x: np.ndarray) -> None:
    """Raises `InvalidInput` unless `x` has shape (rows, *input_shape) with something in each row."""
    if x.ndim < 2:
        raise InvalidInput(
            f"{name} must have shape (rows, *input_shape); received shape {x.shape}. "
            "A single feature is a column: x.reshape(-1, 1)."
        )
    if 0 in x.shape[1:]:
        raise InvalidInput(f"{name} has rows of shape {x.shape[1:]}, which hold no number at all.")


def check_finite(name: str, values: np.ndarray, given: np.ndarray | None = None) -> None:
    """Raises `InvalidInput` naming the rows of `values` that hold NaN or infinity.

    Args:
        name: What they are called.
        values: Numbers in single precision, shape (n, ...).
        given: The same as the user gave them; what is finite there is too large, and no fault of its row.
    """
    finite = np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
    if not finite.all():
        rows = some_rows(np.flatnonzero(~finite))
        if given is not None and np.isfinite(given).all():
            raise InvalidInput(
                f"{name} holds numbers of up to {np.abs(given).max():.3g} in rows {rows}, too large for "
                "single precision, in which networks compute. Repair these rows, or divide all by one number."
            )
        raise InvalidInput(
            f"{name} holds NaN or infinite values in rows {rows}; all values must be finite in single "
            "precision. Remove or repair these rows."
        )


def check_integer_labels(name: str, labels: np.ndarray) -> None:
    """Raises `InvalidInput` unless `labels` are integers of shape (n,)."""
    if labels.ndim != 1:
        raise InvalidInput(
            f"{name} must have shape (rows,); received shape {labels.shape}. {_of_several(name, labels)}"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise InvalidInput(
            f"{name} must be integer labels; received {labels.dtype}. {_of_fractions(name, labels)}"
        )


def _of_several(name: str, labels: np.ndarray) -> str:
    """Says what to do with labels of several numbers a row."""
    if labels.ndim == 2 and len(labels) and ((labels == 0) | (labels == 1)).all():
        ones = (labels != 0).sum(axis=1)
        if (ones == 1).all():
            return f"One-hot rows become labels with {name}.argmax(axis=1)."
        return (
            f"Several labels a row are not supported: {(ones > 1).sum()} rows have several and "
            f"{(ones == 0).sum()} none. Search for one column at a time, {name}[:, 0], or make each "
            f"combination a class with np.unique({name}, axis=0, return_inverse=True)[1].ravel()."
        )
    if labels.ndim == 2 and len(labels) and (labels >= 0).all() and np.allclose(labels.sum(axis=1), 1):
        advice = f"{name}.argmax(axis=1) keeps the likeliest class of each row"
        return f"Rows of probabilities are not supported; {advice}."
    return 'Several numbers a row are targets of task="regression".'


def _of_fractions(name: str, labels: np.ndarray) -> str:
    """Says what to do with one number a row that is no integer."""
    if labels.dtype.kind != "f":
        return f"Convert labels with {name}.astype(int)."
    missing = np.flatnonzero(~np.isfinite(labels))
    if len(missing):
        return f"It holds NaN or infinite values in rows {some_rows(missing)}; remove or repair these rows."
    broken = np.flatnonzero(labels != np.round(labels))
    if len(broken):
        return (
            f"Fractions such as {labels[broken[0]]:g}, in row {broken[0]}, name no class: say "
            'task="regression" if they are numbers to predict, or make classes of probabilities, with '
            f"({name} > 0.5).astype(int)."
        )
    return f'Convert labels with {name}.astype(int), or say task="regression" if they are numbers to predict.'


def check_labels(name: str, labels: np.ndarray, num_classes: int) -> None:
    """Raises `InvalidInput` unless `labels` are integers in [0, num_classes), of shape (n,)."""
    check_whole_number("num_classes", num_classes)
    check_integer_labels(name, labels)
    outside = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if len(outside):
        raise InvalidInput(
            f"{name} must lie in 0 to {num_classes - 1} for {num_classes} classes; received "
            f"{labels[outside[0]]} in row {outside[0]}, {len(outside)} such in all."
        )


def duplicate_groups(*arrays: np.ndarray) -> list[list[int]]:
    """Finds the rows of `arrays` that hold the same numbers, exactly.

    Args:
        *arrays: Arrays of shape (n, ...), all of one row shape and dtype. Rows are numbered through.

    Returns:
        One list of row numbers for each content that stands more than once, in order.
    """
    by_digest: dict[bytes, list[int]] = {}
    number = 0
    for array in arrays:
        for row in np.ascontiguousarray(array) + 0.0:  # -0.0 becomes 0.0, to which it is equal
            digest = hashlib.blake2b(row, digest_size=16).digest()
            by_digest.setdefault(digest, []).append(number)
            number += 1
    return [numbers for numbers in by_digest.values() if len(numbers) > 1]


def check_disjoint(x: dict[str, np.ndarray], indices: dict[str, np.ndarray]) -> None:
    """Raises `InvalidInput` where two parts share a source row or a row of equal content.

    Args:
        x: The inputs of each part, by the part's name, of one row shape and dtype.
        indices: The source rows of each part, by the part's name.
    """
    ends = np.cumsum([len(indices[part]) for part in indices])
    positions = {
        part: np.arange(end - len(indices[part]), end) for part, end in zip(indices, ends, strict=True)
    }
    sources = np.concatenate(list(indices.values()))
    check_division(positions, sources, duplicate_groups(*x.values()))


def check_division(positions: dict[str, np.ndarray], sources: np.ndarray, groups: list[list[int]]) -> None:
    """Raises `InvalidInput` where a division of rows into parts puts one row into two of them.

    Args:
        positions: The rows of each part, by the part's name.
        sources: The source row of each row.
        groups: The rows of equal content, as `duplicate_groups` finds them.
    """
    parts = list(positions)
    for position, first in enumerate(parts):
        for second in parts[position + 1 :]:
            shared = np.intersect1d(sources[positions[first]], sources[positions[second]])
            if len(shared):
                raise InvalidInput(
                    f"The {first} and {second} parts share the source rows {some_rows(shared)}; "
                    "each row may stand in one part only."
                )
    if not groups:
        return
    part_of = {int(row): part for part in parts for row in positions[part]}
    for group in groups:
        placed = [row for row in group if row in part_of]
        other = next((row for row in placed if part_of[row] != part_of[placed[0]]), None)
        if other is not None:
            raise InvalidInput(
                f"Row {sources[placed[0]]} ({part_of[placed[0]]}) and row {sources[other]} "
                f"({part_of[other]}) have exactly the same content; a row that was trained "
                "on cannot be tested on. Remove the duplicates, for example with drop_duplicates=True "
                "in Split.from_arrays or load_npz."
            )
