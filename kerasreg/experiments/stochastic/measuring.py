"""The errors of many networks on the parts of their data."""

import hashlib

import keras
import numpy as np
from scipy.special import log_softmax

from kerasreg.population import predict_population
from kerasreg.records import Split
from kerasreg.records.stochastic import PARTS


def errors_by_part(models: list[keras.Model], splits: list[Split]) -> list[dict[str, dict[str, float]]]:
    """Returns each network's errors by part, with no noise.

    A call to `predict_population` costs more than its arithmetic, so that the networks of one size of
    data share one. Rows that several splits share, a common test part above all, are predicted once.
    """
    measured: list[dict] = [{} for _ in models]
    by_size: dict[int, list[int]] = {}
    for index, split in enumerate(splits):
        by_size.setdefault(len(split.x_train), []).append(index)
    for members in by_size.values():
        blocks: dict[bytes, np.ndarray] = {}
        keys: dict[tuple[int, str], bytes] = {}  # by split and part
        for split in {id(splits[index]): splits[index] for index in members}.values():
            for part in PARTS:
                x = getattr(split, f"x_{part}")
                key = hashlib.blake2b(np.ascontiguousarray(x).data).digest()
                keys[id(split), part] = key
                blocks.setdefault(key, x)
        ends = np.cumsum([len(x) for x in blocks.values()])
        rows = {key: slice(end - len(x), end) for (key, x), end in zip(blocks.items(), ends, strict=True)}
        x = np.concatenate(list(blocks.values()))
        predictions = predict_population([models[index] for index in members], x)
        for index, predicted in zip(members, predictions, strict=True):
            split = splits[index]
            for part in PARTS:
                y = getattr(split, f"y_{part}")
                measured[index][part] = _errors(models[index], y, predicted[rows[keys[id(split), part]]])
    return measured


def _errors(model: keras.Model, y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Returns what is compared, lower being better; a network whose numbers are NaN has no error either."""
    predicted = predicted.astype(float)
    if np.issubdtype(y.dtype, np.floating):
        return {"mse": float(np.mean((predicted.reshape(y.shape) - y) ** 2))}
    if not np.isfinite(predicted).all():
        return {"error": np.nan, "cross_entropy": np.nan}
    if getattr(model.loss, "from_logits", False):
        logarithms = log_softmax(predicted, axis=-1)
    else:
        logarithms = np.log(np.clip(predicted, keras.config.epsilon(), 1.0))
    of_label = logarithms[np.arange(len(y)), y]
    return {
        "error": float(np.mean(predicted.argmax(axis=-1) != y)),
        "cross_entropy": -float(of_label.mean()),
    }
