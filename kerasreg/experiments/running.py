"""The runtime that experiments share: networks built and checked, and measured on a part of their data.

Every experiment trains all its networks in one call of `fit_population`. After Ctrl-C it returns its record
with what there is: networks whose training was cut short are NaN, as those that diverged are, and the record
is marked as interrupted.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, check_takes, shown
from kerasreg.population import evaluate_population
from kerasreg.population.member.member import read_member
from kerasreg.population.schedule.batches import steps_per_epoch
from kerasreg.records import PopulationHistory, Split


def built(
    build: Callable[..., keras.Model], *arguments: Any, called: str = "build", **options: Any
) -> keras.Model:
    """Returns the network that a user's function makes, or says in a sentence why it makes none.

    Args:
        build: The function.
        *arguments: What it is called with.
        called: What the sentence calls the function.
        **options: What it is called with by name.

    Raises:
        InvalidInput: If it is no function, does not take these arguments, or returns something else. What it
            raises itself goes through.
    """
    if not callable(build) or isinstance(build, keras.Layer):
        received = f"the model {build.name!r}" if isinstance(build, keras.Model) else shown(build)
        raise InvalidInput(
            f"{called} must be a function that makes a new network at every call; received {received}."
        )
    values = [*map(shown, arguments), *(f"{name}={shown(value)}" for name, value in options.items())]
    call = f"{called}({', '.join(values)})"
    check_takes(called, build, call, *arguments, **options)
    network = build(*arguments, **options)
    if not isinstance(network, keras.Model):
        raise InvalidInput(
            f"{called} must return a compiled Keras model; called as {call}, it returned {shown(network)}."
        )
    return network


def common_metric(models: Sequence[keras.Model], accepted: Sequence[str], metric: str | None = None) -> str:
    """Returns a metric that all networks are compiled with; called before the training, not after it.

    Args:
        models: One network of each kind is enough.
        accepted: The metrics that the experiment can use, the preferred one first.
        metric: The one that was asked for, or `None`.

    Raises:
        InvalidInput: If the networks have none of the accepted metrics in common, or not the one asked for.
    """
    had = [list(read_member(model).objective.metrics) for model in models]
    common = tuple(name for name in accepted if all(name in names for names in had))
    if not common:
        kinds = "; ".join(sorted({", ".join(names) for names in had}))
        listed = " or ".join(map(repr, accepted))
        raise InvalidInput(f"All networks must be compiled with the metric {listed}; they have {kinds}.")
    return check_one_of("metric", common[0] if metric is None else metric, common)


def check_same_start(models: Sequence[keras.Model], groups: Sequence[Any], names: Sequence[str]) -> None:
    """Raises `InvalidInput` unless all networks of a group have the same initial weights.

    Args:
        models: The networks, before their training.
        groups: For each network what it shares its start with, such as its repeat.
        names: What the message calls each network.
    """
    first: dict[Any, int] = {}
    for place, (model, group) in enumerate(zip(models, groups, strict=True)):
        other = first.setdefault(group, place)
        own, expected = model.trainable_variables, models[other].trainable_variables
        if len(own) != len(expected) or not all(map(np.array_equal, own, expected)):
            raise InvalidInput(
                f"build gave other initial weights for {names[place]} than for {names[other]} with the same "
                "seed. A paired comparison needs networks that start alike: let build derive the initial "
                "weights from its seed alone."
            )


def epochs_for(updates: int, splits: Sequence[Split], batch_size: int) -> list[int]:
    """Returns the epochs after which each network has been trained on `updates` batches, rounded up."""
    return [-(-updates // steps_per_epoch(len(split.x_train), batch_size)) for split in splits]


def measured(
    models: Sequence[keras.Model], data: Split | Sequence[Split], part: str, metric: str
) -> np.ndarray:
    """Returns a metric of each network on a part of its own data, shape (networks,).

    An accuracy is returned as the error rate, 1 - accuracy.
    """
    values = _evaluated(models, data, part, metric)
    return 1 - values if metric == "accuracy" else values


def _evaluated(
    models: Sequence[keras.Model], data: Split | Sequence[Split], part: str, metric: str
) -> np.ndarray:
    return np.array([found[metric] for found in evaluate_population(models, data, part)])


def final_errors(
    models: Sequence[keras.Model],
    data: Split | Sequence[Split],
    part: str,
    metric: str,
    history: PopulationHistory,
) -> np.ndarray:
    """Returns what `measured` does, NaN for networks whose training diverged or was interrupted."""
    return np.where(history.finished, measured(models, data, part, metric), np.nan)


def final_scores(
    models: Sequence[keras.Model],
    data: Split | Sequence[Split],
    part: str,
    metric: str,
    history: PopulationHistory,
    *,
    at_best: bool = False,
) -> np.ndarray:
    """Returns a metric of each network after its training, an accuracy as it is.

    Args:
        models: The networks, trained.
        data: The data that each was trained on.
        part: `"validation"`, whose scores the history has, or `"train"` or `"test"`.
        metric: A metric that all networks are compiled with.
        history: How the training went.
        at_best: Whether the weights of the best epoch were restored.

    Returns:
        Shape (networks,); NaN for networks whose training diverged or was interrupted.
    """
    if part == "validation":
        return history.final(f"val_{metric}", at_best=at_best)
    return np.where(history.finished, _evaluated(models, data, part, metric), np.nan)


def metrics_by_part(
    models: Sequence[keras.Model],
    data: Split | Sequence[Split],
    parts: Sequence[str],
    history: PopulationHistory,
) -> list[dict[str, dict[str, float]]]:
    """Returns every metric of each network on several parts of its data, by part and metric.

    The metrics are NaN for networks whose training diverged or was interrupted.
    """
    of_parts = {part: evaluate_population(models, data, part) for part in parts}
    return [
        {
            part: found[place] if finished else dict.fromkeys(found[place], math.nan)
            for part, found in of_parts.items()
        }
        for place, finished in enumerate(history.finished)
    ]


def num_parameters(model: keras.Model) -> int:
    """Returns the number of weights that are trained, biases included."""
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
