import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasreg import Regularization, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.population import differentiate_population
from tests.helpers.small import small_digits, small_regression

DIGITS = small_digits()


def digits_network(seed, units=(6, 5), **knobs):
    options = {"activation": knobs.pop("activation", "tanh")}
    return build_mlp((8, 8, 1), 10, units=units, regularization=Regularization(**knobs), seed=seed, **options)


def by_keras(model, x, y):
    with tf.GradientTape() as tape:
        loss = model.compute_loss(y=y, y_pred=model(x, training=True))
    return [keras.ops.convert_to_numpy(each) for each in tape.gradient(loss, model.trainable_variables)]


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"normalization": "batch", "activation": "sigmoid"},
        {"l2": 0.01, "l1": 0.001, "label_smoothing": 0.1},
    ],
)
def test_gradients_are_those_that_a_gradient_tape_takes_of_each_keras_model(knobs):
    models = [digits_network(seed, **knobs) for seed in (0, 1)]
    x, y = DIGITS.x_train[:40], DIGITS.y_train[:40]
    gradients = differentiate_population(models, x, y)
    for model, found in zip(models, gradients, strict=True):
        for expected, gradient in zip(by_keras(model, x, y), found, strict=True):
            # Single precision, summed in another order.
            np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


def test_networks_of_several_widths_and_kinds_each_get_their_own_gradients():
    models = [digits_network(0, units=(6,)), digits_network(1), digits_network(2, units=(3,))]
    models += [digits_network(seed, units=(4,)) for seed in range(15)]  # more than are held at once
    x, y = DIGITS.x_train[:20], DIGITS.y_train[:20]
    together = differentiate_population(models, x, y)
    for place in (0, 1, 2, len(models) - 1):
        for expected, gradient in zip(by_keras(models[place], x, y), together[place], strict=True):
            np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


def test_the_gradient_of_a_linear_network_is_that_of_least_squares():
    split = small_regression()
    model = build_mlp((2,), None, units=(), seed=0)
    kernel, bias = (keras.ops.convert_to_numpy(weight) for weight in model.trainable_variables)
    residual = split.x_train @ kernel + bias - split.y_train.reshape(-1, 1)
    found = differentiate_population([model], split.x_train, split.y_train)[0]
    np.testing.assert_allclose(found[0], 2 / len(residual) * split.x_train.T @ residual, rtol=1e-4)
    np.testing.assert_allclose(found[1], 2 * residual.mean(axis=0), rtol=1e-4)


def test_the_models_stay_as_they_are_and_so_do_random_layers():
    model = digits_network(0, normalization="batch", dropout=0.5)
    before = [weight.copy() for weight in model.get_weights()]
    first, second = (differentiate_population([model], DIGITS.x_train, DIGITS.y_train)[0] for _ in "ab")
    for after, weight in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(after, weight)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("labels", [3, 0])
def test_rows_and_labels_must_be_equally_many(labels):
    rows = 2 if labels else 0
    message = f"x and y must have equally many rows, at least one; received {rows} and {labels}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        differentiate_population([digits_network(0)], DIGITS.x_train[:rows], DIGITS.y_train[:labels])
