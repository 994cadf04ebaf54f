"""What keras.Input casts its rows to is what a population computes with."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kerasreg.population import UnstackableModel, evaluate_population, fit_population, predict_population
from kerasreg.population.member.member import read_member
from tests.helpers.populations import classes, compiled_model, split_of, table


def model_of(dtype, *first):
    inputs = keras.Input((8,), dtype=dtype)
    values = inputs
    for layer in first:
        values = layer(values)
    outputs = layers.Dense(3, kernel_initializer=keras.initializers.GlorotUniform(1))(values)
    return compiled_model(keras.Model(inputs, outputs))


@pytest.fixture
def eagerly():
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


DTYPES = ["uint8", "int32", "bool", "float16", "bfloat16", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_predictions_and_losses_are_those_of_the_model(dtype, eagerly):
    x, y = np.abs(3 * table())[:5], np.arange(5) % 3
    model = model_of(dtype, layers.Flatten(), layers.Rescaling(0.5))
    (found,) = predict_population([model], x)
    np.testing.assert_allclose(found, model(x), rtol=1e-5, atol=1e-6)
    (values,) = evaluate_population([model], split_of(x, y, train=5, validation=0), "train")
    assert values["loss"] == pytest.approx(model.test_on_batch(x, y)[0], rel=1e-5)


def test_training_sees_the_numbers_that_evaluating_sees():
    split = classes()
    parts = [np.abs(3 * rows) for rows in (split.x_train, split.x_validation, split.x_test)]
    split = split_of(np.concatenate(parts), np.concatenate([split.y_train, split.y_validation, split.y_test]))
    model = model_of("uint8", layers.Flatten())
    history = fit_population([model], split, epochs=2, restore_best_weights=False)
    loss = model.evaluate(split.x_validation, split.y_validation, verbose=0)[0]
    assert history[0].history.metrics["val_loss"][-1] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: model_of("uint8", layers.ReLU()), "computes with the uint8 of keras.Input"),
        (lambda: model_of("float64", layers.Dense(2, autocast=False)), "computes with the float64 of"),
    ],
)
def test_a_layer_that_would_compute_in_that_dtype_is_refused(make, what):
    with pytest.raises(UnstackableModel, match=what):
        read_member(make())
