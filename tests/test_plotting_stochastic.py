import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.plotting.stochastic import plot_noise_in_the_network
from kerasreg.plotting.tikhonov import plot_noise_and_penalty, plot_tikhonov_distance
from tests.drawn import line
from tests.noise_records import noise_comparison, tikhonov_comparison


def band(ax: Axes, place: int) -> np.ndarray:
    return ax.collections[place].get_paths()[0].vertices


def test_the_differences_over_the_strengths_are_drawn_in_percentage_points(ax):
    record = noise_comparison()
    assert plot_noise_in_the_network(record, [ax]) == [ax]
    drawn = line(ax, "dropout")
    assert list(drawn.get_xdata()) == [0.1, 0.5]
    assert list(drawn.get_ydata()) == pytest.approx([-5, -3])
    assert ax.get_ylabel() == "difference from none in test error (percentage points)"
    assert ax.texts[0].get_text() == "70 training rows"


def test_the_chosen_strengths_stand_with_the_interval_of_the_fresh_runs(ax):
    record = noise_comparison()
    plot_noise_in_the_network(record, [ax])
    for container, row in zip(ax.containers, record.comparisons(), strict=True):
        marker, _, bars = container
        assert marker.get_xdata()[0] == pytest.approx(row["strength"], abs=0.01)  # moved aside
        low, high = bars[0].get_segments()[0][:, 1]
        assert [low, high] == pytest.approx([100 * row["low"], 100 * row["high"]])


def test_every_size_has_a_panel_of_its_own_and_the_first_has_the_legend():
    axes = list(Figure().subplots(1, 2))
    plot_noise_in_the_network(noise_comparison(sizes=(100, 200)), axes)
    labels = [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert labels == ["dropout", "input noise", "chosen, fresh runs"]
    assert axes[1].get_legend() is None
    assert axes[1].texts[0].get_text() == "140 training rows"


def test_a_method_that_diverged_has_no_mark(ax):
    plot_noise_in_the_network(noise_comparison(diverged=True), [ax])
    assert len(ax.containers) == 1


def test_as_many_axes_as_sizes_are_needed(ax):
    with pytest.raises(InvalidInput) as caught:
        plot_noise_in_the_network(noise_comparison(), [ax, ax])
    assert str(caught.value) == "axes must hold one Axes for each of 1 sizes; received 2."


def test_the_functions_are_drawn_in_the_order_of_the_input(ax):
    record = tikhonov_comparison()
    assert plot_noise_and_penalty(record, 0.2, repeat=1, ax=ax) is ax
    assert list(line(ax, "without noise").get_xdata()) == [-1, -0.5, 0.5, 1]
    assert list(line(ax, "noise, s = 0.2").get_ydata()) == pytest.approx(
        [-1 + 0.22, -0.5 + 0.11, 0.5 - 0.11, 1 - 0.22]
    )
    assert list(line(ax, "training points").get_ydata()) == record.y_train[1]


def test_the_distances_are_drawn_with_their_intervals(ax):
    record = tikhonov_comparison()
    assert plot_tikhonov_distance(record, ax) is ax
    drawn = line(ax, "noise to penalty")
    assert list(drawn.get_xdata()) == [0.1, 0.2]
    assert list(drawn.get_ydata()) == pytest.approx([record.distance(s).mean() for s in (0.1, 0.2)])
    luck = line(ax, "noise to other noise, over √2")
    expected = [record.distance(s, way="other noise").mean() / np.sqrt(2) for s in (0.1, 0.2)]
    assert list(luck.get_ydata()) == pytest.approx(expected)
    assert len(ax.collections) == 3
    assert band(ax, 1)[:, 1].max() > record.distance(0.2).mean()


def test_a_function_of_several_inputs_is_not_drawn(ax):
    with pytest.raises(InvalidInput) as caught:
        plot_noise_and_penalty(tikhonov_comparison(inputs=2), ax=ax)
    assert str(caught.value) == "A function can be drawn for inputs of one number; received inputs of 2."
