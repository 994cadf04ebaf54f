"""Random distortions of pictures, drawn anew for each picture at each training step."""

from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_number
from kerasreg.seeds import derive_seed

SMOOTHNESS = 4 / 29  # Simard et al. smooth over 4 pixels of pictures of 29 x 29


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far each picture may be moved, turned, resized and bent while training.

    Every picture of a batch gets its own random distortion at every step. What comes in from outside
    the picture is 0, the background of MNIST and of the digits.

    Args:
        translation: Largest shift, down and across independently, as a fraction of the height and of
            the width, in [0, 1). Drawn evenly from [-translation, translation].
        rotation: Largest turn in degrees, either way, in [0, 180].
        zoom: Largest change of size, as a fraction, in [0, 1): with 0.1 the result shows between 90 %
            and 110 % of the picture's height and width.
        elastic: Standard deviation of each pixel's shift in an elastic deformation, down as a fraction
            of the height and across as a fraction of the width, in [0, 1). Pixels within about 4/29 of the
            picture move together. The paper's best setting for MNIST comes to about 0.05.

    Raises:
        InvalidInput: If a value is outside its range.

    Reference:
        Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to
        Visual Document Analysis", ICDAR 2003, section 2.

    Example:
    >>> Augmentation(translation=0.1, rotation=10).scaled(0.5)
    Augmentation(translation=0.05, rotation=5.0, zoom=0.0, elastic=0.0)
    """

    translation: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    elastic: float = 0.0

    def __post_init__(self) -> None:
        for name in ("translation", "zoom", "elastic"):
            object.__setattr__(self, name, check_number(name, getattr(self, name), below=1.0))
        object.__setattr__(self, "rotation", check_number("rotation", self.rotation))
        if self.rotation > 180:
            raise InvalidInput(
                f"rotation must be a number of degrees from 0 to 180; received {self.rotation:g}."
            )

    def scaled(self, strength: float) -> "Augmentation":
        """Returns the same distortions, each `strength` times as large; 0 is none at all.

        Args:
            strength: A number of at least 0.

        Raises:
            InvalidInput: If `strength` is negative or takes a distortion out of its range.
        """
        factor = check_number("strength", strength)
        return Augmentation(**{name: factor * value for name, value in asdict(self).items()})

    def to_dict(self) -> dict[str, float]:
        """Returns every distortion by name, as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, float]) -> "Augmentation":
        """Makes an `Augmentation` from what `to_dict` returned.

        Raises:
            InvalidInput: If a name is no distortion, or a value is outside its range.
        """
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            accepted = ", ".join(cls.__dataclass_fields__)
            raise InvalidInput(f"Augmentation has no {', '.join(unknown)}; it has {accepted}.")
        return cls(**values)


def augmentation_layers(augmentation: Augmentation, *, seed: int) -> list[keras.Layer]:
    """Returns a layer for each distortion that is not zero, in a fixed order.

    The layers are named `random_translation`, `random_rotation`, `random_zoom` and `random_elastic`;
    the first three are Keras' own. They do nothing in `predict` and `evaluate`; a
    network that is called directly needs `model(x, training=False)`, because Keras' own distort by default.

    Args:
        augmentation: How far to distort.
        seed: Seed of the whole, a whole number >= 0; each layer derives its own by its name.
    """
    layers: list[keras.Layer] = []
    outside = {"fill_mode": "constant", "fill_value": 0.0}
    if augmentation.translation:
        name, largest = "random_translation", augmentation.translation
        layers.append(
            keras.layers.RandomTranslation(
                largest, largest, **outside, seed=derive_seed(seed, name), name=name
            )
        )
    if augmentation.rotation:
        name, turns = "random_rotation", augmentation.rotation / 360
        layers.append(keras.layers.RandomRotation(turns, **outside, seed=derive_seed(seed, name), name=name))
    if augmentation.zoom:
        name = "random_zoom"
        # Without a factor of its own the width follows the height, and the picture keeps its shape
        layers.append(
            keras.layers.RandomZoom(
                augmentation.zoom, None, **outside, seed=derive_seed(seed, name), name=name
            )
        )
    if augmentation.elastic:
        name = "random_elastic"
        layers.append(RandomElastic(augmentation.elastic, seed=derive_seed(seed, name), name=name))
    return layers


@keras.saving.register_keras_serializable(package="kerasreg")
class RandomElastic(keras.layers.Layer):
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

    def __init__(self, strength: float, *, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strength = check_number("strength", strength, below=1.0)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, pictures: Any, training: bool = False) -> Any:
        """Returns the pictures, bent only if `training`."""
        if not training or self.strength == 0:
            return pictures
        height, width = pictures.shape[1:3]
        limit = 3**0.5  # evenly from [-sqrt(3), sqrt(3)] has standard deviation 1
        noise = keras.random.uniform(
            (2, keras.ops.shape(pictures)[0], height, width),
            -limit,
            limit,
            dtype=self.compute_dtype,
            seed=self.seed_generator,
        )
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

    def get_config(self) -> dict[str, Any]:
        """Returns what makes the same layer again."""
        return super().get_config() | {"strength": self.strength, "seed": self.seed}


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
