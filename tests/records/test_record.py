import json
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from kerasreg.records.record import ExperimentRecord, Record


@dataclass(frozen=True, kw_only=True)
class Run(Record):
    seed: int
    errors: dict[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Everything(ExperimentRecord):
    name: str
    scale: float
    patience: int | None
    sizes: tuple[int | tuple[int, ...], ...]
    corner: tuple[int, float]
    by_fold: dict[int, list[float]]
    error: NDArray[np.float64]
    reason: NDArray[np.str_]
    picture: NDArray[np.uint8] | None
    runs: tuple[Run, ...]

    def sentences(self):
        return ["The verdict.", "The figures."]


def everything(**changed):
    values = {
        "name": "digits",
        "scale": np.nan,
        "patience": None,
        "sizes": (4, (8, 2)),
        "corner": (1, 2.5),
        "by_fold": {0: [0.5, np.nan]},
        "error": np.array([[0.25, np.nan]]),
        "reason": np.array(["epochs", "diverged"]),
        "picture": np.array([[255, 0]], np.uint8),
        "runs": (Run(seed=3, errors={"test": np.nan, "train": 0.5}),),
    }
    return Everything(**values | changed)


def test_every_kind_of_field_comes_back_from_json_as_it_was():
    before = everything()
    after = Everything.from_dict(json.loads(json.dumps(before.to_dict(), allow_nan=False)))
    for name in ("name", "patience", "sizes", "corner", "interrupted"):
        assert getattr(after, name) == getattr(before, name)
    assert np.isnan(after.scale)
    assert after.by_fold[0] == pytest.approx([0.5, np.nan], nan_ok=True)
    for name in ("error", "reason", "picture"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        assert getattr(after, name).dtype.kind == getattr(before, name).dtype.kind
    (run,) = after.runs
    assert isinstance(run, Run)
    assert (run.seed, run.errors["train"], np.isnan(run.errors["test"])) == (3, 0.5, True)


def test_what_is_none_comes_back_as_none_and_a_missing_field_has_its_default():
    values = everything(picture=None, patience=5).to_dict()
    del values["interrupted"]
    after = Everything.from_dict(values)
    assert (after.picture, after.patience, after.interrupted) == (None, 5, False)


def test_a_summary_begins_with_the_verdict_unless_the_experiment_was_interrupted():
    assert everything().summary() == "The verdict.\nThe figures."
    assert everything(interrupted=True).summary().split("\n")[:2] == [
        "Interrupted: networks that had not finished training are left out.",
        "The verdict.",
    ]
