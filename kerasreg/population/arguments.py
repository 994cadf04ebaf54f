"""What `fit_population` was given, checked and put in order."""

import hashlib
import warnings
from collections.abc import Iterable, Iterator, Sequence
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


def _check_own_weights(models: list[keras.Model]) -> None:
    """Raises `InvalidInput` where training one model would change another, or need another's optimizer."""
    owner: dict[int, int] = {}
    for index, model in enumerate(models):
        for variable in _changing(model):
            first = owner.setdefault(id(variable), index)
            if first != index:
                raise InvalidInput(
                    f"models[{first}] and models[{index}] share the weight {variable.path!r}, but members "
                    "are trained apart. Build each model from layers of its own, or freeze the "
                    "shared layer with trainable=False before compiling."
                )


def _changing(model: keras.Model) -> list[keras.Variable]:
    """Returns the variables that training changes: all numbers but those of frozen layers."""
    frozen = {
        id(variable) for layer in _layers_of(model) if not layer.trainable for variable in layer.variables
    }
    return [
        variable
        for variable in model.variables
        if id(variable) not in frozen and "float" in keras.backend.standardize_dtype(variable.dtype)
    ]


def _layers_of(model: keras.Layer) -> Iterator[keras.Layer]:
    """Yields a model, its layers and theirs."""
    yield model
    for layer in getattr(model, "layers", ()):
        yield from _layers_of(layer)


def read_members(models: list[keras.Model], *, fallback: bool) -> tuple[dict[int, Member], list[int]]:
    """Returns the members by index, and the indices of the models that cannot be members."""
    if len({id(model) for model in models}) < len(models):
        raise InvalidInput("The same model stands several times among the models; build one for each member.")
    _check_own_weights(models)
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
