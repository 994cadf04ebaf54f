"""A penalty's minimum is that of scikit-learn and of SciPy, at the strength that the documentation gives."""

from functools import partial

import keras
import numpy as np
import pytest
from scipy import optimize
from sklearn.neural_network import MLPClassifier, MLPRegressor

from kerasreg import Regularization, build_mlp, noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.experiments import penalty_path, strength_of_beta, with_penalized_biases
from tests.helpers.networks import train_a_step


@pytest.mark.parametrize("kind", ["regressor", "classifier"])
def test_the_minimum_of_scikit_learn_is_one_of_keras_at_the_strength_documented(kind):
    random = np.random.default_rng(0)
    x = random.normal(size=(30, 4))
    score = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    options = {"activation": "tanh", "solver": "lbfgs", "alpha": 1.0, "tol": 1e-9, "max_iter": 5000}
    options |= {"hidden_layer_sizes": (5,), "random_state": 0}
    if kind == "regressor":
        y, strength, outputs = score, 1.0 / 30, None
        fitted = MLPRegressor(**options).fit(x, y)
    else:
        y, strength, outputs = np.digitize(score, [-0.5, 0.5]), 1.0 / 60, 3
        fitted = MLPClassifier(**options).fit(x, y)
    model = build_mlp(
        (4,), outputs, units=(5,), activation="tanh", regularization=Regularization(l2=strength)
    )
    weights = zip(fitted.coefs_, fitted.intercepts_, strict=True)
    model.set_weights([array for pair in weights for array in pair])
    assert_minimum(model, x, y, tolerance=2e-4)


def assert_minimum(model: keras.Model, x: np.ndarray, y: np.ndarray, *, tolerance: float) -> None:
    """Asserts that a long step against the gradient moves no weight by more than the tolerance.

    The optimizers of the oracles stop where the gradient is about that; a wrong factor of 2 in the penalty
    leaves 1e-2.
    """
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(1.0), model.loss, run_eagerly=True)
    model.train_on_batch(x.astype(np.float32), y)
    moved = max(np.abs(now - then).max() for now, then in zip(model.get_weights(), before, strict=True))
    assert moved < tolerance
    model.set_weights(before)
    for layer in model.layers:
        if getattr(layer, "kernel_regularizer", None) is not None:
            layer.kernel_regularizer.l2 *= 2
    model.train_on_batch(x.astype(np.float32), y)
    moved = max(np.abs(now - then).max() for now, then in zip(model.get_weights(), before, strict=True))
    assert moved > 10 * tolerance


def test_the_lectures_minimum_with_beta_is_that_of_the_strength_it_is_converted_to():
    split, beta, units = noisy_parabola(10), 0.9, 3
    x, y = split.x_train.astype(float), split.y_train.astype(float)
    shapes = [(1, units), (units,), (units, 1), (1,)]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def parts(flat):
        return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]

    def lecture(flat):
        first, bias, second, output = parts(flat)
        residuals = (np.tanh(x @ first + bias) @ second + output)[:, 0] - y
        return beta * 0.5 * (residuals**2).sum() + (1 - beta) * 0.5 * (flat**2).sum()

    begin = np.random.default_rng(0).normal(size=ends[-1])
    found = optimize.minimize(lecture, begin, options={"gtol": 1e-6})
    strength = strength_of_beta(beta, error_factor=10 / 2, penalty_factor=1 / 2)
    model = with_penalized_biases(
        build_mlp((1,), None, units=(units,), activation="tanh", regularization=Regularization(l2=strength))
    )
    model.set_weights(parts(found.x))
    assert_minimum(model, split.x_train, split.y_train, tolerance=2e-5)


def test_the_path_with_biases_penalized_comes_to_the_minimum_of_scipy():
    """At a strength at which the penalty leaves one minimum alone: all weights at zero but the last bias."""
    split, strength = noisy_parabola(10), 1.0
    build = partial(build_mlp, (1,), None, activation="tanh", optimizer="sgd", learning_rate=0.1)
    options = {"units": (2,), "repeats": 2, "epochs": 200, "batch_size": 10}
    path = penalty_path(build, split, [strength], penalize_biases=True, **options)
    y = split.y_train.astype(float)
    offset = optimize.minimize_scalar(lambda bias: ((y - bias) ** 2).mean() + strength * bias**2).x
    np.testing.assert_allclose(path.values("train_mse")[1], ((y - offset) ** 2).mean(), rtol=1e-4)
    assert path.values("norm")[1].max() < 1e-3
    assert path.biases
    with pytest.raises(InvalidInput) as error:
        path.best()
    assert str(error.value) == "The split had no validation rows, by which a strength could be chosen."


def test_penalized_biases_survive_saving(tmp_path):
    for knob in ("l2", "proximal_l1"):
        model = with_penalized_biases(build_mlp((4,), 3, regularization=Regularization(**{knob: 0.1})))
        train_a_step(model, np.ones((2, 4), "float32"), np.array([0, 1]))
        model.save(tmp_path / "model.keras")
        layer = keras.saving.load_model(tmp_path / "model.keras").get_layer("hidden_1")
        assert layer.bias_regularizer is layer.bias.regularizer
        assert (layer.bias_constraint is None) == (knob == "l2")
        assert (layer.bias_regularizer is None) == (knob != "l2")


def test_beta_is_a_fraction_and_factors_are_above_0():
    for options, message in (
        ({"beta": 1.0}, "beta must be a number above 0 and below 1; received 1.0."),
        ({"beta": 0.5, "error_factor": 0}, "error_factor must be a number above 0; received 0."),
        ({"beta": 0.5, "penalty_factor": -1}, "penalty_factor must be a number above 0; received -1."),
    ):
        with pytest.raises(InvalidInput) as error:
            strength_of_beta(**options)
        assert str(error.value) == message
