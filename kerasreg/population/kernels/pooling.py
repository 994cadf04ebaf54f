"""Pooling of all members' images, as tensor functions.

Values are those of Keras' layers on TensorFlow; shapes are as in `kerasreg.population.kernels.convolution`.
"""

import math

import tensorflow as tf

from kerasreg.checks import check_one_of
from kerasreg.population.kernels.convolution import Pair, pad, windows_of


def pool(
    pictures: tf.Tensor,
    *,
    size: Pair,
    strides: Pair,
    padding: str = "valid",
    kind: str = "max",
    method: str = "slices",
) -> tf.Tensor:
    """Pools windows, as `keras.layers.MaxPooling2D` and `AveragePooling2D`.

    Of equal maxima the first one, row by row, gets the gradient. An average is over the real pixels only.

    Args:
        pictures: Shape (P, B, H, W, C).
        size: Height and width of a window.
        strides: Steps down and across.
        padding: "same" or "valid".
        kind: "max" or "average".
        method: "slices", or "library" for TensorFlow's own operation, which is faster without compilation.

    Returns:
        Shape (P, B, H', W', C).

    Raises:
        InvalidInput: If `padding`, `kind` or `method` is not one of these.
    """
    check_one_of("kind", kind, ("max", "average"))
    check_one_of("method", method, ("slices", "library"))
    size, strides = tuple(size), tuple(strides)
    if method == "library":
        check_one_of("padding", padding, ("same", "valid"))
        members, batch = pictures.shape[:2]
        together = tf.reshape(pictures, (members * batch, *pictures.shape[2:]))
        by_kind = tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d
        pooled = by_kind(together, size, strides, padding.upper())
        return tf.reshape(pooled, (members, batch, *pooled.shape[1:]))
    if kind == "average":
        real = pad(tf.ones((1, 1, *pictures.shape[2:4], 1), pictures.dtype), size, strides, padding)
        total = tf.add_n(windows_of(pad(pictures, size, strides, padding), size, strides))
        return total / tf.add_n(windows_of(real, size, strides))
    padded = pad(pictures, size, strides, padding, value=-math.inf)
    return _maximum_of_windows(padded, size, strides)


def _maximum_of_windows(padded: tf.Tensor, size: Pair, strides: Pair) -> tf.Tensor:
    """Returns the maximum of each window, with the gradient of `tf.nn.max_pool2d`."""
    apart = tuple(size) == tuple(strides)
    if apart:
        padded = padded[:, :, : padded.shape[2] // size[0] * size[0], : padded.shape[3] // size[1] * size[1]]

    @tf.custom_gradient
    def maximum(padded: tf.Tensor) -> tuple:
        windows = windows_of(padded, size, strides)
        largest = windows[0]
        for window in windows[1:]:
            largest = tf.maximum(largest, window)

        def gradient(output_gradient: tf.Tensor) -> tf.Tensor:
            shares, open_ = [], tf.ones_like(largest, tf.bool)
            for window in windows[:-1]:
                first = tf.logical_and(open_, window == largest)
                open_ = tf.logical_and(open_, window != largest)
                shares.append(tf.where(first, output_gradient, 0.0))
            shares.append(tf.where(open_, output_gradient, 0.0))
            if apart:  # every pixel is in one window: interleaving is faster than adding
                rows = [tf.stack(shares[i : i + size[1]], axis=4) for i in range(0, len(shares), size[1])]
                return tf.reshape(tf.stack(rows, axis=3), padded.shape)
            with tf.GradientTape() as tape:
                tape.watch(padded)
                again = windows_of(padded, size, strides)
            return tape.gradient(again, padded, output_gradients=shares)

        return largest, gradient

    return maximum(padded)
