"""What is reported of the fresh networks, and of the steps between the search's score and the test."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import confusion_matrix, recall_score

from kerasreg import noisy_parabola
from kerasreg.crossed_intervals import MeanSquares, accuracy_interval, error_interval
from kerasreg.records import Split, TrialRecord
from kerasreg.tune.settings import SearchSettings
from kerasreg.tune.tested import by_class, score_gaps, summarize_test
from tests.helpers.small import small_digits


def winner(score, hyperparameters=None):
    """Returns a trial with this score."""
    return TrialRecord(trial_id="0", status="completed", hyperparameters=hyperparameters or {}, score=score)


def entries(validation, test, metric="cross_entropy"):
    """Returns retraining entries with these validation scores and test values."""
    return [
        {"validation_score": before, "test": {metric: after}}
        for before, after in zip(validation, test, strict=True)
    ]


def unbalanced() -> Split:
    """Rows of three classes, the last of them rare: 60, 30 and 2 of the test rows."""
    rng = np.random.default_rng(0)
    classes = np.repeat([0, 1, 2], [60, 30, 2])
    rows = rng.normal(size=(3 * len(classes), 2))
    return Split.from_arrays(
        rows[: len(classes)],
        classes,
        x_validation=rows[len(classes) : -len(classes)],
        y_validation=classes,
        x_test=rows[-len(classes) :],
        y_test=classes,
    )


def test_the_interval_is_of_the_rows_that_each_network_has_right():
    split, rng = small_digits(), np.random.default_rng(0)
    predicted = np.where(rng.random((3, len(split.y_test))) < 0.9, split.y_test, (split.y_test + 1) % 10)
    right = predicted == split.y_test
    fresh = [
        {"test": {"accuracy": its_right.mean()}, "row_results": classes.tolist()}
        for its_right, classes in zip(right, predicted, strict=True)
    ]
    test = summarize_test(fresh, SearchSettings(model="mlp"), split)
    counts = [(right.sum(axis=0) == number).sum() for number in range(4)]
    assert test["rows_by_seeds_right"] == counts
    assert test["interval_95"] == accuracy_interval(right.sum(axis=1), counts)
    assert test["mean"] == pytest.approx(right.mean())
    assert test["sd"] == pytest.approx(np.std(right.mean(axis=1), ddof=1))


def test_the_interval_of_an_error_is_of_the_errors_by_seed_and_row():
    split = noisy_parabola(60, seed=0)
    errors = np.random.default_rng(0).gamma(2, 1, (3, len(split.x_test)))
    fresh = [{"test": {"mse": row.mean()}, "row_results": row.tolist()} for row in errors]
    test = summarize_test(fresh, SearchSettings(model="mlp", objective="mse"), split)
    squares = MeanSquares.of_values(errors)
    assert test["mean_squares"] == vars(squares)
    assert test["interval_95"] == pytest.approx(error_interval(errors.mean(), squares))


def test_a_fresh_network_that_diverged_is_not_averaged_away():
    split = noisy_parabola(60, seed=0)
    fresh = [
        {"validation_score": mse, "test": {"mse": mse}, "row_results": [mse] * len(split.x_test)}
        for mse in (0.1, None, 0.2)  # as JSON keeps NaN
    ]
    settings = SearchSettings(model="mlp", objective="mse")
    test = summarize_test(fresh, settings, split)
    assert [test[name] for name in ("mean", "sd", "interval_95")] == [None, None, None]
    assert score_gaps(winner(0.1), fresh, settings) == {
        "validation_minus_search": None,
        "test_minus_validation": None,
    }


def test_recall_and_confusion_are_scikit_learns():
    split, rng = unbalanced(), np.random.default_rng(1)
    predicted = rng.integers(0, 2, (4, len(split.y_test)))  # the rare class never
    found = by_class(predicted, split)
    truth = np.tile(split.y_test, 4)
    assert found["recall"] == pytest.approx(recall_score(truth, predicted.ravel(), average=None))
    assert found["confusion"] == confusion_matrix(truth, predicted.ravel()).tolist()
    assert found["predicted"] == [(predicted == 0).sum(), (predicted == 1).sum(), 0]
    assert found["rows"] == [60, 30, 2]
    assert found["majority"] == {"class": 0, "accuracy": pytest.approx(60 / 92)}


def test_the_first_step_is_the_prediction_interval_of_one_more_score():
    """Of n normal scores, one more lies within t s sqrt(1 / n + 1) of their mean."""
    validation, test = [0.12, 0.14, 0.13, 0.15, 0.11], [0.13, 0.16, 0.13, 0.17, 0.12]
    gaps = score_gaps(winner(0.1), entries(validation, test), SearchSettings(model="mlp"))
    first, second = gaps["validation_minus_search"], gaps["test_minus_validation"]
    half = stats.t.ppf(0.975, 4) * np.std(validation, ddof=1) * math.sqrt(1 / 5 + 1)
    assert first["difference"] == pytest.approx(0.03)
    assert first["interval_95"] == pytest.approx([0.03 - half, 0.03 + half])
    differences = np.subtract(test, validation)
    ends = stats.t.interval(0.95, 4, loc=differences.mean(), scale=stats.sem(differences))
    assert second["difference"] == pytest.approx(0.012)
    assert second["interval_95"] == pytest.approx(ends)


def test_the_first_step_contains_0_as_often_as_it_says_where_nothing_was_chosen():
    rng, contained = np.random.default_rng(0), 0
    for folds in (1, 3):
        settings = SearchSettings(model="mlp", folds=folds)
        for _ in range(500):
            score = rng.normal(0.3, 0.02, folds).mean()
            fresh = entries(rng.normal(0.3, 0.02, 5), [0.3] * 5)
            low, high = score_gaps(winner(score), fresh, settings)["validation_minus_search"]["interval_95"]
            contained += low <= 0 <= high
    assert contained / 1000 == pytest.approx(0.95, abs=0.02)  # three standard errors of 1,000 tries


def test_a_search_of_fewer_epochs_has_no_first_step():
    """A Hyperband trial of 2 epochs promises nothing about 50."""
    fresh, settings = entries((0.12, 0.14), (0.13, 0.13)), SearchSettings(model="mlp", epochs=50)
    gaps = score_gaps(winner(1.9, {"tuner/epochs": 2}), fresh, settings)
    assert gaps["validation_minus_search"] is None
    assert gaps["test_minus_validation"]["difference"] == pytest.approx(0)
    whole = score_gaps(winner(0.1, {"tuner/epochs": 50}), fresh, settings)
    assert whole["validation_minus_search"]["difference"] == pytest.approx(0.03)


@pytest.mark.parametrize("count", [1, 3])
def test_scores_without_a_spread_have_no_interval(count):
    fresh = entries([1.0] * count, [0.98] * count, "accuracy")
    gaps = score_gaps(winner(1.0), fresh, SearchSettings(model="mlp", objective="accuracy"))
    assert gaps["validation_minus_search"] == {"difference": 0, "interval_95": None}
    assert gaps["test_minus_validation"] == {"difference": pytest.approx(-0.02), "interval_95": None}
