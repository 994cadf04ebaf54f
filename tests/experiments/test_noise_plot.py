import pytest
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from tests.helpers.drawn import line
from tests.helpers.noise_comparisons import noise_comparison


def test_the_differences_over_the_strengths_are_drawn_in_percentage_points(ax):
    record = noise_comparison()
    assert record.plot([ax]) == [ax]
    drawn = line(ax, "dropout")
    assert list(drawn.get_xdata()) == [0.1, 0.5]
    assert list(drawn.get_ydata()) == pytest.approx([-5, -3])
    assert ax.get_ylabel() == "test error (percentage points), method minus none"
    assert ax.texts[0].get_text() == "70 training rows"


def test_the_chosen_strengths_stand_with_the_interval_of_the_fresh_runs(ax):
    record = noise_comparison()
    record.plot([ax])
    for container, row in zip(ax.containers, record.comparisons(), strict=True):
        marker, _, bars = container
        assert marker.get_xdata()[0] == pytest.approx(row["strength"], abs=0.01)  # moved aside
        low, high = bars[0].get_segments()[0][:, 1]
        assert [low, high] == pytest.approx([100 * row["low"], 100 * row["high"]])


def test_every_size_has_a_panel_of_its_own_and_the_first_has_the_legend():
    axes = list(Figure().subplots(1, 2))
    noise_comparison(sizes=(100, 200)).plot(axes)
    labels = [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert labels == ["dropout", "input noise", "chosen, fresh runs"]
    assert axes[1].get_legend() is None
    assert axes[1].texts[0].get_text() == "140 training rows"


def test_a_method_that_diverged_has_no_mark(ax):
    noise_comparison(diverged=True).plot([ax])
    assert len(ax.containers) == 1


def test_as_many_axes_as_sizes_are_needed(ax):
    with pytest.raises(InvalidInput) as caught:
        noise_comparison().plot([ax, ax])
    assert str(caught.value) == "axes must hold one Axes for each of 1 sizes; received 2."
