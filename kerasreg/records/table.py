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
    if isinstance(value, np.ndarray | list | tuple):
        return [as_json(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
