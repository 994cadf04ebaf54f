import json
import re

import numpy as np
import pytest
from scipy.stats import gmean, ttest_1samp

from kerasreg.checks import InvalidInput
from kerasreg.records.depth_gradients import DepthGradients
from tests.depth_records import small_record

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


def test_the_summary_says_what_the_intervals_show():
    lines = small_record().summary().splitlines()
    wide = np.array([0.5, 1.0, 2.0])
    half = 4.302653 * np.log(wide).std(ddof=1) / np.sqrt(3)  # Student's t of two degrees of freedom
    within = f"({gmean(wide):.3g}; {np.exp(-half):.3g} to {np.exp(half):.3g})"
    ratios = (
        "is shown to be below 1 for sigmoid, glorot_uniform (0.0001; 0.0001 to 0.0001) / sigmoid, he_normal "
        "(0.0001; 0.0001 to 0.0001); shown to be above 1 for relu, glorot_uniform (4; 4 to 4) / relu, "
        "he_normal "
        f"(4; 4 to 4); not shown to differ from 1 for sigmoid + batch, glorot_uniform {within} / "
        f"sigmoid + batch, he_normal {within} / relu + batch, glorot_uniform {within} / relu + batch, "
        f"he_normal {within}."
    )
    start = (
        "Before training, in networks of 3 hidden layers, the gradient's norm in the first hidden layer by "
        "that "
    )
    assert lines[0] == f"{start}in the last one {ratios}"
    assert lines[1] == f"{start}with 1 {ratios}"
    assert lines[2] == (
        "After 5 epochs, the training error with 3 hidden layers against 1 is shown to be higher for "
        "sigmoid, glorot_uniform (+30.0; +30.0 to +30.0) / sigmoid, he_normal (+30.0; +30.0 to +30.0); not "
        "shown to differ for sigmoid + batch, glorot_uniform (+0.0; -0.2 to +0.2) / sigmoid + batch, "
        "he_normal (+0.0; -0.2 to +0.2) / relu, glorot_uniform (+0.0; -0.2 to +0.2) / relu, he_normal "
        "(+0.0; -0.2 to +0.2) / relu + batch, glorot_uniform (+0.0; -0.2 to +0.2); not compared, for want "
        "of repeats that were trained to the end, for relu + batch, he_normal."
    )
    assert lines[3].startswith(
        "With 3 hidden layers, the validation error with batch normalization against no normalization is "
        "shown to be lower for sigmoid + batch, glorot_uniform (-30.0; -30.2 to -29.8) / sigmoid + batch, "
        "he_normal "
    )
    assert lines[4].startswith(
        "With 3 hidden layers, the validation error with he_normal weights against glorot_uniform is shown "
        "to be lower for sigmoid, he_normal (-2.0; -2.0 to -2.0) / "
    )
    assert lines[5].startswith("Repeats: 3; each draws initial weights and the order of rows afresh")
    assert len(lines) == 6


def test_of_one_hidden_layer_nothing_is_said_of_depth():
    whole = small_record()
    part = {name: getattr(whole, name)[:1] for name in ("train_error", "validation_error")}
    lines = small_record(depths=(1,), norms=whole.norms[:1, ..., :2], **part).summary().splitlines()
    assert [line.split(",")[0] for line in lines[:-1]] == ["With 1 hidden layer"] * 2


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
