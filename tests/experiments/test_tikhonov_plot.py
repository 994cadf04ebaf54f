import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from tests.helpers.drawn import bands, line
from tests.helpers.tikhonov_comparisons import tikhonov_comparison


def test_the_functions_are_drawn_in_the_order_of_the_input(ax):
    record = tikhonov_comparison()
    assert record.plot_functions(ax, noise_std=0.2, repeat=1) is ax
    assert list(line(ax, "without noise").get_xdata()) == [-1, -0.5, 0.5, 1]
    assert list(line(ax, "noise, s = 0.2").get_ydata()) == pytest.approx(
        [-1 + 0.22, -0.5 + 0.11, 0.5 - 0.11, 1 - 0.22]
    )
    assert list(line(ax, "training points").get_ydata()) == record.y_train[1]


def test_the_distances_are_drawn_with_their_intervals(ax):
    record = tikhonov_comparison()
    assert record.plot_distance(ax) is ax
    drawn = line(ax, "noise to penalty")
    assert list(drawn.get_xdata()) == [0.1, 0.2]
    assert list(drawn.get_ydata()) == pytest.approx([record.distance(s).mean() for s in (0.1, 0.2)])
    luck = line(ax, "noise to other noise, over √2")
    expected = [record.distance(s, method="other noise").mean() / np.sqrt(2) for s in (0.1, 0.2)]
    assert list(luck.get_ydata()) == pytest.approx(expected)
    assert len(ax.collections) == 3
    assert bands(ax)[1][:, 1].max() > record.distance(0.2).mean()


def test_a_function_of_several_inputs_is_not_drawn(ax):
    with pytest.raises(InvalidInput) as caught:
        tikhonov_comparison(inputs=2).plot_functions(ax)
    assert str(caught.value) == "Only a function of one feature can be drawn; received inputs with 2."
