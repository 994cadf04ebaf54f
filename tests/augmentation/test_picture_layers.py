"""What augmentation and its layers refuse."""

import keras
import numpy as np
import pytest

from kerasreg.augmentation import (
    Augmentation,
    RandomChannelPermutation,
    RandomElastic,
    RandomNoise,
    RandomPalette,
    RandomSlant,
    augmentation_layers,
    augmented_split,
)
from kerasreg.checks import InvalidInput

LAYERS = (RandomChannelPermutation, RandomElastic, RandomNoise, RandomPalette, RandomSlant)


@pytest.mark.parametrize("kind", LAYERS)
def test_one_picture_that_is_no_batch_is_refused(kind):
    with pytest.raises(
        ValueError, match=r"expected ndim=4, found ndim=3\. Full shape received: \(8, 8, 3\)$"
    ):
        kind(0.1)(np.zeros((8, 8, 3), "float32"), training=True)


@pytest.mark.parametrize("kind", [RandomChannelPermutation, RandomPalette])
def test_changes_of_color_need_three_channels(kind):
    with pytest.raises(ValueError, match=r"expected axis -1 of input shape to have value 3"):
        kind(0.1)(np.zeros((2, 8, 8, 1), "float32"), training=True)


@pytest.mark.parametrize("kind", LAYERS)
def test_whole_numbers_are_refused(kind):
    message = r"pictures must be floating-point in \[0, 1\]; received uint8\. Divide 8-bit values by 255\."
    with pytest.raises(InvalidInput, match=message):  # Keras adds what the layer was called with
        kind(0.1)(np.zeros((2, 8, 8, 3), "uint8"), training=True)


def test_a_layer_without_strength_gives_back_what_it_gets():
    pictures = keras.ops.ones((2, 8, 8, 3), "uint8")
    assert RandomNoise(0.0)(pictures, training=True) is pictures


@pytest.mark.parametrize("augmentation", [None, {"noise": 0.1}, "noise"])
def test_layers_are_made_of_an_augmentation_or_a_layer_alone(augmentation):
    with pytest.raises(InvalidInput) as error:
        augmentation_layers(augmentation, seed=0)
    assert str(error.value) == (
        f"augmentation must be an Augmentation or a Keras layer; received {augmentation!r}."
    )


@pytest.mark.parametrize("values", [None, "noise", [0.1]])
def test_an_augmentation_is_made_again_from_a_dict_alone(values):
    with pytest.raises(InvalidInput) as error:
        Augmentation.from_dict(values)
    assert str(error.value) == (
        f"An Augmentation is made from a dict, such as {{'noise': 0.1}}; received {values!r}."
    )


def test_a_split_is_what_augmented_split_takes():
    with pytest.raises(InvalidInput) as error:
        augmented_split(np.zeros((2, 8, 8, 3)), Augmentation(noise=0.1))
    assert str(error.value) == (
        "split must be a Split; received an array of shape (2, 8, 8, 3). augmented takes an array."
    )
