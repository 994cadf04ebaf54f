import json
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import gmean, ttest_1samp

from kerasreg.checks import InvalidInput
from kerasreg.experiments import DepthGradients
from tests.helpers.depth_records import small_record

VANISHING = (3, "sigmoid", None, "he_normal")
LOST = (3, "relu", "batch", "he_normal")


def test_ratios_are_of_the_first_hidden_layer_by_the_last_hidden_layer():
    record = small_record()
    norms = record.layer_norms(VANISHING)
    assert norms.shape == (3, 3, 4)
    for column, epoch in enumerate((0, 1, 5)):
        np.testing.assert_allclose(record.ratios(VANISHING, epoch), norms[:, column, 0] / norms[:, column, 2])
    assert record.ratios(VANISHING) == pytest.approx([1e-4] * 3)
    assert record.ratios((1, *VANISHING[1:])) == pytest.approx([1.0] * 3)
    assert record.ratios((3, "relu", None, "he_normal")) == pytest.approx([4.0] * 3)
    # Against one hidden layer, of equal norms in the last.
    assert record.depth_ratios(VANISHING) == pytest.approx([1e-4] * 3)
    assert np.isnan(record.ratios(LOST, 5)[1:]).all()


def test_differences_are_paired_by_repeat():
    record = small_record()
    first, other = (3, "relu", "batch", "glorot_uniform"), (1, "relu", "batch", "glorot_uniform")
    for part in ("train", "validation"):
        mean, (low, high) = record.difference(first, other, part)
        paired = ttest_1samp(record.errors(first, part) - record.errors(other, part), 0)
        interval = paired.confidence_interval(0.95)
        expected = (
            np.mean(record.errors(first, part) - record.errors(other, part)),
            interval.low,
            interval.high,
        )
        assert (mean, low, high) == pytest.approx(expected, abs=1e-12)
    assert record.difference(LOST, other)[1] is None
    nothing = small_record(validation_error=np.full((2, 2, 2, 2, 3), np.nan))
    assert np.isnan(nothing.difference(VANISHING, other)[0])


def test_each_question_has_a_row_for_each_kind_with_its_interval():
    rows = small_record().comparisons()
    assert len(rows) == 8 + 8 + 8 + 4 + 4  # ratios by layer and by depth; errors by depth, norm and weights
    wide = np.array([0.5, 1.0, 2.0])
    half = 4.302653 * np.log(wide).std(ddof=1) / np.sqrt(3)  # Student's t of two degrees of freedom
    for row in (rows[2], rows[10]):
        assert [row[name] for name in ("depth", "activation", "normalization", "initializer")] == [
            3,
            "sigmoid",
            "batch",
            "glorot_uniform",
        ]
        expected = (gmean(wide), np.exp(-half), np.exp(half))
        assert (row["mean"], row["low"], row["high"]) == pytest.approx(expected)
        assert (row["measure"], row["verdict"]) == ("ratio", "not shown")
    lower = rows[24]
    mean, (low, high) = small_record().difference(
        (3, "sigmoid", "batch", "glorot_uniform"), (3, "sigmoid", None, "glorot_uniform")
    )
    assert (lower["mean"], lower["low"], lower["high"], lower["verdict"]) == (mean, low, high, "below")
    assert (rows[23]["initializer"], rows[23]["verdict"]) == ("he_normal", "not compared")


def test_where_one_kind_is_compared_the_summary_says_so():
    record = small_record()
    alone = replace(
        record,
        activations=("relu",),
        normalizations=("batch",),
        norms=record.norms[:, 1:, 1:],
        train_error=record.train_error[:, 1:, 1:],
        validation_error=record.validation_error[:, 1:, 1:],
    )
    told = alone.summary().splitlines()[-2]
    assert told == (
        "Validation error with 3 hidden layers, he_normal minus glorot_uniform weights: too few repeats to "
        "compare for the only kind."
    )


def test_the_summary_says_what_the_intervals_show():
    lines = small_record().summary().splitlines()
    ratios = (
        "below 1 for 2 of 8 (0.0001): sigmoid; above 1 for 2 of 8 (4): relu; not shown to differ from 1 for "
        "4 of 8 (1): sigmoid + batch, relu + batch."
    )
    start = "Gradient norm before training"
    assert lines[0] == f"{start} with 3 hidden layers, first hidden layer divided by last: {ratios}"
    assert lines[1] == f"{start} in the first hidden layer, with 3 hidden layers divided by with 1: {ratios}"
    assert lines[2] == (
        "Training error after 5 epochs, with 3 hidden layers minus with 1: higher for 2 of 8 (+30.0): "
        "sigmoid; no difference shown for 5 of 8 (+0.0): sigmoid + batch, relu, relu + batch "
        "(glorot_uniform); too few repeats to compare for 1 of 8: relu + batch (he_normal)."
    )
    assert lines[3].startswith(
        "Validation error with 3 hidden layers, batch normalization minus no normalization: lower for 2 of 4 "
        "(-30.0): sigmoid; "
    )
    assert lines[4].startswith(
        "Validation error with 3 hidden layers, he_normal minus glorot_uniform weights: lower for 3 of 4 "
        "(-2.0): sigmoid, sigmoid + batch, relu; too few"
    )
    assert lines[5].startswith("3 repeats, each with its own initial weights and order of rows; ")
    assert len(lines) == 6


def test_where_all_kinds_agree_none_is_named():
    same = small_record(validation_error=small_record().train_error * 0 + 0.1)
    told = same.summary().splitlines()[3]
    assert told.endswith(
        "no normalization: no difference shown for 3 of 4 (+0.0): sigmoid, relu (glorot_uniform); too few "
        "repeats to compare for 1 of 4: relu (he_normal)."
    )
    finite = np.full(same.validation_error.shape, 0.1)
    told = small_record(validation_error=finite).summary().splitlines()[3]
    assert told.endswith("minus no normalization: no difference shown for all 4 kinds (+0.0).")


def test_of_one_hidden_layer_nothing_is_said_of_depth():
    whole = small_record()
    part = {name: getattr(whole, name)[:1] for name in ("train_error", "validation_error")}
    lines = small_record(depths=(1,), norms=whole.norms[:1, ..., :2], **part).summary().splitlines()
    assert [line.split(",")[0] for line in lines[:-1]] == ["Validation error with 1 hidden layer"] * 2


def test_the_record_survives_json_and_becomes_a_table():
    record = small_record()
    again = DepthGradients.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again.summary() == record.summary()
    assert (again.depths, again.normalizations) == ((1, 3), (None, "batch"))
    np.testing.assert_array_equal(again.norms, record.norms)
    frame = record.to_frame()
    assert len(frame) == 16 * 3 * 3
    row = frame[(frame["depth"] == 3) & (frame["repeat"] == 1) & (frame["epoch"] == 5)].iloc[1]
    assert (row["activation"], row["normalization"], row["initializer"]) == ("sigmoid", "none", "he_normal")
    norms = record.layer_norms(VANISHING)[1, 2]
    assert (row["first_hidden"], row["last_hidden"], row["output"]) == (norms[0], norms[2], norms[3])
    assert row["train_error"] == record.errors(VANISHING, "train")[1]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"train_error": np.zeros((2, 2, 2, 1, 3))},
            "train_error must have shape (2, 2, 2, 2, 3), which is (depths, activations, normalizations, "
            "initializers, repeats); received (2, 2, 2, 1, 3).",
        ),
        (
            {"norms": np.zeros((2, 2))},
            "norms must have shape (2, 2, 2, 2, 3, 3, 4), which is that of the errors, recorded epochs and "
            "layers; received (2, 2).",
        ),
    ],
)
def test_arrays_of_another_shape_are_refused(changed, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        small_record(**changed)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda r: r.errors(3),
            "A kind of network is (depth, activation, normalization, initializer); received 3.",
        ),
        (lambda r: r.errors((2, *VANISHING[1:])), "depth must be one of 1, 3; received 2."),
        (
            lambda r: r.errors(VANISHING, "test"),
            "part must be one of 'train', 'validation'; received 'test'.",
        ),
        (lambda r: r.ratios(VANISHING, 3), "epoch must be one of 0, 1, 5; received 3."),
        (lambda r: r.kinds(7), "depth must be one of 1, 3; received 7."),
    ],
)
def test_what_is_not_in_the_record_is_refused(ask, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        ask(small_record())
