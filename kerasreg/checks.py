"""The checks that every room shares, and the two errors a user can meet."""

import inspect
import math
import operator
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from reprlib import repr as in_short
from typing import Any

import numpy as np

LONGEST = 120  # letters of a value that a message prints in full
# Nobody waits for more, and lists as long as these numbers would fill the memory before the training begins.
MAX_EPOCHS = 1_000_000
MAX_REPEATS = 10_000
MAX_SEED = 2**64 - 1  # any number would do, but not every reader of JSON reads longer ones

# What Keras and TensorFlow put around what was raised inside a model
_AROUND = re.compile(
    r"Exception encountered when calling .*|Graph execution error:|Detected at node .*"
    r"|File \".*|\[\[{{node .*"
)


class InvalidInput(ValueError):
    """Something the user gave is wrong; the message says what, and what is accepted."""


class UnusualData(UserWarning):
    """Something about the data may not be as the user thinks; the message says what, and what follows."""


class SearchFailed(RuntimeError):
    """A search could not give a result, though nothing the user gave was wrong."""


def in_words(cause: BaseException) -> str:
    """Returns the kind of an error and the first line that says something of it.

    Left out are the names that TensorFlow gives its nodes, and the lines that Keras and TensorFlow put around
    what a layer or an operation raised.
    """
    text = re.sub(r"\x1b\[[0-9;]*m|^({{.*?}} )+", "", str(cause).strip())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _AROUND.match(line.strip())]
    return f"{type(cause).__name__}: {(lines or ['no message'])[0][:300]}"


def shown(value: object) -> str:
    """Returns what a message prints for a value: an array's shape, the beginning of what is long."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, int) and value.bit_length() > 10_000:  # Python refuses to write the longest out
        return f"a whole number of {value.bit_length():,} bits"
    text = repr(value)
    return text if len(text) <= LONGEST else " ".join(in_short(value).split())


def entries(values: object) -> list:
    """Returns what a list, a tuple or an array of one axis holds; of anything else nothing."""
    if isinstance(values, np.ndarray):
        return list(values) if values.ndim == 1 else []
    return list(values) if isinstance(values, Sequence) and not isinstance(values, str | bytes) else []


def check_whole_number(name: str, value: object, *, minimum: int = 1, maximum: int | None = None) -> int:
    """Returns `value` as an int, or raises `InvalidInput` unless it is a whole number within the bounds."""
    try:
        if isinstance(value, bool | np.ndarray):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < minimum:
        raise InvalidInput(f"{name} must be a whole number of at least {minimum}; received {shown(value)}.")
    if maximum is not None and number > maximum:
        raise InvalidInput(f"{name} must be at most {maximum:,}; received {shown(value)}.")
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
        minimum: The smallest accepted value; -inf for any finite number.
        below: The first value that is too large.
        exclusive_minimum: Whether `minimum` itself is refused too.

    Raises:
        InvalidInput: If it is no number, not finite, or out of the range.
    """
    try:
        if isinstance(value, bool | str | np.ndarray):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    large_enough = number > minimum if exclusive_minimum else number >= minimum
    if not (math.isfinite(number) and large_enough and number < below):
        lower = f"above {minimum:g}" if exclusive_minimum else f"of at least {minimum:g}"
        upper = f" and below {below:g}" if math.isfinite(below) else ""
        accepted = f"number {lower}{upper}" if math.isfinite(minimum) else "finite number"
        raise InvalidInput(f"{name} must be a {accepted}; received {shown(value)}.")
    return number


def check_fraction(name: str, value: object) -> float:
    """Returns `value` as a float, or raises `InvalidInput` unless 0 < value < 1."""
    return check_number(name, value, minimum=0.0, below=1.0, exclusive_minimum=True)


def check_one_of(name: str, value: object, accepted: tuple) -> object:
    """Returns `value`, or raises `InvalidInput` unless it is one of `accepted`."""
    if not isinstance(value, Hashable) or value not in accepted:
        listed = ", ".join(map(repr, accepted))
        raise InvalidInput(f"{name} must be one of {listed}; received {shown(value)}.")
    return value


def check_numbers(name: str, values: Any) -> np.ndarray:
    """Returns `values` as an array, or raises `InvalidInput` unless they are numbers in equal rows."""
    try:
        array = np.asarray(values)
    except ValueError as error:  # lists of unequal lengths
        raise InvalidInput(
            f"{name} must hold numbers in rows of equal lengths; received {shown(values)}."
        ) from error
    if array.dtype.kind not in "biuf":
        raise InvalidInput(f"{name} must hold numbers; received {shown(values)}.")
    return array


def check_ascending(name: str, values: object) -> tuple[int, ...]:
    """Returns `values` as a tuple of ints, or raises `InvalidInput` unless they are ascending and above 0."""
    try:
        numbers = tuple(check_whole_number(name, value) for value in entries(values))
    except InvalidInput:
        numbers = ()
    if not numbers or any(after <= before for before, after in pairwise(numbers)):
        raise InvalidInput(
            f"{name} must be a list of one or more ascending whole numbers of at least 1; received "
            f"{shown(values)}."
        )
    return numbers


def check_flag(name: str, value: object) -> bool:
    """Returns `value` as a bool, or raises `InvalidInput` unless it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidInput(f"{name} must be True or False; received {shown(value)}.")
    return bool(value)


def check_text(name: str, value: object) -> str:
    """Returns `value`, or raises `InvalidInput` unless it is text."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text; received {shown(value)}.")
    return value


def check_mapping(name: str, value: object, of: str) -> Mapping:
    """Returns `value`, or raises `InvalidInput` unless it is a dict; `of` says of what, such as "values"."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must be a dict of {of}; received {shown(value)}.")
    return value


def check_list(name: str, values: object, of: str) -> list:
    """Returns `values` as a list, or raises `InvalidInput` unless they are one; `of` says of what."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InvalidInput(f"{name} must be a list of {of}; received {shown(values)}.")
    try:
        return list(values)
    except TypeError as error:  # an array without an axis
        raise InvalidInput(f"{name} must be a list of {of}; received {shown(values)}.") from error


def check_takes(name: str, function: Callable, call: str, *arguments: Any, **options: Any) -> None:
    """Raises `InvalidInput` if a function of the user's does not take what it is called with.

    Args:
        name: What the message calls the function.
        function: The function.
        call: How it is called, for the message.
        *arguments: What it is called with.
        **options: What it is called with by name.
    """
    if not callable(function):
        raise InvalidInput(f"{name} must be a function, called as {call}; received {shown(function)}.")
    try:
        # what a wrapper takes itself: it may call what it wraps with more, or with less
        inspect.signature(function, follow_wrapped=False).bind(*arguments, **options)
    except TypeError as error:
        raise InvalidInput(f"{name} is called as {call}, and does not take that: {error}.") from error
    except ValueError:  # some functions written in C do not say what they take
        pass


def check_shape(name: str, array: Any, shape: tuple[int, ...], axes: str) -> None:
    """Raises `InvalidInput` unless an array has a shape, whose axes are named as in `"(sizes, repeats)"`."""
    if array.shape != shape:
        raise InvalidInput(f"{name} must have shape {shape}, which is {axes}; received {array.shape}.")
