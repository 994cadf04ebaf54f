"""Scores of many networks after their last epoch, of which none is chosen by those scores."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.experiments.running import final_scores
from kerasreg.population.trainer import fit_population
from kerasreg.population.trainer_arguments import default_monitor, read_members
from kerasreg.records import FoldScores, Split
from kerasreg.records.majority import majority_error

AT_ONCE = 512  # models that are held at a time: building one takes longer than training a small one


@dataclass(frozen=True)
class Task:
    """Network to train and score.

    Args:
        network: What to build: tasks of equal `network` start with the same weights and seeds.
        split: Data set, on whose training part the network is trained.
        part: Part on which it is scored, `"validation"` or `"test"`.
    """

    network: Hashable
    split: Split
    part: str = "validation"


@dataclass(frozen=True)
class LastScores:
    """Scores of trained tasks.

    Args:
        metric: Name of the metric.
        scores: One for each task; NaN where the training was interrupted.
        interrupted: Whether Ctrl-C ended the training.
    """

    metric: str
    scores: list[float]
    interrupted: bool


def last_scores(
    build: Callable[..., keras.Model],
    tasks: Sequence[Task],
    *,
    epochs: int,
    batch_size: int = 32,
    metric: str | None = None,
    at_once: int = AT_ONCE,
    progress: bool = False,
) -> LastScores:
    """Trains every task for all epochs and scores it after the last one.

    No epoch is chosen on the rows that a network is scored on, since the score of the best of many epochs
    is optimistic. More tasks than `at_once` are trained in turns. A trained model is used again with its
    initial weights if the next turn needs the same network.

    Args:
        build: Function that returns a compiled model for the `network` of a task.
        tasks: Tasks, at least one.
        epochs: Number of epochs.
        batch_size: Rows per batch.
        metric: Metric to score by; by default the loss without penalties and smoothing.
        at_once: Number of models to hold at a time, at least 1.
        progress: Whether to show a progress bar for each turn.

    Raises:
        InvalidInput: If an argument is not accepted, or the training of a network diverged.
    """
    check_whole_number("at_once", at_once)
    if not tasks:
        raise InvalidInput("There are no splits to train on; pass at least one Split.")
    spare: dict[Hashable, list[tuple[keras.Model, list[np.ndarray]]]] = defaultdict(list)
    scores: list[float] = []
    for first in range(0, len(tasks), at_once):
        turn = tasks[first : first + at_once]
        held = []
        for task in turn:
            held.append(spare[task.network].pop() if spare[task.network] else _built(build, task.network))
        if not first:
            metric = _checked_metric(held[0][0], metric)
        models = [model for model, _ in held]
        found, interrupted = _scores_of(models, turn, metric, epochs, batch_size, progress)
        scores += found
        if interrupted:
            return LastScores(metric, scores + [float("nan")] * (len(tasks) - len(scores)), True)
        spare.clear()  # models that the last turn did not need would only fill the memory
        if first + at_once < len(tasks):
            for task, (model, weights) in zip(turn, held, strict=True):
                model.set_weights(weights)
                spare[task.network].append((model, weights))
    return LastScores(metric, scores, False)


def fold_scores(
    metric: str, scores: Sequence[float], splits: Sequence[Split], *, interrupted: bool = False
) -> FoldScores:
    """Returns the record of the scores of networks on the validation parts of several splits."""
    return FoldScores(
        metric=metric,
        scores=tuple(scores),
        train_rows=tuple(len(split.x_train) for split in splits),
        validation_rows=tuple(len(split.x_validation) for split in splits),
        interrupted=interrupted,
        majority_error=majority_error(splits, "validation") if metric == "accuracy" else None,
    )


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
) -> tuple[list[float], bool]:
    """Returns the score of each task, NaN where its training was interrupted, and whether one was."""
    splits = [task.split for task in turn]
    for task in turn:
        if not len(getattr(task.split, f"x_{task.part}")):
            raise InvalidInput(
                f"A split of {task.split.name!r} has no {task.part} rows to score on. Give each Split some."
            )
    history = fit_population(
        models,
        splits,
        epochs=epochs,
        batch_size=batch_size,
        restore_best_weights=False,
        progress=progress,
    )
    scores = np.full(len(turn), np.nan)
    for part in {task.part for task in turn}:
        places = [place for place, task in enumerate(turn) if task.part == part]
        own = replace(history, members=tuple(history[place] for place in places))
        scores[places] = final_scores(
            [models[place] for place in places], [splits[place] for place in places], part, metric, own
        )
    lost = np.count_nonzero(~np.isfinite(scores) & (history.stop_reason != "interrupted"))
    if lost:
        raise InvalidInput(
            f"{lost} of {len(turn)} networks ended without a finite {metric}, and leaving them out would "
            "make the rest look better than they are. Lower the learning rate, or train fewer epochs."
        )
    return scores.tolist(), history.interrupted
