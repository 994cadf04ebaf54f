"""Readers of random image augmentation layers."""

from collections.abc import Callable

import keras
import tensorflow as tf

from kerasreg.augmentation import (
    RandomChannelPermutation,
    RandomElastic,
    RandomNoise,
    RandomPalette,
    RandomSlant,
)
from kerasreg.population.kernels import color, geometry
from kerasreg.population.member.options import covers
from kerasreg.population.member.part import Part, Stage, refuse, require, seed_of

Range = tuple[float, float]


@covers("height_factor", "width_factor", "data_format", "fill_mode", "interpolation", "fill_value", "seed")
def read_translation(layer: keras.layers.RandomTranslation) -> Part:
    """Reads a RandomTranslation layer."""
    ranges = {
        "height": (layer.height_lower, layer.height_upper),
        "width": (layer.width_lower, layer.width_upper),
    }
    return _distortion(layer, "random translation", ranges, geometry.random_translation)


@covers("factor", "data_format", "fill_mode", "interpolation", "fill_value", "seed")
def read_rotation(layer: keras.layers.RandomRotation) -> Part:
    """Reads a RandomRotation layer."""
    factor = layer.get_config()["factor"]
    ends = tuple(factor) if isinstance(factor, list | tuple) else (-factor, factor)
    return _distortion(layer, "random rotation", {"turn": ends}, geometry.random_rotation)


@covers("height_factor", "width_factor", "data_format", "fill_mode", "interpolation", "fill_value", "seed")
def read_zoom(layer: keras.layers.RandomZoom) -> Part:
    """Reads a RandomZoom layer."""
    ranges = {"height": (layer.height_lower, layer.height_upper)}
    if layer.width_factor is not None:
        ranges["width"] = (layer.width_lower, layer.width_upper)
    return _distortion(layer, "random zoom", ranges, geometry.random_zoom)


@covers("factor", "value_range", "data_format", "seed")
def read_brightness(layer: keras.layers.RandomBrightness) -> Part:
    """Reads a RandomBrightness layer for values in [0, 1]."""
    _require_unit_range(layer)
    return _distortion(layer, "random brightness", {"delta": layer.factor}, color.random_brightness)


@covers("factor", "value_range", "data_format", "seed")
def read_contrast(layer: keras.layers.RandomContrast) -> Part:
    """Reads a RandomContrast layer for values in [0, 1]."""
    _require_unit_range(layer)
    less, more = layer.factor
    return _distortion(layer, "random contrast", {"factor": (1 - less, 1 + more)}, color.random_contrast)


@covers("factor", "value_range", "data_format", "seed")
def read_saturation(layer: keras.layers.RandomSaturation) -> Part:
    """Reads a RandomSaturation layer for values in [0, 1]."""
    _require_unit_range(layer)
    return _distortion(layer, "random saturation", {"factor": layer.factor}, color.random_saturation)


@covers("factor", "value_range", "data_format", "seed")
def read_hue(layer: keras.layers.RandomHue) -> Part:
    """Reads a RandomHue layer for values in [0, 1]."""
    _require_unit_range(layer)
    return _distortion(layer, "random hue", {"factor": layer.factor}, color.random_hue)


@covers("factor", "scale", "value_range", "data_format", "fill_value", "seed")
def read_erasing(layer: keras.layers.RandomErasing) -> Part:
    """Reads a RandomErasing layer that fills with 0, the only fill that a population has."""
    low, high = layer.value_range
    if not low <= 0 <= high:  # Keras would fill with the nearest value in this range
        raise refuse(
            layer, f"has value_range={layer.value_range!r}, without the 0 that a population fills with"
        )
    ranges = {"probability": layer.factor, "area": layer.scale}
    return _distortion(layer, "random erasing", ranges, color.random_erasing)


OWN = {
    RandomSlant: geometry.random_slant,
    RandomElastic: geometry.random_elastic,
    RandomChannelPermutation: color.random_channel_permutation,
    RandomPalette: color.random_palette,
    RandomNoise: color.random_noise,
}


@covers("strength", "seed")
def read_own(
    layer: RandomSlant | RandomElastic | RandomChannelPermutation | RandomPalette | RandomNoise,
) -> Part:
    """Reads one of the package's own random layers, whose one hyperparameter is their strength."""
    change = OWN[type(layer)]

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if not stage.training or "strength" not in stage.nonzero:
            return inputs
        return change(inputs, stage.keys, stage.steps, strength=stage.hyperparameters["strength"])

    return Part(
        kind=(type(layer).__name__,),
        apply=apply,
        hyperparameters={"strength": float(layer.strength)},
        seed=seed_of(layer),
    )


def _require_unit_range(layer: keras.Layer) -> None:
    if tuple(layer.value_range) != (0, 1):
        raise refuse(layer, f"has value_range={layer.value_range!r} where a population needs (0, 1)")


def _distortion(
    layer: keras.Layer,
    name: str,
    ranges: dict[str, Range],
    distort: Callable[..., tf.Tensor],
) -> Part:
    """Returns the part of a Keras layer whose hyperparameters are ranges to draw from."""
    require(
        layer, data_format="channels_last", fill_mode="constant", interpolation="bilinear", fill_value=0.0
    )

    def apply(stage: Stage, inputs: tf.Tensor) -> tf.Tensor:
        if not stage.training:
            return inputs
        edges = {
            f"{what}_range": tf.stack(
                [stage.hyperparameters[f"{what} from"], stage.hyperparameters[f"{what} to"]], axis=1
            )
            for what in ranges
        }
        return distort(inputs, stage.keys, stage.steps, **edges)

    hyperparameters = {
        f"{what} {end}": float(value)
        for what, both in ranges.items()
        for end, value in zip(("from", "to"), both, strict=True)
    }
    return Part(kind=(name, tuple(ranges)), apply=apply, hyperparameters=hyperparameters, seed=seed_of(layer))
