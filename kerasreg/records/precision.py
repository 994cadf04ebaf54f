"""What is lost of a user's numbers in single precision, in which networks compute."""

from dataclasses import dataclass

import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.records.content import duplicate_groups

# Of these every number, or for whole ones of 16 bits every one, is a float32.
EXACT = (np.dtype(np.float32), np.dtype(np.float16), np.dtype(bool), *map(np.dtype, ("u1", "i1", "u2", "i2")))
LARGEST_TARGET = 1e18  # whose square, and the sum of some, single precision holds
LARGEST_ERROR = 0.01  # of a column's standard deviation, from which on rounding it is told


@dataclass(frozen=True)
class Collapse:
    """Rows that differ as they were given and are equal in single precision.

    Args:
        rows: Their numbers, counted through all parts.
        told: Which two rows, which numbers, and what to do.
    """

    rows: list[int]
    told: str


def collapsed_rows(originals: list[np.ndarray], converted: list[np.ndarray]) -> list[Collapse]:
    """Finds rows that only the conversion to single precision made equal.

    Args:
        originals: The inputs of each part as they were given, each of shape (n, ...).
        converted: The same in single precision.
    """
    if all(x.dtype in EXACT for x in originals):
        return []
    flat = [x.reshape(len(x), -1) for x in originals]
    starts = np.cumsum([0, *map(len, flat)])

    def row(number: int) -> np.ndarray:
        part = int(np.searchsorted(starts, number, side="right")) - 1
        return flat[part][number - starts[part]]

    found = []
    for group in duplicate_groups(*converted):
        first = row(group[0])
        for other in group[1:]:
            places = np.flatnonzero(first != row(other))
            if len(places):
                place = places[0]
                found.append(
                    Collapse(
                        group,
                        f"rows {group[0]} and {other} hold {first[place]} and {row(other)[place]} in column "
                        f"{place}. Subtract a number near them first, or leave the column out if it only "
                        "names the rows, as an id or a time does.",
                    )
                )
                break
    return found


def rounded_columns(x: np.ndarray) -> np.ndarray:
    """Returns the columns that single precision rounds by more than a hundredth of their spread.

    Args:
        x: Rows as they were given, shape (n, features).

    Returns:
        Positions of the columns.
    """
    if x.dtype in EXACT or len(x) < 2:
        return np.empty(0, dtype=int)
    exact = x.astype(np.longdouble)
    error = np.abs(exact - x.astype(np.float32)).max(axis=0)
    varied = exact.min(axis=0) < exact.max(axis=0)
    return np.flatnonzero(varied & (error > LARGEST_ERROR * exact.std(axis=0)))


def check_squares(name: str, y: np.ndarray) -> None:
    """Raises `InvalidInput` unless single precision can hold the squared errors of predicted targets.

    Args:
        name: What the targets are called.
        y: Finite targets as they were given, shape (n,) or (n, ...).
    """
    columns = y.reshape(len(y), -1).astype(np.float64)
    if not columns.size:
        return
    largest, spread = float(np.abs(columns).max()), columns.std(axis=0)
    least = float(spread[columns.min(axis=0) < columns.max(axis=0)].min(initial=np.inf))
    if largest > LARGEST_TARGET or least < 1 / LARGEST_TARGET:
        wrong = f"numbers of up to {largest:.3g}"
        if largest <= LARGEST_TARGET:
            wrong = f"numbers with a standard deviation of {least:.3g}"
        raise InvalidInput(
            f"{name} holds {wrong}, whose squared errors single precision, in which networks compute, cannot "
            "hold. Multiply or divide it by one number, so that its standard deviation is about 1."
        )
