"""A search's winner on fresh seeds and on test data, drawn."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.plotting import plot_test_scores
from tests.helpers.autoencoder_results import autoencoder_search
from tests.helpers.drawn import bands
from tests.helpers.search_results import digits_search, under_way


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
    expected = [
        stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values)) for values in columns[1:]
    ]
    if name == result.test["metric"]:  # the interval that the answer has, for new rows and new seeds
        expected[1] = result.test["interval_95"]
    for corners, ends in zip(bands(ax), expected, strict=True):
        assert (corners[:, 1].min(), corners[:, 1].max()) == pytest.approx(tuple(ends))
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


def test_the_mark_of_a_linear_model_is_a_dashed_line_beside_the_test_column(ax):
    result = autoencoder_search()
    marks = {"mean": {"scores": [0.9] * 5, "mean": 0.9}, "linear": {"scores": [0.03] * 5, "mean": 0.03}}
    plot_test_scores(replace(result, test=result.test | {"baselines": marks}), ax)
    (drawn,) = (line for line in ax.lines if line.get_linestyle() == "--")
    assert list(drawn.get_ydata()) == [0.03, 0.03]
    assert [text.get_text() for text in ax.texts] == ["linear model"]


def test_one_fresh_seed_has_no_band_over_seeds(ax):
    result = digits_search()
    plot_test_scores(replace(result, retraining=result.retraining[:1]), ax, metric="cross_entropy")
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
