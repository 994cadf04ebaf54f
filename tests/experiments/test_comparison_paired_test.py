from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments.comparison.paired_test import holm, power_of_test, splits_needed, t_test

TOLERANCE = 1e-9  # both sides compute in double precision; SciPy's functions are iterative


@pytest.mark.parametrize("count", [2, 5, 30])
@pytest.mark.parametrize("shift", [0.0, -0.3])
def test_without_shared_rows_it_is_scipys_paired_t_test(count, shift):
    random = np.random.default_rng(count)
    first, second = random.normal(0.9, 0.1, count), random.normal(0.85, 0.1, count)
    difference = first - second
    ours = t_test(difference.mean(), difference.std(ddof=1), count, against=shift)
    assert ours == pytest.approx(stats.ttest_rel(first - shift, second).pvalue, rel=TOLERANCE)


def test_with_shared_rows_it_is_the_formula_of_nadeau_and_bengio():
    difference = np.array([0.01, 0.03, -0.01, 0.02, 0.04])
    t = difference.mean() / np.sqrt((1 / 5 + 30 / 70) * difference.var(ddof=1))
    ours = t_test(difference.mean(), difference.std(ddof=1), 5, ratio=30 / 70)
    assert ours == pytest.approx(2 * stats.t.sf(t, 4), rel=TOLERANCE)


@pytest.fixture(scope="module")
def null_differences() -> np.ndarray:
    """Differences of ten splits of 60 rows, for 2,000 data sets where two models are equally good.

    The target is the sum of two features of one kind and noise; one model is the regression on the first
    feature, the other on the second. Each trains on 42 rows and is scored on the other 18.
    """
    random = np.random.default_rng(0)
    x = random.normal(size=(2000, 60, 2))
    y = x.sum(axis=2) + 0.5 * random.normal(size=(2000, 60))
    differences = []
    for _ in range(10):
        order = random.permutation(60)
        train, scored = order[:42], order[42:]
        slopes = (x[:, train] * y[:, train, None]).sum(axis=1) / (x[:, train] ** 2).sum(axis=1)
        errors = ((y[:, scored, None] - x[:, scored] * slopes[:, None]) ** 2).mean(axis=1)
        differences.append(errors[:, 0] - errors[:, 1])
    return np.array(differences).T


def false_calls(differences: np.ndarray, ratio: float) -> float:
    return float(
        np.mean([t_test(row.mean(), row.std(ddof=1), 10, ratio=ratio) < 0.05 for row in differences])
    )


def test_the_corrected_test_finds_a_difference_where_there_is_none_about_one_time_in_twenty(
    null_differences,
):
    # Standard error 0.005. The correction's correlation of 0.3 is a guess, so that 0.05 is not met exactly.
    assert 0.02 < false_calls(null_differences, 18 / 42) < 0.08


def test_the_naive_test_finds_it_several_times_too_often(null_differences):
    assert false_calls(null_differences, 0.0) > 0.2


def test_where_the_correlation_is_the_assumed_one_the_corrected_test_errs_as_often_as_it_says():
    random = np.random.default_rng(1)
    ratio = 3 / 7
    rho = ratio / (1 + ratio)
    rows = np.sqrt(rho) * random.normal(size=(4000, 1)) + np.sqrt(1 - rho) * random.normal(size=(4000, 10))
    assert false_calls(rows, ratio) == pytest.approx(0.05, abs=0.0105)  # three standard errors


@pytest.mark.parametrize(("count", "ratio"), [(4, 0.0), (10, 3 / 7), (30, 1 / 9)])
def test_the_power_is_how_often_simulated_differences_are_shown(count, ratio):
    random = np.random.default_rng(2)
    rho = ratio / (1 + ratio)
    common = np.sqrt(rho) * random.normal(size=(4000, 1))
    sd = np.sqrt(1 - rho)  # what the standard deviation within a data set estimates
    rows = 1.2 + common + sd * random.normal(size=(4000, count))
    shown = np.mean([t_test(row.mean(), row.std(ddof=1), count, ratio=ratio) < 0.05 for row in rows])
    expected = power_of_test(1.2, sd, count, ratio=ratio)
    assert shown == pytest.approx(expected, abs=0.024)  # three standard errors of 4,000 tries, at most


@pytest.mark.parametrize("count", [2, 5, 100, 100_000])
def test_the_power_grows_with_the_difference_from_alpha_to_one(count):
    differences = np.geomspace(1e-9, 1e9, 300)
    powers = [power_of_test(difference, 1.0, count, alpha=0.01) for difference in differences]
    assert powers[0] == pytest.approx(0.01, rel=1e-4)  # the difference is not quite 0
    assert powers[-1] == pytest.approx(1.0)
    assert (np.diff(powers) >= -1e-5).all()  # SciPy 1.13's noncentral t is good to about six digits


@pytest.mark.parametrize(("effect", "count"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_the_numbers_needed_are_those_of_the_published_tables(effect, count):
    # G*Power 3.1, t-test of matched pairs, two-sided, alpha 0.05, power 0.8.
    assert splits_needed(-effect, 1.0) == count


def test_the_number_needed_is_the_first_with_enough_power():
    options = {"ratio": 0.1, "alpha": 0.02}
    needed = splits_needed(0.03, 0.02, power=0.9, **options)
    powers = [power_of_test(0.03, 0.02, count, **options) for count in (needed - 1, needed)]
    assert powers[0] < 0.9 <= powers[1]


def test_a_difference_of_nothing_and_too_few_rows_need_no_number():
    assert splits_needed(0.0, 1.0) is None
    assert splits_needed(0.5, 1.0, ratio=3 / 7) is None
    assert splits_needed(0.5, 0.0) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"power": 1.0}, "power must be a number above 0 and below 1; received 1.0."),
        ({"alpha": 0.0}, "alpha must be a number above 0 and below 1; received 0.0."),
        ({"sd": -1.0}, "sd must be a number of at least 0; received -1.0."),
        ({"difference": float("nan")}, "difference must be a finite number; received nan."),
    ],
)
def test_what_cannot_be_used_is_refused(arguments, message):
    with pytest.raises(InvalidInput) as error:
        splits_needed(**{"difference": 0.1, "sd": 1.0, **arguments})
    assert str(error.value) == message


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_holms_adjustment_is_the_closed_test_with_bonferronis_in_every_set(count):
    # A hypothesis is rejected where Bonferroni rejects every set of hypotheses that it belongs to.
    p_values = np.random.default_rng(count).uniform(0, 0.4, count).tolist()
    sets = [chosen for size in range(1, count + 1) for chosen in combinations(range(count), size)]
    expected = [
        max(min(1, len(chosen) * min(p_values[one] for one in chosen)) for chosen in sets if index in chosen)
        for index in range(count)
    ]
    assert holm(p_values) == pytest.approx(expected, rel=1e-12)


def test_a_pair_without_a_p_value_counts_as_a_test_that_shows_nothing():
    assert holm([0.01, float("nan"), 0.02]) == pytest.approx([0.03, float("nan"), 0.04], nan_ok=True)
