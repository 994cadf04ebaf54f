"""An ordinary Keras model is read as a member, and members that are alike share a program."""

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg import Regularization, build_mlp
from kerasreg.population.member.member import read_member
from tests.helpers.populations import sequential


def net(*parts, shape=(8,)):
    return sequential(shape, *parts, layers.Flatten(), layers.Dense(3))


def mlp(units=(6, 4), **knobs):
    return build_mlp((8,), 3, units=units, regularization=Regularization(**knobs))


ALIKE = {
    "numbers": (
        mlp(l1=0.1, dropout=0.5, noise_std=0.1, max_norm=1.0),
        mlp(l2=0.2, proximal_l1=0.3, label_smoothing=0.1),
    ),
    "widths": (mlp((6, 4)), mlp((9, 3))),
    "dropconnect": (mlp(), mlp(dropconnect=0.5)),
    "learning rates": (
        net(layers.Dense(4)),
        sequential(
            (8,), layers.Dense(4), layers.Flatten(), layers.Dense(3), optimizer=keras.optimizers.AdamW(0.5)
        ),
    ),
    "schedules": (
        sequential((8,), layers.Dense(3), optimizer=keras.optimizers.SGD(0.5, momentum=0.1)),
        sequential(
            (8,),
            layers.Dense(3),
            optimizer=keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 9)),
        ),
    ),
}


DIFFERENT = {
    "layers": (mlp((6,)), mlp((6, 6))),
    "normalization": (mlp(), mlp(normalization="batch")),
    "activation": (net(layers.Dense(4, "relu")), net(layers.Dense(4, "tanh"))),
    "widths that are felt": (
        net(layers.Dense(4, "sigmoid"), layers.Dense(3)),
        net(layers.Dense(5, "sigmoid"), layers.Dense(3)),
    ),
    "widths before a layer normalization": (
        mlp((6,), normalization="layer"),
        mlp((7,), normalization="layer"),
    ),
    "outputs": (sequential((8,), layers.Dense(3)), sequential((8,), layers.Dense(4))),
    "frozen outputs": (
        sequential((8,), layers.Dense(5), layers.Dense(3, trainable=False)),
        sequential((8,), layers.Dense(5), layers.Dense(4, trainable=False)),
    ),
    "inputs": (sequential((8,), layers.Dense(3)), sequential((7,), layers.Dense(3))),
    "freezing": (net(layers.Dense(4)), net(layers.Dense(4, trainable=False))),
    "biases": (net(layers.Dense(4)), net(layers.Dense(4, use_bias=False))),
    "optimizer": (
        net(),
        sequential((8,), layers.Flatten(), layers.Dense(3), optimizer=keras.optimizers.SGD(0.1)),
    ),
    "loss": (
        sequential((8,), layers.Dense(3), loss="mse"),
        sequential((8,), layers.Dense(3), loss="mae"),
    ),
    "filters": (net(layers.Conv2D(2, 3), shape=(6, 6, 1)), net(layers.Conv2D(3, 3), shape=(6, 6, 1))),
    "epsilon": (net(layers.BatchNormalization(epsilon=0.1)), net(layers.BatchNormalization())),
    "axis of a bound": (
        net(layers.Dense(3, kernel_constraint=keras.constraints.MaxNorm(1.0, axis=1))),
        net(layers.Dense(3, kernel_constraint=keras.constraints.MaxNorm(1.0))),
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_members_that_differ_in_numbers_share_a_program(name):
    first, second = (read_member(model) for model in ALIKE[name])
    assert first.architecture == second.architecture
    assert hash(first.architecture) == hash(second.architecture)


@pytest.mark.parametrize("name", DIFFERENT)
def test_members_that_differ_in_what_is_computed_do_not(name):
    first, second = (read_member(model) for model in DIFFERENT[name])
    assert first.architecture != second.architecture


def test_numbers_are_those_of_the_layers():
    model = mlp((6,), l1=0.1, l2=0.2, dropout=0.3, noise_std=0.4, max_norm=0.5, label_smoothing=0.6)
    names = {layer.name: place for place, layer in enumerate(model.layers)}
    numbers = read_member(model).hyperparameters
    kernel = [numbers[(names["hidden_1"], f"kernel {what}")] for what in ("l1", "l2", "max_norm")]
    assert kernel == pytest.approx([0.1, 0.2, 0.5])
    proximal = read_member(mlp((6,), proximal_l1=3.0, max_norm=0.5)).hyperparameters
    both = (names["hidden_1"], names["output"])
    assert [proximal[(at, "kernel proximal_l1")] for at in both] == [3.0] * 2
    assert [proximal[(at, "kernel max_norm")] for at in both] == [0.5, 0]  # the output has no bound
    assert numbers[(names["hidden_1_dropout"], "rate")] == pytest.approx(0.3)
    assert numbers[(names["input_noise"], "stddev")] == pytest.approx(0.4)
    assert numbers[(-1, "label_smoothing")] == pytest.approx(0.6)


def test_a_layers_own_seed_makes_its_key_even_where_keras_drew_it():
    def keys(seed):
        return read_member(net(layers.Dropout(0.5, seed=seed))).keys[0]

    assert keys(1) == keys(1) != keys(2)
    assert keys(None) != keys(None)


def test_writing_cuts_a_member_to_its_own_shapes():
    model = mlp((2,))
    member = read_member(model)
    wide = {
        name: np.ones([size + 3 for size in variable.shape], np.float32)
        for name, variable in member.variables("trainable")
    }
    member.write(wide)
    assert [weight.shape for weight in model.get_weights()] == [(8, 2), (2,), (2, 3), (3,)]
    assert all((weight == 1).all() for weight in model.get_weights())
