"""Which of the fresh networks is kept."""

import math

import pytest

from kerasreg.tune.retraining import best_of


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
