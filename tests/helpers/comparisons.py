"""Comparisons made by hand, for the tests of their record and their pictures."""

from kerasreg.experiments.comparison.record import Comparison

# By configuration [split][repeat]: B is above A on all four splits, C slightly below it.
SCORES = {
    "A": [[0.90, 0.92], [0.94, 0.94], [0.88, 0.90], [0.93, 0.93]],
    "B": [[0.93, 0.95], [0.96, 0.97], [0.92, 0.92], [0.95, 0.97]],
    "C": [[0.89, 0.91], [0.93, 0.95], [0.89, 0.89], [0.92, 0.93]],
}


def comparison(scores: dict | None = None, **options: object) -> Comparison:
    """Returns a comparison of the scores given, by default of three configurations."""
    scores = SCORES if scores is None else scores
    rows = next(iter(scores.values()))
    settings = {
        "metric": "accuracy",
        "part": "validation",
        "design": "resampled",
        "overlap": 0.7,
        "num_train": [70] * len(rows),
        "num_scored": [30] * len(rows),
        "chosen_epochs": {name: [[5] * len(row) for row in rows] for name in scores},
        "same_seeds": True,
        "seed": 0,
        "epochs": 5,
    }
    return Comparison(scores=scores, **(settings | options))
