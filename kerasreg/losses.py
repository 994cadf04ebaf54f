"""Losses that Keras lacks, and one of them as a metric."""

from typing import Any

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_number, shown


@keras.saving.register_keras_serializable(package="kerasreg")
class SmoothedSparseCategoricalCrossentropy(keras.losses.Loss):
    """Cross-entropy of integer labels that are softened first.

    Of each label's probability mass, `label_smoothing` is spread over all classes evenly: with K
    classes the label's own class keeps `1 - label_smoothing + label_smoothing / K`. It is
    `keras.losses.CategoricalCrossentropy(label_smoothing=...)` for labels that are not one-hot, which
    Keras' sparse loss cannot do.

    Args:
        label_smoothing: Probability mass moved to all classes evenly, in [0, 1).
        from_logits: Whether predictions are logits (the builders' are) or probabilities.
        name: Name of the loss.
        **kwargs: `reduction` and `dtype`, as in `keras.losses.Loss`.

    Call arguments:
        y_true: Labels of shape (batch, ...) or (batch, ..., 1), whole numbers in [0, K).
        y_pred: Predictions of shape (batch, ..., K).

    Raises:
        InvalidInput: If `label_smoothing` is outside its range.

    Reference:
        Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016, section 7.
    """

    def __init__(
        self,
        label_smoothing: float = 0.1,
        *,
        from_logits: bool = True,
        name: str = "smoothed_sparse_categorical_crossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.label_smoothing = check_number("label_smoothing", label_smoothing, below=1.0)
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each example, shape (batch, ...)."""
        if len(y_true.shape) == len(y_pred.shape):
            y_true = keras.ops.squeeze(y_true, axis=-1)
        # Keras hands labels to a loss as floats
        one_hot = keras.ops.one_hot(
            keras.ops.cast(y_true, "int32"), y_pred.shape[-1], dtype=y_pred.dtype
        )  # (batch, ..., K)
        return keras.losses.categorical_crossentropy(
            one_hot, y_pred, from_logits=self.from_logits, label_smoothing=self.label_smoothing
        )

    def get_config(self) -> dict[str, Any]:
        """Returns what makes the same loss again."""
        return super().get_config() | {
            "label_smoothing": self.label_smoothing,
            "from_logits": self.from_logits,
        }


@keras.saving.register_keras_serializable(package="kerasreg")
class StandardizedMeanSquaredError(keras.losses.Loss):
    """Mean squared error of predictions in the targets' own units, in units of the targets' variance.

    Each column's errors are divided by that column's standard deviation before they are squared, so that
    the loss of predicting the mean is 1 whatever the units, and a weight penalty means the same for
    every target. A column is divided by what `kerasreg.layers.Standardization(invert=True)`, or Keras' own
    `Normalization`, multiplies it by: the gradient before that layer is then that of standardized targets.

    Args:
        variance: The variance of each column, shape (columns,); or the `keras.layers.Normalization` whose
            variance it is, which can be adapted after the model is compiled.
        name: Name of the loss.
        **kwargs: `reduction` and `dtype`, as in `keras.losses.Loss`.

    Call arguments:
        y_true: Targets of shape (batch, columns), or (batch,) for one column.
        y_pred: Predictions of shape (batch, columns).

    Raises:
        InvalidInput: If a variance is negative or not finite.
    """

    def __init__(
        self,
        variance: Any,
        *,
        name: str = "standardized_mean_squared_error",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.layer = variance if isinstance(variance, keras.layers.Normalization) else None
        self._variance = None if self.layer is not None else _checked_variance(variance)

    @property
    def variance(self) -> np.ndarray:
        """The variance of each column, float32 of shape (columns,)."""
        if self.layer is None:
            return self._variance
        return np.reshape(keras.ops.convert_to_numpy(self.layer.variance), -1)

    @property
    def scale(self) -> np.ndarray:
        """What the errors of each column are divided by, float32 of shape (columns,)."""
        return np.maximum(np.sqrt(self.variance), np.float32(keras.config.epsilon()))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each example, shape (batch,)."""
        y_true = keras.ops.cast(y_true, y_pred.dtype)
        if len(y_true.shape) == len(y_pred.shape) - 1:
            y_true = keras.ops.expand_dims(y_true, -1)
        scale = keras.ops.cast(self.scale, y_pred.dtype)
        return keras.ops.mean(keras.ops.square((y_true - y_pred) / scale), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Returns what makes the same loss again, with the variance that it has now."""
        return super().get_config() | {"variance": [float(value) for value in self.variance]}


@keras.saving.register_keras_serializable(package="kerasreg")
class StandardizedMSE(keras.metrics.MeanMetricWrapper):
    """`StandardizedMeanSquaredError` as a metric: without the weight penalties that the loss comes with.

    The mean of several targets' squared errors in their own units is that of the largest numbers; this
    one counts all targets alike.

    Args:
        variance: As for `StandardizedMeanSquaredError`.
        name: Name of the metric.
        dtype: As in `keras.metrics.Metric`.

    Raises:
        InvalidInput: If a variance is negative or not finite.
    """

    def __init__(self, variance: Any, *, name: str = "standardized_mse", dtype: Any = None) -> None:
        loss = StandardizedMeanSquaredError(variance)
        super().__init__(loss.call, name=name, dtype=dtype)
        self.loss = loss
        self._direction = "down"

    @property
    def scale(self) -> np.ndarray:
        """What the errors of each column are divided by, float32 of shape (columns,)."""
        return self.loss.scale

    def get_config(self) -> dict[str, Any]:
        """Returns what makes the same metric again, with the variance that it has now."""
        return {"name": self.name, "dtype": self.dtype, "variance": self.loss.get_config()["variance"]}


def _checked_variance(variance: Any) -> np.ndarray:
    try:
        checked = np.atleast_1d(np.asarray(variance, np.float32))
    except (TypeError, ValueError):
        checked = np.array([np.nan])
    if checked.ndim != 1 or not np.all(np.isfinite(checked)) or np.any(checked < 0):
        raise InvalidInput(
            "variance must be the variance of each column of the targets, numbers of at least 0, or a "
            f"Normalization layer; received {shown(variance)}."
        )
    return checked
