"""Losses and metrics for a population: Keras' functions, with one value for each example."""

import inspect
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasreg.losses import (
    SmoothedSparseCategoricalCrossentropy,
    StandardizedMeanSquaredError,
    StandardizedMSE,
)
from kerasreg.population.member.compiled import Compiled
from kerasreg.population.member.options import check_options
from kerasreg.population.member.part import ONE_BY_ONE, UnstackableModel, along_members

Pointwise = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # (n, ...) and (n, ...) to (n, ...)


@dataclass(frozen=True)
class Family:
    """Losses that are one without smoothing.

    Args:
        loss: The class of that one.
        function: Keras' function that it comes down to, or `None` if it has none.
        unpenalized: What it is called, without penalties and smoothing.
    """

    loss: type[keras.losses.Loss]
    function: Pointwise | None
    unpenalized: str


_STANDARDIZED = "standardized"
FAMILIES = {
    "sparse": Family(
        keras.losses.SparseCategoricalCrossentropy,
        keras.losses.sparse_categorical_crossentropy,
        "cross_entropy",
    ),
    "categorical": Family(
        keras.losses.CategoricalCrossentropy, keras.losses.categorical_crossentropy, "cross_entropy"
    ),
    "binary": Family(
        keras.losses.BinaryCrossentropy, keras.losses.binary_crossentropy, "binary_cross_entropy"
    ),
    "mse": Family(keras.losses.MeanSquaredError, keras.losses.mean_squared_error, "mse"),
    "mae": Family(keras.losses.MeanAbsoluteError, keras.losses.mean_absolute_error, "mae"),
    _STANDARDIZED: Family(StandardizedMeanSquaredError, None, "standardized_mse"),
}
_BY_CLASS = {family.loss: name for name, family in FAMILIES.items()} | {
    SmoothedSparseCategoricalCrossentropy: "sparse"
}
_BY_FUNCTION = {id(family.function): name for name, family in FAMILIES.items() if family.function}
_METRICS: dict[type, Pointwise] = {
    keras.metrics.SparseCategoricalCrossentropy: keras.losses.sparse_categorical_crossentropy,
    keras.metrics.CategoricalCrossentropy: keras.losses.categorical_crossentropy,
    keras.metrics.BinaryCrossentropy: keras.losses.binary_crossentropy,
    keras.metrics.MeanSquaredError: keras.losses.mean_squared_error,
    keras.metrics.MeanAbsoluteError: keras.losses.mean_absolute_error,
    keras.metrics.SparseCategoricalAccuracy: keras.metrics.sparse_categorical_accuracy,
    keras.metrics.CategoricalAccuracy: keras.metrics.categorical_accuracy,
    keras.metrics.BinaryAccuracy: keras.metrics.binary_accuracy,
}
_OPTIONS = ("from_logits", "label_smoothing", "threshold")  # of losses and metrics, that are read


@dataclass(frozen=True, kw_only=True)
class Objective:
    """The loss and the metrics of one member.

    Args:
        kind: What two members must have in common to share a program.
        family: One of `FAMILIES`.
        from_logits: Whether predictions are logits.
        label_smoothing: The loss's smoothing, a number of this member.
        scale: What this member's loss divides the errors of each output by, float32 of shape (outputs,),
            or `None`.
        metrics: A function for each metric, by the name that Keras' history has for it, the loss
            without penalties and smoothing among them; `None` for the loss with this member's scale.
    """

    kind: Hashable
    family: str
    from_logits: bool
    label_smoothing: float
    metrics: Mapping[str, Pointwise | None]
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

    def measured(self, y: tf.Tensor, predictions: tf.Tensor, scale: tf.Tensor | None) -> list[tf.Tensor]:
        """Returns each metric of each example, float32 of shape (P, batch); arguments as for `losses`."""
        return [
            self.losses(y, predictions, None, scale)
            if function is None
            else per_example(function, y, predictions)
            for function in self.metrics.values()
        ]


def read_objective(compiled: Compiled, outputs: tuple[int | None, ...]) -> Objective:
    """Reads the loss and the metrics that a model was compiled with.

    Args:
        compiled: What it was compiled with.
        outputs: The shape of its output, the rows included.

    Raises:
        UnstackableModel: If one of them is not covered.
    """
    family, options = read_loss(compiled.loss)
    from_logits, scale = bool(options.get("from_logits", False)), options.get("scale")
    metrics: dict[str, Pointwise | None] = {}
    kinds, named = [], Counter()
    for metric in compiled.metrics:
        name, kind, function = _read_metric(metric, family, outputs=outputs[-1], scale=scale)
        label = f"{name}_{named[name]}" if named[name] else name  # as Keras numbers equal names
        named[name] += 1
        if label == "loss":
            raise UnstackableModel(
                "A metric has the name 'loss', which is that of the loss; give it another.",
                what="a metric named loss",
            )
        metrics[label] = function
        kinds.append((label, kind))
    unpenalized = unpenalized_name(family, scale)
    if unpenalized not in metrics:
        metrics[unpenalized] = _loss_function("mse" if unpenalized == "mse" else family, from_logits)
    return Objective(
        kind=(family, from_logits, tuple(kinds), scale is not None),
        family=family,
        from_logits=from_logits,
        label_smoothing=float(options.get("label_smoothing", 0.0)),
        metrics=metrics,
        scale=scale,
    )


def loss_of(given: Any) -> tuple[str, keras.losses.Loss] | None:
    """Returns a loss's family and the loss as an object, `None` where it is of none.

    Args:
        given: Text, a function, a class or an object, as `compile` takes it.
    """
    loss = _resolved(given, keras.losses.get)
    family = _BY_FUNCTION.get(id(loss))
    if family is not None:
        return family, FAMILIES[family].loss()
    if type(loss) not in _BY_CLASS or "call" in vars(loss):
        return None
    return _BY_CLASS[type(loss)], loss


def read_loss(given: Any) -> tuple[str, dict[str, Any]]:
    """Returns a loss's family and options.

    Args:
        given: Text, a function, a class or an object, as `compile` takes it.

    Raises:
        UnstackableModel: If it, or one of its options, is not covered.
    """
    found = loss_of(given)
    if found is None:
        functions = [family.function.__name__ for family in FAMILIES.values() if family.function]
        raise unsupported("loss", given, functions)
    family, loss = found
    scale = {"scale": loss.scale} if family == _STANDARDIZED else {}
    return family, {**_options_of(loss, "loss"), **scale}


def unpenalized_name(family: str, scale: np.ndarray | None) -> str:
    """Returns what a loss is called without penalties and smoothing.

    Args:
        family: One of `FAMILIES`.
        scale: What a standardized loss divides the errors of each output by, or `None`. One output alone is
            as well judged in its own units.
    """
    return "mse" if scale is not None and len(scale) == 1 else FAMILIES[family].unpenalized


def _loss_function(family: str, from_logits: bool) -> Pointwise | None:
    function = FAMILIES[family].function
    if function is None or "from_logits" not in inspect.signature(function).parameters:
        return function
    return lambda y, predictions: function(y, predictions, from_logits=from_logits)


def _read_metric(
    given: Any, family: str, *, outputs: int, scale: np.ndarray | None
) -> tuple[str, Hashable, Pointwise | None]:
    """Returns a metric's name in the history, its kind and its function, `None` for that of the loss."""
    if str(given).lower() in ("accuracy", "acc"):  # Keras, too, tells by the shapes which one is meant
        name = "sparse_categorical_accuracy" if family == "sparse" else "categorical_accuracy"
        name = "binary_accuracy" if outputs == 1 else name
        return str(given), name, getattr(keras.metrics, name)
    metric = _resolved(given, keras.metrics.get)
    if type(metric) is StandardizedMSE:
        _options_of(metric, "metric")
        if scale is None or not np.array_equal(metric.scale, scale):
            raise UnstackableModel(
                f"The metric {metric.name!r} has another variance than the loss, which must be a "
                f"StandardizedMeanSquaredError. {ONE_BY_ONE}",
                what="a metric of another variance than the loss",
            )
        return metric.name, _STANDARDIZED, None
    function = _METRICS.get(type(metric)) if "update_state" not in getattr(metric, "__dict__", {}) else None
    kept: dict[str, Any] = {}
    if function is not None:
        kept = _options_of(metric, "metric")
    elif any(metric is known for known in _METRICS.values()):
        function = metric
    else:
        raise unsupported("metric", given, [known.__name__ for known in _METRICS.values()])
    name = given if isinstance(given, str) else getattr(metric, "name", None) or metric.__name__
    return name, (function.__name__, tuple(kept.items())), lambda y, p: function(y, p, **kept)


def _resolved(given: Any, get: Callable[[Any], Any]) -> Any:
    """Returns the function or object that Keras makes of a loss or metric; `None` where it makes none."""
    try:
        return get(given)
    except Exception:  # whatever a class of one's own raises; Keras itself says it when it trains
        return None


def _options_of(thing: Any, what: str) -> dict[str, Any]:
    """Returns the options of a loss or metric that are read, after checking all others."""
    hidden = getattr(thing, "_fn_kwargs", {})  # Keras leaves some of them out of get_config()

    def refusal(reason: str) -> UnstackableModel:
        return UnstackableModel(
            f"The {what} {thing.name!r} {reason}. {ONE_BY_ONE}", what=f"the {what} {thing.name}"
        )

    if thing.dtype != "float32":
        raise refusal(f"has dtype={thing.dtype!r} where a population needs 'float32'")
    check_options(thing, (*_OPTIONS, "variance"), refusal, hidden=hidden)
    options = {**hidden, **thing.get_config()}
    return {name: options[name] for name in _OPTIONS if name in options}


def unsupported(what: str, given: Any, accepted: Sequence[str]) -> UnstackableModel:
    """Returns the error that names a loss or metric that is not covered."""
    name = given if isinstance(given, str) else getattr(given, "__name__", type(given).__name__)
    return UnstackableModel(
        f"The {what} {name!r} cannot be trained as part of a population; the {what} can be Keras' own "
        f"{', '.join(sorted(accepted))}. {ONE_BY_ONE}",
        what=f"the {what} {name}",
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
