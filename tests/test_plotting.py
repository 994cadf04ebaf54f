import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.plotting import plot_hyperparameter, plot_learning_curves, plot_search, plot_test_scores
from tests.search_results import all_failed, autoencoder_search, digits_search, under_way


@pytest.fixture
def ax() -> Axes:
    return Figure(layout="constrained").subplots()


def line(ax: Axes, label: str):
    return next(line for line in ax.lines if line.get_label() == label)


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def bands(ax: Axes) -> list[np.ndarray]:
    """The corners of each band, shape (corners, 2)."""
    kinds = [each for each in ax.collections if isinstance(each, PolyCollection)]
    return [each.get_paths()[0].vertices for each in kinds]


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
    colours = {line(ax, name).get_color() for name in names}
    assert len(colours) == 3


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
    [("units", ["32", "64", "128", "256"]), ("normalization", ["none", "layer", "batch"])],
)
def test_words_and_a_few_whole_numbers_are_categories_whose_points_stand_apart(ax, name, categories):
    result = digits_search()
    plot_hyperparameter(result, name, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == categories
    places = line(ax, "trial").get_xdata()
    values = [
        str(trial.hyperparameters[name])
        for trial in result.trials
        if trial.trial_id != result.winner["trial_id"]
    ]
    assert [categories[round(place)] for place in places] == values
    assert len(set(places)) == len(places)


def test_trials_without_the_hyperparameter_are_left_out(ax):
    result = digits_search()
    trials = [
        replace(trial, hyperparameters=trial.hyperparameters | {"units_2": 64 + number} if number % 2 else {})
        for number, trial in enumerate(result.trials)
    ]
    plot_hyperparameter(replace(result, trials=tuple(trials), winner=None), "units_2", ax=ax)
    assert list(line(ax, "trial").get_xdata()) == pytest.approx([0, 1, 2, 3, 4, 5])


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


@pytest.mark.parametrize("metric", [None, "cross_entropy"])
def test_fresh_seeds_stand_beside_the_search_with_students_interval(ax, metric):
    result = digits_search(folds=3)
    assert plot_test_scores(result, ax, metric=metric) is ax
    name = metric or "accuracy"
    winner = result.ranked()[0]
    columns = [
        [h[f"val_{name}"][e - 1] for h, e in zip(winner.history, winner.best_epoch, strict=True)],
        [run["history"][f"val_{name}"][run["best_epoch"] - 1] for run in result.retraining],
        [run["test"][name] for run in result.retraining],
    ]
    points, means = ax.lines[::2], ax.lines[1::2]
    assert [list(each.get_ydata()) for each in points] == columns
    assert [each.get_ydata()[0] for each in means] == pytest.approx([np.mean(values) for values in columns])
    for corners, values in zip(bands(ax), columns[1:], strict=True):
        ends = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (corners[:, 1].min(), corners[:, 1].max()) == pytest.approx(ends)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["search,\nvalidation", "fresh seeds,\nvalidation", "fresh seeds,\ntest"]


def test_what_pca_comes_to_is_a_dashed_line_in_the_tests_column(ax):
    result = autoencoder_search()
    mark = {"components": 16, "scores": [0.02] * 5, "mean": 0.02}
    plot_test_scores(replace(result, test=result.test | {"pca": mark}), ax)
    (drawn,) = (line for line in ax.lines if line.get_linestyle() == "--")
    assert list(drawn.get_ydata()) == [0.02, 0.02]
    assert min(drawn.get_xdata()) > 1.5
    assert [text.get_text() for text in ax.texts] == ["PCA with 16"]


def test_one_fresh_seed_has_no_band(ax):
    result = digits_search()
    plot_test_scores(replace(result, retraining=result.retraining[:1]), ax)
    assert bands(ax) == []


def test_a_network_without_a_finite_metric_is_left_out_of_the_test_scores(ax):
    result = digits_search()
    runs = [dict(run) for run in result.retraining]
    runs[0]["test"] = {"cross_entropy": None, "accuracy": 0.1, "loss": None}
    runs[1]["test"] = {"cross_entropy": float("inf"), "accuracy": 0.1, "loss": None}
    plot_test_scores(replace(result, retraining=tuple(runs)), ax, metric="cross_entropy")
    assert list(ax.lines[4].get_ydata()) == [run["test"]["cross_entropy"] for run in runs[2:]]


def test_test_scores_need_a_test():
    message = "The search has no test scores yet: they are taken once, when it has ended."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot_test_scores(under_way())


def test_test_scores_refuse_a_metric_that_was_not_tested():
    message = "metric must be one of 'cross_entropy', 'accuracy'; received 'mse'."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot_test_scores(digits_search(), metric="mse")


def test_without_axes_a_figure_that_a_notebook_shows_is_made():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    ax = plot_search(digits_search())
    assert len(pyplot.get_fignums()) == len(before) + 1
    assert pyplot.gcf() is ax.figure
    pyplot.close(ax.figure)
