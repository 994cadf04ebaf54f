"""Predictions and evaluation of all members of a population at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasreg.checks import InvalidInput, check_whole_number
from kerasreg.population.member.compatibility import check_suits, check_targets
from kerasreg.population.member.member import Member, read_member
from kerasreg.population.program.device_data import part_on_device
from kerasreg.population.program.networks import Networks
from kerasreg.population.program.stacked_arrays import stacked
from kerasreg.population.schedule.chunks import common_shapes
from kerasreg.population.schedule.training_job import in_batches
from kerasreg.population.tensorflow_logging import without_retracing_advice
from kerasreg.population.trainer_arguments import models_of, one_each, rows_of
from kerasreg.records import Split


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
    for places, networks, values, member in networks_of(members_for(models, x)):
        with without_retracing_advice():
            parts = [
                networks.predict(
                    values, member, tf.constant(x[first : first + batch_size], tf.float32)
                ).numpy()
                for first in range(0, len(x), batch_size)
            ]
        for place, rows in zip(places, np.concatenate(parts, axis=1), strict=True):
            predictions[place] = rows
    return predictions


def evaluate_population(
    models: Sequence[keras.Model],
    data: Split | Sequence[Split],
    part: str = "test",
    *,
    batch_size: int = 256,
) -> list[dict[str, float]]:
    """Evaluates each model on a part of its own data, as its own `evaluate` would.

    Args:
        models: Compiled models that `fit_population` can train.
        data: One `Split` for all, or one for each model. Rows that several splits share are held once.
        part: `"train"`, `"validation"` or `"test"`.
        batch_size: Rows that are computed at once.

    Returns:
        For each model `loss`, its metrics by name, and the loss without penalties and smoothing.

    Raises:
        InvalidInput: If a split has no rows in this part, rows of a shape that its model does not take, or
            targets that do not go with the model's output and loss.
        UnstackableModel: If a model is not covered.
    """
    check_whole_number("batch_size", batch_size)
    models = models_of(models)
    splits = one_each(models, data)
    members, seen = [read_member(model) for model in models], set()
    for member, split in zip(members, splits, strict=True):
        check_suits(member, split, seen)
    device, rows = part_on_device(splits, part)
    results: list = [None] * len(models)
    equally_many = defaultdict(list)
    for place, own in enumerate(rows):
        equally_many[len(own)].append(place)
    for count, company in equally_many.items():
        for found, networks, values, member in networks_of([members[place] for place in company]):
            places = [company[place] for place in found]
            orders = np.stack([in_batches(rows[place], min(batch_size, count)) for place in places])
            with without_retracing_advice():
                sums = networks.evaluate(values, member, device, orders).numpy()
            for place, numbers in zip(places, sums.T.tolist(), strict=True):
                results[place] = dict(zip(networks.metrics, numbers, strict=True))
    return results


def members_for(models: Sequence[keras.Model], x: np.ndarray, y: np.ndarray | None = None) -> list[Member]:
    """Reads models that are to compute something of rows outside of a split.

    Raises:
        InvalidInput: If a model does not take inputs of the shape that `x` has, or does not go with targets.
        UnstackableModel: If a model is not covered.
    """
    members: list[Member] = [read_member(model) for model in models]
    checked: set = set()
    for member in members:
        if member.input_shape != np.shape(x)[1:]:
            hint = " x[..., None] adds the channel." if member.input_shape == (*np.shape(x)[1:], 1) else ""
            raise InvalidInput(
                f"The model {member.model.name!r} takes inputs of shape {member.input_shape}; received x of "
                f"shape {np.shape(x)}.{hint}"
            )
        if y is not None:
            check_targets(member, y, checked)
    return members


def networks_of(members: Sequence[Member]) -> Iterator[tuple]:
    """Yields the indices, networks, variables and hyperparameters of the members of each architecture."""
    alike: dict = defaultdict(list)
    for place, member in enumerate(members):
        alike[member.architecture].append(place)
    for places in alike.values():
        company = [members[place] for place in places]
        nonzero = frozenset(
            name for member in company for name, value in member.hyperparameters.items() if value
        )
        networks = Networks(company[0], nonzero=nonzero)
        shapes = common_shapes(company)
        values = {
            key: block
            for what in ("trainable", "moving_statistics", "constants")
            for key, block in stacked([member.arrays(what) for member in company], shapes).items()
        }
        yield places, networks, values, networks.member_arrays(company)
