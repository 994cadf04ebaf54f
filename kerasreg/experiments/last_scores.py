"""What many networks score after their last epoch, where nothing is chosen by those scores."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.population.arguments import default_monitor, read_members
from kerasreg.population.inference import evaluate_population
from kerasreg.population.trainer import fit_population
from kerasreg.records import Split

AT_ONCE = 512  # models that are held at a time: building one takes longer than training a small one


@dataclass(frozen=True)
class Task:
    """One network to train and score.

    Args:
        network: What to build: tasks of equal `network` begin with the same weights and seeds.
        split: The data, whose train part it is trained on.
        part: The part that it is scored on, `"validation"` or `"test"`.
    """

    network: Hashable
    split: Split
    part: str = "validation"


def last_scores(
    build: Callable[..., keras.Model],
    tasks: Sequence[Task],
    *,
    epochs: int,
    batch_size: int = 32,
    metric: str | None = None,
    at_once: int = AT_ONCE,
    progress: bool = False,
) -> tuple[str, list[float]]:
    """Trains every task for all epochs and returns what it scores at the end.

    No epoch is chosen by the rows that a network is scored on: the best of many epochs would be too good an
    estimate. More tasks than `at_once` are trained in turns, and a model that was trained is used again
    with its initial weights where the next turn needs the same network.

    Args:
        build: Called with a task's `network`; returns a compiled model.
        tasks: What to train, at least one.
        epochs: Epochs that each is trained.
        batch_size: Rows in a batch.
        metric: What to score by; by default the loss without penalties and smoothing.
        at_once: How many models to hold at a time, at least 1.
        progress: Whether to show a bar for each turn.

    Returns:
        The name of the metric, and one score for each task.

    Raises:
        InvalidInput: If an argument cannot be used, or a training ended in numbers that are not finite.
        KeyboardInterrupt: If someone pressed Ctrl-C: networks cut short could not be compared.
    """
    check_whole_number("at_once", at_once)
    if not tasks:
        raise InvalidInput("There is no division of the data to train on; give at least one Split.")
    spare: dict[Hashable, list[tuple[keras.Model, list[np.ndarray]]]] = defaultdict(list)
    scores: list[float] = []
    for first in range(0, len(tasks), at_once):
        turn = tasks[first : first + at_once]
        held = []
        for task in turn:
            held.append(spare[task.network].pop() if spare[task.network] else _built(build, task.network))
        if not first:
            metric = _checked_metric(held[0][0], metric)
        scores += _scores_of([model for model, _ in held], turn, metric, epochs, batch_size, progress)
        spare.clear()  # what the last turn had no use for would only fill the memory
        if first + at_once < len(tasks):
            for task, (model, weights) in zip(turn, held, strict=True):
                model.set_weights(weights)
                spare[task.network].append((model, weights))
    return metric, scores


def _built(build: Callable[..., keras.Model], network: Hashable) -> tuple[keras.Model, list[np.ndarray]]:
    model = build(network)
    return model, model.get_weights()


def _checked_metric(model: keras.Model, metric: str | None) -> str:
    members, _ = read_members([model], fallback=False)
    if metric is None:
        return default_monitor([model]).removeprefix("val_")
    return check_one_of("metric", metric, tuple(members[0].objective.metrics))


def _scores_of(
    models: list[keras.Model],
    turn: Sequence[Task],
    metric: str,
    epochs: int,
    batch_size: int,
    progress: bool,
) -> list[float]:
    splits = [task.split for task in turn]
    for task in turn:
        if not len(getattr(task.split, f"x_{task.part}")):
            raise InvalidInput(
                f"A division of {task.split.name!r} has no {task.part} rows to score on. Give each Split "
                "some."
            )
    history = fit_population(
        models,
        splits,
        epochs=epochs,
        batch_size=batch_size,
        restore_best_weights=False,
        progress=progress,
    )
    if history.interrupted:
        raise KeyboardInterrupt
    scores = np.full(len(turn), np.nan)
    by_part = defaultdict(list)
    for place, task in enumerate(turn):
        by_part[task.part].append(place)
    for part, places in by_part.items():
        if part == "validation":
            scores[places] = history.final(f"val_{metric}")[places]
        else:
            found = evaluate_population(
                [models[place] for place in places], [splits[place] for place in places], part
            )
            scores[places] = [values[metric] for values in found]
    lost = np.count_nonzero(~np.isfinite(scores))
    if lost:
        raise InvalidInput(
            f"{lost} of {len(turn)} networks ended without a finite {metric}, and leaving them out would "
            "make the rest look better than they are. Lower the learning rate, or train fewer epochs."
        )
    return scores.tolist()
