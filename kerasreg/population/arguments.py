"""What `fit_population` was given, checked and put in order."""

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_whole_number
from kerasreg.population.objectives import UNPENALISED
from kerasreg.population.parts import UnstackableModel
from kerasreg.population.stack import Member, read_member
from kerasreg.records import Split


def one_each(models: Sequence[keras.Model], data: Split | Sequence[Split]) -> list[Split]:
    """Returns the data of each model."""
    if not len(models):
        raise InvalidInput("fit_population needs at least one model; received none.")
    splits = [data] * len(models) if isinstance(data, Split) else list(data)
    if len(splits) != len(models) or not all(isinstance(split, Split) for split in splits):
        raise InvalidInput(
            f"data must be one Split or one for each of the {len(models)} models; received {len(splits)} of "
            f"{sorted({type(split).__name__ for split in splits})}."
        )
    shapes = {(split.input_shape, split.output_shape) for split in splits}
    if len(shapes) > 1:
        raise InvalidInput(f"All splits must have rows of one shape; received {sorted(map(str, shapes))}.")
    return splits


def seeds_of(models: list[keras.Model], seeds: Sequence[int] | None) -> list[int]:
    """Returns the seed of each model's order of rows."""
    if seeds is None:
        return [seed_of_weights(model) for model in models]
    if len(seeds) != len(models):
        raise InvalidInput(
            f"seeds must hold one seed for each of {len(models)} models; received {len(seeds)}."
        )
    return [check_whole_number("seeds", seed, minimum=0) for seed in seeds]


def seed_of_weights(model: keras.Model) -> int:
    """Returns a seed in [0, 2**31) that depends on a model's weights alone."""
    digest = hashlib.blake2b(digest_size=8)
    for variable in model.trainable_variables:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).data)
    return int.from_bytes(digest.digest(), "little") % 2**31


def read_members(models: list[keras.Model], *, fallback: bool) -> tuple[dict[int, Member], list[int]]:
    """Returns the members by index, and the indices of the models that cannot be members."""
    if len({id(model) for model in models}) < len(models):
        raise InvalidInput("The same model stands several times among the models; build one for each member.")
    members: dict[int, Member] = {}
    refused: dict[int, UnstackableModel] = {}
    for index, model in enumerate(models):
        try:
            members[index] = read_member(model)
        except UnstackableModel as cause:
            if not fallback:
                raise
            refused[index] = cause
    if refused:
        warnings.warn(
            f"{len(refused)} of {len(models)} models are trained one by one with fit: "
            f"{next(iter(refused.values()))}",
            stacklevel=3,
        )
    return members, list(refused)


def check_suits(member: Member, split: Split) -> None:
    """Raises `InvalidInput` where a model does not take or give what its data holds."""
    if member.input_shape != split.input_shape:
        raise InvalidInput(
            f"The model {member.model.name!r} takes inputs of shape {member.input_shape}, but the data "
            f"{split.name!r} has rows of shape {split.input_shape}."
        )
    outputs = member.output_shapes[-1] if member.output_shapes else member.input_shape
    if member.objective.family == "sparse":
        suits = split.num_classes is not None and outputs[-1] >= split.num_classes
    else:  # a single output may stand for a number without an axis of its own
        suits = outputs == split.output_shape or outputs == (*split.output_shape, 1)
    if not suits:
        given = "numbers" if split.num_classes is None else f"labels of {split.num_classes} classes"
        raise InvalidInput(
            f"The model {member.model.name!r} gives outputs of shape {outputs} with a loss of the kind "
            f"{member.objective.family!r}, but the data {split.name!r} has {given} of shape "
            f"{split.output_shape}."
        )


def check_monitor(monitor: str, members: Iterable[Member]) -> None:
    """Raises `InvalidInput` where a model does not have the metric to choose by."""
    for member in members:
        names = [f"val_{name}" for name in ("loss", *member.objective.metrics)]
        if monitor not in names:
            raise InvalidInput(
                f"monitor must be a validation metric of every model: {', '.join(names)}; received "
                f"{monitor!r}."
            )


def monitor_for_fit(model: keras.Model, monitor: str | None) -> str | None:
    """Returns the metric to choose by for a model that is trained by itself: the wanted one if it has it.

    A model that Keras trains has the metrics it was compiled with and no others.
    """
    if monitor is None:
        return None
    metrics = (model.get_compile_config() or {}).get("metrics") or []
    names = [_name_of(metric) for metric in metrics] if isinstance(metrics, list) else []
    known = [f"val_{name}" for name in names if name in UNPENALISED.values()]
    return monitor if monitor in [f"val_{name}" for name in names] else next(iter(known), "val_loss")


def _name_of(metric: Any) -> str | None:
    """Returns the name of a metric as a model's configuration has it: text, an object, or a function."""
    config = metric.get("config") if isinstance(metric, dict) else metric
    return config.get("name") if isinstance(config, dict) else config if isinstance(config, str) else None


def default_monitor(members: dict[int, Member]) -> str:
    """Returns the name of the validation loss without penalties and smoothing."""
    families = {member.objective.family for member in members.values()}
    if len({UNPENALISED[family] for family in families}) > 1:
        raise InvalidInput(
            "The models have losses of different kinds; name the metric to choose by as monitor."
        )
    if families:
        return f"val_{UNPENALISED[families.pop()]}"
    return "val_loss"
