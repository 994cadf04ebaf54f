"""Random changes of pixel values for all members at once: color, noise and erasing.

As in `geometry`, each has the law of the Keras layer that it stands for, and draws from each member's own
key, step and range.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from kerasreg.augmentation import change_palette, mix_channels, orders_from
from kerasreg.population.kernels.geometry import draw
from kerasreg.population.kernels.random_numbers import normal, uniform


def random_brightness(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, delta_range: tf.Tensor
) -> tf.Tensor:
    """Adds one number to all values of each picture, as `keras.layers.RandomBrightness` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels), values in [0, 1]; so in all of these.
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        delta_range: Each member's smallest and largest number, float32 of shape (P, 2): the `factor`.

    Returns:
        float32 of the shape of `pictures`, in [0, 1].
    """
    (delta,) = draw(keys, steps, delta_range, rows=pictures.shape[1])
    return _clipped(pictures + _each(delta))


def random_contrast(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, factor_range: tf.Tensor
) -> tf.Tensor:
    """Stretches each channel of each picture about its mean, as `keras.layers.RandomContrast` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        factor_range: Each member's smallest and largest factor, float32 of shape (P, 2).
    """
    (factor,) = draw(keys, steps, factor_range, rows=pictures.shape[1])
    mean = tf.reduce_mean(pictures, axis=(2, 3), keepdims=True)
    return _clipped(mean + _each(factor) * (pictures - mean))


def random_saturation(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, factor_range: tf.Tensor
) -> tf.Tensor:
    """Multiplies the saturation by f / (1 - f), as `keras.layers.RandomSaturation` does.

    Args:
        pictures: float32 of shape (P, B, height, width, 3).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        factor_range: Each member's smallest and largest f, float32 of shape (P, 2): the layer's `factor`.
    """
    (factor,) = draw(keys, steps, factor_range, rows=pictures.shape[1])
    ratio = factor / (1 - factor + keras.config.epsilon())
    hue, saturation, value = tf.unstack(_converted(keras.ops.image.rgb_to_hsv, pictures), axis=-1)
    changed = tf.stack([hue, _clipped(saturation * ratio[..., None, None]), value], axis=-1)
    return _converted(keras.ops.image.hsv_to_rgb, changed)


def random_hue(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, factor_range: tf.Tensor
) -> tf.Tensor:
    """Turns the circle of hues, either way, as `keras.layers.RandomHue` does.

    Args:
        pictures: float32 of shape (P, B, height, width, 3).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        factor_range: Each member's smallest and largest part of half a turn, float32 of shape (P, 2): the
            layer's `factor`.
    """
    either = tf.constant([[0.0, 1.0]])
    factor, side = draw(keys, steps, factor_range, either, rows=pictures.shape[1])
    turns = tf.where(side > 0.5, -factor, factor) / 2
    hue, saturation, value = tf.unstack(_converted(keras.ops.image.rgb_to_hsv, pictures), axis=-1)
    changed = tf.stack([tf.math.floormod(hue + turns[..., None, None], 1.0), saturation, value], axis=-1)
    return _clipped(_converted(keras.ops.image.hsv_to_rgb, changed))


def random_channel_permutation(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, strength: tf.Tensor
) -> tf.Tensor:
    """Gives channels a new order, as `kerasreg.augmentation.RandomChannelPermutation` does.

    Args:
        pictures: float32 of shape (P, B, height, width, 3).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        strength: Each member's probability, float32 of shape (P,).
    """
    numbers = uniform(keys, steps, rows=pictures.shape[1], elements=1)[..., 0]
    return mix_channels(pictures, orders_from(numbers, strength[:, None]))


def random_palette(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, strength: tf.Tensor
) -> tf.Tensor:
    """Sends colors through a random affine map, as `kerasreg.augmentation.RandomPalette` does.

    Args:
        pictures: float32 of shape (P, B, height, width, 3).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        strength: Each member's largest entry of the map, float32 of shape (P,).
    """
    members, batch = pictures.shape[:2]
    numbers = 2 * uniform(keys, steps, rows=batch, elements=12) - 1
    entries = strength[:, None, None, None] * tf.reshape(numbers, (members, batch, 4, 3))
    return change_palette(pictures, entries)


def random_noise(pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, strength: tf.Tensor) -> tf.Tensor:
    """Adds normal noise, as `kerasreg.augmentation.RandomNoise` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        strength: Each member's standard deviation, float32 of shape (P,).
    """
    _, batch, height, width, channels = pictures.shape
    noise = tf.reshape(normal(keys, steps, rows=batch, elements=height * width * channels), pictures.shape)
    return _clipped(pictures + strength[:, None, None, None, None] * noise)


def random_erasing(
    pictures: tf.Tensor,
    keys: tf.Tensor,
    steps: tf.Tensor,
    *,
    probability_range: tf.Tensor,
    area_range: tf.Tensor,
) -> tf.Tensor:
    """Sets a rectangle of some pictures to 0, as `keras.layers.RandomErasing` does with `fill_value=0`.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        probability_range: Ends of each member's range of probabilities, float32 of shape (P, 2): the
            layer's `factor`.
        area_range: Ends of each member's range of squares of a rectangle's relative height, and of its
            width, float32 of shape (P, 2): the layer's `scale`.
    """
    height, width = pictures.shape[2:4]
    unit = tf.constant([[0.0, 1.0]])
    ranges = (area_range, area_range, unit, unit, probability_range, unit)
    tall, wide, top, left, probability, number = draw(keys, steps, *ranges, rows=pictures.shape[1])

    def inside(size: int, square: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
        """Says which rows or columns a rectangle covers, bool of shape (P, B, size)."""
        length = tf.sqrt(square) * size
        start = (place * (size - length))[..., None]
        positions = tf.range(size, dtype=tf.float32)
        return (positions >= start) & (positions < start + length[..., None])

    covered = inside(height, tall, top)[..., None] & inside(width, wide, left)[..., None, :]
    erased = covered & (number < probability)[..., None, None]
    return tf.where(erased[..., None], 0.0, pictures)


def _clipped(values: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(values, 0.0, 1.0)


def _each(values: tf.Tensor) -> tf.Tensor:
    """Returns one value a picture, shape (P, B), as (P, B, 1, 1, 1)."""
    return values[..., None, None, None]


def _converted(convert: Callable[..., tf.Tensor], pictures: tf.Tensor) -> tf.Tensor:
    """Returns the pictures between RGB and HSV, which Keras converts with one batch axis alone."""
    shape = pictures.shape
    flat = convert(tf.reshape(pictures, (-1, *shape[2:])), data_format="channels_last")
    return tf.reshape(flat, shape)
