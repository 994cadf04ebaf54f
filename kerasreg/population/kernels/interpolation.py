"""Bilinear interpolation of images at fractional positions, to which every geometric augmentation reduces."""

import tensorflow as tf


def sample(pictures: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Reads each picture at fractional positions, between its four nearest pixels; outside it is 0.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        rows: Where to read, in pixels from the top, of a shape that broadcasts to (P, B, height, width).
        columns: Where to read, in pixels from the left, likewise.

    Returns:
        float32 of the shape of `pictures`.
    """
    members, batch, height, width, channels = pictures.shape
    # A border of zeros stands for everything outside, so that no reading needs a check of its own
    padded_width = width + 2
    padded = tf.pad(pictures, ((0, 0), (0, 0), (1, 1), (1, 1), (0, 0)))
    pixels = tf.reshape(padded, (members, batch, -1, channels))
    rows, columns = tf.clip_by_value(rows, -1.0, height), tf.clip_by_value(columns, -1.0, width)
    top, left = tf.minimum(tf.floor(rows), height - 1.0), tf.minimum(tf.floor(columns), width - 1.0)
    below, beside = rows - top, columns - left  # the shares of the lower and of the right neighbors
    corner = tf.cast((top + 1) * padded_width + left + 1, tf.int32)
    corner = tf.reshape(tf.broadcast_to(corner, pictures.shape[:4]), (members, batch, -1))

    def neighbor(offset: int) -> tf.Tensor:
        return tf.reshape(tf.gather(pixels, corner + offset, batch_dims=2), pictures.shape)

    below, beside = below[..., None], beside[..., None]
    upper = (1 - beside) * neighbor(0) + beside * neighbor(1)
    lower = (1 - beside) * neighbor(padded_width) + beside * neighbor(padded_width + 1)
    return (1 - below) * upper + below * lower


def pixel_grid(pictures: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the rows, shape (height, 1), and the columns, shape (width,), of the pixels."""
    height, width = pictures.shape[2:4]
    return tf.range(height, dtype=tf.float32)[:, None], tf.range(width, dtype=tf.float32)


def middle(pictures: tf.Tensor) -> tuple[float, float]:
    """Returns the row and the column of the center, between two pixels where their number is even."""
    height, width = pictures.shape[2:4]
    return (height - 1) / 2, (width - 1) / 2


def each(values: tf.Tensor) -> tf.Tensor:
    """Returns one value a picture, shape (P, B), as (P, B, 1, 1)."""
    return values[..., None, None]
