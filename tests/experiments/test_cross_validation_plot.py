import numpy as np
import pytest

from kerasreg.experiments import EstimatorComparison
from kerasreg.records import FoldScores


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
    assert result.plot_errors(ax) is ax
    assert drawn(ax, "data set").get_ydata() == pytest.approx(result.errors("hold-out"))
    diamonds = [bars.lines[0].get_ydata()[0] for bars in ax.containers]
    assert diamonds == pytest.approx([result.bias(scheme).value for scheme in result.schemes])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["hold-out", "3-fold"]
    assert ax.get_ylabel() == "estimate minus true value:\nmean squared error"
    assert names(ax) == ["data set", "bias, 95 % interval"]


def test_a_wild_error_is_told_and_does_not_press_the_rest_flat(ax):
    result = estimates(count=100)
    rows = (folds_of([90.0]), *result.folds["hold-out"][1:])
    folds = result.folds | {"hold-out": rows}
    EstimatorComparison(
        metric="mse", truths=result.truths, folds=folds, test_rows=result.test_rows
    ).plot_errors(ax)
    assert ax.get_ylim()[1] < 2
    assert [text.get_text() for text in ax.texts] == ["1 of 200 beyond the edge"]


def test_coverage_is_drawn_for_every_interval_there_is(ax):
    result = estimates(metric="accuracy")
    result.plot_coverage(ax)
    assert names(ax) == ["nominal", "corrected", "Student's", "Wilson's, one split"]
    corrected, student, wilson = (bars.lines[0].get_xydata()[0] for bars in ax.containers)
    assert corrected == pytest.approx((1 - 0.12, result.coverage("3-fold").value))
    assert student == pytest.approx((1 + 0.12, result.coverage("3-fold", "student").value))
    assert wilson == pytest.approx((0, result.coverage("hold-out", "wilson").value))


def test_a_scheme_without_an_interval_says_so(ax):
    estimates().plot_coverage(ax)
    assert [(text.get_position()[0], text.get_text()) for text in ax.texts] == [(0, "no interval")]
