import numpy as np
import pytest
from matplotlib.axes import Axes

from kerasreg.plotting.comparison import plot_differences, plot_paired_scores
from tests.comparisons import comparison


def marked(ax: Axes, marker: str) -> list:
    return [line for line in ax.lines if line.get_marker() == marker]


def test_every_pair_has_a_row_with_its_differences_their_mean_and_its_interval(ax):
    record = comparison()
    assert plot_differences(record, ax) is ax
    for row, (pair, dots, mean) in enumerate(
        zip(record.pairs(), marked(ax, "o"), marked(ax, "D"), strict=True)
    ):
        assert list(dots.get_xdata()) == pytest.approx(100 * np.array(pair.differences))
        assert abs(dots.get_ydata() - row).max() < 0.5
        assert (mean.get_xdata()[0], mean.get_ydata()[0]) == (pytest.approx(100 * pair.mean), row)
    bars = [line for line in ax.lines if line.get_linewidth() == 2.5]
    for pair, bar in zip(record.pairs(), bars, strict=True):
        assert list(bar.get_xdata()) == pytest.approx(100 * np.array(pair.interval))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A\nless B", "A\nless C", "B\nless C"]
    assert ax.get_xlabel() == "difference in accuracy (percentage points)"


def test_the_first_row_is_the_upper_one(ax):
    plot_differences(comparison(), ax)
    assert ax.yaxis_inverted()


def test_a_mean_is_filled_where_a_difference_is_shown(ax):
    record = comparison()
    plot_differences(record, ax)
    filled = [mean.get_markerfacecolor() != "white" for mean in marked(ax, "D")]
    assert filled == [pair.decision in ("better", "worse") for pair in record.pairs()]
    assert set(filled) == {True, False}


def test_no_difference_is_a_line_and_the_margin_is_grey_around_it(ax):
    plot_differences(comparison(margin=0.02), ax)
    assert list(ax.lines[0].get_xdata()) == [0, 0]
    corners = ax.patches[0].get_path().get_extents(ax.patches[0].get_patch_transform())
    assert (corners.x0, corners.x1) == pytest.approx((-2, 2))
    assert ax.get_xlabel().endswith("\ngrey: within the margin of 2")


@pytest.mark.parametrize(("metric", "right"), [("accuracy", "first"), ("cross_entropy", "second")])
def test_the_arrows_say_on_which_side_which_is_better(ax, metric, right):
    plot_differences(comparison(metric=metric), ax)
    assert [text.get_text() for text in ax.texts][1] == f"the {right} is better \N{RIGHTWARDS ARROW}"


def test_a_pair_without_spread_or_with_a_missing_score_has_dots_alone(ax):
    scores = {"A": [[0.5], [0.6]], "B": [[0.5], [0.6]], "C": [[0.5], [float("nan")]]}
    plot_differences(comparison(scores), ax)
    assert len(marked(ax, "o")) == 3
    assert not marked(ax, "D")


def test_the_scores_of_a_division_are_joined_across_the_configurations(ax):
    record = comparison()
    assert plot_paired_scores(record, ax) is ax
    scores = np.array([record.by_division(name) for name in "ABC"])
    for division, line in enumerate(marked(ax, "o")):
        assert list(line.get_ydata()) == pytest.approx(scores[:, division])
    means = [line.get_ydata()[0] for line in ax.lines if line.get_linewidth() == 4]
    assert means == pytest.approx(scores.mean(axis=1))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["A", "B", "C"]
    assert ax.get_ylabel() == "validation accuracy"


def test_a_configuration_with_a_missing_score_has_no_mean(ax):
    plot_paired_scores(comparison({"A": [[0.5], [0.6]], "B": [[0.5], [float("nan")]]}), ax)
    assert len([line for line in ax.lines if line.get_linewidth() == 4]) == 1
