"""What the random layers for pictures have in common."""

from typing import Any

import keras

from kerasreg.augmentation.strengths import check_up_to_1
from kerasreg.checks import InvalidInput


class RandomPictureLayer(keras.layers.Layer):
    """Changes each picture at random while training; a subclass says how in `change`.

    Args:
        strength: How far, a number from 0, which changes nothing, to 1.
        seed: Seed of the draws, a whole number, or `None` for a random one.
        **kwargs: `name` and `dtype`, as in `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same.

    Raises:
        InvalidInput: If `strength` is outside its range, or pictures hold whole numbers. Keras refuses those
            of another shape.
    """

    channels: int | None = None  # that pictures must have; `None` for any number

    def __init__(self, strength: float, *, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strength = self.checked(strength)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        axes = {} if self.channels is None else {-1: self.channels}
        self.input_spec = keras.layers.InputSpec(ndim=4, axes=axes)

    def checked(self, strength: float) -> float:
        """Returns the strength, or raises `InvalidInput` if it is outside its range."""
        return check_up_to_1("strength", strength)

    def call(self, pictures: Any, training: bool = False) -> Any:
        """Returns the pictures, changed only if `training`."""
        if not training or self.strength == 0:
            return pictures
        dtype = keras.backend.standardize_dtype(pictures.dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise InvalidInput(
                f"pictures must be floating-point in [0, 1]; received {dtype}. Divide 8-bit values by 255."
            )
        return self.change(pictures)

    def change(self, pictures: Any) -> Any:
        """Returns the pictures, each changed at random."""
        raise NotImplementedError

    def uniform(self, *shape: Any, limit: float = 1.0) -> Any:
        """Draws evenly from [-limit, limit]."""
        return keras.random.uniform(shape, -limit, limit, dtype=self.compute_dtype, seed=self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        """Returns what makes the same layer again."""
        return super().get_config() | {"strength": self.strength, "seed": self.seed}
