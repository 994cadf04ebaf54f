"""Proximal L1 has the minimum of scikit-learn's Lasso under every optimizer, zeros included."""

import re
from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import ElasticNet, Lasso

from kerasreg import Regularization, Split, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.population import fit_population
from kerasreg.population.member.member import read_member
from kerasreg.population.member.optimizers import read_optimizer, step_per_gradient, update
from kerasreg.proximal import ProximalL1, proximal, soft_threshold
from tests.helpers.networks import train_a_step
from tests.helpers.populations import sequential

RATE = 0.2
ALPHAS = (0.02, 0.1, 0.3)
ROWS = 60
DECAY = 0.05
optimizers = keras.optimizers


@cache
def sparse_problem(*, centered: bool = False) -> Split:
    """Sixty rows of ten features, of which three matter."""
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 10)).astype(np.float32)
    y = (x[:, :3] @ [1.0, -0.5, 0.2] + 0.3 + 0.1 * random.normal(size=ROWS)).astype(np.float32)
    if centered:
        x, y = x - x.mean(axis=0), y - y.mean()
    nothing = {"x_validation": x[:0], "y_validation": y[:0], "validation_indices": np.arange(0)}
    nothing |= {"x_test": x[:0], "y_test": y[:0], "test_indices": np.arange(0)}
    return Split(
        name="sparse", num_classes=None, x_train=x, y_train=y, train_indices=np.arange(ROWS), **nothing
    )


def line(optimizer, **knobs: float) -> keras.Model:
    """A linear model whose loss is the mean squared error."""
    options = {"units": (), "regularization": Regularization(**knobs), "optimizer": optimizer}
    return build_mlp((10,), None, **options)


def trained(optimizer, *, knob: str = "proximal_l1", epochs: int = 400, **problem) -> list[keras.Model]:
    """Linear models of each strength, trained to the end on whole batches."""
    models = [line(optimizer, **{knob: 2 * alpha}) for alpha in ALPHAS]
    fit_population(models, sparse_problem(**problem), epochs=epochs, batch_size=ROWS)
    return models


def solution(alpha: float, model: type = Lasso, **options) -> Lasso:
    """The minimizer of MSE / 2 + alpha * sum |w|, which is that of MSE + 2 alpha * sum |w|."""
    split = sparse_problem(centered=model is ElasticNet)
    found = model(alpha=alpha, tol=1e-10, max_iter=100_000, **options)
    return found.fit(split.x_train.astype(float), split.y_train.astype(float))


def assert_solved(model: keras.Model, expected: Lasso) -> None:
    """Asserts that the weights are the solution's, and exactly those zero that are zero there."""
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel[:, 0], expected.coef_, atol=1e-5)
    np.testing.assert_allclose(bias, expected.intercept_, atol=1e-5)
    np.testing.assert_array_equal(kernel[:, 0] == 0, expected.coef_ == 0)
    assert (kernel == 0).any()


# RMSprop divides by the size of the gradients. Where they vanish, as at the minimum of the bias, it steps to
# and fro by its learning rate, unless epsilon bounds what it divides by.
OPTIMIZERS = {
    "SGD": lambda: optimizers.SGD(RATE),
    "SGD with momentum": lambda: optimizers.SGD(0.02, momentum=0.9),
    "SGD with Nesterov's momentum": lambda: optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "RMSprop": lambda: optimizers.RMSprop(0.01, epsilon=1e-2),
    "RMSprop with momentum": lambda: optimizers.RMSprop(0.005, momentum=0.5, epsilon=1e-2),
    "centered RMSprop": lambda: optimizers.RMSprop(0.01, centered=True, momentum=0.5, epsilon=1e-2),
    "Adam": lambda: optimizers.Adam(0.02),
    "Adam with a schedule": lambda: optimizers.Adam(optimizers.schedules.CosineDecay(0.05, 600)),
    "AdamW without decay": lambda: optimizers.AdamW(0.02, weight_decay=0.0),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_with_every_optimizer_it_has_the_minimum_of_the_lasso(name):
    for model, alpha in zip(trained(OPTIMIZERS[name](), epochs=600), ALPHAS, strict=True):
        assert_solved(model, solution(alpha))


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_with_the_weight_decay_of_sgd_it_has_the_minimum_of_the_elastic_net(momentum):
    """The decay is not multiplied by the momentum, as gradients are."""
    models = trained(optimizers.SGD(RATE / 2, momentum=momentum, weight_decay=DECAY), centered=True)
    for model, alpha in zip(models, ALPHAS, strict=True):
        quadratic = DECAY * (1 - momentum) / 2
        ratio = alpha / (alpha + quadratic)
        assert_solved(model, solution(alpha + quadratic, ElasticNet, l1_ratio=ratio))


def test_with_adamw_the_penalty_the_gradient_and_the_decay_balance():
    """The decay moves a weight by rate * decay * w, the others by rate / (|g| + epsilon) times themselves."""
    epsilon, split = 1e-3, sparse_problem(centered=True)
    optimizer = optimizers.AdamW(0.01, weight_decay=DECAY, epsilon=epsilon, beta_2=0.9)
    for model, alpha in zip(trained(optimizer, epochs=800, centered=True), ALPHAS, strict=True):
        w = model.get_weights()[0][:, 0].astype(float)
        gradient = 2 * split.x_train.T @ (split.x_train @ w - split.y_train) / ROWS
        pull = DECAY * w * (np.abs(gradient) + epsilon)
        balance = gradient + 2 * alpha * np.sign(w) + pull
        assert 0 < (w == 0).sum() < len(w)
        np.testing.assert_allclose(balance[w != 0], 0, atol=1e-4)
        assert (np.abs(gradient[w == 0]) <= 2 * alpha).all()
        assert np.abs(pull).max() > 1e-3  # so that a decay left out would be seen


def test_subgradient_l1_comes_near_the_lasso_and_makes_no_weight_zero():
    for model, alpha in zip(trained(optimizers.SGD(RATE), knob="l1"), ALPHAS, strict=True):
        kernel = model.get_weights()[0]
        # it steps over zero and back, by at most the rate times the factor on either side
        np.testing.assert_allclose(kernel[:, 0], solution(alpha).coef_, atol=2 * RATE * 2 * alpha)
        assert not (kernel == 0).any()


KINDS = {
    **OPTIMIZERS,
    "AdamW": lambda: optimizers.AdamW(0.02, beta_1=0.5, beta_2=0.9, epsilon=1e-3, weight_decay=0.1),
    "centered RMSprop with momentum": lambda: optimizers.RMSprop(0.02, momentum=0.9, centered=True),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_steps_of_populations_are_those_of_keras(name):
    """Gradients of the size of epsilon show it, those of 1 and more show the rest."""
    sizes = np.logspace(-9, 2, 12, dtype=np.float32)
    gradients = np.random.default_rng(0).normal(size=(5, 12)).astype(np.float32) * sizes
    weight, optimizer = keras.Variable(np.ones(12, np.float32)), proximal(KINDS[name]())
    seen = []
    weight.constraint = lambda w: seen.append(optimizer.step_per_gradient(w)) or w
    model = sequential((2,), keras.layers.Dense(1), loss="mse", optimizer=optimizer)
    read = read_optimizer(model.optimizer)
    state = {name: tf.zeros((1, 12)) for name in read.state_names}
    for step, gradient in enumerate(gradients):
        optimizer.apply([tf.constant(gradient)], [weight])
        options = {
            "rate": tf.constant(read.learning_rates(np.array([[step]]))),
            "count": tf.constant([[float(step)]]),
            "hyperparameters": {key: tf.constant([[number]]) for key, number in read.hyperparameters.items()},
        }
        _, state = update(read.kind, tf.ones((1, 12)), gradient[None], state, **options)
        found = step_per_gradient(read.kind, state, **options)
        np.testing.assert_allclose(np.broadcast_to(seen[step], (12,)), found[0] * np.ones(12), rtol=2e-5)


def test_the_first_step_of_adam_is_its_learning_rate_per_size_of_the_gradient():
    weight = keras.Variable([1.0, -1.0, 0.1])
    weight.constraint = ProximalL1(0.5)
    gradient = np.float32([2.0, 4.0, -0.2])
    proximal(optimizers.Adam(0.1, epsilon=1e-9)).apply([tf.constant(gradient)], [weight])
    # it moves by 0.1 against the gradient, and then by 0.1 * 0.5 / |gradient| towards zero
    np.testing.assert_allclose(weight, [0.9 - 0.025, -1.1 + 0.0125, 0.0], rtol=1e-4, atol=1e-7)


def test_where_gradients_are_accumulated_it_acts_once_for_each_update():
    weight = keras.Variable([1.0])
    weight.constraint = ProximalL1(0.5)
    optimizer = proximal(optimizers.SGD(0.1, gradient_accumulation_steps=2))
    for expected in (1.0, 0.95, 0.95, 0.9):
        optimizer.apply([tf.zeros(1)], [weight])
        assert weight.numpy()[0] == pytest.approx(expected)


@pytest.mark.parametrize("weight", [-2.0, -0.3, 0.0, 0.2, 0.5, 1.7])
def test_the_soft_threshold_is_the_proximal_step_of_an_l1_penalty(weight):
    """It minimizes (u - w)**2 / 2 + threshold * |u|, which a grid of u shows."""
    grid = np.linspace(-3, 3, 6001)
    expected = grid[np.argmin((grid - weight) ** 2 / 2 + 0.5 * np.abs(grid))]
    found = keras.ops.convert_to_numpy(soft_threshold(np.float32([weight]), 0.5))[0]
    assert found == pytest.approx(expected, abs=1e-3)  # the grid's step
    assert (found == 0) == (abs(weight) <= 0.5)


def test_the_bound_of_the_norm_is_one_on_what_is_left():
    weight = keras.Variable(np.float32([[3.0, 0.1], [-4.0, 0.7]]))
    weight.constraint = ProximalL1(0.5, max_norm=1.0, axis=0)
    proximal(optimizers.SGD(1.0)).apply([tf.zeros((2, 2))], [weight])
    left = np.array([[2.5, 0.0], [-3.5, 0.2]])
    np.testing.assert_allclose(weight, left / [np.hypot(2.5, 3.5), 1], rtol=1e-5)


def test_the_configuration_of_the_constraint_makes_it_again():
    record = keras.saving.serialize_keras_object(ProximalL1(0.25, max_norm=2, axis=[0, 1]))
    assert record["registered_name"] == "kerasreg>ProximalL1"
    again = keras.saving.deserialize_keras_object(record)
    assert (again.strength, again.max_norm, again.axis) == (0.25, 2.0, [0, 1])


def test_an_optimizer_made_for_it_is_copied_with_its_options():
    given = optimizers.Adam(0.01, beta_1=0.5, amsgrad=True)
    first = proximal(given)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(proximal(first)))
    assert type(again) is type(first)
    assert again.get_config() == first.get_config() == given.get_config()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": -0.1}, "strength must be a number of at least 0; received -0.1."),
        ({"strength": 0.1, "max_norm": 0}, "max_norm must be a number above 0; received 0."),
    ],
)
def test_a_constraint_outside_its_range_is_refused(options, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        ProximalL1(**options)


def test_an_optimizer_whose_step_is_not_known_is_refused():
    line(optimizers.Lion(0.1))  # without the knob it is taken
    with pytest.raises(InvalidInput) as error:
        line(optimizers.Lion(0.1), proximal_l1=0.1)
    assert str(error.value) == (
        "proximal_l1 needs an optimizer whose step per unit of gradient is known: SGD, RMSprop, Adam or "
        "AdamW; received Lion. Use one of these, or l1."
    )


@pytest.mark.parametrize("way", ["fit", "population"])
def test_an_optimizer_that_tells_no_step_is_refused_in_training(way):
    model = line("adam", proximal_l1=0.1)
    model.compile("adam", "mse")
    rows = sparse_problem().x_train[:4]
    with pytest.raises(InvalidInput) as error:
        train_a_step(model, rows, rows[:, 0]) if way == "fit" else read_member(model)
    assert str(error.value) == (
        "ProximalL1 takes its step from the optimizer, and the model was compiled with one that does not "
        "tell it. Compile with kerasreg.proximal.proximal(optimizer)."
    )
