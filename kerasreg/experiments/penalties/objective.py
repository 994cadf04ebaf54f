"""Penalized objectives: the lecture's beta in Keras' terms, and penalties on biases."""

import keras

from kerasreg.checks import InvalidInput, check_fraction, check_number, shown
from kerasreg.proximal import ProximalL1


def strength_of_beta(beta: float, *, error_factor: float = 1.0, penalty_factor: float = 1.0) -> float:
    """Returns the strength of Keras' penalty with the same minimum as beta * E + (1 - beta) * penalty.

    The lecture weights the error E against the penalty by beta. Divided by beta and by `error_factor`,
    its objective is loss + strength * sum over the weights, with

        strength = (1 - beta) / beta * penalty_factor / error_factor.

    The minimum is the same, but the gradient is 1 / (beta * error_factor) times as large: multiply the
    learning rate of the lecture's objective by beta * error_factor to take the same steps. The lecture
    penalizes the biases too, which `Regularization` does not: pass `penalize_biases=True` to `penalty_path`.

    Args:
        beta: Weight of the error, in (0, 1).
        error_factor: E divided by Keras' mean loss, above 0: 1 for the mean over rows, n / 2 for half the sum
            of squares over n rows with one output.
        penalty_factor: Factor of the sum of squares (l2) or magnitudes (l1), above 0: 1 for the sum
            itself, 1/2 for half of it, 1 / W for the mean over W weights.

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        Petříčková, Neural Networks 1, lecture 9.

    Example:
    >>> strength_of_beta(0.9, error_factor=5, penalty_factor=0.5)  # ten rows, halves on both sides
    0.011111111111111108
    """
    check_fraction("beta", beta)
    check_number("error_factor", error_factor, exclusive_minimum=True)
    check_number("penalty_factor", penalty_factor, exclusive_minimum=True)
    return (1 - beta) / beta * penalty_factor / error_factor


def with_penalized_biases(model: keras.Model) -> keras.Model:
    """Penalizes the bias of each layer as its kernel is, before any training; returns the model."""
    if not isinstance(model, keras.Model):
        raise InvalidInput(f"model must be a Keras model; received {shown(model)}.")
    for layer in model.layers:
        if getattr(layer, "bias", None) is None:
            continue
        layer.bias_regularizer = layer.bias.regularizer = layer.kernel_regularizer
        if isinstance(layer.kernel_constraint, ProximalL1):
            layer.bias_constraint = ProximalL1(layer.kernel_constraint.strength)
            layer.bias.constraint = layer.bias_constraint
    return model
