import json
import statistics
from dataclasses import replace

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.records import SearchResult, TrialRecord
from tests.helpers.search_results import DIGITS

TRIALS = (
    TrialRecord(
        trial_id="0", status="completed", hyperparameters={"l2": np.float64(1e-4), "units": [64, 32]},
        score=0.5, scores=[0.4, 0.6], best_epoch=[1, 2],
        history=[
            {"cross_entropy": [0.9, 0.8], "val_cross_entropy": [0.4, float("nan")]},
            {"cross_entropy": [0.9, 0.8], "val_cross_entropy": [0.7, 0.6]},
        ],
        seconds=1.5,
    ),
    TrialRecord(trial_id="1", status="failed", hyperparameters={"l2": 1e3}, error="The loss became NaN."),
    TrialRecord(
        trial_id="2", status="completed", hyperparameters={}, score=0.3, scores=[0.3], best_epoch=[1],
        history=[{"cross_entropy": [0.2], "val_cross_entropy": [0.3]}],
    ),
    TrialRecord(
        trial_id="3", status="completed", hyperparameters={}, score=0.5, scores=[0.5], best_epoch=[1],
        history=[{"cross_entropy": [0.4], "val_cross_entropy": [0.5]}],
    ),
)  # fmt: skip
RESULT = SearchResult(
    command="python -m kerasreg.tune",
    seed=0,
    versions={"keras": "3.15"},
    data=DIGITS,
    objective={"name": "cross_entropy", "direction": "min"},
    settings={"model": "mlp", "tuner": "random", "epochs": 9},
    trials=TRIALS,
)
PUBLIC = {
    "format_version", "command", "seed", "versions", "data", "objective", "trials", "winner", "test",
    "score_gaps",
}  # fmt: skip
PUBLIC_OF_TRIAL = {
    "trial_id", "status", "hyperparameters", "score", "scores", "best_epoch", "history", "seconds", "error",
}  # fmt: skip


def test_the_json_has_every_field_of_the_public_format():
    record = json.loads(json.dumps(RESULT.to_dict(), allow_nan=False))
    assert set(record) >= PUBLIC
    assert all(set(trial) == PUBLIC_OF_TRIAL for trial in record["trials"])
    assert record["format_version"] == 2
    assert record["trials"][0]["history"][0]["val_cross_entropy"] == [0.4, None]


def test_it_goes_through_json_and_comes_back_the_same():
    record = json.loads(json.dumps(RESULT.to_dict()))
    back = SearchResult.from_dict(record)
    assert back.to_dict() == record
    assert back.trials[1:] == RESULT.trials[1:]
    assert back.retraining == RESULT.retraining


def test_fields_of_a_later_hand_are_passed_over():
    record = RESULT.to_dict() | {"note": "mine"}
    assert SearchResult.from_dict(record).to_dict() == RESULT.to_dict()


@pytest.mark.parametrize(("direction", "order"), [("min", ["2", "0", "3"]), ("max", ["0", "3", "2"])])
def test_completed_trials_are_ranked_best_first_and_of_equals_the_earlier_first(direction, order):
    result = replace(RESULT, objective={"name": "any", "direction": direction})
    assert [trial.trial_id for trial in result.ranked()] == order


def test_a_trials_row_has_its_spread_and_a_column_for_each_hyperparameter():
    assert TRIALS[0].to_row() == {
        "trial_id": "0", "status": "completed", "score": 0.5,
        "score_sd": pytest.approx(statistics.stdev([0.4, 0.6])), "best_epoch": 1.5, "seconds": 1.5,
        "error": None, "l2": 1e-4, "units": [64, 32],
    }  # fmt: skip
    assert TRIALS[1].to_row() == {
        "trial_id": "1", "status": "failed", "score": None, "score_sd": None, "best_epoch": None,
        "seconds": 0.0, "error": "The loss became NaN.", "l2": 1e3,
    }  # fmt: skip


def test_its_table_has_a_row_for_each_trial():
    table = RESULT.to_frame()
    rows = table.to_dict("records") if hasattr(table, "to_dict") else table
    assert [row["trial_id"] for row in rows] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("version", [1, None, "2"])
def test_another_format_version_is_refused(version):
    with pytest.raises(InvalidInput) as error:
        SearchResult.from_dict(RESULT.to_dict() | {"format_version": version})
    assert str(error.value) == (
        f"The search result has format version {version!r}; this kerasreg reads version 2. Read it with the "
        "kerasreg that wrote it, or search again."
    )


def test_a_record_that_misses_fields_is_refused():
    record = RESULT.to_dict()
    del record["seed"], record["trials"]
    with pytest.raises(InvalidInput) as error:
        SearchResult.from_dict(record)
    assert str(error.value) == "the file lacks seed, trials."


def test_a_trial_that_misses_fields_is_refused_by_its_number():
    record = RESULT.to_dict()
    del record["trials"][2]["score"]
    with pytest.raises(InvalidInput) as error:
        SearchResult.from_dict(record)
    assert str(error.value) == "trials[2] lacks score."


@pytest.mark.parametrize(
    ("direction", "ends", "shown"),
    [("min", [0.01, 0.03], 0.02), ("max", [-0.03, -0.01], 0.02), ("min", [-0.01, 0.05], None)],
)
def test_selection_optimism_is_given_where_it_is_shown_alone(direction, ends, shown):
    gap = {"difference": sum(ends) / 2, "interval_95": ends}
    gaps = {"validation_minus_search": gap, "test_minus_validation": None}
    result = replace(RESULT, objective={"name": "any", "direction": direction}, score_gaps=gaps)
    assert result.selection_optimism == (shown and pytest.approx(shown))
    assert replace(result, score_gaps=None).selection_optimism is None
