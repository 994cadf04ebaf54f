"""The learning curves of a search's best trials, drawn."""

import re
from dataclasses import replace

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.plotting import plot_learning_curves
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.drawn import bands, legend, line
from tests.helpers.search_results import all_failed, digits_search


def test_the_validation_curve_of_the_best_trial_is_its_history(ax):
    result = digits_search()
    best = result.ranked()[0]
    assert plot_learning_curves(result, ax=ax) is ax
    drawn = line(ax, f"trial {best.trial_id}, best")
    assert list(drawn.get_ydata()) == pytest.approx(best.history[0]["val_cross_entropy"])
    assert drawn.get_xdata()[0] == 1
    training = ax.lines[0]
    assert list(training.get_ydata()) == pytest.approx(best.history[0]["cross_entropy"])
    assert training.get_linestyle() == "--"
    assert training.get_linewidth() < drawn.get_linewidth()
    assert training.get_color() == drawn.get_color()


def test_the_chosen_epoch_of_every_drawn_trial_is_a_dot(ax):
    result = digits_search(folds=3)
    plot_learning_curves(result, num_trials=2, ax=ax)
    dots = [each for each in ax.lines if each.get_marker() == "o" and len(each.get_xdata())]
    expected = [(trial.best_epoch, trial.scores) for trial in result.ranked()[:2]]
    assert [(list(dot.get_xdata()), list(dot.get_ydata())) for dot in dots] == expected


def test_folds_are_drawn_as_their_mean_within_a_band(ax):
    result = digits_search(folds=3)
    best = result.ranked()[0]
    plot_learning_curves(result, num_trials=1, ax=ax)
    curves = [history["val_cross_entropy"] for history in best.history]
    shortest = min(map(len, curves))
    both = np.array([curve[:shortest] for curve in curves])
    drawn = list(line(ax, f"trial {best.trial_id}, best").get_ydata())
    assert drawn[:shortest] == pytest.approx(both.mean(axis=0))
    assert len(drawn) == max(map(len, curves))
    (corners,) = bands(ax)
    for epoch in (1, shortest):
        ends = corners[corners[:, 0] == epoch, 1]
        assert (ends.min(), ends.max()) == pytest.approx((both[:, epoch - 1].min(), both[:, epoch - 1].max()))


def test_one_network_a_trial_has_no_band(ax):
    assert bands(plot_learning_curves(digits_search(), ax=ax)) == []


def test_the_legend_of_the_curves_names_trials_best_first_and_then_the_styles(ax):
    result = digits_search()
    plot_learning_curves(result, num_trials=3, ax=ax)
    first, second, third = (trial.trial_id for trial in result.ranked()[:3])
    names = [f"trial {first}, best", f"trial {second}", f"trial {third}"]
    assert legend(ax) == [*names, "validation", "training", "chosen epoch"]
    colors = {line(ax, name).get_color() for name in names}
    assert len(colors) == 3


@pytest.mark.parametrize(
    ("result", "label", "scale"),
    [
        (digits_search(), "cross-entropy (nats)", "log"),
        (autoencoder_search(), "mean squared error", "log"),
        (digits_search(objective="accuracy"), "accuracy", "linear"),
    ],
)
def test_the_axes_say_what_they_measure(ax, result, label, scale):
    plot_learning_curves(result, ax=ax)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", label, scale)


def test_accuracies_are_told_in_percent_and_show_the_end_of_training(ax):
    result = digits_search(objective="accuracy")
    plot_learning_curves(result, num_trials=5, ax=ax)
    assert ax.yaxis.get_major_formatter()(0.975, 0) == "97.5 %"
    assert ax.get_ylim()[0] == pytest.approx(1 - 4 * (1 - result.ranked()[4].score))


def test_a_history_with_nan_is_drawn_with_a_gap(ax):
    result = digits_search()
    best = result.ranked()[0]
    curve = list(best.history[0]["val_cross_entropy"])
    curve[-1] = None
    history = [best.history[0] | {"val_cross_entropy": curve}]
    trials = [replace(trial, history=history) if trial is best else trial for trial in result.trials]
    plot_learning_curves(replace(result, trials=tuple(trials)), ax=ax)
    ax.figure.draw_without_rendering()
    drawn = line(ax, f"trial {best.trial_id}, best").get_path().vertices[:, 1]
    assert np.isnan(drawn[-1])
    assert list(drawn[:-1]) == curve[:-1]


def test_curves_need_a_completed_trial():
    message = "^The search has no completed trial yet, so there are no learning curves to draw\\.$"
    with pytest.raises(InvalidInput, match=message):
        plot_learning_curves(all_failed())


def test_curves_need_a_whole_number_of_trials():
    message = "num_trials must be a whole number of at least 1; received 0."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot_learning_curves(digits_search(), num_trials=0)
