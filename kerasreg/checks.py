"""The checks that every room shares, and the two errors a user can meet."""

import math
import operator
from reprlib import repr as in_short
from typing import Any

import numpy as np


class InvalidInput(ValueError):
    """Something the user gave is wrong; the message says what, and what is accepted."""


class SearchFailed(RuntimeError):
    """A search could not give a result, though nothing the user gave was wrong."""


def check_whole_number(name: str, value: object, *, minimum: int = 1) -> int:
    """Returns `value` as an int, or raises `InvalidInput` unless it is a whole number >= `minimum`."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < minimum:
        raise InvalidInput(f"{name} must be a whole number of at least {minimum}; received {value!r}.")
    return number


def check_number(
    name: str,
    value: object,
    *,
    minimum: float = 0.0,
    below: float = math.inf,
    exclusive_minimum: bool = False,
) -> float:
    """Returns `value` as a float if it is a number in [minimum, below).

    Args:
        name: What the message calls the value.
        value: The value to check.
        minimum: The smallest accepted value.
        below: The first value that is too large.
        exclusive_minimum: Whether `minimum` itself is refused too.

    Raises:
        InvalidInput: If it is no number, not finite, or out of the range.
    """
    try:
        if isinstance(value, bool | str):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    large_enough = number > minimum if exclusive_minimum else number >= minimum
    if not (math.isfinite(number) and large_enough and number < below):
        lower = f"above {minimum:g}" if exclusive_minimum else f"of at least {minimum:g}"
        upper = f" and below {below:g}" if math.isfinite(below) else ""
        raise InvalidInput(f"{name} must be a number {lower}{upper}; received {value!r}.")
    return number


def check_fraction(name: str, value: object) -> float:
    """Returns `value` as a float, or raises `InvalidInput` unless 0 < value < 1."""
    return check_number(name, value, minimum=0.0, below=1.0, exclusive_minimum=True)


def check_one_of(name: str, value: object, accepted: tuple) -> object:
    """Returns `value`, or raises `InvalidInput` unless it is one of `accepted`."""
    if value not in accepted:
        listed = ", ".join(map(repr, accepted))
        raise InvalidInput(f"{name} must be one of {listed}; received {value!r}.")
    return value


def check_numbers(name: str, values: Any) -> np.ndarray:
    """Returns `values` as an array, or raises `InvalidInput` unless they are numbers in equal rows."""
    try:
        array = np.asarray(values)
    except ValueError as error:  # lists of unequal lengths
        raise InvalidInput(
            f"{name} must hold numbers in rows of equal lengths; received {in_short(values)}."
        ) from error
    if array.dtype.kind not in "biuf":
        raise InvalidInput(f"{name} must hold numbers; received {in_short(values)}.")
    return array


def check_shape(name: str, array: Any, shape: tuple[int, ...], axes: str) -> None:
    """Raises `InvalidInput` unless an array has a shape, whose axes are named as in `"(sizes, repeats)"`."""
    if array.shape != shape:
        raise InvalidInput(f"{name} must have shape {shape}, which is {axes}; received {array.shape}.")
