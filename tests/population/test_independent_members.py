"""A member's result depends only on its own seeds, never on who it is trained with."""

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg.augmentation import RandomElastic
from kerasreg.layers import DropConnectDense
from kerasreg.population.schedule import chunks
from tests.helpers.networks import evaluated
from tests.helpers.populations import assert_same_weights, classes, fit_together, glorot, sequential

COUNT = 7


def random_net(member, units=6, wider=0):
    """A network with every random layer for tables, its numbers and seeds the member's own."""
    seed, rate = 10 * member, 0.1 + 0.1 * member
    return sequential(
        (8,),
        layers.GaussianNoise(rate, seed=seed),
        DropConnectDense(units + wider, rate=rate, seed=seed + 1, kernel_initializer=glorot(seed)),
        layers.BatchNormalization(),
        layers.ReLU(negative_slope=0.1),
        layers.Dropout(rate, seed=seed + 2),
        layers.Dense(
            5, "elu", kernel_initializer=glorot(seed + 1), kernel_regularizer=keras.regularizers.L2(rate / 10)
        ),
        layers.GaussianDropout(rate, seed=seed + 3),
        layers.Dense(3, kernel_initializer=glorot(seed + 2)),
        optimizer=keras.optimizers.Adam(0.01 / (1 + member), epsilon=1e-3),
    )


def weights_after(models, **options):
    fit_together(
        models, classes(), **({"epochs": 2, "seeds": [3 + index for index in range(len(models))]} | options)
    )
    return [model.get_weights() for model in models]


@pytest.fixture(scope="module")
def together():
    return weights_after([random_net(member) for member in range(COUNT)], members_per_program=2)


@pytest.mark.parametrize("size", [1, 7])
def test_weights_are_the_same_however_many_share_a_program(together, size):
    weights = weights_after([random_net(member) for member in range(COUNT)], members_per_program=size)
    for found, expected in zip(weights, together, strict=True):
        assert_same_weights(found, expected)


def test_weights_are_the_same_alone(together):
    for member in (0, 4):
        (found,) = weights_after([random_net(member)], seeds=[3 + member])
        assert_same_weights(found, together[member])


def test_weights_are_the_same_in_another_order(together):
    backwards = list(range(COUNT))[::-1]
    weights = weights_after(
        [random_net(member) for member in backwards],
        seeds=[3 + member for member in backwards],
        members_per_program=2,
    )
    for found, member in zip(weights, backwards, strict=True):
        assert_same_weights(found, together[member])


def test_weights_are_the_same_with_wider_and_narrower_company(together, monkeypatch):
    """The fourth has its own width; the others' idle units and its own must not be felt."""
    monkeypatch.setattr(chunks, "COMPILE_SECONDS", 1e9)  # no group of its own for any width
    models = [random_net(member, wider=abs(member - 3) * (-1) ** member) for member in range(COUNT)]
    assert len({model.layers[1].units for model in models}) == 4
    weights = weights_after(models, members_per_program=COUNT)
    assert_same_weights(weights[3], together[3])
    alone = weights_after([random_net(0, wider=3)], seeds=[3])[0]
    assert_same_weights(weights[0], alone)


def test_rows_of_rows_with_dropout_do_not_feel_wider_company(monkeypatch):
    monkeypatch.setattr(chunks, "COMPILE_SECONDS", 1e9)

    def net(units):
        return sequential(
            (8,),
            layers.Reshape((4, 2)),
            layers.Dense(units, "relu", kernel_initializer=glorot(1)),
            layers.Dropout(0.5, seed=1),
            layers.Dense(2, kernel_initializer=glorot(2)),
            layers.Flatten(),
            layers.Dense(3, kernel_initializer=glorot(3)),
        )

    in_company = weights_after([net(3), net(9)], seeds=[1, 1])[0]
    assert_same_weights(in_company, weights_after([net(3)], seeds=[1])[0])


def test_an_activation_that_is_not_0_at_0_keeps_widths_apart(monkeypatch):
    monkeypatch.setattr(chunks, "COMPILE_SECONDS", 1e9)

    def net(units):
        return sequential(
            (8,),
            layers.Dense(units, kernel_initializer=glorot(1)),
            layers.ReLU(negative_slope=0.5, threshold=1.0),
            layers.Dense(3, kernel_initializer=glorot(3)),
        )

    in_company = weights_after([net(3), net(9)], seeds=[1, 1])[0]
    assert_same_weights(in_company, weights_after([net(3)], seeds=[1])[0])


def picture_net(member):
    seed, amount = 10 * member, 0.05 + 0.1 * member
    return sequential(
        (6, 6, 1),
        layers.RandomTranslation(amount, (-amount, 0.2), fill_mode="constant", seed=seed),
        layers.RandomRotation(amount, fill_mode="constant", seed=seed + 1),
        layers.RandomZoom(amount, fill_mode="constant", seed=seed + 2),
        RandomElastic(amount / 10, seed=seed + 3),
        layers.Conv2D(4, 3, activation="relu", kernel_initializer=glorot(seed)),
        layers.SpatialDropout2D(amount, seed=seed + 4),
        layers.Flatten(),
        layers.Dense(3, kernel_initializer=glorot(seed + 1)),
    )


def test_distorted_pictures_are_the_same_in_company_and_alone():
    split = classes((6, 6, 1), train=24, validation=8)
    models = [picture_net(member) for member in (2, 1, 0)]
    fit_together(models, split, epochs=2, seeds=[5, 4, 3])
    alone = picture_net(1)
    fit_together([alone], split, epochs=2, seeds=[4])
    assert_same_weights(models[1].get_weights(), alone.get_weights())


def test_validation_has_no_masks_and_no_noise():
    """The last epoch's numbers are those that Keras gives for the trained model."""
    split = classes()
    models = [random_net(member) for member in range(2)]
    history = fit_together(models, split, epochs=2)
    for member, model in zip(history, models, strict=True):
        kept = evaluated(model, split.x_validation, split.y_validation)
        for name, value in kept.items():
            np.testing.assert_allclose(
                member.history.metrics[f"val_{name}"][-1], value, rtol=1e-5, err_msg=name
            )
