"""The layers that an `Augmentation` stands for."""

from collections.abc import Callable

import keras

from kerasreg.augmentation.colors import RandomChannelPermutation, RandomNoise, RandomPalette
from kerasreg.augmentation.geometry import RandomElastic, RandomSlant
from kerasreg.augmentation.strengths import Augmentation
from kerasreg.checks import InvalidInput, shown
from kerasreg.seeds import derive_seed

_OUTSIDE = {"fill_mode": "constant", "fill_value": 0.0}
_UNIT = {"value_range": (0, 1)}

# How each knob of Augmentation is made a layer, in the order of its fields. Keras' own are used where they do
# the same; a range is written out where Keras takes one number for the upper half of the range alone.
_LAYERS: dict[str, Callable[..., keras.Layer]] = {
    "translation": lambda largest, **options: keras.layers.RandomTranslation(
        largest, largest, **_OUTSIDE, **options
    ),
    "rotation": lambda degrees, **options: keras.layers.RandomRotation(degrees / 360, **_OUTSIDE, **options),
    "shear": RandomSlant,
    # Without a factor of its own the width follows the height, and the picture keeps its shape
    "zoom": lambda largest, **options: keras.layers.RandomZoom(largest, None, **_OUTSIDE, **options),
    "elastic": RandomElastic,
    "brightness": lambda largest, **options: keras.layers.RandomBrightness(largest, **_UNIT, **options),
    "contrast": lambda largest, **options: keras.layers.RandomContrast(
        (largest, largest), **_UNIT, **options
    ),
    "saturation": lambda largest, **options: keras.layers.RandomSaturation(
        ((1 - largest) / 2, (1 + largest) / 2), **_UNIT, **options
    ),
    "hue": lambda degrees, **options: keras.layers.RandomHue(degrees / 180, **_UNIT, **options),
    "channel_permutation": RandomChannelPermutation,
    "palette": RandomPalette,
    "noise": RandomNoise,
    "erasing": lambda probability, **options: keras.layers.RandomErasing(
        (probability, probability), fill_value=0.0, **_UNIT, **options
    ),
}


def augmentation_layers(augmentation: Augmentation | keras.Layer, *, seed: int) -> list[keras.Layer]:
    """Returns a layer for each change that is not switched off, in the order of `Augmentation`.

    The layers are named `random_translation`, `random_rotation` and so on. Keras' own are used but for shear,
    elastic, channel_permutation, palette and noise. They do nothing in `predict` and `evaluate`; a
    network that is called directly needs `model(x, training=False)`, because Keras' own distort by default.

    Args:
        augmentation: How far to change pictures; or a layer of your own, of which a new one is made from its
            configuration, so that networks share neither state nor, where it has a `seed`, random numbers.
        seed: Seed of the whole, a whole number >= 0; each layer derives its own by its name.

    Raises:
        InvalidInput: If it is neither, or a layer of your own cannot be made again from its configuration.
    """
    if not isinstance(augmentation, Augmentation | keras.Layer):
        raise InvalidInput(
            f"augmentation must be an Augmentation or a Keras layer; received {shown(augmentation)}."
        )
    if isinstance(augmentation, keras.Layer):
        return [_made_again(augmentation, seed)]
    layers = []
    for knob, strength in augmentation.to_dict().items():
        name = f"random_{knob}"
        layers.append(_LAYERS[knob](strength, seed=derive_seed(seed, name), name=name))
    return layers


def _made_again(layer: keras.Layer, seed: int) -> keras.Layer:
    """Returns a new layer like this one, with a seed of its own where it has one."""
    try:
        config = layer.get_config()
        if "seed" in config:
            config["seed"] = derive_seed(seed, config["name"])
        return type(layer).from_config(config)
    except Exception as error:  # whatever a layer of someone's own raises
        raise InvalidInput(
            f"The layer {layer.name!r} ({type(layer).__name__}) cannot be made again from its get_config(), "
            "which every network with it needs. Let get_config return all arguments of __init__; a function "
            "alone goes through kerasreg.augmentation.augmented_split."
        ) from error
