"""Random changes of colors and values that Keras lacks."""

from itertools import permutations
from typing import Any

import keras
import numpy as np

from kerasreg.augmentation.base import RandomPictureLayer

ORDERS = np.stack([np.eye(3, dtype="float32")[list(order)] for order in permutations(range(3))])  # (6, 3, 3)


@keras.saving.register_keras_serializable(package="kerasreg")
class RandomChannelPermutation(RandomPictureLayer):
    """Gives the channels of each picture a new order, with a probability, while training.

    Each of the six orders is equally likely then, the old one too.

    Args:
        strength: The probability, in [0, 1].
        seed: Seed of the draws, a whole number, or `None` for a random one.
        **kwargs: `name` and `dtype`, as in `keras.layers.Layer`.

    Input shape:
        (batch, height, width, 3).

    Output shape:
        The same.

    Raises:
        InvalidInput: If `strength` is outside its range.
    """

    channels = 3

    def change(self, pictures: Any) -> Any:
        """Returns the pictures, each with the channels in its own order."""
        numbers = (1 + self.uniform(keras.ops.shape(pictures)[0])) / 2
        return mix_channels(pictures, orders_from(numbers, self.strength))


@keras.saving.register_keras_serializable(package="kerasreg")
class RandomPalette(RandomPictureLayer):
    """Sends the colors of each picture, values in [0, 1], through a random affine map while training.

    A color c becomes c + M (c - 1/2) + b / 2, clipped to [0, 1], with all entries of M and b drawn evenly.

    Args:
        strength: Largest entry of M and of b, either way, in [0, 1].
        seed: Seed of the draws, a whole number, or `None` for a random one.
        **kwargs: `name` and `dtype`, as in `keras.layers.Layer`.

    Input shape:
        (batch, height, width, 3).

    Output shape:
        The same.

    Raises:
        InvalidInput: If `strength` is outside its range.
    """

    channels = 3

    def change(self, pictures: Any) -> Any:
        """Returns the pictures, each in its own palette."""
        entries = self.uniform(keras.ops.shape(pictures)[0], 4, 3, limit=self.strength)
        return change_palette(pictures, entries)


@keras.saving.register_keras_serializable(package="kerasreg")
class RandomNoise(RandomPictureLayer):
    """Adds normal noise to the values of pictures in [0, 1] while training, and clips them to this range.

    `keras.layers.GaussianNoise` does not clip.

    Args:
        strength: Standard deviation of the noise, in [0, 1].
        seed: Seed of the draws, a whole number, or `None` for a random one.
        **kwargs: `name` and `dtype`, as in `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same.

    Raises:
        InvalidInput: If `strength` is outside its range.
    """

    def change(self, pictures: Any) -> Any:
        """Returns the pictures with noise."""
        noise = keras.random.normal(
            keras.ops.shape(pictures), dtype=self.compute_dtype, seed=self.seed_generator
        )
        return keras.ops.clip(pictures + self.strength * noise, 0, 1)


def mix_channels(pictures: Any, matrices: Any) -> Any:
    """Returns each pixel, as a row, times its picture's matrix.

    Args:
        pictures: Tensor of shape (..., height, width, 3).
        matrices: Tensor of shape (..., 3, 3), one matrix a picture.
    """
    return sum(pictures[..., row : row + 1] * matrices[..., None, None, row, :] for row in range(3))


def orders_from(numbers: Any, probability: Any) -> Any:
    """Returns matrices that permute channels, from numbers drawn evenly from [0, 1).

    Args:
        numbers: Tensor of any shape.
        probability: How probable a new order is; a number, or a tensor that broadcasts to `numbers`.

    Returns:
        Tensor of shape (*numbers.shape, 3, 3): the identity where the number is at least the probability.
    """
    ops = keras.ops
    # below the probability a number is drawn evenly too, and the first of the orders is the old one
    shares = numbers / ops.maximum(probability, keras.config.epsilon())
    order = ops.where(shares < 1, ops.floor(6 * shares), ops.zeros_like(shares))
    return ops.take(ops.cast(ORDERS, numbers.dtype), ops.cast(order, "int32"), axis=0)


def change_palette(pictures: Any, entries: Any) -> Any:
    """Returns c + M (c - 1/2) + b / 2 for each color c of each picture, clipped to [0, 1].

    Args:
        pictures: Tensor of shape (..., height, width, 3), values in [0, 1].
        entries: Tensor of shape (..., 4, 3) a picture: M transposed, and b below it.
    """
    offset = entries[..., None, None, 3, :] / 2
    changed = pictures + mix_channels(pictures - 0.5, entries[..., :3, :]) + offset
    return keras.ops.clip(changed, 0, 1)
