"""Random geometric transformations for all members at once: translation, rotation, slant, zoom, elastic.

For each there is a function that distorts by given amounts, exactly as the Keras layer of that name does
with `fill_mode="constant"`, `fill_value=0` and bilinear interpolation, and one that draws the
amounts first, each member from its own key and step and from its own range.
"""

import math

import tensorflow as tf

from kerasreg.augmentation import smoothing_matrix
from kerasreg.population.kernels.interpolation import each, middle, pixel_grid, sample
from kerasreg.population.kernels.random_numbers import uniform


def translate(pictures: tf.Tensor, down: tf.Tensor, across: tf.Tensor) -> tf.Tensor:
    """Moves each picture down and across (to the right), as `keras.layers.RandomTranslation` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        down: How far in pixels, fractions too, shape (P, B).
        across: How far in pixels, fractions too, shape (P, B).

    Returns:
        The moved pictures, 0 where nothing came in from.
    """
    rows, columns = pixel_grid(pictures)
    return sample(pictures, rows - each(down), columns - each(across))


def rotate(pictures: tf.Tensor, radians: tf.Tensor) -> tf.Tensor:
    """Turns each picture anticlockwise about its center, as `keras.layers.RandomRotation` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        radians: How far, shape (P, B).

    Returns:
        The turned pictures, 0 where nothing came in from.
    """
    rows, columns = pixel_grid(pictures)
    middle_row, middle_column = middle(pictures)
    rows, columns = rows - middle_row, columns - middle_column
    cosine, sine = each(tf.cos(radians)), each(tf.sin(radians))
    return sample(
        pictures,
        middle_row + sine * columns + cosine * rows,
        middle_column + cosine * columns - sine * rows,
    )


def slant(pictures: tf.Tensor, slopes: tf.Tensor) -> tf.Tensor:
    """Slants each picture about its middle row, as `kerasreg.augmentation.RandomSlant` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        slopes: How far to read to the right for each row below the middle, shape (P, B).

    Returns:
        The slanted pictures, 0 where nothing came in from.
    """
    rows, columns = pixel_grid(pictures)
    return sample(pictures, rows, columns + each(slopes) * (rows - middle(pictures)[0]))


def zoom(pictures: tf.Tensor, height_factor: tf.Tensor, width_factor: tf.Tensor) -> tf.Tensor:
    """Resizes each picture about its center, as `keras.layers.RandomZoom` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        height_factor: How much of the old height the new picture shows, shape (P, B): above 1
            everything becomes smaller.
        width_factor: The same for the width, shape (P, B).

    Returns:
        The resized pictures, 0 where nothing came in from.
    """
    rows, columns = pixel_grid(pictures)
    middle_row, middle_column = middle(pictures)
    return sample(
        pictures,
        middle_row + each(height_factor) * (rows - middle_row),
        middle_column + each(width_factor) * (columns - middle_column),
    )


def bend(pictures: tf.Tensor, noise: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """Bends each picture along a smooth field, as `kerasreg.augmentation.RandomElastic` does.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        noise: Independent numbers of mean 0 and standard deviation 1, shape (P, B, 2, height, width);
            of the two fields the first shifts down and the second across.
        strength: Standard deviation of a pixel's shift as a fraction of height and width, shape (P,).

    Returns:
        The bent pictures, 0 where nothing came in from.
    """
    height, width = pictures.shape[2:4]
    down_columns = tf.constant(smoothing_matrix(height), tf.float32)
    along_rows = tf.constant(smoothing_matrix(width).T, tf.float32)
    shifts = strength[:, None, None, None, None] * (down_columns @ noise @ along_rows)
    rows, columns = pixel_grid(pictures)
    return sample(pictures, rows + height * shifts[:, :, 0], columns + width * shifts[:, :, 1])


def random_translation(
    pictures: tf.Tensor,
    keys: tf.Tensor,
    steps: tf.Tensor,
    *,
    height_range: tf.Tensor,
    width_range: tf.Tensor,
) -> tf.Tensor:
    """Moves each picture by a random part of its height and of its width.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        height_range: Each member's smallest and largest shift down, as fractions of the height,
            float32 of shape (P, 2): the layer's `height_lower` and `height_upper`.
        width_range: The same across, shape (P, 2).

    Returns:
        float32 of the shape of `pictures`.
    """
    height, width = pictures.shape[2:4]
    down, across = draw(keys, steps, height_range, width_range, rows=pictures.shape[1])
    return translate(pictures, height * down, width * across)


def random_rotation(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, turn_range: tf.Tensor
) -> tf.Tensor:
    """Turns each picture by a random angle.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        turn_range: Each member's smallest and largest angle, as parts of a full turn, float32 of shape
            (P, 2): the layer's `factor`.

    Returns:
        float32 of the shape of `pictures`.
    """
    (turns,) = draw(keys, steps, turn_range, rows=pictures.shape[1])
    return rotate(pictures, 2 * math.pi * turns)


def random_slant(pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, strength: tf.Tensor) -> tf.Tensor:
    """Slants each picture at random.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        strength: Each member's largest slant, float32 of shape (P,): the layer's `strength`.

    Returns:
        float32 of the shape of `pictures`.
    """
    ranges = tf.stack([-strength, strength], axis=1)
    (slopes,) = draw(keys, steps, ranges, rows=pictures.shape[1])
    return slant(pictures, slopes)


def random_zoom(
    pictures: tf.Tensor,
    keys: tf.Tensor,
    steps: tf.Tensor,
    *,
    height_range: tf.Tensor,
    width_range: tf.Tensor | None = None,
) -> tf.Tensor:
    """Resizes each picture at random.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        height_range: Each member's smallest and largest change of size, as fractions of the height,
            float32 of shape (P, 2): the layer's `height_lower` and `height_upper`.
        width_range: The same across, shape (P, 2); without it the width follows the height.

    Returns:
        float32 of the shape of `pictures`.
    """
    ranges = [height_range] if width_range is None else [height_range, width_range]
    changes = draw(keys, steps, *ranges, rows=pictures.shape[1])
    return zoom(pictures, 1 + changes[0], 1 + changes[-1])


def random_elastic(
    pictures: tf.Tensor, keys: tf.Tensor, steps: tf.Tensor, *, strength: tf.Tensor
) -> tf.Tensor:
    """Bends each picture along a random smooth field.

    Args:
        pictures: float32 of shape (P, B, height, width, channels).
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        strength: Each member's standard deviation of a pixel's shift, as a fraction of height and
            width, float32 of shape (P,): the layer's `strength`.

    Returns:
        float32 of the shape of `pictures`.
    """
    members, batch, height, width = pictures.shape[:4]
    numbers = uniform(keys, steps, rows=batch, elements=2 * height * width)
    noise = math.sqrt(3) * (2 * numbers - 1)  # evenly from [-sqrt(3), sqrt(3)]: standard deviation 1
    return bend(pictures, tf.reshape(noise, (members, batch, 2, height, width)), strength)


def draw(keys: tf.Tensor, steps: tf.Tensor, *ranges: tf.Tensor, rows: int) -> list[tf.Tensor]:
    """Draws one number a picture from each range, evenly.

    Args:
        keys: Each member's key for this layer, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        *ranges: Each member's smallest and largest number, float32 of shape (P, 2).
        rows: The number of pictures.

    Returns:
        A float32 tensor of shape (P, rows) for each range.
    """
    numbers = uniform(keys, steps, rows=rows, elements=len(ranges))  # (P, rows, ranges)
    return [
        edges[:, :1] + (edges[:, 1:] - edges[:, :1]) * numbers[..., place]
        for place, edges in enumerate(ranges)
    ]
