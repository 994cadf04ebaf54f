"""The test result of the winner's fresh networks, and what lies between it and the search's score."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
from scipy.special import stdtrit

from kerasreg.crossed_intervals import MeanSquares, accuracy_interval, error_interval
from kerasreg.intervals import mean_interval
from kerasreg.records import Split, TrialRecord
from kerasreg.records.majority import majority_class
from kerasreg.records.table import nan_for_none
from kerasreg.tune.settings import SearchSettings

BATCH_SIZE = 1024
MOST_CLASSES = 100  # whose confusions are kept: their number grows with its square

Entries = Sequence[dict[str, Any]]


def row_results(model: keras.Model, x: np.ndarray, y: np.ndarray, *, num_classes: int | None) -> list:
    """Returns what a network makes of each row.

    Args:
        model: A trained network.
        x: Rows, shape (rows, ...).
        y: Their classes, shape (rows,), or numbers, shape (rows, ...).
        num_classes: How many classes there are, or `None` for numbers.

    Returns:
        For classes the class predicted of each row; for numbers each row's mean squared error.
    """
    batches = [
        keras.ops.convert_to_numpy(model(x[start : start + BATCH_SIZE], training=False))
        for start in range(0, len(x), BATCH_SIZE)
    ]
    predicted = np.concatenate(batches)
    if num_classes is not None:
        return predicted.argmax(axis=-1).tolist()
    errors = predicted.reshape(len(x), -1).astype(float) - np.reshape(y, (len(x), -1))
    return np.mean(errors**2, axis=1).tolist()


def summarize_test(retraining: Entries, settings: SearchSettings, split: Split) -> dict[str, Any]:
    """Returns the test result over the fresh seeds, with one interval for new rows and new seeds together.

    Args:
        retraining: The entry of each fresh network, with its `row_results` on the test part.
        settings: The settings of the search.
        split: The data.

    Returns:
        `metric`, `scores`, `mean`, `sd` over the seeds and `interval_95`; what the interval is computed from,
        `rows_by_seeds_right` or `mean_squares`; and for classes what `by_class` returns.
    """
    metric = "accuracy" if split.num_classes is not None else settings.objective
    scores = [nan_for_none(entry["test"][metric]) for entry in retraining]
    test = {"metric": metric, "scores": scores, "mean": None, "sd": None, "interval_95": None}
    rows = np.array([entry["row_results"] for entry in retraining], dtype=float)
    if all(map(math.isfinite, scores)):  # a mean over those that did not diverge would flatter
        test["mean"], test["sd"], _ = mean_interval(scores)
    if metric == "accuracy":
        right = rows == split.y_test.reshape(1, -1)
        counts = np.bincount(right.sum(axis=0), minlength=len(retraining) + 1)
        test["interval_95"] = accuracy_interval(right.sum(axis=1), counts)
        test["rows_by_seeds_right"] = counts.tolist()
        return test | {"classes": by_class(rows.astype(int), split)}
    if test["mean"] is not None:
        squares = MeanSquares.of_values(rows)
        test["interval_95"] = error_interval(test["mean"], squares)
        test["mean_squares"] = asdict(squares)
    return test


def by_class(predicted: np.ndarray, split: Split) -> dict[str, Any]:
    """Returns how the networks fare by class, and what the most frequent class alone would come to.

    Args:
        predicted: The class that each network predicts of each test row, shape (seeds, rows).
        split: The data.

    Returns:
        `rows`, the test rows of each class; `recall`, the share of them classified correctly in the mean over
        the networks, or `None` where there are none; `predicted`, how often the networks together predicted
        each class; `confusion`, of shape (classes, classes), how often rows of each class were predicted to
        be each class by the networks together, or `None` for more than 100 classes; and `majority`: the
        `class` with the most rows in training and validation, and the `accuracy` on the test rows of
        always predicting it.
    """
    classes, truth = split.num_classes, split.y_test.reshape(-1).astype(int)
    num_seeds = len(predicted)
    rows = np.bincount(truth, minlength=classes)
    right = np.bincount(np.broadcast_to(truth, predicted.shape)[predicted == truth], minlength=classes)
    pairs = None
    if classes <= MOST_CLASSES:
        pairs = np.bincount((truth * classes + predicted).reshape(-1), minlength=classes**2)
        pairs = pairs.reshape(classes, classes).tolist()
    majority = majority_class(split)
    return {
        "rows": rows.tolist(),
        "recall": [
            float(its_right / (num_seeds * its_rows)) if its_rows else None
            for its_right, its_rows in zip(right, rows, strict=True)
        ],
        "predicted": np.bincount(predicted.reshape(-1), minlength=classes).tolist(),
        "confusion": pairs,
        "majority": {"class": majority, "accuracy": float(rows[majority] / len(truth))},
    }


def score_gaps(best: TrialRecord, retraining: Entries, settings: SearchSettings) -> dict[str, Any]:
    """Returns the two steps from the search's score to the test, in the objective's units, each as A minus B.

    The first, `validation_minus_search`, is what choosing costs: the fresh networks' validation scores, on
    other divisions of the same rows, were not chosen among trials. Without a choice the search's score would
    be one more of their kind, so its interval is a prediction interval: Student's t with the variance
    s² (1 / seeds + 1 / folds). The fresh scores are those of best epochs too, so what keeping the best epoch
    flatters is no part of this step. It is `None` where the winner was trained for fewer epochs in the
    search, as in Hyperband's early rounds.

    The second, `test_minus_validation`, is paired by seed, with Student's t over the seeds. It is of
    these test rows; it holds both how hard they are and what keeping the best epoch flatters.

    Either is `None` where a network diverged, and has no interval where the scores do not vary.

    Returns:
        For both names `None`, or a `difference` and its `interval_95`.

    Reference:
        Cawley and Talbot, On Over-fitting in Model Selection and Subsequent Selection Bias in Performance
        Evaluation, JMLR 11, 2010.
    """
    validation = np.array([nan_for_none(entry["validation_score"]) for entry in retraining])
    test = np.array([nan_for_none(entry["test"][settings.objective]) for entry in retraining])
    shorter = best.hyperparameters.get("tuner/epochs", settings.epochs) < settings.epochs
    gaps: dict[str, Any] = {"validation_minus_search": None, "test_minus_validation": None}
    if not shorter and np.isfinite(validation).all() and math.isfinite(best.score):
        mean, sd, _ = mean_interval(validation)
        difference, ends = mean - best.score, None
        if sd:
            count = len(validation)
            half = float(stdtrit(count - 1, 0.975)) * sd * math.sqrt(1 / count + 1 / settings.folds)
            ends = [difference - half, difference + half]
        gaps["validation_minus_search"] = {"difference": difference, "interval_95": ends}
    if np.isfinite(validation).all() and np.isfinite(test).all():
        mean, sd, ends = mean_interval(test - validation)
        gaps["test_minus_validation"] = {"difference": mean, "interval_95": list(ends) if sd else None}
    return gaps
