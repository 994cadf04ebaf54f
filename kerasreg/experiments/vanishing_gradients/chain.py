"""Gradients in a chain of single neurons, and their bounds, by the chain rule.

In a chain a_l = s(w_l a_(l-1) + b_l) with the error C = 1/2 (a_L - y)², the chain rule gives

    dC/db_L = (a_L - y) s'(z_L),    dC/db_l = dC/db_(l+1) w_(l+1) s'(z_l),    dC/dw_l = dC/db_l a_(l-1).

Each layer multiplies the gradient by w s'(z) on the way back. The sigmoid's derivative is at most 1/4, so

    |dC/db_l| <= |a_L - y| (1/4)^(L - l + 1) |w_(l+1)| ... |w_L|,

which falls by a factor of four or more with each layer unless the weights are large; and large weights tend
to drive z to where the derivative is far below 1/4.

Reference:
    Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, TU München, 1991.
    Bengio, Simard and Frasconi, Learning Long-Term Dependencies with Gradient Descent Is Difficult, IEEE
    Transactions on Neural Networks 5, 1994.
    Nielsen, Neural Networks and Deep Learning, 2015, chapter 5.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from kerasreg.checks import check_number, check_one_of, check_whole_number
from kerasreg.experiments.vanishing_gradients.chain_record import STEEPEST, ChainGradients
from kerasreg.seeds import derive_seed

RECORDED = 30  # recorded iterations at most, at nearly equal ratios

ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {  # s(z), and s'(z) from z and a = s(z)
    "sigmoid": (expit, lambda z, a: a * (1 - a)),
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "relu": (lambda z: np.maximum(z, 0), lambda z, a: (z > 0).astype(float)),
}


@dataclass(frozen=True)
class Backpropagated:
    """Gradients in chains of L neurons by the chain rule; arrays of shape (..., L), from the input on.

    Args:
        output: Output a_L of the last neuron, shape (...).
        bias_gradients: dC/db of each neuron.
        weight_gradients: dC/dw of each neuron.
        bounds: Upper bounds of |dC/db|.
    """

    output: np.ndarray
    bias_gradients: np.ndarray
    weight_gradients: np.ndarray
    bounds: np.ndarray


def chain_gradients(
    length: int = 5,
    *,
    activation: str = "sigmoid",
    weights: float | None = None,
    biases: float | None = None,
    x: float = 1.0,
    y: float = 0.0,
    learning_rate: float = 1e-2,
    iterations: int = 1000,
    repeats: int = 50,
    seed: int = 0,
) -> ChainGradients:
    """Trains chains of single neurons by gradient descent and records the gradient in each neuron.

    How much smaller is the gradient in the first neuron than in the last, and does training change it?
    Computed in double precision with the formulas of `kerasreg.experiments.vanishing_gradients.chain`; it
    takes less than a second.

    Args:
        length: Neurons L in a chain, at least 2.
        activation: Activation of all neurons, the last one included: `"sigmoid"`, `"tanh"` or `"relu"`.
        weights: Initial weight of all neurons; `None` draws each from N(0, 1).
        biases: Initial bias of all neurons; `None` draws each from N(0, 1). If neither is drawn, all chains
            are equal, and only one is trained.
        x: Input of the only example.
        y: Target of the example.
        learning_rate: Learning rate of gradient descent, above 0.
        iterations: Steps of gradient descent, at least 1.
        repeats: Number of chains, each with its own draw, at least 1; an interval needs 2.
        seed: Seed of the draws, a whole number >= 0. A chain's draws do not depend on the activation.

    Returns:
        Gradients, bounds, weights and outputs before training and after about thirty of the iterations, at
        nearly equal ratios.

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        See `kerasreg.experiments.vanishing_gradients.chain`; N(0, 1) is Nielsen's choice.

    Example:
    >>> record = chain_gradients(weights=1.0, biases=0.0, iterations=10)
    >>> bool((abs(record.bias_gradients) <= record.bounds).all())
    True
    >>> [round(float(bound), 4) for bound in record.bounds[0, 0] / record.bounds[0, 0, -1]]
    [0.0039, 0.0156, 0.0625, 0.25, 1.0]
    """
    check_whole_number("length", length, minimum=2)
    check_one_of("activation", activation, tuple(ACTIVATIONS))
    for name, number in {"weights": weights, "biases": biases}.items():
        if number is not None:
            check_number(name, number, minimum=-math.inf)
    x, y = check_number("x", x, minimum=-math.inf), check_number("y", y, minimum=-math.inf)
    learning_rate = check_number("learning_rate", learning_rate, exclusive_minimum=True)
    for name, number in {"iterations": iterations, "repeats": repeats}.items():
        check_whole_number(name, number)
    check_whole_number("seed", seed, minimum=0)

    count = repeats if weights is None or biases is None else 1
    w = _initial(weights, "weights", (count, length), seed)
    b = _initial(biases, "biases", (count, length), seed)
    recorded = np.unique(np.geomspace(1, iterations, RECORDED).round().astype(int))
    kept = []
    with np.errstate(over="ignore", invalid="ignore"):  # a chain that diverges is recorded as it is
        for iteration in range(iterations + 1):
            found = backpropagate(w, b, x=x, y=y, activation=activation)
            if iteration == 0 or iteration in recorded:
                gradients = (found.bias_gradients, found.weight_gradients, found.bounds)
                kept.append((*gradients, w, b, found.output))
            w = w - learning_rate * found.weight_gradients
            b = b - learning_rate * found.bias_gradients
    names = ("bias_gradients", "weight_gradients", "bounds", "weights", "biases", "outputs")
    arrays = {
        name: np.stack(values, axis=1) for name, values in zip(names, zip(*kept, strict=True), strict=True)
    }
    return ChainGradients(
        activation=activation,
        x=float(x),
        y=float(y),
        learning_rate=float(learning_rate),
        drawn=tuple(name for name, given in (("weights", weights), ("biases", biases)) if given is None),
        seed=seed,
        iterations=np.concatenate([[0], recorded]),
        **arrays,
    )


def backpropagate(
    weights: np.ndarray, biases: np.ndarray, *, x: float, y: float, activation: str
) -> Backpropagated:
    """Returns the gradients of 1/2 (a_L - y)² in chains of neurons, and their bounds.

    Args:
        weights: Weights, shape (..., L), from the input on.
        biases: Biases, the same shape.
        x: Input of the first neuron.
        y: Target of the last one.
        activation: `"sigmoid"`, `"tanh"` or `"relu"`.
    """
    function, derivative = ACTIVATIONS[activation]
    outputs, slopes = [np.full(weights.shape[:-1], float(x))], []
    for layer in range(weights.shape[-1]):
        z = weights[..., layer] * outputs[-1] + biases[..., layer]
        outputs.append(function(z))
        slopes.append(derivative(z, outputs[-1]))
    slopes = np.stack(slopes, axis=-1)
    error = (outputs[-1] - y)[..., None]
    onward = np.concatenate([weights[..., 1:], np.ones_like(error)], axis=-1)  # the weight after each neuron
    bias_gradients = error * _product_from_here(slopes * onward)
    return Backpropagated(
        output=outputs[-1],
        bias_gradients=bias_gradients,
        weight_gradients=bias_gradients * np.stack(outputs[:-1], axis=-1),
        bounds=np.abs(error) * _product_from_here(STEEPEST[activation] * np.abs(onward)),
    )


def _product_from_here(factors: np.ndarray) -> np.ndarray:
    """Returns the cumulative product along the last axis, from the end."""
    return np.cumprod(factors[..., ::-1], axis=-1)[..., ::-1]


def _initial(given: float | None, what: str, shape: tuple[int, int], seed: int) -> np.ndarray:
    if given is not None:
        return np.full(shape, float(given))
    return np.random.default_rng(derive_seed(seed, "chain", what)).normal(size=shape)
