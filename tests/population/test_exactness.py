"""A member of a population comes to what `model.fit` makes of the same batches."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg.losses import SmoothedSparseCategoricalCrossentropy
from tests.helpers.populations import (
    assert_all_as_keras_trains,
    assert_as_keras_trains,
    classes,
    numbers,
    sequential,
    split_of,
    table,
)

schedules, optimizers = keras.optimizers.schedules, keras.optimizers

COSINE = partial(schedules.CosineDecay, 0.02, 7, alpha=0.1)
WARMING = partial(schedules.CosineDecay, 0.001, 4, warmup_target=0.03, warmup_steps=3)
EXPONENTIAL = partial(schedules.ExponentialDecay, 0.03, 4, 0.5)
STAIRCASE = partial(schedules.ExponentialDecay, 0.03, 4, 0.5, staircase=True)

# Each row is one program; what differs inside it is a number of its members
OPTIMIZERS = {
    "Adam and AdamW": [
        partial(optimizers.Adam, 0.01),
        partial(optimizers.Adam, 0.01, beta_1=0.5, beta_2=0.9, epsilon=1e-2),
        partial(optimizers.Adam, 0.01, weight_decay=0.1),
        partial(optimizers.AdamW, 0.01),
        partial(optimizers.AdamW, 0.01, weight_decay=0.5),
        lambda: optimizers.Adam(COSINE()),
        lambda: optimizers.Adam(WARMING()),
        lambda: optimizers.AdamW(EXPONENTIAL(), weight_decay=0.2),
        lambda: optimizers.Adam(STAIRCASE()),
    ],
    "SGD": [
        partial(optimizers.SGD, 0.1),
        partial(optimizers.SGD, 0.1, momentum=0.9),
        partial(optimizers.SGD, 0.1, weight_decay=0.1),
        lambda: optimizers.SGD(WARMING(), momentum=0.5),
    ],
    "SGD with Nesterov": [
        partial(optimizers.SGD, 0.1, momentum=0.9, nesterov=True),
        partial(optimizers.SGD, 0.1, nesterov=True),
        lambda: optimizers.SGD(STAIRCASE(), momentum=0.8, nesterov=True, weight_decay=0.05),
    ],
    "RMSprop": [
        partial(optimizers.RMSprop, 0.003),
        partial(optimizers.RMSprop, 0.003, rho=0.5, epsilon=1e-2),
        partial(optimizers.RMSprop, 0.003, momentum=0.5, weight_decay=0.1),
        lambda: optimizers.RMSprop(COSINE()),
    ],
    "RMSprop centered": [
        partial(optimizers.RMSprop, 0.003, centered=True),
        partial(optimizers.RMSprop, 0.003, centered=True, momentum=0.5),
    ],
}


def dense_net(optimizer=None, **compiled):
    return sequential(
        (8,),
        layers.Dense(6, "tanh", kernel_initializer=keras.initializers.GlorotUniform(1)),
        layers.Dense(3, kernel_initializer=keras.initializers.GlorotUniform(2)),
        optimizer=optimizer() if optimizer else None,
        **compiled,
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("Adam and AdamW", "SGD") else pytest.mark.slow)
        for name in OPTIMIZERS
    ],
)
def test_every_optimizer_and_schedule_is_keras(name):
    makers = [partial(dense_net, optimizer) for optimizer in OPTIMIZERS[name]]
    history = assert_all_as_keras_trains(makers, classes())
    assert history.programs <= 1


def one_hot_classes():
    split = classes()
    x, y = (
        np.concatenate([split.x_development, split.x_test]),
        np.concatenate([split.y_development, split.y_test]),
    )
    return split_of(x, np.eye(3, dtype=np.float32)[y])


def two_classes():
    x = table()
    return split_of(x, (x.sum(axis=1) > 0).astype(np.int64))


losses = keras.losses
LOSSES = {
    "sparse by name": (classes, 3, "softmax", "sparse_categorical_crossentropy"),
    "sparse from scaled numbers": (classes, 3, "sigmoid", losses.SparseCategoricalCrossentropy()),
    "smoothed": (classes, 3, None, SmoothedSparseCategoricalCrossentropy(0.2)),
    "smoothed from probabilities": (
        classes,
        3,
        "softmax",
        SmoothedSparseCategoricalCrossentropy(0.2, from_logits=False),
    ),
    "categorical smoothed": (
        one_hot_classes,
        3,
        None,
        losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    ),
    "categorical by name": (one_hot_classes, 3, "softmax", "categorical_crossentropy"),
    "binary": (partial(numbers, (2,)), 2, None, losses.BinaryCrossentropy(from_logits=True)),
    "binary by name": (numbers, 1, "sigmoid", "binary_crossentropy"),
    "binary smoothed": (numbers, 1, "sigmoid", losses.BinaryCrossentropy(label_smoothing=0.2)),
    "binary of labels": (two_classes, 1, "sigmoid", losses.BinaryCrossentropy()),
    "binary of labels smoothed": (
        two_classes,
        1,
        None,
        losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2),
    ),
    "mse": (partial(numbers, (2,)), 2, None, losses.MeanSquaredError()),
    "mse of a vector": (partial(numbers, ()), 1, None, "mean_squared_error"),
    "mae": (partial(numbers, (2,)), 2, "sigmoid", losses.MeanAbsoluteError()),
    "mae of a vector": (partial(numbers, ()), 1, None, "mae"),
}
ACCURACY = {"sparse", "smoothed", "categorical", "binary"}


# one of each family; the others compile a program each, like these but for an option
EVERY_TIME = {"sparse by name", "smoothed", "categorical smoothed", "binary of labels", "mse"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EVERY_TIME else pytest.mark.slow) for name in LOSSES]
)
def test_every_loss_and_its_accuracy_is_keras(name):
    data, outputs, activation, loss = LOSSES[name]

    def make():
        return sequential(
            (8,),
            layers.Dense(6, "tanh", kernel_initializer=keras.initializers.GlorotUniform(1)),
            layers.Dense(outputs, activation, kernel_initializer=keras.initializers.GlorotUniform(2)),
            loss=loss,
            metrics=["accuracy"] if name.split()[0] in ACCURACY else ["mse", "mae"],
        )

    assert_as_keras_trains(make, data())
