import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kerasreg.checks import InvalidInput
from kerasreg.experiments import Overtraining, PatienceReplay, StoppingRule
from kerasreg.plotting.axes import VERMILION


def overtrained(*, epochs=30, metric="mse", irreducible_error=0.5, validation=True):
    random = np.random.default_rng(0)
    bowl = 1 + 0.01 * (np.arange(1, epochs + 1) - epochs / 3) ** 2 / (epochs / 30) ** 2
    parts = ("train", "validation", "test") if validation else ("train", "test")
    curves = {
        part: {
            "mse": (errors := bowl + random.normal(0, 0.05, size=(4, epochs))).tolist(),
            "accuracy": (1 - errors / 10).tolist(),
        }
        for part in parts
    }
    return Overtraining(
        name="made up",
        metric=metric,
        curves=curves,
        modes={"mse": "min", "accuracy": "max"},
        num_rows={"train": 10, "validation": 8 * validation, "test": 100},
        batch_size=4,
        fresh_data=True,
        irreducible_error=irreducible_error,
        twin_difference=0.0 if validation else None,
        seed=0,
        seconds=1.0,
    )


def replayed(patiences=(1, 5, 25), min_deltas=(0.0, 0.1)):
    """Rules whose mean regret is 1 / patience + min_delta, and which train twice their patience."""
    rules = tuple(
        StoppingRule(
            monitor=monitor,
            min_delta=delta,
            patience=patience,
            chosen_epochs=[patience] * 3,
            trained_epochs=[2 * patience] * 3,
            stopped=[True, True, patience < 25],
            regrets=[factor / patience + delta for factor in (0.5, 1.0, 1.5)],
        )
        for monitor in ("val_mse", "val_accuracy")
        for delta in min_deltas
        for patience in patiences
    )
    return PatienceReplay(
        name="made up", metric="mse", epochs=60, repeats=[0, 1, 2], rules=rules, regrets_at_end=[1, 2, 3]
    )


@pytest.fixture
def pair() -> tuple[Axes, Axes]:
    return tuple(Figure(layout="constrained").subplots(1, 2))


def lines(ax: Axes) -> dict:
    return {line.get_label(): line for line in ax.lines}


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_each_part_is_its_mean_in_a_band_of_its_interval(ax):
    record = overtrained()
    assert record.plot(ax) is ax
    bands = [each for each in ax.collections if isinstance(each, PolyCollection)]
    for part, words, band in zip(
        ("train", "validation", "test"), ("training", "validation", "test"), bands, strict=True
    ):
        mean, low, high = record.band(part)
        drawn = lines(ax)[words]
        assert list(drawn.get_ydata()) == pytest.approx(mean)
        assert list(drawn.get_xdata()) == list(range(1, 31))
        corners = band.get_paths()[0].vertices
        for epoch in (1, 30):
            ends = corners[corners[:, 0] == epoch, 1]
            assert (ends.min(), ends.max()) == pytest.approx((low[epoch - 1], high[epoch - 1]))


def test_the_optimum_and_each_networks_own_are_marked(ax):
    record = overtrained()
    record.plot(ax)
    star, dots = lines(ax)["optimum of the mean"], lines(ax)["each network's optimum"]
    assert (star.get_xdata()[0], star.get_ydata()[0]) == record.optimum()
    epochs, errors = record.optima()
    assert list(dots.get_xdata()) == epochs.tolist()
    assert list(dots.get_ydata()) == errors.tolist()


def test_the_irreducible_error_is_a_dashed_line_within_sight(ax):
    overtrained(irreducible_error=0.04).plot(ax)
    line = lines(ax)["irreducible error"]
    assert list(line.get_ydata()) == [0.04, 0.04]
    assert line.is_dashed()
    assert ax.get_ylim()[0] < 0.04


def test_it_is_left_out_where_it_is_not_known_or_of_another_metric(ax):
    overtrained(irreducible_error=None).plot(ax)
    overtrained().plot(ax, metric="accuracy")
    assert "irreducible error" not in lines(ax)


def test_without_validation_rows_there_is_no_such_curve(ax):
    overtrained(validation=False).plot(ax)
    assert "validation" not in lines(ax)


def test_the_axes_are_labeled_with_what_an_epoch_is(ax):
    overtrained().plot(ax)
    assert ax.get_xlabel() == "epoch (of 3 updates)"
    assert ax.get_ylabel() == "mean squared error"
    assert ax.get_xscale() == "linear"


def test_long_trainings_have_a_logarithmic_axis(ax):
    overtrained(epochs=300).plot(ax)
    assert ax.get_xscale() == "log"


def test_a_training_error_near_zero_does_not_press_the_optimum_flat(ax):
    record = overtrained(irreducible_error=None)
    record.curves["train"]["mse"] = [[10.0 ** -(epoch / 5) for epoch in range(30)]] * 4
    record.plot(ax)
    assert ax.get_yscale() == "log"
    least = np.min(record.curves["test"]["mse"])
    assert ax.get_ylim()[0] == pytest.approx(least / 4)


def test_accuracy_counts_in_percent_and_its_optimum_is_within_sight(ax):
    record = overtrained(metric="accuracy", irreducible_error=None)
    record.plot(ax)
    low, high = ax.get_ylim()
    assert low < record.optimum()[1] < high
    assert ax.yaxis.get_major_formatter()(0.5, 0) == "50 %"


def test_a_metric_without_a_name_for_its_axis_is_refused():
    with pytest.raises(InvalidInput) as error:
        overtrained().plot(metric="loss")
    assert str(error.value) == "metric must be one of 'mse', 'accuracy'; received 'loss'."


def test_the_heat_maps_hold_mean_regret_and_cost(pair):
    replay = replayed()
    assert replay.plot(pair) == pair
    regret, cost = replay.grid("val_mse")
    assert pair[0].images[0].get_array().tolist() == regret.tolist()
    assert pair[1].images[0].get_array().tolist() == cost.tolist()
    assert texts(pair[0]) == ["1", "0.2", "0.04", "1.1", "0.3", "0.14"]
    assert [tick.get_text() for tick in pair[0].get_xticklabels()] == ["1", "5", "25"]
    assert [tick.get_text() for tick in pair[0].get_yticklabels()] == ["0", "0.1"]


def test_a_cost_that_the_record_was_too_short_for_has_a_plus(pair):
    replayed().plot(pair)
    assert texts(pair[1]) == ["2", "10", "50+", "2", "10", "50+"]


def test_the_least_regret_is_framed_in_both(pair):
    replayed().plot(pair, monitor="val_accuracy")
    for ax in pair:
        (frame,) = [each for each in ax.patches if isinstance(each, Rectangle)]
        assert frame.get_xy() == (1.5, -0.5)  # patience 25, min_delta 0
        assert frame.get_edgecolor()[:3] == pytest.approx(
            [int(VERMILION[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        )
    assert pair[0].get_ylabel() == "min_delta of val_accuracy"


def test_the_titles_say_what_the_numbers_are(pair):
    replayed().plot(pair)
    assert [ax.get_title() for ax in pair] == ["regret, test mean squared error", "cost (epochs)"]


def test_without_axes_two_are_made():
    from matplotlib import pyplot

    for axes in (replayed().plot(), (overtrained().plot(),)):
        assert all(isinstance(ax, Axes) for ax in axes)
        pyplot.close(axes[0].figure)


def test_what_cannot_be_drawn_is_refused(ax):
    with pytest.raises(InvalidInput) as error:
        replayed().plot(monitor="mse")
    assert str(error.value) == "monitor must be one of 'val_mse', 'val_accuracy'; received 'mse'."
    with pytest.raises(InvalidInput) as error:
        replayed().plot([ax])
    assert str(error.value) == "axes must be two Axes, for regret and for cost; received 1."
