"""A member with any graph or builder comes to what `model.fit` makes of the same batches."""

import keras
import pytest
from keras import layers

from kerasreg import Regularization
from tests.helpers.keras_layers import PICTURE, convolution, dense
from tests.helpers.networks import BUILDERS, digits
from tests.helpers.populations import (
    assert_as_keras_trains,
    classes,
    compiled_model,
    split_of,
)


def joined_net():
    inputs = keras.Input((8,))
    first = dense(6, "tanh", 1)(inputs)
    second = dense(6, "tanh", 2)(first)
    third = dense(6, "tanh", 3)(inputs)
    joins = (
        layers.Add()([first, second, third]),
        layers.Subtract()([first, third]),
        layers.Multiply()([second, third]),
    )
    whole = layers.Concatenate()([*joins, layers.Average()([first, second]), inputs])
    return compiled_model(keras.Model(inputs, dense(3, seed=9)(whole)))


def residual_net():
    inputs = keras.Input(PICTURE)
    first = convolution(4, kernel_size=3, padding="same", activation="relu")(inputs)
    inner = layers.BatchNormalization()(convolution(4, 2, kernel_size=3, padding="same")(first))
    added = layers.Activation("relu")(layers.Add()([first, inner]))
    return compiled_model(keras.Model(inputs, dense(3, seed=9)(layers.GlobalAveragePooling2D()(added))))


def test_a_graph_with_every_join_is_keras():
    assert_as_keras_trains(joined_net, classes())


def test_a_residual_network_is_keras():
    assert_as_keras_trains(residual_net, classes(PICTURE))


def small_digits():
    x, y = digits()
    return split_of(x[:56], y[:56])


# A second block has the same layers as the first, and takes 4 seconds more to compile
ONE_BLOCK = {"cnn": {"blocks": [(3,)]}, "convolutional autoencoder": {"filters": (3,)}}


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_networks_of_the_builders_are_keras(builder):
    options = {"l1": 1e-3, "l2": 1e-3, "proximal_l1": 1e-3, "max_norm": 0.5}
    if builder != "linear autoencoder":
        options["normalization"] = "batch" if "conv" in builder else "layer"
    if "autoencoder" not in builder:
        options["label_smoothing"] = 0.1
    split = small_digits()

    def make():
        optimizer = keras.optimizers.AdamW(0.01, epsilon=1e-3)
        regularization = Regularization(**options)
        sizes = ONE_BLOCK.get(builder, {})
        return BUILDERS[builder](regularization=regularization, optimizer=optimizer, seed=1, **sizes)

    assert_as_keras_trains(make, split.as_autoencoder() if "autoencoder" in builder else split)
