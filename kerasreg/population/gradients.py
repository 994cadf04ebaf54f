"""Gradients of the loss with respect to the weights of many networks at once."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasreg.checks import InvalidInput
from kerasreg.population.inference import members_for, networks_of
from kerasreg.population.member.member import read_member
from kerasreg.population.program.device_data import device_data
from kerasreg.population.program.stacked_arrays import key_of
from kerasreg.population.trainer_arguments import models_of, rows_of

MEMBERS = 16  # whose activations are held at once


def differentiate_population(
    models: Sequence[keras.Model], x: np.ndarray, y: np.ndarray
) -> list[list[np.ndarray]]:
    """Returns the gradient of each model's loss on one batch, as a `GradientTape` would give it in training.

    The loss is the one that training lowers: the mean over the rows with label smoothing, and the weight
    penalties. A batch normalization uses the mean and variance of these rows; dropout and noise are
    those of the first training step. The models stay as they are.

    Args:
        models: Compiled models that `fit_population` can train.
        x: Inputs of shape (n, ...), all in one batch.
        y: Labels or targets of shape (n, ...).

    Returns:
        For each model an array for each of its `trainable_variables`, in their order.

    Raises:
        InvalidInput: If `x` and `y` have different numbers of rows, or none, or `x` rows of a shape that a
            model does not take, or `y` targets that do not go with a model's output and loss.
        UnstackableModel: If a model is not covered.

    Example:
    >>> from kerasreg import build_mlp, load_digits_split
    >>> split = load_digits_split()
    >>> models = [build_mlp((8, 8, 1), 10, units=(4,), seed=seed) for seed in (0, 1)]
    >>> gradients = differentiate_population(models, split.x_train[:50], split.y_train[:50])
    >>> [gradient.shape for gradient in gradients[0]]
    [(64, 4), (4,), (4, 10), (10,)]
    """
    models, x, y = models_of(models), rows_of("x", x), rows_of("y", y)
    if len(x) != len(y) or not len(x):
        raise InvalidInput(
            f"x and y must have equally many rows, at least one; received {len(x)} and {len(y)}."
        )
    data = device_data(x, y)
    results: list = [None] * len(models)
    for places, networks, values, member in networks_of(members_for(models, x, y)):
        order = _order_of(models[places[0]])  # the same for all of an architecture
        for first in range(0, len(places), MEMBERS):
            some = slice(first, first + MEMBERS)
            company = places[some]
            rows = [
                tf.broadcast_to(each[None], (len(company), *each.shape)) for each in (data["x"], data["y"])
            ]
            gradients = networks.gradients(
                {key: value[some] for key, value in values.items()},
                {key: value[:, some] for key, value in member.items()},
                *rows,
            )
            gradients = {key: gradient.numpy() for key, gradient in gradients.items()}
            for row, place in enumerate(company):
                results[place] = [
                    gradients[key][(row, *(slice(0, size) for size in variable.shape))]
                    for key, variable in zip(order, models[place].trainable_variables, strict=True)
                ]
    return results


def _order_of(model: keras.Model) -> list[str]:
    """Returns the keys of a model's trainable variables, in their order."""
    key = {id(variable): key_of(name) for name, variable in read_member(model).variables("trainable")}
    return [key[id(variable)] for variable in model.trainable_variables]
