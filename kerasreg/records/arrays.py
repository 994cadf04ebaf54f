"""A user's tables, tensors and lists as NumPy arrays of numbers, or a sentence on why they are none."""

import numbers
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, shown
from kerasreg.records.content import some_rows

REAL = "biuf"  # the kinds of NumPy dtypes that hold real numbers


def plain_array(name: str, values: Any) -> np.ndarray:
    """Returns what a user gave as an ordinary array.

    Lists, tables of pandas or Polars, tensors and matrices are converted. Where a conversion would lose what
    is meant, as a mask or a missing value, it is refused.

    Args:
        name: What messages call it.
        values: What was given.

    Returns:
        An array; objects that are all real numbers as float64, everything else in its own dtype.

    Raises:
        InvalidInput: If it cannot be an array of one number an entry; the message says what to do.
    """
    if isinstance(values, Mapping | Set | Iterator | str | bytes):
        raise InvalidInput(
            f"{name} must be an array; received {type(values).__name__}. Give the numbers themselves, as an "
            "array or a list of rows."
        )
    if hasattr(values, "toarray") and not isinstance(values, np.ndarray):
        raise InvalidInput(f"{name} is a sparse matrix; give all of its numbers, with {name}.toarray().")
    if isinstance(values, np.ma.MaskedArray) and values.ndim:
        masked = np.ma.getmaskarray(values)
        if masked.any():
            rows = np.flatnonzero(masked.reshape(np.shape(masked)[0], -1).any(axis=1))
            raise InvalidInput(
                f"{name} has masked values in rows {some_rows(rows)}; a network takes no mask. "
                f"Remove these rows, or fill them with {name}.filled(...)."
            )
        values = values.data
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InvalidInput(f"{name} must be an array; its rows have different shapes.") from error
    except Exception as error:  # tensors that need gradients, lie on another device or have no values
        raise InvalidInput(
            f"{name} cannot be made an array ({str(error).splitlines()[0]}); give a NumPy array."
        ) from error
    if array.dtype.names:
        raise InvalidInput(
            f"{name} is a structured array with the fields {', '.join(array.dtype.names)}; make ordinary "
            "columns of them with numpy.lib.recfunctions.structured_to_unstructured."
        )
    return _of_objects(name, array) if array.dtype == object else array


def _of_objects(name: str, array: np.ndarray) -> np.ndarray:
    """Returns an array of Python objects as float64 if all are real numbers; text stays as it is."""
    if array.ndim == 0:
        raise InvalidInput(f"{name} must be an array; received {shown(array.item())}.")
    entries = array.ravel()
    missing = np.array([_is_missing(entry) for entry in entries], dtype=bool)
    if missing.any():
        rows = np.flatnonzero(missing.reshape(len(array), -1).any(axis=1))
        raise InvalidInput(
            f"{name} has missing values (None or NA) in rows {some_rows(rows)}. Remove or repair these rows."
        )
    if all(isinstance(entry, str) for entry in entries):
        return array
    other = next((entry for entry in entries if not isinstance(entry, numbers.Real | np.bool_)), None)
    if other is not None:
        raise InvalidInput(
            f"{name} must be real numbers; received {shown(other)}, of {type(other).__name__}, among others. "
            "Encode text and categories as numbers first."
        )
    if all(isinstance(entry, numbers.Integral | np.bool_) for entry in entries):
        try:
            return array.astype(np.int64)
        except OverflowError:
            pass
    return array.astype(np.float64)


def _is_missing(entry: Any) -> bool:
    return entry is None or type(entry).__name__ in ("NAType", "NaTType")


def check_aligned(given: dict[str, tuple[Any, Any]]) -> None:
    """Raises `InvalidInput` where tables of pandas name their rows or columns in different orders.

    Args:
        given: The inputs and targets of each part as they were given, by the ending of their names.
    """
    columns = None
    for suffix, (x, y) in given.items():
        rows_of_x, rows_of_y = _labels(x, "index"), _labels(y, "index")
        if rows_of_x and rows_of_y and rows_of_x != rows_of_y and sorted(rows_of_x) == sorted(rows_of_y):
            raise InvalidInput(
                f"x{suffix} and y{suffix} have the same index in another order, so that rows would get each "
                f"other's targets. Align them with y{suffix}.loc[x{suffix}.index]."
            )
        names = _labels(x, "columns")
        if columns is None:
            columns = names
        elif names and names != columns:
            raise InvalidInput(
                f"x{suffix} has other columns than x, or the same in another order. Take those of x, with "
                f"x{suffix}[x.columns]."
            )


def _labels(table: Any, axis: str) -> list | None:
    """Returns the labels of a pandas table's rows or columns as text, or `None` if it has none."""
    labels = getattr(table, axis, None)
    return None if labels is None or callable(labels) else [repr(label) for label in labels]


def check_one_scale(given: dict[str, np.ndarray]) -> None:
    """Raises `InvalidInput` where some parts are 8-bit images, which are divided by 255, and others are not.

    Args:
        given: The inputs of each part, by name.
    """
    bytes_alone = [name for name, x in given.items() if x.dtype == np.uint8]
    others = [name for name in given if name not in bytes_alone]
    if bytes_alone and others:
        raise InvalidInput(
            f"{' and '.join(bytes_alone)} of uint8 would be divided by 255, and {' and '.join(others)} of "
            f"{given[others[0]].dtype} would not. Give all parts in one dtype: 0 to 255 with "
            f"{others[0]}.astype(np.uint8), or 0 to 1 with {bytes_alone[0]} / 255."
        )


def in_single_precision(x: np.ndarray) -> np.ndarray:
    """Returns real numbers as float32, 8-bit ones divided by 255; what is too large becomes infinite."""
    with np.errstate(over="ignore"):
        return np.divide(x, 255, dtype=np.float32) if x.dtype == np.uint8 else x.astype(np.float32)
