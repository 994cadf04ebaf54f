"""The random picture layers that the builders use, stacked."""

from collections.abc import Callable

import keras
import tensorflow as tf

from kerasreg.augmentation import RandomElastic
from kerasreg.population import distortions
from kerasreg.population.parts import Part, Stage, require, seed_of

Range = tuple[float, float]


def read_translation(layer: keras.layers.RandomTranslation) -> Part:
    """Reads a RandomTranslation layer."""
    ranges = {
        "height": (layer.height_lower, layer.height_upper),
        "width": (layer.width_lower, layer.width_upper),
    }
    return _distortion(layer, "random translation", ranges, distortions.random_translation)


def read_rotation(layer: keras.layers.RandomRotation) -> Part:
    """Reads a RandomRotation layer."""
    factor = layer.get_config()["factor"]
    ends = tuple(factor) if isinstance(factor, list | tuple) else (-factor, factor)
    return _distortion(layer, "random rotation", {"turn": ends}, distortions.random_rotation)


def read_zoom(layer: keras.layers.RandomZoom) -> Part:
    """Reads a RandomZoom layer."""
    ranges = {"height": (layer.height_lower, layer.height_upper)}
    if layer.width_factor is not None:
        ranges["width"] = (layer.width_lower, layer.width_upper)
    return _distortion(layer, "random zoom", ranges, distortions.random_zoom)


def read_elastic(layer: RandomElastic) -> Part:
    """Reads a RandomElastic layer."""

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if not stage.training or "strength" not in stage.nonzero:
            return inputs
        return distortions.random_elastic(inputs, stage.keys, stage.steps, strength=stage.numbers["strength"])

    return Part(
        kind=("random elastic",),
        apply=apply,
        numbers={"strength": float(layer.strength)},
        seed=seed_of(layer),
    )


def _distortion(
    layer: keras.Layer,
    name: str,
    ranges: dict[str, Range],
    distort: Callable[..., tf.Tensor],
) -> Part:
    """Returns the part of a Keras layer whose numbers are ranges to draw from."""
    require(
        layer, data_format="channels_last", fill_mode="constant", interpolation="bilinear", fill_value=0.0
    )

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if not stage.training:
            return inputs
        edges = {
            f"{what}_range": tf.stack([stage.numbers[f"{what} from"], stage.numbers[f"{what} to"]], axis=1)
            for what in ranges
        }
        return distort(inputs, stage.keys, stage.steps, **edges)

    numbers = {
        f"{what} {end}": float(value)
        for what, both in ranges.items()
        for end, value in zip(("from", "to"), both, strict=True)
    }
    return Part(kind=(name, tuple(ranges)), apply=apply, numbers=numbers, seed=seed_of(layer))
