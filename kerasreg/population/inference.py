"""What a population makes of data, all members at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasreg.checks import InvalidInput, check_whole_number
from kerasreg.population.arguments import models_of, rows_of
from kerasreg.population.arrays import stacked
from kerasreg.population.chunks import common_shapes
from kerasreg.population.jobs import in_batches
from kerasreg.population.networks import Networks
from kerasreg.population.pool import device_data
from kerasreg.population.stack import Member, read_member
from kerasreg.population.suits import check_targets


def predict_population(
    models: Sequence[keras.Model], x: np.ndarray, *, batch_size: int = 256
) -> list[np.ndarray]:
    """Returns what each model predicts for the same rows, as its own `predict` would.

    Args:
        models: Compiled models that `fit_population` can train.
        x: Inputs of shape (n, ...).
        batch_size: Rows that are computed at once.

    Returns:
        One array of shape (n, ...) for each model.

    Raises:
        InvalidInput: If `x` has no rows, or those of another shape than a model takes.
        UnstackableModel: If a model is not covered.
    """
    check_whole_number("batch_size", batch_size)
    models, x = models_of(models), rows_of("x", x)
    if not len(x):
        raise InvalidInput("x must have at least one row; received none.")
    predictions: list = [None] * len(models)
    for places, networks, values, member in networks_of(models, x):
        parts = [
            networks.predict(values, member, tf.constant(x[first : first + batch_size], tf.float32)).numpy()
            for first in range(0, len(x), batch_size)
        ]
        for place, rows in zip(places, np.concatenate(parts, axis=1), strict=True):
            predictions[place] = rows
    return predictions


def evaluate_population(
    models: Sequence[keras.Model], x: np.ndarray, y: np.ndarray, *, batch_size: int = 256
) -> list[dict[str, float]]:
    """Returns the loss and the metrics of each model on the same rows, as its own `evaluate` would.

    Args:
        models: Compiled models that `fit_population` can train.
        x: Inputs of shape (n, ...).
        y: Labels or targets of shape (n, ...).
        batch_size: Rows that are computed at once.

    Returns:
        For each model `loss`, its metrics by name, and the loss without penalties and smoothing.

    Raises:
        InvalidInput: If `x` and `y` have different numbers of rows, or none, or `x` rows of a shape that a
            model does not take, or `y` targets that do not go with a model's output and loss.
        UnstackableModel: If a model is not covered.
    """
    check_whole_number("batch_size", batch_size)
    models, x, y = models_of(models), rows_of("x", x), rows_of("y", y)
    if len(x) != len(y) or not len(x):
        raise InvalidInput(
            f"x and y must have equally many rows, at least one; received {len(x)} and {len(y)}."
        )
    results: list = [None] * len(models)
    order = in_batches(np.arange(len(x)), min(batch_size, len(x)))
    data = device_data(x, y)
    for places, networks, values, member in networks_of(models, x, y):
        orders = np.broadcast_to(order, (len(places), *order.shape))
        sums = networks.evaluate(values, member, data, orders).numpy()
        for place, numbers in zip(places, sums.T.tolist(), strict=True):
            results[place] = dict(zip(networks.metrics, numbers, strict=True))
    return results


def networks_of(models: Sequence[keras.Model], x: np.ndarray, y: np.ndarray | None = None) -> Iterator[tuple]:
    """Yields for each architecture the models' places, what they compute, their values and numbers.

    Raises:
        InvalidInput: If a model does not take inputs of the shape that `x` has, or does not go with targets.
        UnstackableModel: If a model is not covered.
    """
    alike: dict = defaultdict(list)
    members: list[Member] = [read_member(model) for model in models]
    checked: set = set()
    for place, member in enumerate(members):
        if member.input_shape != np.shape(x)[1:]:
            hint = " x[..., None] adds the channel." if member.input_shape == (*np.shape(x)[1:], 1) else ""
            raise InvalidInput(
                f"The model {member.model.name!r} takes inputs of shape {member.input_shape}; received x of "
                f"shape {np.shape(x)}.{hint}"
            )
        if y is not None:
            check_targets(member, y, checked)
        alike[member.architecture].append(place)
    for places in alike.values():
        company = [members[place] for place in places]
        nonzero = frozenset(name for member in company for name, number in member.numbers.items() if number)
        networks = Networks(company[0], nonzero=nonzero)
        shapes = common_shapes(company)
        values = {
            key: block
            for what in ("trainable", "moments", "constants")
            for key, block in stacked([member.arrays(what) for member in company], shapes).items()
        }
        yield places, networks, values, networks.member_arrays(company)
