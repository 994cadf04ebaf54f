"""Losses that Keras lacks."""

from typing import Any

import keras

from kerasreg.checks import check_number


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
