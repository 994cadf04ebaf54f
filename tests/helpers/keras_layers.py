"""Layers whose initial weights come from a seed."""

import keras
from keras import layers

from tests.helpers.populations import (
    glorot,
)

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
