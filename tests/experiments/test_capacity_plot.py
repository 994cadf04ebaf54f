import re

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kerasreg.checks import InvalidInput
from kerasreg.experiments import CapacityGrid
from tests.helpers.capacity_grids import TEST, small_grid
from tests.helpers.drawn import line

NOTHING = np.full((2, 3, 3), np.nan)


def dashed(ax):
    return [each for each in ax.lines if each.get_linestyle() == "--" and len(each.get_xdata())]


def bands(ax):
    """The ends of each band at its first place, (low, high)."""
    kinds = [each.get_paths()[0].vertices for each in ax.collections if isinstance(each, PolyCollection)]
    firsts = [corners[corners[:, 0] == corners[:, 0].min(), 1] for corners in kinds]
    return [(first.min(), first.max()) for first in firsts]


def test_a_line_by_rows_is_the_mean_test_error_of_a_size_in_its_interval(ax):
    grid = small_grid()
    assert grid.plot_by_rows(ax) is ax
    mean, low, high = grid.means("test")
    for place, label in enumerate(("size 4", "size 8-2")):
        assert list(line(ax, label).get_xdata()) == [10, 20, 40]
        assert list(line(ax, label).get_ydata()) == pytest.approx(mean[place])
        assert list(dashed(ax)[place].get_ydata()) == pytest.approx(mean[place] / 10)
        ends = (low[place, 0], high[place, 0])
        assert bands(ax)[2 * place] == pytest.approx(ends)
        assert bands(ax)[2 * place + 1] == pytest.approx([end / 10 for end in ends])  # of the training error
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("training rows", "error", "log")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "size 4",
        "size 8-2",
        "test",
        "training",
    ]


def test_a_line_by_size_is_the_mean_test_error_for_a_number_of_rows(ax):
    grid = small_grid()
    assert grid.plot_by_size(ax) is ax
    mean, low, high = grid.means("test")
    for place, label in enumerate(("10 rows", "20 rows", "40 rows")):
        assert list(line(ax, label).get_xdata()) == [40, 100]
        assert list(line(ax, label).get_ydata()) == pytest.approx(mean[:, place])
        assert list(dashed(ax)[place].get_ydata()) == pytest.approx(mean[:, place] / 10)
        ends = (low[0, place], high[0, place])
        assert bands(ax)[2 * place] == pytest.approx(ends)
        assert bands(ax)[2 * place + 1] == pytest.approx([end / 10 for end in ends])  # of the training error
    ax.figure.draw_without_rendering()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["4", "8-2"]
    assert ax.get_xlabel() == "size (on an axis of parameters)"


def test_a_panel_has_the_three_errors_of_its_number_of_rows_in_their_intervals():
    grid = small_grid()
    panels = list(Figure().subplots(1, 3))
    assert grid.plot_curves(panels) == panels
    for place, panel in enumerate(panels):
        for number, (part, label) in enumerate((("train", "training"), ("validation",) * 2, ("test",) * 2)):
            mean, low, high = (each[:, place] for each in grid.means(part))
            assert list(line(panel, label).get_xdata()) == [40, 100]
            assert list(line(panel, label).get_ydata()) == pytest.approx(mean)
            assert bands(panel)[number] == pytest.approx((low[0], high[0]))
    assert [panel.texts[0].get_text() for panel in panels] == [f"{n} training rows" for n in (10, 20, 40)]
    assert [text.get_text() for text in panels[0].get_legend().get_texts()] == [
        "training",
        "validation",
        "test",
    ]


def test_panels_without_validation_errors_have_no_line_for_them_and_need_as_many_axes(ax):
    panels = small_grid(validation_error=NOTHING).plot_curves()
    assert [text.get_text() for text in panels[0].get_legend().get_texts()] == ["training", "test"]
    message = "axes must hold one Axes for each of 3 numbers of rows; received 1."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        small_grid().plot_curves([ax])


def test_error_rates_are_told_in_percent_and_squared_errors_as_they_are(ax):
    assert small_grid().plot_by_rows(ax).yaxis.get_major_formatter()(0.25) == "25 %"
    other = small_grid(metric="mse").plot_by_rows(Figure().subplots())
    assert other.get_ylabel() == "mean squared error"
    assert "%" not in other.yaxis.get_major_formatter()(0.25)


def test_a_cell_of_the_map_tells_its_mean_error_and_the_rows_for_each_parameter(ax):
    grid = small_grid()
    assert grid.plot_map(ax) is ax
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[0.5, 0.5] == "52.0 %"
    assert texts[2.5, 1.5] == f"{100 * np.mean(TEST[1][2]):.1f} %"
    assert sorted(text for place, text in texts.items() if place[1] % 1 != 0.5) == sorted(
        ["0.25", "0.5", "1", "0.1", "0.2", "0.4"]
    )
    assert [label.get_text() for label in ax.get_xticklabels()] == ["10", "20", "40"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["4\n(40)", "8-2\n(100)"]
    assert ax.get_title(loc="left").split("\n")[0] == "mean test error"


def test_the_map_frames_the_size_of_least_validation_error(ax):
    small_grid().plot_map(ax)
    frames = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert [(int(frame.get_x()), int(frame.get_y())) for frame in frames] == [(0, 1), (1, 1), (2, 0)]


def test_a_map_without_validation_errors_has_no_frame(ax):
    assert list(small_grid(validation_error=NOTHING).plot_map(ax).patches) == []


@pytest.mark.parametrize("errors", [np.zeros((2, 3, 3)), np.where(np.array(TEST) > 0.45, np.nan, TEST)])
def test_a_map_of_zeros_or_with_a_cell_that_diverged_can_be_drawn(ax, errors):
    small_grid(train_error=errors).plot_map(ax, part="train")
    ax.figure.draw_without_rendering()
    told = [text for text in ax.texts if text.get_text().endswith("%")]
    assert len(told) == np.isfinite(errors).any(axis=2).sum()


def test_lines_leave_a_gap_where_every_training_diverged(ax):
    errors = np.array(TEST)
    errors[0, 1] = np.nan
    small_grid(test_error=errors, train_error=errors).plot_by_rows(ax)
    ax.figure.draw_without_rendering()
    assert list(np.isnan(line(ax, "size 4").get_ydata())) == [False, True, False]


@pytest.mark.parametrize(
    "plot",
    [CapacityGrid.plot_map, CapacityGrid.plot_curves, CapacityGrid.plot_by_rows, CapacityGrid.plot_by_size],
)
def test_a_grid_without_a_finite_error_is_refused(plot):
    message = "The grid has no test error that is finite, so there is nothing to draw."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot(small_grid(test_error=NOTHING))


def test_a_part_that_does_not_exist_is_refused():
    message = "part must be one of 'train', 'validation', 'test'; received 'score'."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        small_grid().plot_map(part="score")
