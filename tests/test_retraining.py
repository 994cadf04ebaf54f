"""What is reported of the fresh networks."""

import math

import pytest
from scipy import stats

from kerasreg.records import TrialRecord
from kerasreg.tune.retraining import best_of, selection_optimism, summarize_test
from kerasreg.tune.settings import SearchSettings

ACCURACIES = (0.95, 0.97, 0.96)


def entries(**metrics):
    """Returns retraining entries with these test metrics, one list a metric."""
    return tuple(
        {"test": dict(zip(metrics, values, strict=True))} for values in zip(*metrics.values(), strict=True)
    )


def winner(score, hyperparameters=None):
    """Returns a trial with this score."""
    return TrialRecord(trial_id="0", status="completed", hyperparameters=hyperparameters or {}, score=score)


def test_the_interval_is_students_over_the_fresh_seeds():
    summary = summarize_test(entries(accuracy=ACCURACIES), SearchSettings(model="mlp"), num_rows=100)
    expected = stats.t.interval(0.95, 2, loc=0.96, scale=stats.sem(ACCURACIES))
    assert summary["interval_95"] == pytest.approx(expected)
    assert summary["mean"] == pytest.approx(0.96)
    assert summary["sd"] == pytest.approx(0.01)
    wilson = stats.binomtest(96, 100).proportion_ci(method="wilson")
    assert summary["rows_interval_95"] == pytest.approx([wilson.low, wilson.high])


def test_optimism_is_positive_where_the_search_promised_too_much():
    by_loss = SearchSettings(model="mlp")
    assert selection_optimism(winner(0.1), entries(cross_entropy=(0.12, 0.14)), by_loss) == pytest.approx(
        0.03
    )
    by_accuracy = SearchSettings(model="mlp", objective="accuracy")
    assert selection_optimism(winner(0.98), entries(accuracy=(0.95, 0.97)), by_accuracy) == pytest.approx(
        0.02
    )


def test_there_is_no_optimism_where_the_search_trained_for_fewer_epochs():
    """A Hyperband trial of 2 epochs promises nothing about 50."""
    fresh, settings = entries(cross_entropy=(0.12, 0.14)), SearchSettings(model="mlp", epochs=50)
    assert selection_optimism(winner(1.9, {"tuner/epochs": 2}), fresh, settings) is None
    assert selection_optimism(winner(0.1, {"tuner/epochs": 50}), fresh, settings) == pytest.approx(0.03)


def test_a_fresh_network_that_diverged_is_not_averaged_away():
    settings = SearchSettings(model="mlp", objective="mse")
    fresh = entries(mse=(0.1, math.nan, 0.2))
    summary = summarize_test(fresh, settings, num_rows=100)
    assert [summary[name] for name in ("mean", "sd", "interval_95")] == [None, None, None]
    assert selection_optimism(winner(0.1), fresh, settings) is None


def validated(*scores):
    """Returns retraining entries with these validation scores."""
    return [{"seed": number, "validation_score": score} for number, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "direction", "best"),
    [
        ((0.2, 0.1, 0.3), "min", 1),
        ((0.2, 0.1, 0.3), "max", 2),
        ((None, 0.2, math.nan), "min", 1),
        ((None, 0.2, math.nan), "max", 1),
        ((0.3, 0.2, 0.2), "min", 1),
        ((math.nan, None), "min", 0),
    ],
)
def test_the_best_validation_score_is_kept_and_of_equals_the_first(scores, direction, best):
    """A network that diverged, null once it has been in the JSON, is kept only where all did."""
    assert best_of(validated(*scores), direction)["seed"] == best
