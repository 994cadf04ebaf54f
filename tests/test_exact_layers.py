"""A member with any layer, graph or builder comes to what `model.fit` makes of the same batches."""

import keras
import pytest
from keras import layers

from kerasreg import Regularization
from kerasreg.layers import DropConnectDense, SoftThreshold
from tests.networks import BUILDERS, digits
from tests.populations import (
    assert_as_keras_trains,
    classes,
    compiled_model,
    glorot,
    sequential,
    split_of,
    table,
)

optimizers = keras.optimizers

PICTURE = (6, 6, 2)


def dense(units, activation=None, seed=1, **options):
    """A dense layer with biases that differ, so that a forgotten one shows."""
    options = {
        "kernel_initializer": glorot(seed),
        "bias_initializer": keras.initializers.RandomNormal(seed=seed),
    } | options
    return layers.Dense(units, activation, **options)


def convolution(filters, seed=1, **options):
    return layers.Conv2D(filters, kernel_initializer=glorot(seed), **options)


def adapted():
    layer = layers.Normalization()
    layer.adapt(3 * table() + 1)
    return layer


def adapted_to_pictures():
    layer = layers.Normalization(axis=(1, 3))
    layer.adapt(3 * table(PICTURE) + 1)
    return layer


def random_moments(**options):
    """A batch normalization whose weights all differ from those of a new one."""
    return layers.BatchNormalization(
        gamma_initializer=keras.initializers.RandomNormal(1, 0.2, seed=1),
        beta_initializer=keras.initializers.RandomNormal(seed=2),
        moving_mean_initializer=keras.initializers.RandomNormal(seed=3),
        moving_variance_initializer=keras.initializers.RandomUniform(0.5, 1.5, seed=4),
        **options,
    )


LAYERS = {
    "dense on rows of rows": lambda: [
        dense(6, "gelu"),
        layers.Reshape((2, -1)),
        dense(4, "elu", 2, use_bias=False),
        layers.Flatten(),
    ],
    "dropconnect at rate 0": lambda: [
        DropConnectDense(6, rate=0.0, activation="relu", kernel_initializer=glorot(1)),
        layers.Dropout(0.0),
        layers.GaussianNoise(0.0),
        layers.GaussianDropout(0.0),
    ],
    "activations": lambda: [
        dense(7),
        layers.Activation("silu"),
        dense(7, "softplus", 2),
        layers.LeakyReLU(negative_slope=0.2),
        dense(7, "selu", 3),
        layers.ELU(alpha=0.5),
        dense(7, "hard_sigmoid", 4),
        layers.Softmax(),
    ],
    "rectifiers": lambda: [
        dense(7),
        layers.ReLU(max_value=0.8, negative_slope=0.1, threshold=0.05),
        dense(7, "leaky_relu", 2),
        layers.PReLU(alpha_initializer=keras.initializers.Constant(0.3)),
        dense(7, "relu6", 3),
        layers.ReLU(),
    ],
    "prelu with shared axes": lambda: [
        layers.Reshape((2, 2, 2)),
        layers.PReLU(alpha_initializer=glorot(1), shared_axes=[1, 2]),
        layers.Flatten(),
    ],
    "batch normalization": lambda: [
        dense(6),
        random_moments(momentum=0.7, epsilon=0.05),
        layers.Activation("relu"),
        dense(6, seed=2),
        layers.BatchNormalization(center=False),
        dense(6, seed=3),
        layers.BatchNormalization(scale=False),
    ],
    "batch normalization that is frozen": lambda: [dense(6), random_moments(trainable=False), layers.ReLU()],
    "layer normalization": lambda: [
        dense(6, "tanh"),
        layers.LayerNormalization(epsilon=0.05),
        dense(6, "tanh", 2),
        layers.LayerNormalization(center=False, scale=False),
        layers.Reshape((2, 3)),
        layers.LayerNormalization(),
        layers.Flatten(),
    ],
    "scales": lambda: [
        adapted(),
        layers.Rescaling(0.5, offset=-0.1),
        layers.Normalization(mean=0.1, variance=4.0),
        dense(6, "relu"),
    ],
    "frozen layers": lambda: [
        dense(6, "relu", trainable=False, kernel_regularizer="l2"),
        dense(6, "relu", 2),
        dense(6, "relu", 3, trainable=False),
    ],
    "penalties and bounds": lambda: [
        dense(
            6,
            "relu",
            kernel_regularizer=keras.regularizers.L1(0.02),
            kernel_constraint=keras.constraints.MaxNorm(0.6),
        ),
        dense(
            6,
            "relu",
            2,
            kernel_regularizer=keras.regularizers.L2(0.03),
            bias_regularizer=keras.regularizers.L1(0.05),
            bias_constraint=keras.constraints.MaxNorm(0.03),
        ),
        dense(
            6,
            "relu",
            3,
            kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
            bias_regularizer=keras.regularizers.L1L2(0.01, 0.02),
            kernel_constraint=keras.constraints.MaxNorm(0.5, axis=[0, 1]),
        ),
        dense(
            6,
            "relu",
            4,
            kernel_constraint=SoftThreshold(0.02, max_norm=0.4),
            bias_constraint=SoftThreshold(0.003),
        ),
        layers.BatchNormalization(
            gamma_regularizer="l2", beta_regularizer="l1", beta_constraint=keras.constraints.MaxNorm(0.01)
        ),
    ],
}
PICTURE_LAYERS = {
    "convolutions": lambda: [
        convolution(3, kernel_size=3, padding="same", activation="relu"),
        convolution(
            3,
            2,
            kernel_size=(2, 3),
            strides=(1, 2),
            kernel_constraint=keras.constraints.MaxNorm(0.8, axis=[0, 1, 2]),
        ),
        layers.BatchNormalization(),
        layers.ReLU(),
        convolution(2, 3, kernel_size=2, strides=2, padding="same", use_bias=False, kernel_regularizer="l2"),
        convolution(2, 4, kernel_size=1, kernel_constraint=SoftThreshold(0.02, max_norm=0.8, axis=[0, 1, 2])),
    ],
    "poolings": lambda: [
        layers.MaxPooling2D((2, 3), strides=1),
        convolution(3, kernel_size=2),
        layers.AveragePooling2D(2, padding="same"),
        layers.MaxPooling2D(2, strides=1, padding="same"),
    ],
    "global average": lambda: [
        convolution(4, kernel_size=3, activation="tanh"),
        layers.GlobalAveragePooling2D(),
    ],
    "global maximum": lambda: [
        adapted_to_pictures(),
        convolution(4, kernel_size=3),
        layers.SpatialDropout2D(0.0),
        layers.GlobalMaxPooling2D(keepdims=True),
    ],
    "changes of size": lambda: [
        layers.ZeroPadding2D(((1, 0), (2, 1))),
        layers.UpSampling2D((2, 1)),
        layers.Cropping2D(((1, 2), (0, 3))),
        convolution(2, kernel_size=3, strides=2),
    ],
    "transposed convolutions": lambda: [
        layers.Conv2DTranspose(
            3, 3, strides=2, padding="same", activation="relu", kernel_initializer=glorot(1)
        ),
        layers.Conv2DTranspose(
            2, (2, 3), strides=(1, 2), kernel_initializer=glorot(2), kernel_regularizer="l2"
        ),
        layers.AveragePooling2D(3),
    ],
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_keras(name):
    assert_as_keras_trains(lambda: sequential((8,), *LAYERS[name](), dense(3, seed=9)), classes())


@pytest.mark.parametrize("name", PICTURE_LAYERS)
def test_every_layer_for_pictures_is_keras(name):
    def make():
        return sequential(PICTURE, *PICTURE_LAYERS[name](), layers.Flatten(), dense(3, seed=9))

    assert_as_keras_trains(make, classes(PICTURE))


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


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_networks_of_the_builders_are_keras(builder):
    options = {"l1": 1e-3, "l2": 1e-3, "proximal_l1": 0.3, "max_norm": 0.5}
    if builder != "linear autoencoder":
        options["normalization"] = "batch" if "conv" in builder else "layer"
    if "autoencoder" not in builder:
        options["label_smoothing"] = 0.1
    split = small_digits()

    def make():
        optimizer = optimizers.AdamW(0.01, epsilon=1e-3)
        return BUILDERS[builder](regularization=Regularization(**options), optimizer=optimizer, seed=1)

    assert_as_keras_trains(make, split.as_autoencoder() if "autoencoder" in builder else split)
