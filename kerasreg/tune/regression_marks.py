"""What a regression is measured with besides its mean squared error, and the marks it has to beat."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasreg.crossed_intervals import (
    MeanSquares,
    difference_interval,
    error_interval,
    explained_interval,
)
from kerasreg.population import without_retracing_advice
from kerasreg.records import Split
from kerasreg.records.table import nan_for_none

MOST_SQUARES = 200_000  # of a network, that are kept one by one until all are tested
ALPHAS = np.logspace(-3, 3, 13)  # of the ridge: from next to none, that is least squares, to strong


def squared_errors(model: keras.Model, split: Split) -> np.ndarray:
    """Returns a network's squared error on each test row and target, shape (rows, targets)."""
    with without_retracing_advice():
        predicted = model.predict(split.x_test, batch_size=1024, verbose=0)
    true = _columns(split.y_test)
    return (predicted.reshape(true.shape).astype(float) - true) ** 2


def errors_of(squares: np.ndarray, split: Split) -> dict[str, float]:
    """Returns a network's RMSE and R² on the test part, and of several targets the RMSE of each.

    `rmse` is the root of the mean squared error over all targets; `r2` is the mean of the targets' own, NaN
    if one of them does not vary.

    Args:
        squares: What `squared_errors` returns.
        split: The data, with test targets of shape (n,) or (n, targets).
    """
    means, variance = squares.mean(axis=0), np.var(_columns(split.y_test), axis=0)
    shares = [
        1 - square / spread if spread else math.nan for square, spread in zip(means, variance, strict=True)
    ]
    errors = {"rmse": float(np.sqrt(np.mean(means))), "r2": float(np.mean(shares))}
    if len(means) > 1:
        errors |= {f"rmse_{column}": float(root) for column, root in enumerate(np.sqrt(means), start=1)}
    return errors


def regression_marks(
    splits: Sequence[Split], row_errors: np.ndarray, *, metric: str = "mse"
) -> dict[str, Any]:
    """Returns the errors of two predictions that need no network, and how far the networks' lie from them.

    `mean` predicts the mean of the training targets. `linear` is a ridge regression of the standardized
    inputs, its strength chosen by leave-one-out on the training rows; at its weakest it is least squares.

    Args:
        splits: The data of the networks they are compared with; each is fitted to the training rows of each.
        row_errors: Each network's error on each test row, shape (splits, test rows).
        metric: What these are: `"mse"`, or `"standardized_mse"`, whose squares are divided by the variance of
            the training targets.

    Returns:
        For each of the two its error on the test rows, `scores` (one a split) and their `mean`;
        and `difference`, the networks' error minus its own, with `interval_95` for new rows and new seeds.
        Both are `None` where a network diverged.

    Reference:
        Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, sections 3.4.1 and 7.10.
    """
    marks = {}
    for name, errors_on in (("mean", _errors_of_mean), ("linear", _errors_of_linear_model)):
        errors = np.array([_by_row(errors_on(split), split, metric) for split in splits])
        scores = errors.mean(axis=1)
        difference, interval = None, None
        if np.isfinite(row_errors).all():
            apart = row_errors - errors
            difference = float(apart.mean())
            interval = difference_interval(MeanSquares.of_values(apart), difference)
        marks[name] = {
            "scores": scores.tolist(),
            "mean": float(scores.mean()),
            "difference": difference,
            "interval_95": interval,
        }
    return marks


def summarize_errors(retraining: Sequence[dict[str, Any]], split: Split) -> dict[str, Any]:
    """Returns `rmse` and `r2` over the fresh networks, and of several targets `rmse_by_target`.

    Each has its `scores`, their `mean` and `interval_95`, for new rows and new seeds. A mean over those
    that did not diverge would flatter, so there is none if one of them did; nor are there intervals of more
    rows and targets than are kept one by one.

    Args:
        retraining: The entry of each fresh network, with its `row_results` and `row_squares`.
        split: The data.
    """
    targets = _columns(split.y_test)
    squares = np.array([entry.get("row_squares", entry["row_results"]) for entry in retraining], dtype=float)
    squares = squares.reshape(len(retraining), len(targets), -1)
    known = squares.shape[2] == targets.shape[1] and np.isfinite(squares).all()
    summary: dict[str, Any] = {
        "rmse": _over_seeds(retraining, "rmse", _root_interval(squares.mean(axis=2)) if known else None),
        "r2": _over_seeds(retraining, "r2", explained_interval(squares, targets) if known else None),
    }
    if targets.shape[1] > 1:
        summary["rmse_by_target"] = [
            _over_seeds(
                retraining, f"rmse_{column + 1}", _root_interval(squares[..., column]) if known else None
            )
            for column in range(targets.shape[1])
        ]
    return summary


def _over_seeds(
    retraining: Sequence[dict[str, Any]], name: str, ends: tuple[float, float] | None
) -> dict[str, Any]:
    scores = [nan_for_none(entry["test"][name]) for entry in retraining]
    finite = all(map(math.isfinite, scores))
    mean = float(np.mean(scores)) if finite else None
    return {"scores": scores, "mean": mean, "interval_95": None if ends is None else list(ends)}


def _root_interval(squares: np.ndarray) -> tuple[float, float]:
    """Returns the interval of the root of the mean of squared errors of shape (seeds, rows)."""
    low, high = error_interval(float(squares.mean()), MeanSquares.of_values(squares))
    return math.sqrt(low), math.sqrt(high)


def _by_row(squares: np.ndarray, split: Split, metric: str) -> np.ndarray:
    """Returns the error on each test row, shape (rows,), from squared errors of shape (rows, targets)."""
    scale = _center_and_scale(split)[1] if metric == "standardized_mse" else 1.0
    return np.mean(squares / np.square(scale), axis=1)


def _errors_of_mean(split: Split) -> np.ndarray:
    """Returns the squared error on each test row and target, shape (rows, targets)."""
    return (_columns(split.y_train).mean(axis=0) - _columns(split.y_test)) ** 2


def _errors_of_linear_model(split: Split) -> np.ndarray:
    """Returns the squared error on each test row and target, shape (rows, targets)."""
    train, test = (x.reshape(len(x), -1).astype(float) for x in (split.x_train, split.x_test))
    model = make_pipeline(StandardScaler(), RidgeCV(ALPHAS, alpha_per_target=True))
    center, scale = _center_and_scale(split)
    model.fit(train, (_columns(split.y_train) - center) / scale)
    predicted = model.predict(test).reshape(len(test), -1) * scale + center
    return (predicted - _columns(split.y_test)) ** 2


def _center_and_scale(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean and standard deviation of each training target, 1 where it does not vary."""
    scaler = StandardScaler().fit(_columns(split.y_train))
    return scaler.mean_, scaler.scale_


def _columns(targets: np.ndarray) -> np.ndarray:
    return targets.reshape(len(targets), -1).astype(float)
