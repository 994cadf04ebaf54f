import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.intervals import (
    exact_interval,
    geometric_interval,
    mean_interval,
    resampled_interval,
    wilson_interval,
)

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


def test_the_resampled_interval_covers_the_true_mean_as_often_as_it_says_where_students_does_not():
    # Under Nadeau and Bengio's assumption, scores correlated by the share of the rows that validate, it is
    # exact for normal scores.
    random, num_train, num_validation = np.random.default_rng(3), 70, 30
    correlation = num_validation / (num_train + num_validation)
    shared, own = random.normal(size=(2000, 1)), random.normal(size=(2000, 10))
    tries = 3.0 + np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    resampled = [
        resampled_interval(scores, num_train=num_train, num_validation=num_validation)[2] for scores in tries
    ]
    student = [mean_interval(scores)[2] for scores in tries]
    covered, covered_by_student = (
        np.mean([low <= 3.0 <= high for low, high in intervals]) for intervals in (resampled, student)
    )
    assert covered == pytest.approx(0.95, abs=0.015)  # three standard errors of 2,000 tries
    assert covered_by_student < 0.75


def test_with_hardly_any_validation_rows_the_resampled_interval_is_students():
    scores = [0.91, 0.95, 0.93, 0.96]
    mean, sd, interval = resampled_interval(scores, num_train=10**12, num_validation=1)
    assert (mean, sd) == mean_interval(scores)[:2]
    assert interval == pytest.approx(mean_interval(scores)[2], rel=1e-9)


@pytest.mark.parametrize(
    ("scores", "limits"), [([0.97, 0.99, 1.0], (0, 1)), ([0.01, 0.09, 0.2], (0, np.inf))]
)
def test_the_ends_lie_within_what_a_score_can_be(scores, limits):
    free = mean_interval(scores)[2]
    assert free[0] < limits[0] or free[1] > limits[1]
    assert mean_interval(scores, limits=limits)[2] == tuple(np.clip(free, *limits))
    rows = {"num_train": 70, "num_validation": 30}
    free = resampled_interval(scores, **rows)[2]
    assert resampled_interval(scores, **rows, limits=limits)[2] == tuple(np.clip(free, *limits))


def test_one_resampled_score_has_no_interval():
    with pytest.raises(InvalidInput) as error:
        resampled_interval([0.9], num_train=90, num_validation=10)
    assert str(error.value) == "An interval for resampled scores needs at least two of them; received one."


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


@pytest.mark.parametrize(("count", "total"), [(0, 4), (4, 4), (3, 7), (1, 1), (18, 20)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_exact_interval_is_scipys(count, total, confidence):
    expected = stats.binomtest(count, total).proportion_ci(confidence, method="exact")
    assert exact_interval(count, total, confidence=confidence) == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


def test_more_than_all_is_refused():
    with pytest.raises(InvalidInput) as error:
        exact_interval(5, 4)
    assert str(error.value) == "count must be at most total; received 5 and 4."


def test_the_geometric_interval_is_students_interval_of_the_logarithms_of_the_magnitudes():
    values = np.array([0.5, -2.0, 8.0])
    logarithms = np.log(np.abs(values))
    low, high = stats.t.interval(0.95, 2, logarithms.mean(), stats.sem(logarithms))
    expected = (stats.gmean(np.abs(values)), np.exp(low), np.exp(high))
    assert geometric_interval(np.array([*values, 0.0, np.nan, np.inf])) == pytest.approx(expected)


def test_the_geometric_interval_of_one_magnitude_has_no_ends_and_of_none_no_mean():
    assert geometric_interval(np.array([3.0, 0.0])) == pytest.approx((3.0, np.nan, np.nan), nan_ok=True)
    assert np.isnan(geometric_interval(np.array([0.0, np.nan]))).all()
