import json

import numpy as np
import pytest

from kerasreg.experiments import EstimatorComparison
from kerasreg.records import FoldScores
from tests.helpers.refusing import refused


def made_up(errors, truth=1.0, *, spread=0.1):
    """Three folds around each truth plus its error."""
    folds = tuple(
        FoldScores(
            metric="mse",
            scores=(truth + error - spread, truth + error, truth + error + spread),
            train_rows=(20, 20, 20),
            validation_rows=(10, 10, 10),
        )
        for error in errors
    )
    return folds


def comparison(**errors):
    count = len(next(iter(errors.values())))
    folds = {name: made_up(values) for name, values in errors.items()}
    return EstimatorComparison(metric="mse", truths=(1.0,) * count, folds=folds, test_rows=(100,) * count)


def test_the_squared_error_is_bias_squared_and_variance():
    errors = np.random.default_rng(0).normal(0.2, 0.5, 40)
    result = comparison(a=errors)
    assert result.bias("a").value == pytest.approx(errors.mean())
    assert result.variance("a").value == pytest.approx(errors.var(ddof=1))
    total = errors.mean() ** 2 + errors.var(ddof=1) * 39 / 40
    assert result.mean_squared_error("a").value == pytest.approx(total)


def test_coverage_counts_the_intervals_that_hold_the_truth():
    # The SD is 0.1 and t is 4.30: Student's half width is 4.30 * 0.1 / sqrt(3) = 0.248, the corrected one
    # 4.30 * 0.1 * sqrt(1 / 3 + 10 / 20) = 0.393.
    result = comparison(a=[0.0, 0.2, 0.3, -0.3, 0.5])
    assert result.coverage("a", "student").value == pytest.approx(2 / 5)
    assert result.coverage("a").value == pytest.approx(4 / 5)
    assert result.coverage("a", "wilson") is None


def test_the_coverage_of_the_mean_of_independent_normals_is_what_student_promises():
    rng = np.random.default_rng(1)
    folds = tuple(
        FoldScores(metric="mse", scores=tuple(row), train_rows=(90,) * 5, validation_rows=(10,) * 5)
        for row in rng.normal(1, 0.3, (2000, 5))
    )
    result = EstimatorComparison(
        metric="mse", truths=(1.0,) * 2000, folds={"a": folds}, test_rows=(100,) * 2000
    )
    low, high = result.coverage("a", "student").interval
    assert low < 0.95 < high


def test_sentences_say_no_more_than_the_intervals():
    noise = np.random.default_rng(2).normal(0, 0.1, 30)
    alike = comparison(a=noise, b=noise[::-1] * 1.01).summary().split("\n")[0]
    assert alike.startswith("No difference shown between b and a: mean squared error ")
    worse, other, choice, *schemes, last = comparison(a=noise, b=noise + 2, c=noise - 2).summary().split("\n")
    assert worse == "b is worse than a: mean squared error 3.97 (3.82 to 4.12) higher."
    assert other.startswith("c is worse than a: mean squared error ")
    assert choice == (
        "a has the lowest mean squared error here; these intervals are not adjusted for that choice."
    )
    for scheme, shown in zip(
        schemes, ("none shown", "too high on average", "too low on average"), strict=True
    ):
        assert f"), {shown}; mean squared error " in scheme
    assert last == (
        "Estimates of the mse on 30 data sets, mean true value 1. Bias is the mean of estimate minus true "
        "value. Brackets: 95 % intervals over the data sets."
    )


def test_the_line_of_a_scheme_has_every_number():
    assert comparison(a=[0.0, 0.2, 0.3, -0.3, 0.5]).summary().split("\n")[0] == (
        "a: bias 0.14 (-0.239 to 0.519), none shown; mean squared error 0.094 (0 to 0.212); corrected "
        "95 % intervals contain the true value in 80 % (38 % to 96 %); Student's 95 % intervals contain the "
        "true value in 40 % (12 % to 77 %)."
    )
    alone = comparison(a=[0.5]).summary()
    assert alone.startswith("a: bias 0.5; mean squared error 0.25; ")
    assert "\nEstimates of the mse on 1 data set, mean true value 1." in alone


def test_a_data_set_that_was_interrupted_is_left_out():
    errors = [0.0, 0.2, 0.3, -0.3, 0.5]
    whole, cut = comparison(a=errors), comparison(a=[*errors, 9.0])
    truths = (*cut.truths[:5], float("nan"))
    cut = EstimatorComparison(**{**vars(cut), "truths": truths, "interrupted": True})
    assert cut.bias("a") == whole.bias("a")
    assert cut.variance("a") == whole.variance("a")
    assert cut.coverage("a") == whole.coverage("a")
    assert cut.summary().split("\n")[1:] == whole.summary().split("\n")


def test_the_shift_of_two_schemes_is_told_with_what_it_shows():
    noise = np.random.default_rng(2).normal(0, 0.1, 30)
    result = comparison(a=noise, b=noise + np.linspace(1.9, 2.1, 30))
    assert result.shift_verdict("b", "a") == (
        "b gives higher estimates than a: b minus a is 2 on average in the estimated mse (95 % interval 1.98 "
        "to 2.02, 30 data sets)."
    )
    assert result.shift_verdict("a", "b").startswith("a gives lower estimates than b: ")
    alike = comparison(a=noise, b=noise[::-1]).shift_verdict("a", "b")
    assert alike.startswith("No difference shown between a and b: ")
    assert comparison(a=[0.5], b=[0.0]).shift_verdict("a", "b") == (
        "Nothing is shown by fewer than two data sets: a minus b is 0.5 on average in the estimated mse."
    )


def test_one_split_has_a_score_and_no_spread():
    scores = FoldScores(metric="mse", scores=(0.5,), train_rows=(7,), validation_rows=(3,))
    assert (scores.mean, scores.sd, scores.interval(), scores.interval("student")) == (0.5, None, None, None)
    assert scores.summary() == "One split: mse 0.5; a single score says nothing about its spread."
    accuracy = FoldScores(metric="accuracy", scores=(0.5,), train_rows=(7,), validation_rows=(10,))
    assert accuracy.interval("wilson") == pytest.approx((0.2366, 0.7634), abs=1e-4)  # Wilson 1927, 5 of 10


def test_the_summary_of_folds_has_mean_spread_and_interval():
    (scores,) = made_up([0.0])
    expected = "Mean mse over 3 splits: 1 (SD 0.1, corrected 95 % interval 0.6072 to 1.393)."
    assert scores.summary() == expected
    assert FoldScores.from_dict(json.loads(json.dumps(scores.to_dict()))) == scores
    assert len(scores.to_frame()) == 3


def test_records_whose_parts_do_not_match_are_refused():
    refused(
        "scores, train_rows and validation_rows must have one entry for each split, at least one; "
        "received 1, 2 and 1.",
        lambda: FoldScores(metric="mse", scores=(1.0,), train_rows=(1, 2), validation_rows=(1,)),
    )
    refused(
        "The scheme 'a' has 1 data sets and there are 2 truths; they must be equally many.",
        lambda: EstimatorComparison(
            metric="mse", truths=(1.0, 1.0), folds={"a": made_up([0.0])}, test_rows=(1, 1)
        ),
    )


@pytest.mark.parametrize("kind", ["corrected", "student"])
def test_an_interval_of_accuracies_stays_within_0_and_1(kind):
    scores = FoldScores(
        metric="accuracy", scores=(0.97, 1.0, 1.0), train_rows=(70,) * 3, validation_rows=(30,) * 3
    )
    low, high = scores.interval(kind)
    assert low < scores.mean < high == 1
