"""Random bending and slanting of pictures, which Keras lacks or does otherwise."""

from typing import Any

import keras
import numpy as np

from kerasreg.augmentation.base import RandomPictureLayer
from kerasreg.checks import check_number

SMOOTHNESS = 4 / 29  # Simard et al. smooth over 4 pixels of pictures of 29 x 29


@keras.saving.register_keras_serializable(package="kerasreg")
class RandomElastic(RandomPictureLayer):
    """Bends each picture along a smooth random field while training.

    Simard et al. draw each pixel's shift at random, smooth the field of shifts by a Gaussian of 4
    pixels and multiply it by a factor. Here the smoothed field is scaled to a known standard deviation
    instead, and lengths are fractions of the picture, so that one strength means the same on 8 x 8
    and on 28 x 28 pictures. Keras' RandomElasticTransform is something else: it
    smooths over 1.4 pixels of 28 at most and not at all on 8 x 8 pictures, so it scatters
    pixels; and inside a model it bends the whole batch alike.

    Args:
        strength: Standard deviation of each pixel's shift, as a fraction of height and width, in [0, 1).
        seed: Seed of the fields, a whole number, or `None` for a random one.
        **kwargs: `name` and `dtype`, as in `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same.

    Raises:
        InvalidInput: If `strength` is outside its range.
    """

    def checked(self, strength: float) -> float:
        """Returns the strength, or raises `InvalidInput` unless it is in [0, 1)."""
        return check_number("strength", strength, below=1.0)

    def change(self, pictures: Any) -> Any:
        """Returns the pictures, each bent in its own way."""
        height, width = pictures.shape[1:3]
        limit = 3**0.5  # evenly from [-sqrt(3), sqrt(3)] has standard deviation 1
        noise = self.uniform(2, keras.ops.shape(pictures)[0], height, width, limit=limit)
        down_columns = keras.ops.cast(smoothing_matrix(height), self.compute_dtype)
        along_rows = keras.ops.cast(smoothing_matrix(width).T, self.compute_dtype)
        shifts = keras.ops.matmul(keras.ops.matmul(down_columns, noise), along_rows)
        rows = keras.ops.arange(height, dtype=self.compute_dtype)[:, None]
        columns = keras.ops.arange(width, dtype=self.compute_dtype)
        return sample_bilinearly(
            pictures,
            rows + self.strength * height * shifts[0],
            columns + self.strength * width * shifts[1],
        )


@keras.saving.register_keras_serializable(package="kerasreg")
class RandomSlant(RandomPictureLayer):
    """Slants each picture to the left or right while training, its middle row held.

    `keras.layers.RandomShear` holds the corner instead, so that it moves the picture too.

    Args:
        strength: Largest slant, in [0, 1): how far a row moves for each row that it is away from the middle.
        seed: Seed of the slants, a whole number, or `None` for a random one.
        **kwargs: `name` and `dtype`, as in `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same.

    Raises:
        InvalidInput: If `strength` is outside its range.
    """

    def checked(self, strength: float) -> float:
        """Returns the strength, or raises `InvalidInput` unless it is in [0, 1)."""
        return check_number("strength", strength, below=1.0)

    def change(self, pictures: Any) -> Any:
        """Returns the pictures, each with its own slant."""
        height, width = pictures.shape[1:3]
        slants = self.uniform(keras.ops.shape(pictures)[0], 1, 1, limit=self.strength)
        rows = keras.ops.arange(height, dtype=self.compute_dtype)[:, None]
        columns = keras.ops.arange(width, dtype=self.compute_dtype)
        columns = columns + slants * (rows - (height - 1) / 2)
        return sample_bilinearly(pictures, rows + keras.ops.zeros_like(columns), columns)


def smoothing_matrix(size: int) -> np.ndarray:
    """Returns a Gaussian smoothing of `size` values as a matrix of shape (size, size).

    Each row has Euclidean norm 1, so that smoothed independent values keep their standard deviation,
    at the border as in the middle.
    """
    distance = np.subtract.outer(np.arange(size), np.arange(size)) / (SMOOTHNESS * size)
    weights = np.exp(-0.5 * distance**2)
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def sample_bilinearly(pictures: Any, rows: Any, columns: Any) -> Any:
    """Reads each picture at fractional positions, between its four nearest pixels; outside it is 0.

    Args:
        pictures: Tensor of shape (batch, height, width, channels).
        rows: Where to read, in pixels from the top, shape (batch, height, width).
        columns: Where to read, in pixels from the left, shape (batch, height, width).

    Returns:
        Tensor of the shape of `pictures`.
    """
    ops = keras.ops
    height, width, channels = pictures.shape[1:]
    pixels = ops.reshape(pictures, (-1, height * width, channels))
    top, left = ops.floor(rows), ops.floor(columns)
    result = ops.zeros_like(pictures)
    for row in (top, top + 1):
        for column in (left, left + 1):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            share = (1 - ops.abs(rows - row)) * (1 - ops.abs(columns - column))
            share = ops.where(inside, share, ops.zeros_like(share))  # (batch, height, width)
            pixel = ops.clip(row, 0, height - 1) * width + ops.clip(column, 0, width - 1)
            pixel = ops.reshape(ops.cast(pixel, "int32"), (-1, height * width, 1))
            values = ops.reshape(ops.take_along_axis(pixels, pixel, axis=1), ops.shape(pictures))
            result = result + share[..., None] * values
    return result
