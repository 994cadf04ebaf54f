"""Readers of dense layers, activations, and layers that reshape, rescale or merge."""

from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import tensorflow as tf

from kerasreg.layers import DropConnectDense
from kerasreg.population.member.options import covers, of_weights
from kerasreg.population.member.part import Part, Stage, refuse, require, seed_of, variables_of
from kerasreg.population.member.penalties import penalties_and_bounds

# Activations that are 0 at 0, whatever the other units are
_ZERO_AT_ZERO = {
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "tanh", "softsign"),
    *("hard_tanh", "hard_silu", "hard_shrink", "soft_shrink", "tanh_shrink", "mish"),
}


def activation_of(layer: keras.Layer) -> tuple[str, Callable[[tf.Tensor], tf.Tensor]]:
    """Returns the name and the function of a layer's activation.

    Raises:
        UnstackableModel: If it is not one of Keras' own functions.
    """
    function = layer.activation
    name = getattr(function, "__name__", "")
    if getattr(keras.activations, name, None) is not function:
        raise refuse(layer, f"has the activation {function!r}, which is not one of Keras' functions")
    if not _keeps_shape(function):  # with threshold and glu Keras itself fails, at the first batch
        raise refuse(layer, f"has the activation {name!r}, which does not turn each value into one")
    return name, function


@cache
def _keeps_shape(function: Callable[[tf.Tensor], tf.Tensor]) -> bool:
    try:
        return tuple(function(tf.zeros((1, 2))).shape) == (1, 2)
    except Exception:  # as of any call that lacks arguments
        return False


@covers("units", "activation", "use_bias", "rate", "seed", *of_weights("kernel", "bias"))
def read_dense(layer: keras.Layer) -> Part:
    """Reads a Dense or DropConnectDense layer; the former is the latter at rate 0."""
    name, activation = activation_of(layer)
    bounds, hyperparameters = penalties_and_bounds(layer, kernel=(0,), bias=(0,))
    hyperparameters["dropconnect"] = float(getattr(layer, "rate", 0.0))

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        kernel = stage.weights["kernel"]  # (P, inputs, units)
        if stage.training and "dropconnect" in stage.nonzero:
            kept = stage.keep("dropconnect", *kernel.shape[1:])
            kernel = tf.where(kept, kernel / (1 - stage.hyperparameter("dropconnect", 3)), 0.0)
        members, *rows = inputs.shape[:-1]
        outputs = tf.matmul(tf.reshape(inputs, (members, -1, inputs.shape[-1])), kernel)
        if "bias" in stage.weights:
            outputs += stage.weights["bias"][:, None, :]
        return activation(tf.reshape(outputs, (members, *rows, kernel.shape[-1])))

    return Part(
        kind=("dense", name, layer.use_bias, tuple(bounds.items())),
        apply=apply,
        hyperparameters=hyperparameters,
        trainable=variables_of(layer, "kernel", "bias"),
        bounds=bounds,
        seed=seed_of(layer) if isinstance(layer, DropConnectDense) else 0,
        keeps_zeros=name in _ZERO_AT_ZERO,
    )


@covers("activation")
def read_activation(layer: keras.layers.Activation) -> Part:
    """Reads an Activation layer."""
    name, function = activation_of(layer)
    return Part(
        kind=("activation", name),
        apply=lambda stage, inputs: function(inputs),
        keeps_zeros=name in _ZERO_AT_ZERO,
    )


@covers("max_value", "negative_slope", "threshold", "alpha", "axis")
def read_by_config(layer: keras.Layer) -> Part:
    """Reads a layer without variables that treats every value, or every last axis, on its own.

    Keras' own layer does it: what one example more means to it, one member more means, too.
    """
    options = {name: value for name, value in layer.get_config().items() if name not in ("name", "dtype")}
    require(layer, axis=-1)
    return Part(
        kind=(type(layer).__name__, repr(options)),
        apply=lambda stage, inputs: layer.call(inputs),
        keeps_zeros=not isinstance(layer, keras.layers.Softmax) and float(layer.call(tf.zeros(()))) == 0,
    )


@covers(*of_weights("alpha"), "shared_axes")
def read_prelu(layer: keras.layers.PReLU) -> Part:
    """Reads a PReLU layer."""
    bounds, hyperparameters = penalties_and_bounds(layer, alpha=(0,))

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        slope = stage.weights["alpha"][:, None]
        return tf.nn.relu(inputs) - slope * tf.nn.relu(-inputs)

    return Part(
        kind=("prelu", tuple(layer.alpha.shape), tuple(bounds.items())),
        apply=apply,
        hyperparameters=hyperparameters,
        trainable={"alpha": layer.alpha},
        bounds=bounds,
    )


@covers("data_format")
def read_flatten(layer: keras.layers.Flatten) -> Part:
    """Reads a Flatten layer."""
    if len(layer.input.shape) > 2:  # of a table nothing is transposed
        require(layer, data_format="channels_last")

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        return tf.reshape(inputs, (*inputs.shape[:2], -1))

    return Part(kind=("flatten",), apply=apply, passes_inputs=())


@covers("target_shape")
def read_reshape(layer: keras.layers.Reshape) -> Part:
    """Reads a Reshape layer."""
    shape = tuple(layer.output.shape[1:])
    return Part(
        kind=("reshape", shape),
        apply=lambda stage, inputs: tf.reshape(inputs, (*inputs.shape[:2], *shape)),
    )


@covers("scale", "offset")
def read_rescaling(layer: keras.layers.Rescaling) -> Part:
    """Reads a Rescaling layer whose scale and offset are single numbers."""
    for value in (layer.scale, layer.offset):
        if not isinstance(value, int | float):
            raise refuse(layer, "has a scale or offset that is not a single number")

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        rank = len(inputs.shape)
        return inputs * stage.hyperparameter("scale", rank) + stage.hyperparameter("offset", rank)

    return Part(
        kind=("rescaling",),
        apply=apply,
        hyperparameters={"scale": float(layer.scale), "offset": float(layer.offset)},
        passes_inputs=("offset",),
    )


@covers("axis", "mean", "variance", "invert")
def read_normalization(layer: keras.layers.Normalization) -> Part:
    """Reads a Normalization layer with the mean and variance it has, or its inverse."""
    numpy = keras.ops.convert_to_numpy

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        shape = (inputs.shape[0], *stage.weights["mean"].shape[1:])
        rank = len(inputs.shape) - len(shape)  # Keras keeps an axis of 1 for the batch
        mean, variance = (
            tf.reshape(stage.weights[name], (shape[0], *[1] * rank, *shape[1:]))
            for name in ("mean", "variance")
        )
        scale = tf.maximum(tf.sqrt(variance), keras.config.epsilon())
        return mean + inputs * scale if layer.invert else (inputs - mean) / scale

    mean, variance = numpy(layer.mean), numpy(layer.variance)
    return Part(
        kind=("normalization", layer.invert, mean.shape),
        apply=apply,
        constants={"mean": mean, "variance": variance},
    )


@covers("axis")
def read_merge(layer: keras.Layer) -> Part:
    """Reads a layer that joins others: a sum, a product, a mean or a concatenation over the last axis."""
    if isinstance(layer, keras.layers.Concatenate):
        rank = len(layer.output.shape)
        if layer.axis not in (-1, rank - 1):
            raise refuse(layer, f"joins along axis {layer.axis} instead of the last one")
        return Part(kind=("concatenate",), apply=lambda stage, *inputs: tf.concat(inputs, axis=-1))
    join: dict[type, Callable[..., Any]] = {
        keras.layers.Add: lambda *inputs: sum(inputs[1:], inputs[0]),
        keras.layers.Subtract: lambda first, second: first - second,
        keras.layers.Multiply: lambda *inputs: tf.math.reduce_prod(tf.stack(inputs), axis=0),
        keras.layers.Average: lambda *inputs: sum(inputs[1:], inputs[0]) / len(inputs),
    }
    shapes = {tuple(tensor.shape) for tensor in layer.input}
    if len(shapes) > 1:
        raise refuse(layer, f"joins tensors of different shapes, {sorted(map(str, shapes))}")
    function = join[type(layer)]
    return Part(kind=(type(layer).__name__,), apply=lambda stage, *inputs: function(*inputs))
