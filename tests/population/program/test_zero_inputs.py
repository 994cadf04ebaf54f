"""Inputs that are zero in every row are left out of the products, and nothing comes out otherwise."""

import keras
import numpy as np
import pytest
from keras import layers, regularizers

from kerasreg.population.member.member import read_member
from kerasreg.population.program.device_data import pool_of
from kerasreg.population.program.zero_inputs import columns_of
from kerasreg.proximal import ProximalL1, proximal
from tests.helpers.populations import (
    WEIGHTS,
    assert_all_as_keras_trains,
    classes,
    fit_together,
    glorot,
    sequential,
)

SHAPE = (4, 3)
BLANK = [0, 4, 5, 11]  # inputs that are zero in every row
HALF_BLANK = 7  # zero in the training rows alone


def blank(inputs: list[int] = BLANK):
    """Returns rows of twelve inputs of which some are always zero."""
    split = classes(SHAPE)
    for part in ("train", "validation", "test"):
        rows = getattr(split, f"x_{part}").reshape(-1, 12)
        rows[:, inputs] = 0.0
    split.x_train.reshape(-1, 12)[:, HALF_BLANK] = 0.0
    return split


def network(*first: keras.Layer, units: int = 6, optimizer: object = None, seed: int = 0, **options: object):
    return sequential(
        SHAPE,
        *first,
        layers.Flatten(),
        layers.Dense(units, "relu", kernel_initializer=glorot(seed), **options),
        layers.Dense(3, kernel_initializer=glorot(seed + 9)),
        optimizer=optimizer or proximal(keras.optimizers.Adam(0.01, epsilon=1e-3)),
    )


def found(model: keras.Model, split=None):
    member = read_member(model)
    nonzero = {name for name, number in member.hyperparameters.items() if number}
    return columns_of([member], nonzero, pool_of([split or blank()]).data)


PENALTIES = [
    {"kernel_regularizer": regularizers.L2(0.02)},
    {"kernel_regularizer": regularizers.L1L2(0.01, 0.02)},
    {"kernel_constraint": ProximalL1(0.02)},
    {},
]


@pytest.mark.slow
def test_members_with_blank_inputs_train_as_in_keras():
    models = [
        lambda seed=seed, options=options: network(seed=seed, **options)
        for seed, options in enumerate(PENALTIES)
    ]
    assert found(models[0]()).penalized
    assert_all_as_keras_trains(models, blank())


def test_proximal_l1_alone_moves_the_weights_of_blank_inputs():
    model = network(kernel_constraint=ProximalL1(0.2), optimizer=proximal(keras.optimizers.SGD(0.5)))
    assert found(model).penalized
    fit_together([model], blank())  # nine steps of 0.1, and Glorot's largest weight is 0.58
    assert not model.get_weights()[0][BLANK].any()


def test_without_penalties_the_weights_of_blank_inputs_stay_where_they_were():
    model = network(layers.Rescaling(2.0))
    assert not found(model).penalized
    before = model.get_weights()[0]
    fit_together([model], blank())
    after = model.get_weights()[0]
    np.testing.assert_array_equal(after[[*BLANK, HALF_BLANK]], before[[*BLANK, HALF_BLANK]])
    others = np.setdiff1d(np.arange(12), [*BLANK, HALF_BLANK])
    assert np.all(after[others].any(axis=1) & (after[others] != before[others]).any(axis=1))


def test_weight_decay_alone_moves_the_weights_of_blank_inputs():
    optimizer = keras.optimizers.SGD(0.1, weight_decay=0.5)
    model = network(optimizer=optimizer)
    before = model.get_weights()[0]
    fit_together([model], blank())
    steps = 3 * 3
    np.testing.assert_allclose(
        model.get_weights()[0][BLANK], before[BLANK] * (1 - 0.1 * 0.5) ** steps, **WEIGHTS
    )


def test_members_of_several_widths_share_a_program_with_blank_inputs_and_keep_their_best_weights():
    def models():
        return [network(units=units, seed=units, **PENALTIES[0]) for units in (2, 9)]

    options = {"epochs": 4, "restore_best_weights": True}
    together, alone = models(), models()
    history = fit_together(together, blank(), members_per_program=2, **options)
    assert history.programs <= 1
    for model, other in zip(together, alone, strict=True):
        fit_together([other], blank(), **options)
        for weight, expected in zip(model.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(weight, expected, **WEIGHTS)


def test_an_input_is_blank_if_it_is_so_in_all_rows_validation_included():
    np.testing.assert_array_equal(found(network()).unfed, BLANK)
    np.testing.assert_array_equal(found(network()).fed, np.setdiff1d(np.arange(12), BLANK))


@pytest.mark.parametrize(
    "model",
    [
        lambda: network(layers.GaussianNoise(0.1)),
        lambda: network(layers.Rescaling(1.0, offset=0.5)),
        lambda: network(layers.BatchNormalization()),
        lambda: network(kernel_constraint=keras.constraints.MaxNorm(1.0)),
        lambda: sequential(
            SHAPE, layers.Conv2D(2, 2) if len(SHAPE) > 2 else layers.Dense(2), layers.Flatten()
        ),
    ],
)
def test_networks_that_see_more_than_the_inputs_get_them_all(model):
    assert found(model()) is None


def test_a_few_blank_inputs_of_many_are_not_worth_it():
    assert found(network(), classes(SHAPE)) is None


def test_an_autoencoder_has_to_give_back_its_blank_inputs():
    split = blank().as_autoencoder()
    assert "y" not in pool_of([split]).data
    assert found(network(), split) is None
