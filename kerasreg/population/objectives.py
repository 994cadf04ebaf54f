"""Losses and metrics of a whole population: Keras' own functions, one value for each example."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasreg.losses import StandardizedMeanSquaredError
from kerasreg.population.parts import UnstackableModel, along_members

Pointwise = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # (n, ...) and (n, ...) to (n, ...)

# The functions that losses come down to, by family
_FUNCTION = {
    "sparse": "sparse_categorical_crossentropy",
    "categorical": "categorical_crossentropy",
    "binary": "binary_crossentropy",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
}
_FAMILY = {name: family for family, name in _FUNCTION.items()}
_SMOOTHED = "smoothed_sparse_categorical_crossentropy"
_STANDARDIZED = "standardized_mean_squared_error"
_CLASSES = {
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "SmoothedSparseCategoricalCrossentropy": _SMOOTHED,
    "CategoricalCrossentropy": "categorical_crossentropy",
    "BinaryCrossentropy": "binary_crossentropy",
    "MeanSquaredError": "mean_squared_error",
    "StandardizedMeanSquaredError": _STANDARDIZED,
    "MeanAbsoluteError": "mean_absolute_error",
}
# What the loss is called without penalties and smoothing
UNPENALISED = {
    "sparse": "cross_entropy",
    "categorical": "cross_entropy",
    "binary": "binary_cross_entropy",
    "mse": "mse",
    "mae": "mae",
}
_ACCURACIES = {
    "SparseCategoricalAccuracy": "sparse_categorical_accuracy",
    "CategoricalAccuracy": "categorical_accuracy",
    "BinaryAccuracy": "binary_accuracy",
}


@dataclass(frozen=True, kw_only=True)
class Objective:
    """The loss and the metrics of one member.

    Args:
        kind: What two members must have in common to share a program.
        family: `"sparse"`, `"categorical"`, `"binary"`, `"mse"` or `"mae"`.
        from_logits: Whether predictions are logits.
        label_smoothing: The loss's smoothing, a number of this member.
        scale: What this member's loss divides the errors of each output by, float32 of shape (outputs,),
            or `None`.
        metrics: A function for each metric, by the name that Keras' history has for it, the loss
            without penalties and smoothing among them.
    """

    kind: Hashable
    family: str
    from_logits: bool
    label_smoothing: float
    metrics: Mapping[str, Pointwise]
    scale: np.ndarray | None = None

    def losses(
        self,
        y: tf.Tensor,
        predictions: tf.Tensor,
        smoothing: tf.Tensor | None,
        scale: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Returns the loss of each example without weight penalties.

        Args:
            y: Labels or targets of shape (P, batch, ...).
            predictions: Shape (P, batch, ...).
            smoothing: Each member's label smoothing of shape (P,), or `None` where nobody smooths.
            scale: What each member's errors are divided by, (P, outputs), or `None`.

        Returns:
            float32 of shape (P, batch).
        """
        family = self.family
        y = as_column(y, predictions)
        if scale is not None:
            errors = (tf.cast(y, predictions.dtype) - predictions) / scale[:, None, :]
            return tf.reduce_mean(tf.square(errors), axis=2)
        if smoothing is not None:
            amount = along_members(smoothing, len(predictions.shape))
            if family == "sparse":
                labels = tf.reshape(tf.cast(y, tf.int32), predictions.shape[:-1])
                y, family = tf.one_hot(labels, predictions.shape[-1]), "categorical"
            share = 0.5 if family == "binary" else 1 / predictions.shape[-1]
            y = tf.cast(y, tf.float32) * (1 - amount) + amount * share
        return per_example(_loss_function(family, self.from_logits), y, predictions)


def read_objective(model: keras.Model, compiled: Mapping[str, Any]) -> Objective:
    """Reads the loss and the metrics that a model was compiled with.

    Args:
        model: The model.
        compiled: Its `get_compile_config()`.

    Raises:
        UnstackableModel: If one of them is not covered.
    """
    name, options = _named(compiled["loss"], _CLASSES, keras.losses.get, "loss", own=model.loss)
    own = {_SMOOTHED: "sparse", _STANDARDIZED: "mse"}
    if name not in _FAMILY | own:
        raise unsupported("loss", name, _FAMILY)
    family = (_FAMILY | own)[name]
    scale = StandardizedMeanSquaredError(options["variance"]).scale if name == _STANDARDIZED else None
    if options.get("reduction", "sum_over_batch_size") != "sum_over_batch_size":
        raise UnstackableModel(
            f"The loss has reduction={options['reduction']!r}; a population needs 'sum_over_batch_size'."
        )
    for option, wanted in (("ignore_class", None), ("axis", -1)):
        if options.get(option, wanted) != wanted:
            raise UnstackableModel(
                f"The loss has {option}={options[option]!r}; a population needs {wanted!r}."
            )
    for option in ("loss_weights", "weighted_metrics"):
        if compiled.get(option):
            raise UnstackableModel(f"The model is compiled with {option}, which a population cannot train.")
    from_logits = bool(options.get("from_logits", False))
    metrics: dict[str, Pointwise] = {}
    kinds = []
    for metric in compiled.get("metrics") or []:
        label, kind, function = _read_metric(metric, family, outputs=model.output_shape[-1])
        metrics[label] = function
        kinds.append((label, kind))
    if UNPENALISED[family] not in metrics:
        metrics[UNPENALISED[family]] = _loss_function(family, from_logits)
    return Objective(
        kind=(family, from_logits, tuple(kinds), scale is not None),
        family=family,
        from_logits=from_logits,
        label_smoothing=float(options.get("label_smoothing", 0.0)),
        metrics=metrics,
        scale=scale,
    )


def _loss_function(family: str, from_logits: bool) -> Pointwise:
    function = getattr(keras.losses, _FUNCTION[family])
    if family in ("mse", "mae"):
        return function
    return lambda y, predictions: function(y, predictions, from_logits=from_logits)


def _read_metric(metric: Any, family: str, *, outputs: int) -> tuple[str, Hashable, Pointwise]:
    """Returns a metric's name in the history, its kind and its function."""
    if metric in ("accuracy", "acc"):  # Keras, too, tells by the shapes which one is meant
        name = "sparse_categorical_accuracy" if family == "sparse" else "categorical_accuracy"
        name = "binary_accuracy" if outputs == 1 else name
        return metric, name, getattr(keras.metrics, name)
    classes = _CLASSES | _ACCURACIES
    name, options = _named(metric, classes, keras.metrics.get, "metric")
    label = metric if isinstance(metric, str) else options.get("name", name)
    if name not in set(_FAMILY) | set(_ACCURACIES.values()):
        raise unsupported("metric", name, [*_FAMILY, *_ACCURACIES.values()])
    kept = {key: options[key] for key in ("from_logits", "label_smoothing", "threshold") if key in options}
    function = getattr(keras.metrics, name, None) or getattr(keras.losses, name)
    return label, (name, tuple(kept.items())), lambda y, p: function(y, p, **kept)


def _named(
    given: Any, classes: Mapping[str, str], get: Callable[[str], Any], what: str, own: Any = None
) -> tuple[str, dict[str, Any]]:
    """Returns the name of the Keras function behind a loss or metric, and its options.

    Anyone's function or class may have the name of one of Keras', which a configuration cannot tell
    for functions.
    """
    if isinstance(given, str):
        try:
            found = get(given)
        except ValueError:  # a metric whose meaning Keras finds out later, such as "crossentropy"
            return given, {}
        name = getattr(found, "__name__", type(found).__name__)
        return classes.get(name, name), {}
    if not isinstance(given, Mapping):
        raise UnstackableModel(f"The model must be compiled with one {what}; received {given!r}.")
    options = given.get("config") or {}
    if isinstance(options, str):  # a function, by its name
        if own is None or getattr(keras.losses, options, None) is not own:
            raise UnstackableModel(
                f"The {what} {options!r} is a function, which a population cannot tell from another of that "
                f"name; give a {what} of Keras by its name or as an object."
            )
        return options, {}
    if (given.get("module") or "").split(".")[0] not in ("keras", "kerasreg"):
        raise UnstackableModel(
            f"The {what} {given['class_name']!r} is not Keras' own class; a population cannot train with it. "
            "Pass fallback=True to train such models one by one."
        )
    return classes.get(given["class_name"], given["class_name"]), dict(options)


def unsupported(what: str, name: str, accepted: Any) -> UnstackableModel:
    """Returns the error that names a loss or metric that is not covered."""
    known = ", ".join(sorted(accepted))
    return UnstackableModel(
        f"The {what} {name!r} cannot be trained as part of a population; the {what} can be {known}. "
        "Pass fallback=True to train such models one by one."
    )


def per_example(function: Pointwise, y: tf.Tensor, predictions: tf.Tensor) -> tf.Tensor:
    """Returns a Keras loss or metric function's mean for each example.

    Args:
        function: Takes (n, ...) and (n, ...).
        y: Shape (P, batch, ...).
        predictions: Shape (P, batch, ...).

    Returns:
        float32 of shape (P, batch).
    """
    members, rows = predictions.shape[:2]
    y = as_column(y, predictions)
    flat = tf.reshape(predictions, (members * rows, *predictions.shape[2:]))
    logits = getattr(predictions, "_keras_logits", None)
    if logits is not None:  # how Keras' softmax and sigmoid tell its losses what they were made from
        flat._keras_logits = tf.reshape(logits, flat.shape)
    values = tf.cast(function(tf.reshape(y, (members * rows, *y.shape[2:])), flat), tf.float32)
    values = tf.reshape(values, (members, rows, int(np.prod(values.shape[1:]))))
    return tf.reduce_mean(values, axis=2)


def as_column(y: tf.Tensor, predictions: tf.Tensor) -> tf.Tensor:
    """Returns targets that are one number a row, (P, batch), as (P, batch, 1) if the predictions are so."""
    if len(y.shape) == len(predictions.shape) - 1 and predictions.shape[-1] == 1:
        return y[..., None]
    return y
