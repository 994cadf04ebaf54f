import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.intervals import mean_interval, wilson_interval

TOLERANCE = 1e-9  # both sides compute in double precision; SciPy's t quantile is iterative


@pytest.mark.parametrize("num_scores", [2, 5, 40])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_the_mean_interval_is_scipys_t_interval(num_scores, confidence):
    scores = np.random.default_rng(1).normal(0.9, 0.02, num_scores)
    mean, sd, interval = mean_interval(scores, confidence=confidence)
    expected = stats.t.interval(confidence, num_scores - 1, loc=scores.mean(), scale=stats.sem(scores))
    assert mean == pytest.approx(scores.mean(), rel=TOLERANCE)
    assert sd == pytest.approx(stats.tstd(scores), rel=TOLERANCE)
    assert interval == pytest.approx(expected, rel=TOLERANCE)


def test_a_single_score_has_a_mean_and_no_spread():
    assert mean_interval([0.9]) == (0.9, None, None)


def test_equal_scores_have_an_interval_of_no_width():
    assert mean_interval([0.5, 0.5, 0.5]) == (0.5, 0.0, (0.5, 0.5))


def test_the_mean_interval_covers_the_true_mean_as_often_as_it_says():
    random = np.random.default_rng(2)
    intervals = [mean_interval(random.normal(3.0, 1.0, 5))[2] for _ in range(2000)]
    covered = np.mean([low <= 3.0 <= high for low, high in intervals])
    assert covered == pytest.approx(0.95, abs=0.015)  # three standard errors of 2,000 tries


@pytest.mark.parametrize("scores", [[], [0.1, float("nan")], [[0.1, 0.2]]])
def test_scores_must_be_finite_numbers(scores):
    with pytest.raises(InvalidInput) as error:
        mean_interval(scores)
    assert str(error.value) == f"scores must be one or more finite numbers; received {scores!r}."


@pytest.mark.parametrize(("correct", "num_rows"), [(0, 10), (10, 10), (1, 1), (350, 360), (9123, 10_000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_wilson_interval_is_scipys(correct, num_rows, confidence):
    expected = stats.binomtest(correct, num_rows).proportion_ci(confidence, method="wilson")
    interval = wilson_interval(correct / num_rows, num_rows, confidence=confidence)
    assert interval == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_an_accuracy_in_percent_is_refused():
    with pytest.raises(InvalidInput) as error:
        wilson_interval(97, 360)
    assert str(error.value) == (
        "mean_accuracy must be a fraction of at most 1; received 97. Divide a percentage by 100."
    )


def test_a_confidence_must_be_a_fraction():
    with pytest.raises(InvalidInput) as error:
        wilson_interval(0.9, 100, confidence=95)
    assert str(error.value) == "confidence must be a number above 0 and below 1; received 95."


def test_an_accuracy_needs_rows_to_be_measured_on():
    with pytest.raises(InvalidInput) as error:
        wilson_interval(0.9, 0)
    assert str(error.value) == "num_rows must be a whole number of at least 1; received 0."
