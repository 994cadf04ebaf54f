"""Readers of convolution, pooling, up-sampling, cropping and zero-padding layers."""

from typing import Any

import keras
import tensorflow as tf

from kerasreg.population.devices import on_cpu
from kerasreg.population.kernels import convolution, pooling
from kerasreg.population.member.dense_layers import activation_of
from kerasreg.population.member.options import covers, of_weights
from kerasreg.population.member.part import Part, Stage, require, variables_of
from kerasreg.population.member.penalties import penalties_and_bounds


@covers(
    "filters",
    "kernel_size",
    "strides",
    "padding",
    "data_format",
    "activation",
    "use_bias",
    *of_weights("kernel", "bias"),
)
def read_convolution(layer: keras.layers.Conv2D | keras.layers.Conv2DTranspose) -> Part:
    """Reads a Conv2D or a Conv2DTranspose layer."""
    require(layer, data_format="channels_last")
    transposed = isinstance(layer, keras.layers.Conv2DTranspose)
    name, activation = activation_of(layer)
    bounds, hyperparameters = penalties_and_bounds(layer, kernel=(0, 1, 2), bias=(0,))
    options = {"strides": tuple(layer.strides), "padding": layer.padding}

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if transposed:
            outputs = convolution.convolve_transpose(inputs, stage.weights["kernel"], **options)
        else:
            method = (
                "library"
                if stage.by_library
                else convolution.convolution_method("CPU" if on_cpu() else "GPU")
            )
            outputs = convolution.convolve(inputs, stage.weights["kernel"], **options, method=method)
        if "bias" in stage.weights:
            outputs += stage.weights["bias"][:, None, None, None, :]
        return activation(outputs)

    shape = tuple(layer.kernel.shape)
    return Part(
        kind=(
            "convolution",
            transposed,
            shape,
            *options.values(),
            name,
            layer.use_bias,
            tuple(bounds.items()),
        ),
        apply=apply,
        hyperparameters=hyperparameters,
        trainable=variables_of(layer, "kernel", "bias"),
        bounds=bounds,
    )


@covers("pool_size", "strides", "padding", "data_format")
def read_pooling(layer: keras.layers.MaxPooling2D | keras.layers.AveragePooling2D) -> Part:
    """Reads a MaxPooling2D or an AveragePooling2D layer."""
    require(layer, data_format="channels_last")
    options: dict[str, Any] = {
        "size": tuple(layer.pool_size),
        "strides": tuple(layer.strides),
        "padding": layer.padding,
        "kind": "max" if isinstance(layer, keras.layers.MaxPooling2D) else "average",
    }
    return Part(
        kind=("pooling", *options.values()),
        apply=lambda stage, inputs: pooling.pool(
            inputs, **options, method="library" if stage.by_library else "slices"
        ),
    )


@covers("data_format", "keepdims")
def read_global_pooling(layer: keras.Layer) -> Part:
    """Reads a GlobalMaxPooling2D or a GlobalAveragePooling2D layer."""
    require(layer, data_format="channels_last")
    largest = isinstance(layer, keras.layers.GlobalMaxPooling2D)
    keep = bool(layer.keepdims)
    reduce = tf.reduce_max if largest else tf.reduce_mean
    return Part(
        kind=("global pooling", largest, keep),
        apply=lambda stage, inputs: reduce(inputs, axis=(2, 3), keepdims=keep),
    )


@covers("size", "data_format")
def read_upsampling(layer: keras.layers.UpSampling2D) -> Part:
    """Reads an UpSampling2D layer that repeats pixels."""
    require(layer, data_format="channels_last")
    factor = tuple(layer.size)
    return Part(
        kind=("upsampling", factor),
        apply=lambda stage, inputs: convolution.upsample(inputs, factor=factor),
    )


@covers("cropping", "data_format")
def read_cropping(layer: keras.layers.Cropping2D) -> Part:
    """Reads a Cropping2D layer."""
    require(layer, data_format="channels_last")
    (top, bottom), (left, right) = layer.cropping

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        height, width = inputs.shape[2:4]
        return inputs[:, :, top : height - bottom, left : width - right, :]

    return Part(kind=("cropping", top, bottom, left, right), apply=apply)


@covers("padding", "data_format")
def read_zero_padding(layer: keras.layers.ZeroPadding2D) -> Part:
    """Reads a ZeroPadding2D layer."""
    require(layer, data_format="channels_last")
    padding = tuple(map(tuple, layer.padding))
    return Part(
        kind=("zero padding", padding),
        apply=lambda stage, inputs: tf.pad(inputs, ((0, 0), (0, 0), *padding, (0, 0))),
    )
