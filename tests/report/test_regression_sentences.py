"""The report of regression says its error in the target's units and whether it beats the marks."""

from dataclasses import replace

import pytest

from kerasreg.report import against_marks, regression_errors
from tests.helpers.search_results import digits_search

S = "\N{NO-BREAK SPACE}"


def mark(mean, difference, *ends):
    return {"scores": [mean, mean], "mean": mean, "difference": difference, "interval_95": list(ends)}


def regression(linear, by_target=()):
    tested = {"mse": 10.0, "rmse": 3.1, "r2": 0.9}
    test = {
        "metric": "mse",
        "scores": [9.0, 11.0],
        "mean": 10.0,
        "sd": 1.4,
        "interval_95": [8.41, 10.89],
        "rmse": {"scores": [3.0, 3.2], "mean": 3.1, "interval_95": [2.9, 3.3]},
        "r2": {"scores": [0.9, 0.8], "mean": 0.85, "interval_95": [0.7, 0.92]},
        "baselines": {"mean": mark(100.0, -90.0, -95.0, -85.0), "linear": linear},
    }
    if by_target:
        test["rmse_by_target"] = [
            {"scores": [mean, mean], "mean": mean, "interval_95": [mean / 2, 2 * mean]} for mean in by_target
        ]
    return replace(digits_search(), test=test, retraining=({"test": tested}, {"test": tested}))


BETTER, WORSE, ALIKE = mark(20.0, -10.0, -12.0, -8.0), mark(8.0, 2.0, 1.0, 3.0), mark(10.0, 0.0, -2.0, 2.0)


def test_the_error_is_in_the_targets_units():
    assert regression_errors(regression(BETTER)) == (
        "The root mean squared error (RMSE), in the target's own units, is 3.10 "
        f"(95{S}% interval 2.90 to 3.30). "
        f"R² is 0.850 (95{S}% interval 0.700 to 0.920): the share of the test targets' variance "
        "that it explains."
    )


def test_several_targets_have_an_error_each():
    assert regression_errors(regression(BETTER, (4.0, 0.01))) == (
        "The root mean squared errors (RMSE) of the targets, each in its own units, are 4.00 "
        f"(95{S}% interval 2.00 to 8.00) and 0.0100 (95{S}% interval 0.00500 to 0.0200). "
        f"R² is 0.850 (95{S}% interval 0.700 to 0.920): the share of the test targets' variance that it "
        "explains, in the mean over the targets."
    )
    assert regression_errors(regression(BETTER, range(1, 31))).startswith(
        "The root mean squared error (RMSE) of each of the 30 targets stands in results.json. R² is"
    )


def test_less_than_the_marks_is_told_with_the_interval():
    assert against_marks(regression(BETTER)) == (
        "The marks to beat, mean squared error on the same test rows: predicting the mean of the training "
        "targets has 100 (RMSE 10.0) and a linear model (ridge regression) has 20.0 (RMSE 4.47). The "
        f"network's error is 90.0{S}% less than the mean's (95{S}% interval 85.0 to 95.0{S}%) and 50.0{S}% "
        f"less than the linear model's (95{S}% interval 40.0 to 60.0{S}%); the intervals hold for new rows "
        "and new seeds."
    )


def test_the_marks_of_several_targets_are_standardized_as_their_error_is():
    several = regression(BETTER, (4.0, 0.01))
    several = replace(several, test=several.test | {"metric": "standardized_mse"})
    assert against_marks(several).startswith(
        "The marks to beat, standardized mean squared error on the same test rows: predicting the mean of "
        "the training targets has 100 and a linear model (ridge regression) has 20.0. The network's error is"
    )


def test_more_than_a_mark_and_no_difference_are_told():
    more = f"25.0{S}% more than the linear model's (95{S}% interval 12.5 to 37.5{S}%)"
    assert more in against_marks(regression(WORSE))
    same = (
        f"0.0{S}% more than the linear model's on average, which shows no difference (95{S}% interval -20.0"
    )
    assert same in against_marks(regression(ALIKE))


@pytest.mark.parametrize("say", [regression_errors, against_marks])
def test_other_searches_say_nothing_of_it(say):
    assert say(digits_search()) is None
