import math

import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments.comparison.pair import PairedDifferences
from kerasreg.intervals import resampled_interval

TOLERANCE = 1e-9  # both sides compute in double precision; SciPy's quantile is iterative
SMALL = (0.012, 0.008, 0.010, 0.011, 0.009)
MIXED = (0.02, -0.03, 0.01, -0.01, 0.02)


def pair(differences=SMALL, *, design="independent", metric="accuracy", margin=None, adjust=1, **options):
    """A pair whose p-values are adjusted as the worst of `adjust` pairs would be."""
    plain = PairedDifferences(
        first="A",
        second="B",
        metric=metric,
        design=design,
        differences=tuple(differences),
        num_train=700,
        num_scored=300,
        margin=margin,
        num_pairs=adjust,
        **options,
    )
    return PairedDifferences(
        **{
            **vars(plain),
            "p_adjusted": min(1.0, adjust * plain.p_value) if plain.sd > 0 else math.nan,
            "p_margin_adjusted": min(1.0, adjust * plain.p_margin) if plain.p_margin <= 1 else math.nan,
        }
    )


def test_independent_splits_have_the_interval_and_p_value_of_scipy():
    found = pair(MIXED)
    expected = stats.ttest_1samp(MIXED, 0)
    assert found.p_value == pytest.approx(expected.pvalue, rel=TOLERANCE)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()), rel=TOLERANCE)


def test_splits_that_share_rows_have_the_corrected_interval():
    found = pair(MIXED, design="resampled")
    assert found.interval == resampled_interval(MIXED, num_train=700, num_validation=300)[2]
    half = stats.t.ppf(0.975, 4) * np.std(MIXED, ddof=1) * math.sqrt(1 / 5 + 3 / 7)
    assert found.interval[1] - found.mean == pytest.approx(half, rel=TOLERANCE)


@pytest.mark.parametrize("design", ["resampled", "independent", "seeds"])
@pytest.mark.parametrize("seed", range(20))
def test_the_p_value_is_below_alpha_where_the_interval_leaves_out_zero(design, seed):
    found = pair(np.random.default_rng(seed).normal(0.01, 0.012, 6), design=design)
    low, high = found.interval
    assert (found.p_value < 0.05) == (low > 0 or high < 0)


@pytest.mark.parametrize("design", ["resampled", "independent"])
@pytest.mark.parametrize("seed", range(20))
def test_one_pair_is_equivalent_where_the_interval_lies_within_the_margin(design, seed):
    found = pair(np.random.default_rng(seed).normal(0.01, 0.012, 6), design=design, margin=0.03)
    low, high = found.interval
    assert (found.decision == "equivalent") == (low > -0.03 and high < 0.03)


def test_more_accuracy_is_better_and_more_error_is_worse():
    assert pair(SMALL).decision == "better"
    assert pair(SMALL, metric="mse").decision == "worse"
    assert pair([-value for value in SMALL]).decision == "worse"
    assert pair([-value for value in SMALL], metric="cross_entropy").decision == "better"


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (
            pair(SMALL),
            "A is better than B: A minus B is +1 percentage point (95 % interval +0.804 to +1.2; "
            "5 independent splits, paired t-test, p = 0.00015).",
        ),
        (
            pair(SMALL, metric="cross_entropy", design="resampled"),
            "B is better than A: A minus B is +0.01 nats (95 % interval +0.00652 to +0.0135; "
            "5 splits that share rows, corrected resampled t-test, p = 0.0013).",
        ),
        (
            pair(SMALL, design="seeds", margin=0.02),
            "On this split, A and B are equivalent within 2 percentage points: A minus B is "
            "+1 percentage point (95 % interval +0.804 to +1.2; 5 seeds, paired t-test, p = 0.00015).",
        ),
        (
            pair(MIXED, metric="mse", adjust=3),
            "No difference shown between A and B: A minus B is +0.002 of mean squared error (95 % interval "
            "-0.0249 to +0.0289 for this pair alone; 5 independent splits, paired t-test, p = 1 adjusted "
            "for 3 pairs). A true difference of 0.002 of mean squared error would take 1,233 such splits to "
            "show (power 80 %).",
        ),
        (
            pair(MIXED, design="seeds", margin=0.01),
            "On this split, no difference shown between A and B: A minus B is +0.2 percentage points "
            "(95 % interval -2.49 to +2.89; 5 seeds, paired t-test, p = 0.85). A true difference of "
            "1 percentage point would take 39 such seeds to show (power 80 %).",
        ),
        (
            pair(MIXED, design="resampled"),
            "No difference shown between A and B: A minus B is +0.2 percentage points (95 % interval -4.57 "
            "to +4.97; 5 splits that share rows, corrected resampled t-test, p = 0.91). A true difference of "
            "0.2 percentage points could not be shown with any number of such splits (power 80 %).",
        ),
        (
            pair([0.0] * 4),
            "No difference shown between A and B: they are equal in each of 4 splits, and there is no test "
            "without spread.",
        ),
        (
            pair([0.98 - 0.97, 0.96 - 0.95], design="seeds"),
            "No difference shown between A and B: they are +1 percentage point apart in each of 2 seeds, and "
            "there is no test without spread.",
        ),
        (
            pair([0.1, math.nan, 0.2]),
            "A and B cannot be compared: a network did not finish training in 1 of 3 splits.",
        ),
    ],
)
def test_the_verdict_says_in_a_sentence_what_is_shown(found, verdict):
    assert found.verdict() == verdict


def test_without_spread_there_is_no_interval_and_no_p_value():
    found = pair([0.01] * 3, margin=0.02)
    assert (found.interval, found.decision) == (None, "no difference shown")
    assert math.isnan(found.p_value)
    assert math.isnan(found.p_margin)


def test_a_diverged_training_leaves_the_pair_without_a_decision():
    found = pair([0.1, math.nan, 0.2], margin=0.5)
    assert (found.decision, found.num_missing, found.interval) == ("not comparable", 1, None)
    assert math.isnan(found.mean)
    with pytest.raises(InvalidInput) as error:
        found.splits_needed()
    assert str(error.value) == (
        "A and B cannot be compared: 1 of 3 differences are missing because networks did not finish training."
    )


def test_the_number_needed_grows_with_the_number_of_pairs_and_shrinks_with_the_difference():
    one, three = pair(MIXED), pair(MIXED, adjust=3)
    assert three.splits_needed() > one.splits_needed() > one.splits_needed(difference=0.01)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "f1"}, "metric must be one of 'accuracy', 'cross_entropy', 'mse'; received 'f1'."),
        ({"design": "x"}, "design must be one of 'resampled', 'independent', 'seeds'; received 'x'."),
        ({"margin": 0.0}, "margin must be a number above 0; received 0.0."),
        ({"confidence": 95}, "confidence must be a number above 0 and below 1; received 95."),
        ({"differences": (0.1,)}, "A comparison needs at least two differences; received (0.1,)."),
    ],
)
def test_what_cannot_be_used_is_refused(options, message):
    with pytest.raises(InvalidInput) as error:
        pair(**options)
    assert str(error.value) == message
