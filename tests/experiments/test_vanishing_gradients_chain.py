import json
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import approx_fprime
from scipy.stats import gmean, t

from kerasreg.checks import InvalidInput
from kerasreg.experiments import ChainGradients, chain_gradients
from kerasreg.experiments.vanishing_gradients.chain import backpropagate
from kerasreg.intervals import geometric_interval

CHAIN = np.array([[0.7, -1.3, 2.1, 0.4, -0.9], [1.5, 0.8, -0.6, 1.1, 1.7]])
BIASES = np.array([[0.1, 0.5, -0.4, 0.3, 0.2], [0.2, -0.1, 0.3, 0.6, 0.4]])


def error_by_hand(parameters, x, y, function):
    weights, biases = parameters[:5], parameters[5:]
    for weight, bias in zip(weights, biases, strict=True):
        x = function(weight * x + bias)
    return (x - y) ** 2 / 2


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_chain_rule_gives_what_automatic_differentiation_of_a_keras_model_does(activation):
    found = backpropagate(CHAIN, BIASES, x=0.8, y=-0.5, activation=activation)
    for row, (weights, biases) in enumerate(zip(CHAIN, BIASES, strict=True)):
        layers = [keras.layers.Dense(1, activation=activation, dtype="float64") for _ in weights]
        model = keras.Sequential([keras.Input((1,), dtype="float64"), *layers])
        for layer, weight, bias in zip(layers, weights, biases, strict=True):
            layer.set_weights([np.full((1, 1), weight), np.full(1, bias)])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((model(np.array([[0.8]])) + 0.5) ** 2) / 2
        gradients = [float(np.squeeze(each)) for each in tape.gradient(loss, model.trainable_variables)]
        # Both in double precision.
        np.testing.assert_allclose(found.weight_gradients[row], gradients[0::2], rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(found.bias_gradients[row], gradients[1::2], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("activation", "function"), [("sigmoid", lambda z: 1 / (1 + np.exp(-z))), ("tanh", np.tanh)]
)
def test_the_chain_rule_gives_finite_differences(activation, function):
    found = backpropagate(CHAIN, BIASES, x=0.8, y=-0.5, activation=activation)
    for row in range(2):
        start = np.concatenate([CHAIN[row], BIASES[row]])
        expected = approx_fprime(start, error_by_hand, 1e-7, 0.8, -0.5, function)
        both = np.concatenate([found.weight_gradients[row], found.bias_gradients[row]])
        # One-sided differences over 1e-7 are off by about as much times the second derivative.
        np.testing.assert_allclose(both, expected, atol=2e-7)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_no_gradient_exceeds_its_bound(activation):
    record = chain_gradients(activation=activation, iterations=200)
    # A slope of ReLU is its steepest, where both sides round alike but not always equally.
    assert (np.abs(record.bias_gradients) <= record.bounds * (1 + 1e-12)).all()


def test_the_bound_is_a_quarter_and_a_weight_for_each_neuron_on_the_way_back():
    record = chain_gradients(3, weights=-2.0, biases=0.0, x=0.0, y=2.0, iterations=1)
    error = abs(record.outputs[0, 0] - 2)
    assert record.bounds[0, 0] == pytest.approx([error * 4 / 64, error * 2 / 16, error / 4])
    assert record.repeats == 1


def test_the_bound_is_reached_where_every_neuron_is_at_its_steepest():
    # With a bias of -w/2 an output of 1/2 gives 1/2 again, at z = 0.
    record = chain_gradients(4, weights=1.6, biases=-0.8, x=0.5, iterations=1)
    assert np.abs(record.bias_gradients[0, 0]) == pytest.approx(record.bounds[0, 0])
    assert record.ratios[0, 0] == pytest.approx((1.6 / 4) ** 3)


def test_training_is_gradient_descent_step_by_step():
    record = chain_gradients(activation="tanh", iterations=3, learning_rate=0.5, repeats=4)
    assert list(record.iterations) == [0, 1, 2, 3]
    for name, gradients in (("weights", record.weight_gradients), ("biases", record.bias_gradients)):
        values = getattr(record, name)
        np.testing.assert_allclose(values[:, 1:], values[:, :-1] - 0.5 * gradients[:, :-1], rtol=1e-12)
    assert (record.errors[:, -1] < record.errors[:, 0]).all()


def test_draws_are_of_the_seed_and_shared_by_the_activations():
    records = [chain_gradients(activation=name, iterations=1, repeats=500) for name in ("sigmoid", "tanh")]
    np.testing.assert_array_equal(records[0].weights[:, 0], records[1].weights[:, 0])
    assert records[0].drawn == ("weights", "biases")
    # The mean of 2500 draws of N(0, 1) is N(0, 0.02²), their mean square within 0.03 of 1.
    assert abs(records[0].weights[:, 0].mean()) < 0.1
    assert np.square(records[0].weights[:, 0]).mean() == pytest.approx(1, abs=0.15)
    other = chain_gradients(iterations=1, repeats=500, seed=1)
    assert not np.isin(other.weights[:, 0], records[0].weights[:, 0]).any()


def test_the_gradient_of_sigmoids_vanishes_and_the_summary_says_so():
    record = chain_gradients(iterations=50, repeats=20)
    ratios = record.ratios[:, 0]
    half = t.ppf(0.975, 19) * np.log(ratios).std(ddof=1) / np.sqrt(20)
    low, high = gmean(ratios) * np.exp(-half), gmean(ratios) * np.exp(half)
    assert geometric_interval(ratios) == pytest.approx((gmean(ratios), low, high))
    assert high < 1 / 4**4  # of four neurons with weights that are not large
    before, after, *others = record.summary().splitlines()
    assert before == (
        f"Gradient in the first neuron before training: smaller, {gmean(ratios):.3g} times that in the last "
        f"neuron (95 % interval {low:.3g} to {high:.3g})."
    )
    assert after.startswith("Gradient in the first neuron after 50 iterations: smaller, ")
    share = np.abs(record.bias_gradients[..., 0] / record.bounds[..., 0]).max()
    errors = record.errors.mean(axis=0)
    assert others == [
        f"The gradient in the first neuron is at most {share:.2g} of its bound.",
        f"Mean error: {errors[0]:.3g} before training, {errors[-1]:.3g} after 50 iterations.",
        "20 chains of 5 sigmoid neurons; weights and biases drawn from N(0, 1); ratios are geometric means "
        "over the chains.",
    ]


def record_of(ratios):
    """Two neurons before and after one iteration, the same ratios both times."""
    gradients = np.array([[[ratio, 1.0]] * 2 for ratio in ratios])
    shared = dict.fromkeys(("bias_gradients", "weight_gradients", "weights", "biases"), gradients)
    return ChainGradients(
        activation="relu",
        x=1.0,
        y=0.0,
        learning_rate=0.1,
        drawn=("weights",),
        seed=0,
        iterations=np.array([0, 1]),
        bounds=np.full(gradients.shape, 4.0),
        outputs=np.ones(gradients.shape[:2]),
        **shared,
    )


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        (
            [2.0, 2.2, 1.9],
            "larger, 2.03 times that in the last neuron (95 % interval 1.69 to 2.44).",
        ),
        (
            [0.5, 2.0, 1.0],
            "no difference shown, 1 times that in the last neuron (95 % interval 0.179 to 5.59).",
        ),
        ([0.0, 0.5], "0.5 times that in the last neuron (1 left out where one is 0 or not finite)."),
        ([0.5], "0.5 times that in the last neuron."),
    ],
)
def test_what_is_said_of_the_ratio_is_what_its_interval_shows(ratios, expected):
    first, *_, last = record_of(ratios).summary().splitlines()
    assert first == f"Gradient in the first neuron before training: {expected}"
    chains = f"{len(ratios)} {'chain' if len(ratios) == 1 else 'chains'} of 2 relu neurons"
    assert last.startswith(f"{chains}; weights drawn from N(0, 1)")


def test_chains_that_are_off_are_said_to_be():
    told = record_of([0.0, np.nan]).summary()
    assert "before training: 0 or not finite, or that in the last neuron is, in every chain." in told


def test_the_mean_error_is_of_the_chains_that_did_not_diverge():
    one = record_of([1.0, 1.0])
    outputs = np.array([[2.0, 1.0], [3.0, np.inf]])
    told = replace(one, outputs=outputs).summary()
    assert "first neuron after 1 iteration: " in told
    assert "Mean error: 2 before training, 0.5 after 1 iteration (1 diverged and left out)." in told
    told = replace(one, outputs=outputs + np.inf).summary()
    assert "No chain has a finite error after training." in told


def test_the_record_survives_json_and_becomes_a_table():
    record = chain_gradients(3, iterations=5, repeats=2)
    again = ChainGradients.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again.summary() == record.summary()
    np.testing.assert_array_equal(again.bounds, record.bounds)
    frame = record.to_frame()
    assert len(frame) == 2 * 6 * 3
    row = frame.iloc[-1]
    assert (row["chain"], row["iteration"], row["neuron"]) == (1, 5, 3)
    assert row["bias_gradient"] == record.bias_gradients[1, -1, 2]


def test_magnitudes_are_geometric_means_over_the_chains():
    record = chain_gradients(iterations=2, repeats=3)
    for what in ("bias_gradients", "weight_gradients", "bounds"):
        expected = gmean(np.abs(getattr(record, what)), axis=0)
        np.testing.assert_allclose(record.magnitudes(what)[0], expected)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"length": 1}, "length must be a whole number of at least 2; received 1."),
        (
            {"activation": "elu"},
            "activation must be one of 'sigmoid', 'tanh', 'relu'; received 'elu'.",
        ),
        ({"weights": np.nan}, "weights must be a finite number; received nan."),
        ({"biases": "1"}, "biases must be a finite number; received '1'."),
        ({"y": None}, "y must be a finite number; received None."),
        ({"x": [1, 2]}, "x must be a finite number; received [1, 2]."),
        ({"learning_rate": 0}, "learning_rate must be a number above 0; received 0."),
        ({"iterations": 0}, "iterations must be a whole number of at least 1; received 0."),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
    ],
)
def test_what_cannot_be_used_is_refused(changed, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        chain_gradients(**changed)


def test_arrays_of_another_shape_are_refused():
    record = record_of([1.0])
    message = (
        "bounds must have shape (1, 2, 2), which is (chains, recorded iterations, neurons), for 2 "
        "iterations; received (2, 2)."
    )
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        replace(record, bounds=record.bounds[0])
