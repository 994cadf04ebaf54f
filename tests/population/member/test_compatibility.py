"""Models that share weights, and losses that do not go with outputs or targets, are refused."""

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg.checks import InvalidInput
from tests.helpers.populations import (
    classes,
    fit_together,
    numbers,
    sequential,
    split_of,
    table,
)


def two_on_one_trunk(trainable=True):
    """Two models on one hidden layer."""
    inputs = keras.Input((8,))
    trunk = layers.Dense(4, "relu", name="trunk", trainable=trainable)
    hidden = trunk(inputs)
    models = []
    for seed in (1, 2):
        outputs = layers.Dense(3, kernel_initializer=keras.initializers.GlorotUniform(seed))(hidden)
        models.append(keras.Model(inputs, outputs))
        models[-1].compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return models


@pytest.mark.parametrize("fallback", [False, True])
def test_models_that_share_a_weight_are_refused_before_any_training(fallback):
    models = two_on_one_trunk()
    with pytest.raises(InvalidInput) as error:
        fit_together(models, classes(), fallback=fallback)
    assert str(error.value) == (
        "models[0] and models[1] share the weight 'trunk/kernel', but members are trained apart. Build each "
        "model from layers of its own, or freeze the shared layer with trainable=False before compiling."
    )


def test_models_that_share_a_frozen_layer_train_as_each_would_alone():
    split, models = classes(), two_on_one_trunk(trainable=False)
    history = fit_together(models, split, epochs=2)
    for member, model in zip(history, models, strict=True):
        loss = model.evaluate(split.x_validation, split.y_validation, verbose=0)
        assert member.history.metrics["val_loss"][-1] == pytest.approx(loss, rel=1e-5)


def ends(outputs, activation, loss):
    return sequential((8,), layers.Dense(outputs, activation, name="end"), loss=loss)


def two_hot():
    return split_of(table(), np.tile(np.float32([1, 1, 0]), (56, 1)))


sparse, binary = "sparse_categorical_crossentropy", "binary_crossentropy"
UNSUITED = [
    (
        lambda: (ends(1, "sigmoid", binary), classes()),
        "has a binary cross-entropy, for targets from 0 to 1; received 0 to 2. For classes, use one "
        "output each "
        "with sparse_categorical_crossentropy.",
    ),
    (
        lambda: (ends(3, None, sparse), classes()),
        "ends with the activation 'linear', but its sparse_categorical_crossentropy takes "
        "probabilities. End it "
        "with 'softmax', or compile it with from_logits=True.",
    ),
    (
        lambda: (ends(1, "relu", binary), numbers()),
        "ends with the activation 'relu', but its binary_crossentropy takes probabilities. End it "
        "with 'sigmoid', "
        "or compile it with from_logits=True.",
    ),
    (
        lambda: (ends(3, "softmax", "categorical_crossentropy"), two_hot()),
        "has a categorical cross-entropy, for classes of which each row has one; received rows "
        "whose targets do "
        "not add up to 1. For several labels a row, use 'sigmoid' and binary_crossentropy.",
    ),
    (
        lambda: (ends(1, "softmax", "categorical_crossentropy"), numbers()),
        "has one output with categorical_crossentropy, which is constant for one class. Use "
        "binary_crossentropy, "
        "or one output for each class.",
    ),
]


@pytest.mark.parametrize(("make", "message"), UNSUITED, ids=[message[:30] for _, message in UNSUITED])
@pytest.mark.parametrize("way", ["population", "fit"])
def test_a_loss_that_does_not_go_with_output_or_targets_is_refused(make, message, way, recwarn):
    model, split = make()
    if way == "fit":  # what no population trains is checked alike
        model.compile("nadam", model.loss)
    with pytest.raises(InvalidInput) as error:
        fit_together([model], split, fallback=way == "fit")
    assert str(error.value) == f"The model {model.name!r} {message}"


def test_labels_that_no_output_stands_for_are_refused_before_a_fallback(recwarn):
    model = ends(2, "softmax", sparse)
    model.compile("nadam", model.loss)
    with pytest.raises(
        InvalidInput, match=r"has 2 outputs for the labels 0 to 1; received labels from 0 to 2"
    ):
        fit_together([model], classes(), fallback=True)
