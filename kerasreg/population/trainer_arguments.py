"""Checks of the arguments of `fit_population`: models, data, seeds, epochs and the monitored metric."""

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import keras
import numpy as np

from kerasreg.checks import (
    MAX_EPOCHS,
    InvalidInput,
    check_flag,
    check_list,
    check_number,
    check_numbers,
    check_one_of,
    check_text,
    check_whole_number,
    in_words,
    shown,
)
from kerasreg.population.member.member import Member, read_member
from kerasreg.population.member.part import ONE_BY_ONE, UnstackableModel
from kerasreg.population.member.reported_metrics import check_reports, mode_for, reported_by, unpenalized_name
from kerasreg.records import Split
from kerasreg.records.given import check_splits


def models_of(models: object) -> list[keras.Model]:
    """Returns the models as a list, or raises `InvalidInput` unless they are one or more Keras models."""
    if isinstance(models, keras.Model):
        raise InvalidInput(f"models must be a list; received the model {models.name!r}. Give [model].")
    found = check_list("models", models, "compiled Keras models")
    for model in found:
        if not isinstance(model, keras.Model):
            raise InvalidInput(f"models must be a list of compiled Keras models; it holds {shown(model)}.")
    if not found:
        raise InvalidInput("models must hold at least one model; received none.")
    return found


def rows_of(name: str, rows: object) -> np.ndarray:
    """Returns inputs or targets as an array, or raises `InvalidInput` unless they are numbers in rows."""
    array = check_numbers(name, rows)
    if not array.ndim:
        raise InvalidInput(f"{name} must have one entry a row; received {shown(rows)}.")
    return array


def one_each(models: Sequence[keras.Model], data: Split | Sequence[Split]) -> list[Split]:
    """Returns the data of each model."""
    splits = [data] * len(models) if isinstance(data, Split) else check_splits("data", data)
    if len(splits) != len(models):
        raise InvalidInput(
            f"data must be one Split or one for each of the {len(models)} models; received {len(splits)}."
        )
    shapes = {(split.input_shape, split.output_shape) for split in splits}
    if len(shapes) > 1:
        raise InvalidInput(f"All splits must have rows of one shape; received {sorted(map(str, shapes))}.")
    return splits


def seeds_of(models: list[keras.Model], seeds: Sequence[int] | None) -> list[int]:
    """Returns the seed of each model's order of rows."""
    if seeds is None:
        return [seed_of_weights(model) for model in models]
    seeds = check_list("seeds", seeds, "whole numbers, one for each model")
    if len(seeds) != len(models):
        raise InvalidInput(
            f"seeds must hold one seed for each of {len(models)} models; received {len(seeds)}."
        )
    return [check_whole_number("seeds", seed, minimum=0) for seed in seeds]


def epochs_of(models: list[keras.Model], epochs: int | Sequence[int]) -> list[int]:
    """Returns the epoch that each model ends with at the latest."""
    if not isinstance(epochs, Sequence | np.ndarray) or isinstance(epochs, str | bytes):
        epochs = [epochs] * len(models)
    if len(epochs) != len(models):
        raise InvalidInput(
            f"epochs must be one number or one for each of {len(models)} models; received {len(epochs)}."
        )
    return [check_whole_number("epochs", each, maximum=MAX_EPOCHS) for each in epochs]


def check_options(
    *,
    batch_size: int,
    counts: Mapping[str, int | None],
    initial_epoch: int,
    min_delta: float,
    mode: str,
    monitor: str | None,
    flags: Mapping[str, bool],
    functions: Mapping[str, object],
) -> None:
    """Raises `InvalidInput` unless each option of `fit_population` has a valid type and range.

    Args:
        batch_size: As for `fit_population`.
        counts: Whole numbers by name, or `None` where not given.
        initial_epoch: As for `fit_population`.
        min_delta: As for `fit_population`.
        mode: As for `fit_population`.
        monitor: As for `fit_population`.
        flags: Booleans by name.
        functions: Callbacks by name, or `None` where not given.
    """
    check_whole_number("batch_size", batch_size)
    for name, count in counts.items():
        if count is not None:
            check_whole_number(name, count)
    check_whole_number("initial_epoch", initial_epoch, minimum=0)
    check_number("min_delta", min_delta)
    check_one_of("mode", mode, ("auto", "min", "max"))
    if monitor is not None:
        check_text("monitor", monitor)
    for name, flag in flags.items():
        check_flag(name, flag)
    for name, function in functions.items():
        if function is not None and not callable(function):
            raise InvalidInput(f"{name} must be a function; received {shown(function)}.")


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
        except Exception as cause:  # whatever layers and options of one's own raise when they are read
            if not isinstance(cause, UnstackableModel):
                cause = _unreadable(model, cause)
            if not fallback:
                raise cause from cause.__cause__
            refused[index] = cause
    if refused:
        warnings.warn(_told(list(refused.values()), len(models)), stacklevel=3)
    return members, list(refused)


def _unreadable(model: keras.Model, cause: Exception) -> UnstackableModel:
    error = UnstackableModel(
        f"The model {model.name!r} cannot be read as a member of a population ({in_words(cause)}). "
        f"{ONE_BY_ONE}",
        what=type(model).__name__,
    )
    error.__cause__ = cause
    return error


def _told(causes: Sequence[UnstackableModel], count: int) -> str:
    """Returns the warning that says how many models are trained one by one, and why, by cause."""
    counted = Counter(cause.what for cause in causes)
    what = ", ".join(f"{name} \N{MULTIPLICATION SIGN} {times}" for name, times in counted.items())
    return f"{len(causes)} of {count} models are trained one by one with fit: {what}. {causes[0].reason}"


def check_monitor(monitor: str, members: Iterable[Member]) -> None:
    """Raises `UnusableMetric` where a model does not have the metric to choose by."""
    for member in members:
        names = ("val_loss", *(f"val_{name}" for name in member.objective.metrics))
        check_reports(member.model, monitor, names)


def chosen_by(
    monitor: str | None,
    mode: str,
    models: Sequence[keras.Model],
    splits: Sequence[Split],
    members: dict[int, Member],
) -> tuple[str, str, dict[int, dict[str, str]]]:
    """Returns the one metric that all models are judged by, `"min"` or `"max"`, and who calls it otherwise.

    The last are, by the index of a model, the names of a history by those that `fit` gives its metrics.

    Args:
        monitor: The metric asked for, or `None` for the loss without penalties and smoothing.
        mode: As asked for.
        models: All models.
        splits: The data of each.
        members: Those of them that train in programs; the others are trained by `fit`.

    Raises:
        InvalidInput: If the losses are of different kinds, a model does not report the metric, or Keras does
            not know which way it is better.
    """
    if monitor is None:
        return default_monitor(models), "min" if mode == "auto" else mode, {}
    check_monitor(monitor, members.values())
    names, each = {}, []
    for index, model in enumerate(models):
        if index not in members:
            reported = reported_by(model, splits[index])
            names[index] = reported.named_for(monitor)
            each.append(reported.called(names[index]))
            each[-1].check(monitor, model)
    others = (reported_by(models[index], splits[index]) for index in members)  # asked for where need be
    return monitor, mode_for(monitor, mode, chain(each, others)), names


def default_monitor(models: Sequence[keras.Model]) -> str:
    """Returns the name of the validation loss without penalties and smoothing.

    Models whose losses have no such name can be judged by `"val_loss"` among themselves.
    """
    names = {unpenalized_name(model) or "loss" for model in models}
    if len(names) > 1:
        raise InvalidInput(
            "The models have losses of different kinds; name the metric to choose by as monitor."
        )
    return f"val_{names.pop()}"
