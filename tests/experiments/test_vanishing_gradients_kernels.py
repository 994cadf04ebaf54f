"""The initial weights that depths are compared with."""

import re

import keras
import numpy as np
import pytest

from kerasreg import build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.experiments import draw_kernels


@pytest.mark.parametrize(
    ("initializer", "deviation"),
    [
        ("small_normal", 0.01),
        ("standard_normal", 1.0),
        ("glorot_uniform", np.sqrt(2 / (400 + 300))),
        ("he_normal", np.sqrt(2 / 400)),
    ],
)
def test_kernels_are_drawn_with_the_deviation_of_their_initializer(initializer, deviation):
    model = keras.Sequential(
        [keras.Input((400,)), keras.layers.Dense(300, name="one", bias_initializer="ones")]
    )
    draw_kernels(model, initializer, seed=0)
    kernel, bias = model.get_weights()
    # 120,000 draws: their deviation is within 1 % by five of its own standard deviations.
    assert kernel.std() == pytest.approx(deviation, rel=0.01)
    assert abs(kernel.mean()) < 5 * deviation / np.sqrt(kernel.size)
    assert (bias == 1).all()
    again = draw_kernels(keras.models.clone_model(model), initializer, seed=0).get_weights()[0]
    np.testing.assert_array_equal(again, kernel)


def test_glorot_uniform_draws_what_the_builder_does_and_each_layer_its_own():
    model = build_mlp((6,), 10, units=(6, 6), seed=5)
    before = model.get_weights()
    draw_kernels(model, "glorot_uniform", seed=5)
    for weight, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)
    assert not np.isin(model.get_weights()[0], model.get_weights()[2]).any()


def test_a_model_without_dense_layers_has_no_kernels_to_draw():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Flatten()], name="flat")
    message = "The model 'flat' has no Dense layer."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        draw_kernels(model, "he_normal", seed=0)


def test_what_is_no_model_has_no_kernels_to_draw():
    with pytest.raises(InvalidInput, match=r"^model must be a Keras model; received 'mlp'\.$"):
        draw_kernels("mlp", "he_normal", seed=0)
