"""The report of regression says its error in the target's units and whether it beats the marks."""

from dataclasses import replace

import pytest

from kerasreg.report import against_marks, regression_errors
from tests.search_results import digits_search

S = "\N{NO-BREAK SPACE}"


def over_seeds(scores, interval):
    return {"scores": scores, "mean": sum(scores) / len(scores), "sd": 0.1, "interval_95": interval}


def regression(scores=(9.0, 11.0), linear=(20.0, 22.0), **columns):
    tested = {"mse": 10.0, "rmse": 3.1, "r2": 0.9, **columns}
    test = {
        "metric": "mse",
        "scores": list(scores),
        "mean": sum(scores) / len(scores),
        "sd": 1.4,
        "interval_95": [8.0, 12.0],
        "rmse": over_seeds([3.0, 3.2], [2.9, 3.3]),
        "r2": over_seeds([0.9, 0.8], [0.7, 1.0]),
        "baselines": {
            "mean": {"scores": [100.0, 100.0], "mean": 100.0},
            "linear": {"scores": list(linear), "mean": sum(linear) / len(linear)},
        },
    }
    return replace(digits_search(), test=test, retraining=({"test": tested}, {"test": tested}))


def test_the_error_is_in_the_targets_units():
    assert regression_errors(regression()) == (
        "The root mean squared error (RMSE), in the target's own units, is 3.10 "
        f"(95{S}% interval 2.90 to 3.30 over 2 fresh seeds, on these test rows). "
        "R² is 0.85: the share of the test targets' variance that it explains."
    )


def test_several_targets_have_an_error_each():
    assert regression_errors(regression(rmse_1=4.0, rmse_2=0.01)).startswith(
        "The root mean squared errors (RMSE) of the targets, each in its own units, are 4.00 and 0.0100 on "
        "average over 2 fresh seeds."
    )


def test_less_than_the_marks_is_told_with_the_interval():
    said = against_marks(regression(scores=(10.0, 10.1)))
    assert said.startswith(
        "The marks to beat, mean squared error on the same test rows: predicting the mean of the training "
        "targets has 100 (RMSE 10.0) and a linear model (ridge regression) has 21.0 (RMSE 4.58). The "
        f"network's error is 90.0{S}% less than the mean's (95{S}% interval"
    )
    assert "less than the linear model's (95" in said


def test_no_difference_and_more_than_a_mark_are_told():
    assert "than the linear model's on average, which shows no difference (95" in against_marks(
        regression(linear=(8.0, 12.5))
    )
    assert "more than the linear model's (95" in against_marks(regression((10.0, 10.1), linear=(5.0, 5.0)))


@pytest.mark.parametrize("say", [regression_errors, against_marks])
def test_other_searches_say_nothing_of_it(say):
    assert say(digits_search()) is None
