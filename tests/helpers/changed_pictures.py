"""Pictures after one change, of a strength that the tests share."""

import keras
import numpy as np

from kerasreg.augmentation import (
    Augmentation,
    augmentation_layers,
)
from tests.helpers.strengths import EVERYTHING


def the_layer(kind: str, strength: float | None = None, *, seed: int = 0) -> keras.Layer:
    strength = EVERYTHING[kind] if strength is None else strength
    (layer,) = augmentation_layers(Augmentation(**{kind: strength}), seed=seed)
    return layer


def distorted(layer: keras.Layer, pictures: np.ndarray) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(pictures, training=True))
