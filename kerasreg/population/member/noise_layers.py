"""Readers of dropout, noise and normalization layers."""

import keras
import numpy as np
import tensorflow as tf

from kerasreg.population.member.options import covers, of_weights
from kerasreg.population.member.part import Part, Stage, along_members, refuse, require, seed_of, variables_of
from kerasreg.population.member.penalties import penalties_and_bounds


@covers("rate", "seed", "data_format")
def read_dropout(layer: keras.layers.Dropout | keras.layers.SpatialDropout2D) -> Part:
    """Reads a Dropout layer, or a SpatialDropout2D layer, which drops whole channels."""
    channels_only = isinstance(layer, keras.layers.SpatialDropout2D)
    if channels_only:
        require(layer, data_format="channels_last")

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if not stage.training or "rate" not in stage.nonzero:
            return inputs
        shape = inputs.shape
        if channels_only:
            kept = stage.keep("rate", shape[1], shape[-1])[:, :, None, None, :]
        else:
            kept = tf.reshape(stage.keep("rate", shape[1], int(np.prod(shape[2:]))), shape)
        # at rate 1 nothing is kept, and a division by zero would leave NaN in the gradient
        left = tf.maximum(1 - stage.hyperparameter("rate", len(shape)), keras.config.epsilon())
        return tf.where(kept, inputs / left, 0.0)

    return Part(
        kind=("dropout", channels_only),
        apply=apply,
        hyperparameters={"rate": float(layer.rate)},
        seed=seed_of(layer),
        keeps_zeros=_numbered_alike(layer),
    )


def _numbered_alike(layer: keras.Layer) -> bool:
    """Says whether a unit has the same random numbers however wide the layer is.

    In a row of rows it has not: the numbers are counted through all of them.
    """
    return len(layer.output.shape) == 2


@covers("stddev", "seed")
def read_gaussian_noise(layer: keras.layers.GaussianNoise) -> Part:
    """Reads a GaussianNoise layer."""

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if not stage.training or "stddev" not in stage.nonzero:
            return inputs
        return inputs + stage.hyperparameter("stddev", len(inputs.shape)) * stage.normal_like(inputs)

    return Part(
        kind=("gaussian noise",),
        apply=apply,
        hyperparameters={"stddev": float(layer.stddev)},
        seed=seed_of(layer),
        passes_inputs=("stddev",),
    )


@covers("rate", "seed")
def read_gaussian_dropout(layer: keras.layers.GaussianDropout) -> Part:
    """Reads a GaussianDropout layer."""

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if not stage.training or "rate" not in stage.nonzero:
            return inputs
        rate = stage.hyperparameters["rate"]
        deviation = along_members(tf.sqrt(rate / (1 - rate)), len(inputs.shape))
        return inputs * (1 + deviation * stage.normal_like(inputs))

    return Part(
        kind=("gaussian dropout",),
        apply=apply,
        hyperparameters={"rate": float(layer.rate)},
        seed=seed_of(layer),
        keeps_zeros=_numbered_alike(layer),
    )


@covers(
    "axis",
    "momentum",
    "epsilon",
    "center",
    "scale",
    *of_weights("gamma", "beta", "moving_mean", "moving_variance"),
)
def read_batch_normalization(layer: keras.layers.BatchNormalization) -> Part:
    """Reads a BatchNormalization layer over the last axis."""
    if layer.axis not in (-1, len(layer.output.shape) - 1):
        raise refuse(layer, f"normalizes along axis {layer.axis} instead of the last one")
    bounds, hyperparameters = penalties_and_bounds(layer, gamma=(0,), beta=(0,))
    hyperparameters["momentum"] = float(layer.momentum)
    learns = bool(layer.trainable)
    epsilon = float(layer.epsilon)

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        rank = len(inputs.shape)
        mean, variance = stage.weights["moving_mean"], stage.weights["moving_variance"]  # (P, channels)
        if stage.training and learns:
            kept = stage.hyperparameter("momentum", 2)
            moving_mean, moving_variance = mean, variance
            mean, variance = batch_statistics(inputs, stage.row_weights)
            stage.updates["moving_mean"] = moving_mean * kept + mean * (1 - kept)
            stage.updates["moving_variance"] = moving_variance * kept + variance * (1 - kept)
        factor = tf.math.rsqrt(variance + epsilon)
        if "gamma" in stage.weights:
            factor *= stage.weights["gamma"]
        outputs = (inputs - across(mean, rank)) * across(factor, rank)
        if "beta" in stage.weights:
            outputs += across(stage.weights["beta"], rank)
        return outputs

    return Part(
        kind=("batch normalization", learns, epsilon, layer.center, layer.scale, tuple(bounds.items())),
        apply=apply,
        hyperparameters=hyperparameters,
        trainable=variables_of(layer, "gamma", "beta"),
        moving_statistics=variables_of(layer, "moving_mean", "moving_variance"),
        bounds=bounds,
        keeps_zeros=True,
    )


def batch_statistics(inputs: tf.Tensor, row_weights: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the mean and variance of each channel over the real rows of the batch, (P, channels) each."""
    rank = len(inputs.shape)
    axes = list(range(1, rank - 1))
    if row_weights is None:
        mean = tf.reduce_mean(inputs, axes)
        return mean, tf.reduce_mean(tf.square(inputs - across(mean, rank)), axes)
    share = row_weights / tf.reduce_sum(row_weights, axis=1, keepdims=True) / np.prod(inputs.shape[2:-1])
    share = tf.reshape(share, (*share.shape, *[1] * (rank - 2)))
    mean = tf.reduce_sum(share * inputs, axes)
    return mean, tf.reduce_sum(share * tf.square(inputs - across(mean, rank)), axes)


def across(values: tf.Tensor, rank: int) -> tf.Tensor:
    """Returns values of shape (P, channels) as (P, 1, ..., channels) with `rank` axes."""
    return tf.reshape(values, (values.shape[0], *[1] * (rank - 2), values.shape[-1]))


@covers("axis", "epsilon", "center", "scale", *of_weights("gamma", "beta"))
def read_layer_normalization(layer: keras.layers.LayerNormalization) -> Part:
    """Reads a LayerNormalization layer over the last axis."""
    axis = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
    if [entry % len(layer.output.shape) for entry in axis] != [len(layer.output.shape) - 1]:
        raise refuse(layer, f"normalizes along axis {layer.axis} instead of the last one")
    bounds, hyperparameters = penalties_and_bounds(layer, gamma=(0,), beta=(0,))
    epsilon = float(layer.epsilon)

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        rank = len(inputs.shape)
        mean = tf.reduce_mean(inputs, axis=-1, keepdims=True)
        centered_inputs = inputs - mean
        outputs = centered_inputs * tf.math.rsqrt(
            tf.reduce_mean(tf.square(centered_inputs), axis=-1, keepdims=True) + epsilon
        )
        if "gamma" in stage.weights:
            outputs *= across(stage.weights["gamma"], rank)
        if "beta" in stage.weights:
            outputs += across(stage.weights["beta"], rank)
        return outputs

    width = int(layer.output.shape[-1])
    kind = ("layer normalization", width, epsilon, layer.center, layer.scale, tuple(bounds.items()))
    return Part(
        kind=kind,
        apply=apply,
        hyperparameters=hyperparameters,
        trainable=variables_of(layer, "gamma", "beta"),
        bounds=bounds,
    )
