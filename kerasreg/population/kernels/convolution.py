"""Convolution, transposed convolution and up-sampling of all members' images, as tensor functions.

Values are those of Keras' layers on TensorFlow. Shapes are static and channels come last: pictures are
(P, B, H, W, C), P members with B pictures each. Every function can be compiled by XLA and differentiated.
"""

import math
from collections.abc import Sequence

import tensorflow as tf

from kerasreg.checks import check_one_of
from kerasreg.population.kernels.winograd import WINOGRAD, convolve_wide

# Measured on two cores with the gradients, against one matrix product of im2col. A sum: 0.75 to 0.95 of a
# training's time up to 400 weights in a kernel, 1.3 for 800, since XLA sums again wherever its value is used.
# Winograd's method: 0.6 to 0.75 of the time from 8 channels on for kernels three wide, 0.45 for five.
_LARGEST_SUM = 400
_WINOGRAD_CHANNELS = 8

Pair = Sequence[int]


def convolution_method(device_type: str) -> str:
    """Returns the `method` of `convolve` for a device type; on a "CPU", XLA's own is ten times slower."""
    return "matmul" if device_type == "CPU" else "library"


def convolve(
    pictures: tf.Tensor,
    kernel: tf.Tensor,
    *,
    strides: Pair = (1, 1),
    padding: str = "same",
    method: str = "matmul",
) -> tf.Tensor:
    """Convolves each member's pictures with its own kernel, as `keras.layers.Conv2D` without bias.

    Args:
        pictures: Shape (P, B, H, W, C).
        kernel: Shape (P, kernel height, kernel width, C, F).
        strides: Steps down and across.
        padding: "same" or "valid".
        method: "matmul", or "library" for TensorFlow's own convolution; see `convolution_method`. Values
            agree to rounding.

    Returns:
        Shape (P, B, H', W', F).

    Raises:
        InvalidInput: If `padding` or `method` is not one of these.
    """
    strides = tuple(strides)
    check_one_of("method", method, ("matmul", "library"))
    height, width, channels = kernel.shape[1:4]
    padded = pad(pictures, (height, width), strides, padding)
    if method == "library":
        return _by_library(padded, kernel, strides)
    if strides == (1, 1) and channels < _WINOGRAD_CHANNELS and math.prod(kernel.shape[1:]) <= _LARGEST_SUM:
        return _by_sum(padded, kernel)
    if strides == (1, 1) and width in WINOGRAD and channels >= _WINOGRAD_CHANNELS:
        return convolve_wide(padded, kernel)
    return _by_columns(padded, kernel, strides)


def convolve_transpose(
    pictures: tf.Tensor, kernel: tf.Tensor, *, strides: Pair = (1, 1), padding: str = "same"
) -> tf.Tensor:
    """Transposes a convolution, as `keras.layers.Conv2DTranspose` without bias and output padding.

    Args:
        pictures: Shape (P, B, H, W, C).
        kernel: Shape (P, kernel height, kernel width, F, C).
        strides: Steps down and across.
        padding: "same" or "valid".

    Returns:
        Shape (P, B, H', W', F); H' is H * stride for "same", max(kernel height - stride, 0) more for "valid".

    Raises:
        InvalidInput: If `padding` is neither.
    """
    check_one_of("padding", padding, ("same", "valid"))
    strides = tuple(strides)
    members, batch, height, width, channels = pictures.shape
    size, filters = tuple(kernel.shape[1:3]), kernel.shape[3]
    down, across = (
        extent * stride + (max(window - stride, 0) if padding == "valid" else 0)
        for extent, window, stride in zip((height, width), size, strides, strict=True)
    )
    rows = tf.reshape(pictures, (members, -1, channels))
    columns = tf.matmul(rows, tf.reshape(kernel, (members, -1, channels)), transpose_b=True)
    columns = tf.reshape(columns, (members, batch, height, width, size[0] * size[1], filters))
    # Cutting windows is linear: its gradient adds each window back to where it was cut.
    place = tf.zeros((members, batch, down, across, filters), pictures.dtype)
    with tf.GradientTape() as tape:
        tape.watch(place)
        windows = windows_of(pad(place, size, strides, padding), size, strides)
    return tape.gradient(windows, place, output_gradients=tf.unstack(columns, axis=4))


def upsample(pictures: tf.Tensor, *, factor: Pair = (2, 2)) -> tf.Tensor:
    """Repeats every pixel, as `keras.layers.UpSampling2D` with interpolation "nearest".

    Args:
        pictures: Shape (P, B, H, W, C).
        factor: Repeats down and across.

    Returns:
        Shape (P, B, H * down, W * across, C).
    """
    members, batch, height, width, channels = pictures.shape
    down, across = factor
    repeated = tf.broadcast_to(
        pictures[:, :, :, None, :, None], (members, batch, height, down, width, across, channels)
    )
    return tf.reshape(repeated, (members, batch, height * down, width * across, channels))


def pad(pictures: tf.Tensor, size: Pair, strides: Pair, padding: str, value: float = 0.0) -> tf.Tensor:
    """Adds the border of "same" padding: where it is odd, the larger part is at the bottom and right."""
    check_one_of("padding", padding, ("same", "valid"))
    borders = []
    for extent, window, stride in zip(pictures.shape[2:4], size, strides, strict=True):
        steps = -(-extent // stride) - 1
        border = max(steps * stride + window - extent, 0) if padding == "same" else 0
        borders.append([border // 2, border - border // 2])
    if not any(map(any, borders)):
        return pictures
    return tf.pad(pictures, [[0, 0], [0, 0], *borders, [0, 0]], constant_values=value)


def windows_of(padded: tf.Tensor, size: Pair, strides: Pair) -> list[tf.Tensor]:
    """Returns for each position in the window, row by row, the pixels there: shape (P, B, H', W', C)."""
    height, width = (
        (extent - window) // stride * stride + 1
        for extent, window, stride in zip(padded.shape[2:4], size, strides, strict=True)
    )
    return [
        padded[:, :, i : i + height : strides[0], j : j + width : strides[1]]
        for i in range(size[0])
        for j in range(size[1])
    ]


def _by_columns(padded: tf.Tensor, kernel: tf.Tensor, strides: Pair) -> tf.Tensor:
    """Convolves by one matrix product (im2col)."""
    members, filters = kernel.shape[0], kernel.shape[4]
    columns = tf.concat(windows_of(padded, kernel.shape[1:3], strides), axis=-1)
    weights = tf.reshape(kernel, (members, -1, filters))
    product = tf.matmul(tf.reshape(columns, (members, -1, columns.shape[-1])), weights)
    return tf.reshape(product, (*columns.shape[:-1], filters))


@tf.custom_gradient
def _by_sum(padded: tf.Tensor, kernel: tf.Tensor) -> tuple:
    """Convolves by a sum over the weights: for a few of them, a matrix product waits for memory."""
    height, width, channels = kernel.shape[1:4]
    windows = windows_of(padded, (height, width), (1, 1))
    weights = tf.reshape(kernel, (kernel.shape[0], height * width, channels, 1, 1, 1, kernel.shape[4]))
    terms = [
        window[..., c : c + 1] * weights[:, i, c] for i, window in enumerate(windows) for c in range(channels)
    ]

    def gradient(output_gradient: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch((padded, kernel))
            product = _by_columns_first(padded, kernel)
        return tape.gradient(product, [padded, kernel], output_gradients=output_gradient)

    return sum(terms[1:], terms[0]), gradient


def _by_columns_first(padded: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Convolves by a matrix product with the positions last: long rows, where the channels are few."""
    members, filters = kernel.shape[0], kernel.shape[4]
    windows = tf.stack(windows_of(padded, kernel.shape[1:3], (1, 1)), axis=1)
    columns = tf.transpose(windows, (0, 1, 5, 2, 3, 4))  # (P, kernel positions, C, B, H', W')
    weights = tf.reshape(kernel, (members, -1, filters))
    product = tf.matmul(tf.reshape(columns, (members, weights.shape[1], -1)), weights, transpose_a=True)
    return tf.reshape(product, (*windows.shape[:1], *windows.shape[2:5], filters))


def _by_library(padded: tf.Tensor, kernel: tf.Tensor, strides: Pair) -> tf.Tensor:
    """Convolves by TensorFlow's own operation, every member a group of channels."""
    members, batch, height, width, channels = padded.shape
    grouped = tf.reshape(tf.transpose(padded, (1, 2, 3, 0, 4)), (batch, height, width, members * channels))
    kernels = tf.reshape(tf.transpose(kernel, (1, 2, 3, 0, 4)), (*kernel.shape[1:4], -1))
    outputs = tf.nn.conv2d(grouped, kernels, strides, "VALID")
    return tf.transpose(tf.reshape(outputs, (*outputs.shape[:3], members, -1)), (3, 0, 1, 2, 4))
