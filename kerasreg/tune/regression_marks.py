"""What a regression is measured with besides its mean squared error, and the marks it has to beat."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasreg.intervals import mean_interval
from kerasreg.population import without_retracing_advice
from kerasreg.records import Split
from kerasreg.records.table import nan_for_none

ALPHAS = np.logspace(-3, 3, 13)  # of the ridge: from next to none, that is least squares, to strong


def errors_of(model: keras.Model, split: Split) -> dict[str, float]:
    """Returns a network's RMSE and R² on the test part, and of several targets the RMSE of each.

    `rmse` is the root of the mean squared error over all targets; `r2` is the mean of the targets' own, NaN
    if one of them does not vary.

    Args:
        model: A network for numbers.
        split: The data, with test targets of shape (n,) or (n, targets).
    """
    with without_retracing_advice():
        predicted = model.predict(split.x_test, batch_size=1024, verbose=0)
    true = _columns(split.y_test)
    squares = np.mean((predicted.reshape(true.shape).astype(float) - true) ** 2, axis=0)
    variance = np.var(true, axis=0)
    shares = [
        1 - square / spread if spread else math.nan for square, spread in zip(squares, variance, strict=True)
    ]
    errors = {"rmse": float(np.sqrt(np.mean(squares))), "r2": float(np.mean(shares))}
    if len(squares) > 1:
        errors |= {f"rmse_{column}": float(root) for column, root in enumerate(np.sqrt(squares), start=1)}
    return errors


def regression_marks(splits: Sequence[Split]) -> dict[str, Any]:
    """Returns the mean squared error on test rows of two predictions that need no network.

    `mean` predicts the mean of the training targets. `linear` is a ridge regression of the standardized
    inputs, its strength chosen by leave-one-out on the training rows; at its weakest it is least squares.

    Args:
        splits: The data of the networks they are compared with; each is fitted to the training rows of each.

    Returns:
        For each of the two its `scores` (one a split) and their `mean`.

    Reference:
        Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, sections 3.4.1 and 7.10.
    """
    found = {
        "mean": [_mean_error(split) for split in splits],
        "linear": [_linear_error(split) for split in splits],
    }
    return {name: {"scores": scores, "mean": float(np.mean(scores))} for name, scores in found.items()}


def summarize_errors(retraining: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Returns `rmse` and `r2` over the fresh networks, each with `scores`, `mean`, `sd` and `interval_95`.

    The interval is Student's t over the seeds. A mean over those that did not diverge would flatter, so
    there is none if one of them did.
    """
    summary = {}
    for name in ("rmse", "r2"):
        scores = [nan_for_none(entry["test"][name]) for entry in retraining]
        finite = all(map(math.isfinite, scores))
        limits = (0, math.inf) if name == "rmse" else (-math.inf, 1)
        mean, sd, interval = mean_interval(scores, limits=limits) if finite else (None, None, None)
        summary[name] = {"scores": scores, "mean": mean, "sd": sd, "interval_95": interval}
    return summary


def _mean_error(split: Split) -> float:
    return float(np.mean((_columns(split.y_train).mean(axis=0) - _columns(split.y_test)) ** 2))


def _linear_error(split: Split) -> float:
    train, test = (x.reshape(len(x), -1).astype(float) for x in (split.x_train, split.x_test))
    model = make_pipeline(StandardScaler(), RidgeCV(ALPHAS, alpha_per_target=True))
    targets = _columns(split.y_train)
    center, scale = targets.mean(axis=0), targets.std(axis=0)
    scale[scale == 0] = 1.0
    model.fit(train, (targets - center) / scale)
    predicted = model.predict(test).reshape(len(test), -1) * scale + center
    return float(np.mean((predicted - _columns(split.y_test)) ** 2))


def _columns(targets: np.ndarray) -> np.ndarray:
    return targets.reshape(len(targets), -1).astype(float)
