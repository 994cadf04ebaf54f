"""Convolution, pooling and up-sampling of all members at once, against Keras' layers one by one."""

import re
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasreg.checks import InvalidInput
from kerasreg.population.kernels.convolution import convolution_method, convolve, convolve_transpose, upsample
from kerasreg.population.kernels.pooling import pool

MEMBERS, BATCH = 2, 3
# Sums of up to 250 products in another order, in single precision: relative to the largest value.
TOLERANCE = 1e-5


def draw(*shape: int) -> tf.Tensor:
    """Normal numbers of the given shape, the same in every run."""
    return tf.constant(np.random.default_rng(sum(shape)).standard_normal(shape), tf.float32)


def value_and_gradients(operation: Callable, *inputs: tf.Tensor) -> list[np.ndarray]:
    """The value, and the gradients of its product with fixed random numbers."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = operation(*inputs)
        loss = tf.reduce_sum(value * draw(*value.shape))
    return [value, *tape.gradient(loss, list(inputs))]


def by_layer(
    build: Callable[[], keras.Layer], *inputs: tf.Tensor, compiled: bool = False
) -> list[np.ndarray]:
    """The same from a Keras layer for each member; `inputs`: pictures, and kernels if it has any."""
    layers = [build() for _ in range(MEMBERS)]
    for layer in layers:
        layer.build(inputs[0].shape[1:])

    def operation(pictures: tf.Tensor, *kernels: tf.Tensor) -> tf.Tensor:
        values = []
        for member, layer in enumerate(layers):
            given = [kernel[member] for kernel in kernels]
            with keras.StatelessScope(list(zip(layer.trainable_variables, given, strict=True))):
                values.append(layer(pictures[member]))
        return tf.stack(values)

    run = tf.function(value_and_gradients, jit_compile=True) if compiled else value_and_gradients
    return run(operation, *inputs)


def assert_same(received: list[np.ndarray], expected: list[np.ndarray]) -> None:
    """Asserts equal values and gradients, to rounding."""
    assert len(received) == len(expected)
    for ours, theirs in zip(received, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE * np.abs(theirs).max())


def convolved_by_layer(
    pictures: tf.Tensor, kernel: tf.Tensor, strides: tuple, padding: str
) -> list[np.ndarray]:
    size, filters = tuple(kernel.shape[1:3]), kernel.shape[4]
    return by_layer(
        lambda: keras.layers.Conv2D(filters, size, strides, padding, use_bias=False), pictures, kernel
    )


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("channels", [1, 3])
def test_convolution_equals_keras_layer(channels: int, size: int, stride: int, padding: str) -> None:
    pictures, kernel = draw(MEMBERS, BATCH, 9, 8, channels), draw(MEMBERS, size, size, channels, 4)
    strides = (stride, stride)
    received = value_and_gradients(
        lambda *inputs: convolve(*inputs, strides=strides, padding=padding), pictures, kernel
    )
    assert_same(received, convolved_by_layer(pictures, kernel, strides, padding))


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [(1, 3), (2, 3), (3, 3), (1, 5), (3, 5), (5, 5)])
@pytest.mark.parametrize("picture", [(9, 8), (8, 9), (5, 5), (6, 7)])
def test_fewer_products_for_wide_kernels_change_nothing(
    picture: tuple[int, int], kernel: tuple[int, int], padding: str
) -> None:
    pictures, weights = draw(MEMBERS, BATCH, *picture, 9), draw(MEMBERS, *kernel, 9, 8)
    received = value_and_gradients(lambda *inputs: convolve(*inputs, padding=padding), pictures, weights)
    assert_same(received, convolved_by_layer(pictures, weights, (1, 1), padding))


# One of each method: a sum, Winograd's two, a matrix product, and unequal strides.
@pytest.mark.parametrize(
    ("channels", "size", "strides"),
    [(1, (3, 3), (1, 1)), (8, (3, 3), (1, 1)), (8, (5, 5), (1, 1)), (7, (3, 2), (1, 1)), (8, (3, 3), (2, 1))],
)
@pytest.mark.parametrize("method", ["matmul", "library"])
def test_compiled_convolution_equals_keras_layer(
    method: str, channels: int, size: tuple, strides: tuple
) -> None:
    pictures, kernel = draw(MEMBERS, BATCH, 9, 8, channels), draw(MEMBERS, *size, channels, 8)

    @tf.function(jit_compile=True)
    def compiled(pictures: tf.Tensor, kernel: tf.Tensor) -> list[tf.Tensor]:
        return value_and_gradients(
            lambda *inputs: convolve(*inputs, strides=strides, method=method), pictures, kernel
        )

    assert_same(compiled(pictures, kernel), convolved_by_layer(pictures, kernel, strides, "same"))


def test_members_do_not_touch_each_other() -> None:
    pictures, kernel = draw(MEMBERS, BATCH, 8, 8, 8), draw(MEMBERS, 3, 3, 8, 8)
    broken = tf.stack([pictures[0], pictures[1] * np.nan])
    np.testing.assert_array_equal(convolve(broken, kernel)[0], convolve(pictures, kernel)[0])
    assert np.isnan(convolve(broken, kernel)[1]).all()
    windows = {"size": (2, 2), "strides": (2, 2)}
    np.testing.assert_array_equal(pool(broken, **windows)[0], pool(pictures, **windows)[0])
    assert np.isnan(pool(broken, **windows)[1]).all()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_transposed_convolution_equals_keras_layer(size: int, stride: int, padding: str) -> None:
    pictures, kernel = draw(MEMBERS, BATCH, 5, 4, 3), draw(MEMBERS, size, size, 4, 3)
    strides = (stride, stride)
    received = value_and_gradients(
        lambda *inputs: convolve_transpose(*inputs, strides=strides, padding=padding), pictures, kernel
    )
    # Uncompiled, TensorFlow 2.21's own gradient ends the process where the stride is larger than the kernel.
    expected = by_layer(
        lambda: keras.layers.Conv2DTranspose(4, size, strides, padding, use_bias=False),
        pictures,
        kernel,
        compiled=stride > size,
    )
    assert_same(received, expected)


POOLING = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}


# Whole numbers from 0 to 2: nearly every window has equal maxima, and not only zeros.
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_equals_keras_layer_ties_included(kind: str, size: int, stride: int, padding: str) -> None:
    pictures = tf.round(tf.abs(draw(MEMBERS, BATCH, 9, 8, 3)))
    options = {"size": (size, size), "strides": (stride, stride), "padding": padding, "kind": kind}
    received = value_and_gradients(lambda inputs: pool(inputs, **options), pictures)
    expected = by_layer(lambda: POOLING[kind](size, stride, padding), pictures)
    assert_same(received, expected)
    assert_same([pool(pictures, **options, method="library")], expected[:1])


# `fit` is compiled too. With overlapping "same" windows, XLA of TensorFlow 2.21 breaks ties by columns.
@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("stride", [2, 1])
def test_compiled_pooling_equals_compiled_keras_layer(kind: str, stride: int) -> None:
    pictures = tf.round(tf.abs(draw(MEMBERS, BATCH, 9, 8, 3)))

    @tf.function(jit_compile=True)
    def compiled(pictures: tf.Tensor) -> list[tf.Tensor]:
        options = {"size": (2, 2), "strides": (stride, stride), "padding": "valid", "kind": kind}
        return value_and_gradients(lambda inputs: pool(inputs, **options), pictures)

    expected = by_layer(lambda: POOLING[kind](2, stride, "valid"), pictures, compiled=True)
    assert_same(compiled(pictures), expected)


def test_maximum_of_negative_numbers_ignores_the_border() -> None:
    pictures = -1 - tf.abs(draw(MEMBERS, BATCH, 5, 5, 2))
    received = pool(pictures, size=(2, 2), strides=(2, 2), padding="same")
    assert float(tf.reduce_max(received)) <= -1


@pytest.mark.parametrize("factor", [(2, 2), (3, 1)])
def test_upsampling_equals_keras_layer(factor: tuple[int, int]) -> None:
    pictures = draw(MEMBERS, BATCH, 4, 5, 3)
    received = value_and_gradients(lambda inputs: upsample(inputs, factor=factor), pictures)
    assert_same(received, by_layer(lambda: keras.layers.UpSampling2D(factor), pictures))


@pytest.mark.parametrize(("device_type", "method"), [("CPU", "matmul"), ("GPU", "library")])
def test_the_device_decides_the_way(device_type: str, method: str) -> None:
    assert convolution_method(device_type) == method


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: convolve(x, draw(2, 3, 3, 1, 4), padding="full"),
            "padding must be one of 'same', 'valid'; received 'full'.",
        ),
        (
            lambda x: convolve(x, draw(2, 3, 3, 1, 4), method="fourier"),
            "method must be one of 'matmul', 'library'; received 'fourier'.",
        ),
        (
            lambda x: convolve_transpose(x, draw(2, 3, 3, 4, 1), padding="full"),
            "padding must be one of 'same', 'valid'; received 'full'.",
        ),
        (
            lambda x: pool(x, size=(2, 2), strides=(2, 2), kind="median"),
            "kind must be one of 'max', 'average'; received 'median'.",
        ),
    ],
)
def test_other_options_are_refused_in_a_sentence(call: Callable, message: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        call(draw(2, 3, 8, 8, 1))
