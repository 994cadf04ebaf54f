import json
import math
from dataclasses import replace

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.records import MemberHistory, PopulationHistory, TrainingHistory

NAN = float("nan")


def member(scores, **changes):
    """A member whose validation cross-entropy was `scores`, epoch by epoch."""
    history = TrainingHistory(
        unit="epoch", metrics={"loss": [1.0] * len(scores), "val_cross_entropy": scores}
    )
    best_epoch, score = history.best("val_cross_entropy")
    whole = MemberHistory(
        score=score,
        best_epoch=best_epoch,
        history=history,
        stop_reason="patience",
        seconds=0.5,
        way="population",
    )
    return replace(whole, **changes)


DIVERGED = MemberHistory(
    score=NAN,
    best_epoch=0,
    history=TrainingHistory(unit="epoch", metrics={"loss": [NAN], "val_cross_entropy": [NAN]}),
    stop_reason="diverged",
    seconds=0.1,
    way="population",
)
HISTORY = PopulationHistory(
    members=(DIVERGED, member([0.9, 0.4, 0.5]), member([0.4, 0.6]), member([0.7], stop_reason="epochs")),
    monitor="val_cross_entropy",
    mode="min",
    seconds=2.0,
    interrupted=False,
    programs=1,
    compile_seconds=0.7,
)


def test_it_is_a_sequence_of_its_members():
    assert len(HISTORY) == 4
    assert HISTORY[3].score == 0.7
    assert [entry.diverged for entry in HISTORY] == [True, False, False, False]


def test_the_best_is_the_first_of_equals_and_never_one_that_diverged():
    assert HISTORY.best() == 1
    assert replace(HISTORY, mode="max").best() == 3


def test_final_metrics_are_those_of_the_weights_and_nan_for_members_that_did_not_finish():
    assert HISTORY.finished.tolist() == [False, True, True, True]
    last = HISTORY.final("val_cross_entropy")
    best = HISTORY.final("val_cross_entropy", at_best=True)
    assert last == pytest.approx([NAN, 0.5, 0.6, 0.7], nan_ok=True)
    assert best == pytest.approx([NAN, 0.4, 0.4, 0.7], nan_ok=True)
    assert HISTORY.best_epoch.tolist() == [0, 2, 1, 1]
    assert HISTORY.stop_reason.tolist() == ["diverged", "patience", "patience", "epochs"]
    later = replace(HISTORY, members=(member([0.9, 0.4, 0.5], best_epoch=12, initial_epoch=10),))
    assert later.final("val_cross_entropy", at_best=True).tolist() == [0.4]
    assert np.isnan(HISTORY.final("val_mse")).all()


def test_where_no_score_is_finite_none_is_the_best():
    with pytest.raises(InvalidInput) as error:
        replace(HISTORY, members=(DIVERGED, DIVERGED)).best()
    assert str(error.value) == "None of the 2 members has a finite score, so none is the best."


def test_it_goes_through_json_with_none_for_what_is_not_finite():
    record = json.loads(json.dumps(HISTORY.to_dict(), allow_nan=False))
    assert record["members"][0]["score"] is None
    back = PopulationHistory.from_dict(record)
    assert math.isnan(back[0].score)
    assert math.isnan(back[0].history.metrics["loss"][0])
    assert back.members[1:] == HISTORY.members[1:]
    assert replace(back, members=()) == replace(HISTORY, members=())


def test_its_table_has_a_row_for_each_member_with_the_metrics_of_its_best_epoch():
    table = HISTORY.to_frame()
    rows = table.to_dict("records") if hasattr(table, "to_dict") else table
    assert len(rows) == 4
    assert rows[1] == {
        "member": 1,
        "score": 0.4,
        "best_epoch": 2,
        "epochs": 3,
        "stop_reason": "patience",
        "seconds": 0.5,
        "way": "population",
        "loss": 1.0,
        "val_cross_entropy": 0.4,
    }
    assert math.isnan(rows[0].get("val_cross_entropy", NAN))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: replace(DIVERGED, stop_reason="tired"),
            "stop_reason must be one of 'epochs', 'patience', 'diverged', 'interrupted'; received 'tired'.",
        ),
        (
            lambda: replace(DIVERGED, way="magic"),
            "way must be one of 'population', 'fit'; received 'magic'.",
        ),
        (
            lambda: replace(HISTORY, mode="auto"),
            "mode must be one of 'min', 'max'; received 'auto'.",
        ),
    ],
)
def test_unknown_words_are_refused(call, message):
    with pytest.raises(InvalidInput) as error:
        call()
    assert str(error.value) == message
