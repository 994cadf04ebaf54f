"""Rows as a table, and values as JSON can hold them."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def as_table(rows: list[dict[str, Any]]) -> Any:
    """Returns `rows` as a `pandas.DataFrame` where pandas is installed, and as they are otherwise."""
    try:
        import pandas as pd
    except ImportError:
        return rows
    return pd.DataFrame(rows)


def nan_for_none(value: float | None) -> float:
    """Returns a number that `as_json` may have made None as the NaN it was."""
    return math.nan if value is None else value


def as_json(value: Any) -> Any:
    """Returns `value` with records made dicts, NumPy's types Python's, and NaN and infinity None.

    JSON has no NaN, and a file that holds one is refused by most readers.
    """
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_python(value: Any) -> Any:
    """Returns `value` with NumPy's scalars made Python's, also those inside dicts and lists.

    For what users and other libraries hand in: converted where it enters, so that nothing after it has to
    expect `numpy.float64(0.3)`.
    """
    if isinstance(value, Mapping):
        return {as_python(key): as_python(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list):
        return [as_python(entry) for entry in value]
    if isinstance(value, tuple):
        return tuple(as_python(entry) for entry in value)
    return value
