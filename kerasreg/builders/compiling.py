"""How the builders compile: the optimizer, the loss, and metrics without penalties."""

import keras

from kerasreg.checks import InvalidInput, check_number
from kerasreg.losses import (
    SmoothedSparseCategoricalCrossentropy,
    StandardizedMeanSquaredError,
    StandardizedMSE,
)
from kerasreg.proximal import proximal
from kerasreg.regularization import Regularization

OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
}


def make_optimizer(
    optimizer: str | keras.optimizers.Optimizer, learning_rate: float, regularization: Regularization
) -> keras.optimizers.Optimizer:
    """Returns a new optimizer, one made by `proximal` where there is a `proximal_l1`.

    Args:
        optimizer: `"adam"`, `"adamw"` (with Keras' weight decay of 0.004), `"sgd"`, `"rmsprop"`, or an
            optimizer of yours, which is copied, so that one can serve for many networks.
        learning_rate: Above 0. Not used with an optimizer of yours, which has its own.
        regularization: The network's.

    Raises:
        InvalidInput: If one of them cannot be used.
    """
    if isinstance(optimizer, keras.optimizers.Optimizer):
        made = type(optimizer).from_config(optimizer.get_config())
        return proximal(made) if regularization.proximal_l1 else made
    if not isinstance(optimizer, str) or optimizer not in OPTIMIZERS:
        raise InvalidInput(
            f"optimizer must be one of {', '.join(map(repr, OPTIMIZERS))} or a Keras optimizer; "
            f"received {optimizer!r}."
        )
    rate = check_number("learning_rate", learning_rate, exclusive_minimum=True)
    made = OPTIMIZERS[optimizer](learning_rate=rate)
    return proximal(made) if regularization.proximal_l1 else made


def compile_classifier(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, *, label_smoothing: float
) -> keras.Model:
    """Compiles a network that gives logits for integer labels, and returns it.

    The metrics are `accuracy` and `cross_entropy`, the latter without penalties and smoothing.
    """
    if label_smoothing:
        loss = SmoothedSparseCategoricalCrossentropy(label_smoothing)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    metrics = [
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="cross_entropy"),
    ]
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    return model


def compile_regressor(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    *,
    standardized_by: keras.layers.Normalization | None = None,
) -> keras.Model:
    """Compiles a network that predicts numbers, and returns it.

    The metric `mse` is the mean squared error without penalties, in the units of the targets squared. Of
    several standardized targets, whose units may differ, there is also `standardized_mse`.

    Args:
        model: The network.
        optimizer: Its optimizer.
        standardized_by: The layer by which the targets are standardized in the loss, or `None` to leave
            them as they are.
    """
    metrics = [keras.metrics.MeanSquaredError(name="mse")]
    if standardized_by is None:
        loss = keras.losses.MeanSquaredError()
    else:
        loss = StandardizedMeanSquaredError(standardized_by)
        if model.output_shape[-1] > 1:
            metrics.append(StandardizedMSE(standardized_by))
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    return model
