"""The trials of a search, drawn."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.plotting import plot_hyperparameter, plot_search
from kerasreg.plotting.axes import label_metric
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.drawn import legend, line
from tests.helpers.search_results import all_failed, digits_search, under_way


@pytest.mark.parametrize(("objective", "better"), [("cross_entropy", min), ("accuracy", max)])
def test_the_search_is_its_scores_and_the_best_of_them_so_far(ax, objective, better):
    result = digits_search(objective=objective)
    assert plot_search(result, ax) is ax
    scores = [trial.score for trial in result.trials]
    known = [better(score for score in scores[: n + 1] if score is not None) for n in range(12)]
    assert line(ax, "best so far").get_ydata() == pytest.approx(known)
    drawn = line(ax, "trial").get_ydata()
    assert np.isnan(drawn[4])
    assert np.delete(drawn, 4) == pytest.approx([score for score in scores if score is not None])
    assert ax.get_xlabel() == "trial, in the order proposed"
    assert list(line(ax, "trial").get_xdata()) == [int(trial.trial_id) for trial in result.trials]


def test_a_trial_has_its_own_number_on_the_axis_while_others_are_still_training(ax):
    """As in the leaderboard, although fewer have ended."""
    result = under_way()
    plot_search(replace(result, trials=result.trials[2::2]), ax)
    assert list(line(ax, "trial").get_xdata()) == [3, 5, 7]


@pytest.mark.parametrize(("objective", "edge"), [("cross_entropy", 0.97), ("accuracy", 0.03)])
def test_a_failed_trial_is_a_tick_at_the_edge_of_the_bad_scores(ax, objective, edge):
    result = digits_search(objective=objective)
    for plot, place in ((plot_search, 5), (plot_hyperparameter, result.trials[4].hyperparameters["l2"])):
        axes = Figure().subplots()
        plot(result, *(["l2"] if plot is plot_hyperparameter else []), ax=axes)
        tick = line(axes, "failed")
        assert (list(tick.get_xdata()), list(tick.get_ydata())) == ([place], [edge])
        assert tick.get_transform() == axes.get_xaxis_transform()
        assert "failed" in legend(axes)


@pytest.mark.parametrize("result", [all_failed(), replace(under_way(), trials=())])
def test_a_search_that_completed_nothing_can_be_drawn(ax, result):
    plot_search(result, ax)
    ax.figure.draw_without_rendering()
    assert ax.get_ylabel() == "validation cross-entropy (nats)"
    label_metric(ax, "standardized_mse", "validation ")
    assert ax.get_ylabel() == "validation standardized mean\nsquared error"


def test_the_winner_is_a_star_at_its_value_and_score(ax):
    result = digits_search()
    assert plot_hyperparameter(result, "l2", ax=ax) is ax
    star = line(ax, "winner")
    assert star.get_marker() == "*"
    assert list(star.get_xdata()) == [result.winner["hyperparameters"]["l2"]]
    assert list(star.get_ydata()) == [result.winner["score"]]
    assert len(line(ax, "trial").get_xdata()) == 11
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("l2", "validation cross-entropy (nats)")


def test_without_winner_and_failures_no_legend_is_needed(ax):
    result = replace(autoencoder_search(), winner=None)
    assert plot_hyperparameter(result, "noise_std", ax=ax).get_legend() is None


@pytest.mark.parametrize(
    ("result", "name", "scale"),
    [
        (digits_search(), "l2", "log"),
        (digits_search(), "dropout", "linear"),
        (autoencoder_search(), "l1", "symlog"),
        (digits_search(), "l1", "linear"),
    ],
)
def test_penalties_over_decades_have_a_logarithmic_axis_with_a_place_for_zero(ax, result, name, scale):
    assert plot_hyperparameter(result, name, ax=ax).get_xscale() == scale
    places = np.concatenate([np.ravel(each.get_xdata()) for each in ax.lines])
    ax.figure.draw_without_rendering()
    assert ax.get_xlim()[0] <= places.min()


@pytest.mark.parametrize(
    ("name", "categories"),
    [("units", ["32", "64", "128", "256"]), ("normalization", ["none", "batch", "layer"])],
)
def test_words_and_a_few_whole_numbers_are_categories_whose_points_stand_at_their_values(
    ax, name, categories
):
    result = digits_search()
    plot_hyperparameter(result, name, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == categories
    places = line(ax, "trial").get_xdata()
    values = [
        str(trial.hyperparameters[name])
        for trial in result.trials
        if trial.trial_id != result.winner["trial_id"]
    ]
    assert [categories[int(place)] for place in places] == values
    assert set(places) <= set(ax.get_xticks())


def searched(name, span):
    result = digits_search()
    return replace(result, settings=result.settings | {"space": {name: span}})


def test_the_axis_shows_all_that_was_searched(ax):
    span = {"kind": "Real", "low": 1e-8, "high": 0.1, "log": True}
    plot_hyperparameter(searched("l2", span), "l2", ax=ax)
    low, high = ax.get_xlim()
    assert low < 1e-8 < 0.1 < high
    assert ax.get_xscale() == "log"


def test_sizes_that_no_trial_drew_have_their_place(ax):
    span = {"kind": "OneOf", "values": [16, 32, 64, 128, 256]}
    plot_hyperparameter(searched("units", span), "units", ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["16", "32", "64", "128", "256"]


def test_values_outside_the_recorded_range_are_drawn_all_the_same(ax):
    span = {"kind": "Real", "low": 0.1, "high": 0.2, "log": False}
    plot_hyperparameter(searched("dropout", span), "dropout", ax=ax)
    places = line(ax, "trial").get_xdata()
    assert ax.get_xlim()[0] <= min(places)
    assert max(places) <= ax.get_xlim()[1]


def test_trials_without_the_hyperparameter_are_left_out(ax):
    result = digits_search()
    trials = [
        replace(trial, hyperparameters=trial.hyperparameters | {"units_2": 64 + number} if number % 2 else {})
        for number, trial in enumerate(result.trials)
    ]
    plot_hyperparameter(replace(result, trials=tuple(trials), winner=None), "units_2", ax=ax)
    assert list(line(ax, "trial").get_xdata()) == [0, 1, 2, 3, 4, 5]


def test_a_hyperparameter_that_no_trial_has_is_refused():
    message = "name must be one of 'l2', 'units'; received 'l3'."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot_hyperparameter(all_failed(), "l3")


def test_names_with_dollars_and_great_length_are_plain_text(ax):
    name = "$\\frac$" + "x" * 100
    result = digits_search()
    trials = [replace(t, hyperparameters={name: f"{name}{t.trial_id[-1]}"}) for t in result.trials]
    plot_hyperparameter(replace(result, trials=tuple(trials)), name, ax=ax)
    ax.figure.draw_without_rendering()
    assert ax.get_xlabel() == name[:23] + "…"


def test_without_axes_a_figure_that_a_notebook_shows_is_made():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    ax = plot_search(digits_search())
    assert len(pyplot.get_fignums()) == len(before) + 1
    assert pyplot.gcf() is ax.figure
    pyplot.close(ax.figure)


def test_what_is_no_axes_is_refused():
    with pytest.raises(InvalidInput, match=r"^ax must be an Axes of matplotlib; received 'left'\.$"):
        plot_search(digits_search(), ax="left")
