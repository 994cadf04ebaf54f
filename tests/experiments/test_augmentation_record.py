import json
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments.augmentation.record import MNIST_MARKS, AugmentationGain
from tests.helpers.augmentation_gains import MOVED, NONE, some_gain


def test_differences_are_paired_and_have_students_interval():
    first, second = some_gain().differences()
    paired = np.subtract(MOVED, NONE)
    for row, differences, rows in ((first, paired[0], 300), (second, paired[1], 1000)):
        interval = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
        assert row["train_rows"] == rows
        assert row["difference"] == pytest.approx(differences.mean())
        assert (row["low"], row["high"]) == pytest.approx(tuple(interval))
    assert (first["without"], first["with"]) == pytest.approx((0.22, 0.12))


def test_means_have_intervals_over_the_repeats():
    mean, low, high = some_gain().means("none")
    assert mean == pytest.approx([0.22, 0.11])
    half = stats.t.ppf(0.975, 2) * 0.02 / 3**0.5
    assert (low[0], high[0]) == pytest.approx((0.22 - half, 0.22 + half))


def test_the_summary_says_lower_higher_or_that_no_difference_is_shown():
    lines = some_gain().summary().splitlines()
    assert lines[0] == (
        "300 rows, moved: lower; mean test error 12 % with, 22 % without (difference -10.0 percentage "
        "points, 95 % interval -12.5 to -7.5)."
    )
    assert lines[1].startswith("1,000 rows, moved: no difference shown;")
    assert lines[2] == (
        "3 paired repeats, each with its own rows, initial weights and order of rows, the same with and "
        "without augmentation; 100 updates each, rounded up to whole epochs. Each of the 2 comparisons has "
        "its own 95 % interval, for these test rows."
    )
    worse = some_gain(test_error=np.array([MOVED, NONE])).summary().splitlines()[0]
    assert worse.startswith("300 rows, moved: higher;")


def test_the_summary_says_what_it_cannot_say():
    missing = np.array([NONE, MOVED])
    missing[1, 0, 1] = np.nan
    lines = some_gain(test_error=missing).summary().splitlines()
    assert lines[0] == "300 rows, moved: no comparison, a network diverged or was interrupted."
    single = some_gain(test_error=missing[..., :1], metric="mse").summary().splitlines()
    assert single[0] == (
        "300 rows, moved: no difference shown, one repeat has no interval; mean test mean squared error 0.1 "
        "with, 0.2 without."
    )


def test_the_record_survives_json_with_nan():
    values = np.array([NONE, MOVED])
    values[0, 0, 0] = np.nan
    record = some_gain(test_error=values)
    again = AugmentationGain.from_dict(json.loads(json.dumps(record.to_dict())))
    np.testing.assert_array_equal(again.test_error, values)
    assert replace(again, test_error=values).to_dict() == record.to_dict()
    assert again.summary() == record.summary()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"metric": "accuracy"}, "metric must be one of 'error_rate', 'mse'; received 'accuracy'."),
        (
            {"strategies": ("moved", "none")},
            "strategies must be \"none\" and at least one more; received ('moved', 'none').",
        ),
        (
            {"train_rows": (300,)},
            "test_error must have shape (2, 1, 3), which is (strategies, sizes, repeats); received "
            "(2, 2, 3).",
        ),
    ],
)
def test_what_cannot_be_a_record_is_refused(changed, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        some_gain(**changed)


def test_the_picture_has_a_line_a_strategy_on_logarithmic_axes():
    ax = some_gain().plot(Figure().subplots(), marks={"published": {100: 1, 300: 0.05}})
    without, moved, mark = ax.lines
    np.testing.assert_allclose(without.get_xydata(), [[300, 22], [1000, 11]])
    np.testing.assert_allclose(moved.get_ydata(), [12, 11])
    assert list(mark.get_xydata()[0]) == [300, 5]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["no augmentation", "moved", "published"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("training rows", "test error")


def test_a_picture_of_nothing_is_refused():
    message = "The record has no test error that is finite, so there is nothing to draw."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        some_gain(test_error=np.full((2, 2, 3), np.nan)).plot()


def test_the_published_marks_are_fractions():
    assert all(0 < error < 0.1 for errors in MNIST_MARKS.values() for error in errors.values())
