"""A member with any layer for pictures comes to what `model.fit` makes of the same batches."""

import keras
import pytest
from keras import layers

from kerasreg.proximal import ProximalL1
from tests.helpers.keras_layers import PICTURE, convolution, dense
from tests.helpers.populations import (
    assert_as_keras_trains,
    classes,
    glorot,
    sequential,
    table,
)


def adapted_to_pictures():
    layer = layers.Normalization(axis=(1, 3))
    layer.adapt(3 * table(PICTURE) + 1)
    return layer


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
        convolution(2, 4, kernel_size=1, kernel_constraint=ProximalL1(0.02, max_norm=0.8, axis=[0, 1, 2])),
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


@pytest.mark.parametrize("name", PICTURE_LAYERS)
def test_every_layer_for_pictures_is_keras(name):
    def make():
        return sequential(PICTURE, *PICTURE_LAYERS[name](), layers.Flatten(), dense(3, seed=9))

    assert_as_keras_trains(make, classes(PICTURE))
