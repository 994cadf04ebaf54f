import json
import math

import pytest

from kerasreg.checks import InvalidInput
from kerasreg.records import TrainingHistory

NAN = float("nan")
HISTORY = TrainingHistory(
    unit="epoch", metrics={"val_cross_entropy": [0.9, 0.4, NAN, 0.4], "val_accuracy": [0.5, 0.8, 0.8, 0.7]}
)


def test_its_length_is_the_number_of_epochs():
    assert len(HISTORY) == 4
    assert len(TrainingHistory(unit="step", metrics={})) == 0


def test_the_best_epoch_counts_from_1_and_of_equals_is_the_first():
    assert HISTORY.best("val_cross_entropy") == (2, 0.4)
    assert HISTORY.best("val_accuracy", mode="max") == (2, 0.8)


def test_an_infinite_value_is_never_the_best():
    history = TrainingHistory(unit="step", metrics={"loss": [float("-inf"), 2.0, float("inf")]})
    assert history.best("loss") == history.best("loss", mode="max") == (2, 2.0)


@pytest.mark.parametrize("values", [[], [NAN, float("inf")]])
def test_a_metric_that_was_never_finite_has_no_best(values):
    with pytest.raises(InvalidInput) as error:
        TrainingHistory(unit="epoch", metrics={"loss": values}).best("loss")
    assert str(error.value) == f"loss has no best epoch: it was finite in none of {len(values)}."


def test_it_goes_through_json_with_none_for_what_is_not_finite():
    record = json.loads(json.dumps(HISTORY.to_dict(), allow_nan=False))
    assert record["metrics"]["val_cross_entropy"] == [0.9, 0.4, None, 0.4]
    back = TrainingHistory.from_dict(record)
    assert math.isnan(back.metrics["val_cross_entropy"][2])
    assert back.metrics["val_accuracy"] == HISTORY.metrics["val_accuracy"]
    assert back.unit == "epoch"


def test_its_table_has_a_row_for_each_epoch():
    table = HISTORY.to_frame()
    rows = table.to_dict("records") if hasattr(table, "to_dict") else table
    assert rows[1] == {"epoch": 2, "val_cross_entropy": 0.4, "val_accuracy": 0.8}
    assert len(rows) == 4


def test_metrics_of_different_lengths_are_refused():
    with pytest.raises(InvalidInput) as error:
        TrainingHistory(unit="epoch", metrics={"a": [1.0], "b": []})
    assert str(error.value) == "All metrics must have one length; received {'a': 1, 'b': 0}."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: TrainingHistory(unit="batch", metrics={}),
            "unit must be one of 'step', 'epoch'; received 'batch'.",
        ),
        (
            lambda: HISTORY.best("loss"),
            "metric must be one of 'val_cross_entropy', 'val_accuracy'; received 'loss'.",
        ),
        (
            lambda: HISTORY.best("val_accuracy", mode="most"),
            "mode must be one of 'min', 'max'; received 'most'.",
        ),
    ],
)
def test_unknown_words_are_refused(call, message):
    with pytest.raises(InvalidInput) as error:
        call()
    assert str(error.value) == message
