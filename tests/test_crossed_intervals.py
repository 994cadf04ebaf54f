"""The interval for new rows and new seeds together: its coverage, its limits, its analysis of variance."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.interval_coverage import coverage, regression_coverage, simulated_counts, simulated_errors
from kerasreg.checks import InvalidInput
from kerasreg.crossed_intervals import (
    MeanSquares,
    accuracy_interval,
    error_interval,
    explained_interval,
    mid_p_interval,
)

# The tries of a case; three standard errors of a coverage of 0.95 are 0.033 then.
TRIES = 400


@pytest.mark.parametrize(
    ("accuracy", "num_rows", "num_seeds", "correlation", "spread"),
    [
        (0.5, 1000, 3, 0.3, 0.1),
        (0.8, 360, 5, 0.0, 0.1),
        (0.9, 360, 5, 0.6, 0.1),
        (0.95, 1000, 20, 0.9, 0.0),
        (0.95, 2000, 3, 0.6, 0.25),
        (0.995, 10_000, 3, 0.6, 0.1),
    ],
)
def test_it_holds_the_accuracy_of_new_networks_on_new_rows_as_often_as_it_says(
    accuracy, num_rows, num_seeds, correlation, spread
):
    """The whole table, of 576 cases and more tries each, is `python -m benchmarks.interval_coverage`."""
    covered = coverage(
        TRIES,
        accuracy=accuracy,
        num_rows=num_rows,
        num_seeds=num_seeds,
        correlation=correlation,
        spread=spread,
    )
    assert 0.93 - 0.033 <= covered <= 0.97 + 0.026  # 95 % ± 2, and three standard errors of either


@pytest.mark.parametrize(("num_rows", "num_seeds"), [(30, 3), (30, 20), (200, 5)])
def test_where_about_one_row_or_less_is_wrong_it_is_conservative(num_rows, num_seeds):
    """A count of few values has no interval of just 95 %: one value is left out altogether, or none is."""
    covered = coverage(
        200, accuracy=0.995, num_rows=num_rows, num_seeds=num_seeds, correlation=0.6, spread=0.1
    )
    assert covered >= 0.95


def test_students_and_wilsons_intervals_alone_cover_too_little():
    """Each knows one of the two chances; the same simulated tests show what that costs."""
    rng = np.random.default_rng(0)
    student = wilson = 0
    for _ in range(300):
        test = {"accuracy": 0.9, "num_rows": 500, "num_seeds": 5, "correlation": 0.6}
        scores = simulated_counts(rng, **test, spread=0.05)[0] / 500
        low, high = stats.t.interval(0.95, 4, loc=scores.mean(), scale=stats.sem(scores))
        student += low <= 0.9 <= high
        right = simulated_counts(rng, **test, spread=0.4)[0].mean()
        ends = stats.binomtest(round(right), 500).proportion_ci(method="wilson")
        wilson += ends.low <= 0.9 <= ends.high
    assert student < 0.75 * 300
    assert wilson < 0.88 * 300


@pytest.mark.parametrize("num_seeds", [1, 2, 3, 5, 20])
@pytest.mark.parametrize("num_rows", [1, 2, 30, 10_000])
def test_it_stays_within_0_and_1_and_is_never_a_point(num_seeds, num_rows):
    rng = np.random.default_rng(0)
    for share in (0.0, 0.5, 0.99, 1.0):
        right = rng.random((num_seeds, num_rows)) < share
        counts = np.bincount(right.sum(axis=0), minlength=num_seeds + 1)
        low, high = accuracy_interval(right.sum(axis=1), counts)
        assert 0 <= low < high <= 1
        assert low <= right.mean() <= high


def test_of_wrong_and_right_exchanged_it_is_the_mirror_image():
    low, high = accuracy_interval([96, 97, 98], [1, 1, 4, 94])
    mirrored = accuracy_interval([4, 3, 2], [94, 4, 1, 1])
    assert mirrored == pytest.approx((1 - high, 1 - low))


def test_of_seeds_that_err_on_other_rows_it_is_narrower_than_of_seeds_that_err_on_the_same():
    apart = accuracy_interval([900] * 5, [0, 0, 0, 0, 500, 500])
    alike = accuracy_interval([900] * 5, [100, 0, 0, 0, 0, 900])
    assert apart[1] - apart[0] < 0.6 * (alike[1] - alike[0])


def test_of_one_network_it_is_the_interval_of_its_rows():
    """Student's quantile of 999 degrees of freedom, not the normal one, makes it a little wider."""
    rows = 1000 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 999)) ** 2
    # For one network all rows' variance is shared, so that the pseudo-rows change nothing.
    assert accuracy_interval([900], [100, 900]) == pytest.approx(mid_p_interval(0.9 * rows, rows), abs=1e-4)


@pytest.mark.parametrize(("count", "total"), [(0, 9), (9, 9), (1, 30), (350, 360)])
def test_mid_p_counts_half_of_what_was_seen(count, total):
    low, high = mid_p_interval(count, total)

    def tail(share: float) -> float:  # more than `count`, and half of `count`
        return stats.binom.sf(count, total, share) + stats.binom.pmf(count, total, share) / 2

    assert (low, tail(low)) == pytest.approx((0, 0.5) if count == 0 else (low, 0.025))
    assert (high, tail(high)) == pytest.approx((1, 0.5) if count == total else (high, 0.975))


def test_the_mean_squares_of_counts_are_those_of_the_answers():
    right = np.random.default_rng(1).random((4, 50)) < 0.8
    counts = np.bincount(right.sum(axis=0), minlength=5)
    of_counts = MeanSquares.of_counts(right.sum(axis=1), counts)
    assert vars(of_counts) == pytest.approx(vars(MeanSquares.of_values(right.astype(float))))


def test_the_mean_squares_estimate_the_variances():
    """Over many tables their means are N a + e, S b + e and e."""
    rng, (seeds, rows), (a, b, e) = np.random.default_rng(2), (4, 9), (0.5, 2.0, 1.0)
    found = []
    for _ in range(4000):
        table = rng.normal(0, a**0.5, (seeds, 1)) + rng.normal(0, b**0.5, (1, rows))
        squares = MeanSquares.of_values(table + rng.normal(0, e**0.5, (seeds, rows)))
        found.append([squares.seeds, squares.rows, squares.residual])
    assert np.mean(found, axis=0) == pytest.approx([rows * a + e, seeds * b + e, e], rel=0.05)


def test_the_interval_of_an_error_holds_it_as_often_as_it_says_and_stays_above_0():
    """Squared normal residuals, partly the same for all networks; each network has a factor of its own."""
    rng, contained, lows = np.random.default_rng(3), 0, []
    for _ in range(600):
        shared = rng.normal(0, 0.8, 200)
        factor = rng.gamma(100, 1 / 100, (5, 1))
        errors = factor * (shared + rng.normal(0, 0.6, (5, 200))) ** 2
        low, high = error_interval(float(errors.mean()), MeanSquares.of_values(errors))
        contained += low <= 1.0 <= high
        lows.append(low)
    assert 0.93 - 0.027 <= contained / 600 <= 0.97 + 0.021  # 95 % ± 2, and three standard errors
    assert min(lows) > 0


@pytest.mark.parametrize(
    ("explained", "num_rows", "num_seeds", "correlation", "spread", "tails"),
    [
        (0.0, 100, 3, 0.3, 0.1, "normal"),
        (0.5, 300, 5, 0.6, 0.1, "heavy"),
        (0.9, 1000, 20, 0.9, 0.0, "normal"),
    ],
)
def test_the_intervals_of_rmse_and_r2_hold_them_as_often_as_they_say(
    explained, num_rows, num_seeds, correlation, spread, tails
):
    """The whole table is `python -m benchmarks.interval_coverage --of regression`."""
    covered = regression_coverage(
        TRIES,
        explained=explained,
        num_rows=num_rows,
        num_seeds=num_seeds,
        correlation=correlation,
        spread=spread,
        tails=tails,
    )
    for share in covered:
        assert 0.93 - 0.033 <= share <= 0.97 + 0.026  # 95 % ± 2, and three standard errors of either


def test_the_interval_of_r2_of_one_network_has_the_jackknifes_standard_error():
    """The jackknife leaves out each row in turn and knows of no linearization."""
    squares, targets = simulated_errors(
        np.random.default_rng(4),
        explained=0.6,
        num_rows=1500,
        num_seeds=1,
        correlation=0.5,
        spread=0.0,
        tails="normal",
    )
    others = [np.delete(np.arange(1500), row) for row in range(1500)]
    left = [squares[0, rows].mean() / targets[rows].var() for rows in others]
    error = np.sqrt(1499 / 1500 * np.sum((np.array(left) - np.mean(left)) ** 2))
    unexplained = squares.mean() / targets.var()
    factor = np.exp(stats.t.ppf(0.975, 1499) * error / unexplained)
    ends = explained_interval(squares[..., None], targets[:, None])
    assert ends == pytest.approx((1 - unexplained * factor, 1 - unexplained / factor), rel=1e-3)


def test_r2_of_several_targets_is_the_mean_of_their_own_whatever_their_units():
    rng = np.random.default_rng(5)
    squares, targets = rng.exponential(size=(4, 60, 2)), rng.normal(size=(60, 2))
    one = explained_interval(squares[..., :1], targets[:, :1])
    twice = explained_interval(
        np.repeat(squares[..., :1], 2, axis=2) * [1, 1e6], targets[:, [0, 0]] * [1, 1e3]
    )
    assert twice == pytest.approx(one)
    low, high = explained_interval(squares, targets)
    assert low < 1 - np.mean(squares.mean(axis=(0, 1)) / targets.var(axis=0)) < high < 1


def test_a_target_that_does_not_vary_has_no_share_of_variance():
    assert explained_interval(np.ones((2, 5, 1)), np.full((5, 1), 3.0)) is None


def test_of_no_error_at_all_the_interval_is_0():
    assert error_interval(0.0, MeanSquares.of_values(np.zeros((3, 4)))) == (0.0, 0.0)


def test_counts_that_contradict_each_other_are_refused():
    with pytest.raises(InvalidInput) as error:
        accuracy_interval([3, 4], [0, 1, 4])
    assert str(error.value) == (
        "rows_by_seeds_right must count the rows that 0, 1, … of the networks classified correctly, and so "
        "as many correct answers as right_by_seed; received [3, 4] and [0, 1, 4]."
    )
