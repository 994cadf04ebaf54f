import numpy as np
import pytest
from matplotlib.axes import Axes

from tests.helpers.comparisons import comparison


def marked(ax: Axes, marker: str) -> list:
    return [line for line in ax.lines if line.get_marker() == marker]


def test_every_pair_has_a_row_with_its_differences_their_mean_and_its_interval(ax):
    record = comparison()
    assert record.plot(ax) is ax
    for row, (pair, dots, mean) in enumerate(
        zip(record.pairs(), marked(ax, "o"), marked(ax, "D"), strict=True)
    ):
        assert list(dots.get_xdata()) == pytest.approx(100 * np.array(pair.differences))
        assert abs(dots.get_ydata() - row).max() < 0.5
        assert (mean.get_xdata()[0], mean.get_ydata()[0]) == (pytest.approx(100 * pair.mean), row)
    bars = [line for line in ax.lines if line.get_linewidth() == 2.5]
    for pair, bar in zip(record.pairs(), bars, strict=True):
        assert list(bar.get_xdata()) == pytest.approx(100 * np.array(pair.interval))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A\nminus B", "A\nminus C", "B\nminus C"]
    assert ax.get_xlabel() == "difference in accuracy (percentage points)"


def test_the_first_row_is_the_upper_one(ax):
    comparison().plot(ax)
    assert ax.yaxis_inverted()


def test_a_mean_is_filled_where_a_difference_is_shown(ax):
    record = comparison()
    record.plot(ax)
    filled = [mean.get_markerfacecolor() != "white" for mean in marked(ax, "D")]
    assert filled == [pair.decision in ("better", "worse") for pair in record.pairs()]
    assert set(filled) == {True, False}


def test_no_difference_is_a_line_and_the_margin_is_gray_around_it(ax):
    comparison(margin=0.02).plot(ax)
    assert list(ax.lines[0].get_xdata()) == [0, 0]
    corners = ax.patches[0].get_path().get_extents(ax.patches[0].get_patch_transform())
    assert (corners.x0, corners.x1) == pytest.approx((-2, 2))
    assert ax.get_xlabel().endswith("\ngray: within the margin of 2")


@pytest.mark.parametrize(("metric", "inverted"), [("accuracy", True), ("cross_entropy", False)])
def test_the_first_is_better_on_the_left_whatever_the_metric(ax, metric, inverted):
    comparison(metric=metric).plot(ax)
    assert ax.xaxis_inverted() == inverted
    assert [text.get_text() for text in ax.texts] == [
        "\N{LEFTWARDS ARROW} the first is better",
        "the second is better \N{RIGHTWARDS ARROW}",
    ]


def test_a_pair_without_spread_or_with_a_missing_score_has_dots_alone(ax):
    scores = {"A": [[0.5], [0.6]], "B": [[0.5], [0.6]], "C": [[0.5], [float("nan")]]}
    comparison(scores).plot(ax)
    assert len(marked(ax, "o")) == 3
    assert not marked(ax, "D")


def test_the_scores_of_a_split_are_joined_across_the_configurations(ax):
    record = comparison()
    assert record.plot_scores(ax) is ax
    scores = np.array([record.by_split(name) for name in "ABC"])
    for split, line in enumerate(marked(ax, "o")):
        assert list(line.get_ydata()) == pytest.approx(scores[:, split])
    means = [line.get_ydata()[0] for line in ax.lines if line.get_linewidth() == 4]
    assert means == pytest.approx(scores.mean(axis=1))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["A", "B", "C"]
    assert ax.get_ylabel() == "validation accuracy"


def test_a_configuration_with_a_missing_score_has_no_mean(ax):
    comparison({"A": [[0.5], [0.6]], "B": [[0.5], [float("nan")]]}).plot_scores(ax)
    assert len([line for line in ax.lines if line.get_linewidth() == 4]) == 1
