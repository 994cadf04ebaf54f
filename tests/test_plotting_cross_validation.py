"""The pictures of validation, without any training."""

import numpy as np
import pytest

from kerasreg.plotting.cross_validation import (
    plot_coverage,
    plot_duplicate_harm,
    plot_estimator_errors,
    plot_optimism,
)
from kerasreg.records.cross_validation import EstimatorComparison
from kerasreg.records.duplicate_harm import DuplicateHarm
from kerasreg.records.fold_scores import FoldScores
from kerasreg.records.nested_selection import NestedSelection


def folds_of(scores, metric="mse"):
    count = len(scores)
    return FoldScores(
        metric=metric, scores=tuple(scores), train_rows=(20,) * count, validation_rows=(10,) * count
    )


def estimates(metric="mse", count=12):
    rng = np.random.default_rng(0)
    folds = {
        "hold-out": tuple(folds_of([score], metric) for score in rng.uniform(0.3, 0.7, count)),
        "3-fold": tuple(folds_of(scores, metric) for scores in rng.uniform(0.4, 0.6, (count, 3))),
    }
    return EstimatorComparison(metric=metric, truths=(0.5,) * count, folds=folds, test_rows=(100,) * count)


def drawn(ax, label):
    (line,) = (line for line in ax.lines if line.get_label() == label)
    return line


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_dots_are_the_errors_and_the_diamond_is_the_bias(ax):
    result = estimates()
    assert plot_estimator_errors(result, ax=ax) is ax
    assert drawn(ax, "data set").get_ydata() == pytest.approx(result.errors("hold-out"))
    diamonds = [bars.lines[0].get_ydata()[0] for bars in ax.containers]
    assert diamonds == pytest.approx([result.bias(scheme).value for scheme in result.schemes])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["hold-out", "3-fold"]
    assert ax.get_ylabel() == "estimate less truth: mean squared error"
    assert names(ax) == ["data set", "bias, 95 % interval"]


def test_a_wild_error_is_told_and_does_not_press_the_rest_flat(ax):
    result = estimates(count=100)
    rows = (folds_of([90.0]), *result.folds["hold-out"][1:])
    folds = result.folds | {"hold-out": rows}
    plot_estimator_errors(
        EstimatorComparison(metric="mse", truths=result.truths, folds=folds, test_rows=result.test_rows),
        ax=ax,
    )
    assert ax.get_ylim()[1] < 2
    assert [text.get_text() for text in ax.texts] == ["1 of 200 beyond the edge"]


def test_coverage_is_drawn_for_every_interval_there_is(ax):
    result = estimates(metric="accuracy")
    plot_coverage(result, ax=ax)
    assert names(ax) == ["promised", "corrected", "Student's", "Wilson's, one division"]
    corrected, student, wilson = (bars.lines[0].get_xydata()[0] for bars in ax.containers)
    assert corrected == pytest.approx((1 - 0.12, result.coverage("3-fold").value))
    assert student == pytest.approx((1 + 0.12, result.coverage("3-fold", "student").value))
    assert wilson == pytest.approx((0, result.coverage("hold-out", "wilson").value))


def test_a_scheme_without_an_interval_says_so(ax):
    plot_coverage(estimates(), ax=ax)
    assert [(text.get_position()[0], text.get_text()) for text in ax.texts] == [(0, "no interval")]


def test_optimism_is_drawn_against_the_number_of_candidates(ax):
    rng = np.random.default_rng(0)
    result = NestedSelection(
        metric="mse",
        mode="min",
        candidates=("a", "b", "c"),
        inner=tuple(tuple(map(tuple, row)) for row in rng.normal(size=(6, 3, 2)).tolist()),
        outer=tuple(map(tuple, rng.normal(size=(6, 3)).tolist())),
        train_rows=(10,) * 6,
        validation_rows=(5,) * 6,
    )
    plot_optimism(result, ax=ax)
    line = drawn(ax, "optimism by choice")
    assert list(line.get_xdata()) == [2, 3]
    assert line.get_ydata() == pytest.approx([result.optimism_of_first(n)[0] for n in (2, 3)])
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "candidates to choose from",
        "too good by: mean squared error",
    )


def test_an_optimism_of_zero_by_construction_has_an_open_dot(ax):
    rng = np.random.default_rng(0)
    inner = rng.normal(size=(6, 3, 2)) + np.array([0, 50, 0])[:, None]
    inner[:3, 2] -= 50
    result = NestedSelection(
        metric="mse",
        mode="min",
        candidates=("a", "b", "c"),
        inner=tuple(tuple(map(tuple, row)) for row in inner.tolist()),
        outer=tuple(map(tuple, rng.normal(size=(6, 3)).tolist())),
        train_rows=(10,) * 6,
        validation_rows=(5,) * 6,
    )
    plot_optimism(result, ax=ax)
    dot = drawn(ax, "one always chosen")
    assert list(dot.get_xdata()) == [2]  # "a" of "a" and "b"; with "c" half of them choose "c"
    assert list(dot.get_ydata()) == pytest.approx([0])
    assert dot.get_markerfacecolor() == "white"


def test_folds_stand_beside_the_truth(ax):
    across, grouped = folds_of((0.9, 0.92, 0.94), "accuracy"), folds_of((0.7, 0.75, 0.8), "accuracy")
    result = DuplicateHarm(across=across, grouped=grouped, truths=(0.74, 0.76), mode="max", groups=9, rows=30)
    plot_duplicate_harm(result, ax=ax)
    assert list(drawn(ax, "test rows").get_ydata()) == pytest.approx([0.75, 0.75])
    assert drawn(ax, "fold").get_ydata() == pytest.approx(across.scores)
    assert [bars.lines[0].get_ydata()[0] for bars in ax.containers] == pytest.approx([0.92, 0.75])
    assert ax.yaxis.get_major_formatter()(0.75, 0) == "75 %"
