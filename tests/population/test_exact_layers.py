"""A member with any layer for tables comes to what `model.fit` makes of the same batches."""

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg.layers import DropConnectDense, Standardization
from kerasreg.proximal import ProximalL1
from tests.helpers.keras_layers import dense
from tests.helpers.populations import (
    assert_as_keras_trains,
    classes,
    glorot,
    sequential,
    table,
)


def adapted(kind=layers.Normalization, varying=8):
    layer = kind()
    layer.adapt(np.where(np.arange(8) < varying, 3 * table() + 1, 0.25))
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
    "standardized features, some of them constant": lambda: [adapted(Standardization, 5), dense(6, "relu")],
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
            kernel_constraint=ProximalL1(0.02, max_norm=0.4),
            bias_constraint=ProximalL1(0.003),
        ),
        layers.BatchNormalization(
            gamma_regularizer="l2", beta_regularizer="l1", beta_constraint=keras.constraints.MaxNorm(0.01)
        ),
    ],
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_keras(name):
    assert_as_keras_trains(lambda: sequential((8,), *LAYERS[name](), dense(3, seed=9)), classes())
