import builtins
import json
from dataclasses import dataclass

import numpy as np
import pytest

from kerasreg.records.table import as_json, as_python, as_table

ROWS = [{"trial": "0", "score": 0.5}, {"trial": "1", "score": None}]


def test_rows_become_a_data_frame_where_pandas_is_installed():
    pd = pytest.importorskip("pandas")
    pd.testing.assert_frame_equal(as_table(ROWS), pd.DataFrame(ROWS))


def test_rows_stay_rows_where_it_is_not(monkeypatch):
    real_import = builtins.__import__

    def without_pandas(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    assert as_table(ROWS) is ROWS


@dataclass
class Point:
    """Any record."""

    x: float
    label: np.int64


def test_whatever_a_record_holds_becomes_what_strict_json_can_hold():
    value = {
        "number": np.float32(0.5), 3: np.int64(7), "flag": np.bool_(True), "array": np.eye(2),
        "bad": [float("nan"), float("-inf"), np.float64("nan")], "tuple": (1, "a", None),
        "point": Point(1.0, np.int64(2)),
    }  # fmt: skip
    assert json.loads(json.dumps(as_json(value), allow_nan=False)) == {
        "number": 0.5, "3": 7, "flag": True, "array": [[1.0, 0.0], [0.0, 1.0]],
        "bad": [None, None, None], "tuple": [1, "a", None], "point": {"x": 1.0, "label": 2},
    }  # fmt: skip


def test_numpys_numbers_become_pythons_whatever_holds_them():
    value = {
        "rate": np.float64(0.3), "units": [np.int64(8), (np.bool_(True), np.str_("batch"))],
        "array": np.eye(1), np.str_("none"): None, "zero axes": np.array(2),
    }  # fmt: skip
    made = as_python(value)
    assert made == {
        "rate": 0.3, "units": [8, (True, "batch")], "array": [[1.0]], "none": None, "zero axes": 2,
    }  # fmt: skip
    kinds = [type(made["rate"]), type(made["units"][0]), *map(type, made["units"][1]), *map(type, made)]
    assert kinds == [float, int, bool, str, str, str, str, str, str]
    assert as_json(np.array(2)) == 2
