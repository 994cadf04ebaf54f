"""Layers of one's own as augmentation of the builders."""

import re

import keras
import pytest

from kerasreg import build_autoencoder, build_cnn, fit_population
from kerasreg.augmentation import RandomNoise
from kerasreg.checks import InvalidInput
from kerasreg.population import UnstackableModel
from kerasreg.population.member.member import read_member
from tests.helpers.small import small_digits


def darker(pictures):
    return pictures / 2


def network(augmentation, seed: int = 0) -> keras.Model:
    return build_cnn((8, 8, 1), 10, blocks=[(2,)], dense_units=(), augmentation=augmentation, seed=seed)


def test_builders_take_a_layer_of_ones_own_made_anew_for_each_network():
    own = RandomNoise(0.1, seed=7, name="mine")
    first, same, other = (network(own, seed).get_layer("mine") for seed in (1, 1, 2))
    assert first.strength == 0.1
    assert len({id(own), id(first), id(same)}) == 3
    assert first.seed == same.seed != other.seed
    assert read_member(network(own)).parts[0].hyperparameters == {"strength": 0.1}


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            keras.layers.Rescaling(255, name="mine"),
            (8, 8, 1),
            "The strategy 'mine' returned values from 0 to 255, and pictures must stay in [0, 1]. Let it "
            "return numpy.clip(pictures, 0, 1).",
        ),
        (
            keras.layers.CenterCrop(4, 4, name="mine"),
            (8, 8, 1),
            "The strategy 'mine' must return pictures of the shape it was given, (2, 8, 8, 1); it returned "
            "(2, 4, 4, 1).",
        ),
        (
            keras.layers.Lambda(darker, name="mine"),
            (8, 8, 1),
            "The layer 'mine' (Lambda) cannot be made again from its get_config(), which every network with "
            "it needs. Let get_config return all arguments of __init__; a function alone goes through "
            "kerasreg.augmentation.augmented_split.",
        ),
        (
            RandomNoise(0.1),
            (64,),
            "augmentation needs pictures of shape (height, width, channels); received input_shape (64,). "
            "Leave it at None.",
        ),
    ],
)
def test_builders_try_a_layer_of_ones_own_and_refuse_what_makes_no_pictures(layer, shape, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        build_autoencoder(shape, augmentation=layer)


class Foreign(keras.layers.Layer):
    """A layer that kerasreg has never seen."""

    def call(self, pictures):
        return 1 - pictures


def test_a_layer_that_a_population_cannot_train_is_refused_by_name_or_trained_alone():
    split = small_digits(100)
    with pytest.raises(UnstackableModel, match=r"^The layer 'mine' \(Foreign\) "):
        fit_population([network(Foreign(name="mine"))], split, epochs=1)
    with pytest.warns(UserWarning, match="'mine'"):
        history = fit_population([network(Foreign(name="mine"))], split, epochs=1, fallback=True)
    assert history[0].way == "fit"
