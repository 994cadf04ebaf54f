"""A trial to train, what the trials of a batch have in common, and a trial as it is recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from kerasreg.records import MemberHistory, Split, TrialRecord


@dataclass(frozen=True, kw_only=True)
class TrialJob:
    """A trial to train.

    Args:
        trial_id: The trial's number.
        values: Value of every hyperparameter, for the record.
        build: Makes the compiled network of a member, by the member's number.
        batch_size: Rows in a batch.
        epochs: The last epoch to train, counted from 1.
        initial_epoch: Epochs trained before, which `build` has put into the network.
    """

    trial_id: str
    values: dict[str, Any]
    build: Callable[[int], keras.Model]
    batch_size: int
    epochs: int
    initial_epoch: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What all trials of a batch have in common, so that they are compared in pairs.

    Args:
        splits: The data of each member of a trial.
        seeds: The seed of each member's batches.
        monitor: The validation metric that is the score.
        mode: `"min"` if less of it is better, `"max"` if more is.
        patience: Epochs without improvement after which a network stops, or `None` to train them all.
        engine: `"population"` or `"fit"`.
    """

    splits: Sequence[Split]
    seeds: Sequence[int]
    monitor: str
    mode: str
    patience: int | None
    engine: str = "population"


def record_of(job: TrialJob, members: Sequence[MemberHistory], *, error: str | None = None) -> TrialRecord:
    """Returns a trial as it is recorded; one of its networks that diverged makes it a failed one."""
    diverged = next((member for member in members if member.diverged), None)
    if diverged and not error:
        error = f"The loss became NaN or infinite in epoch {len(diverged.history) or 1}."
    return TrialRecord(
        trial_id=job.trial_id,
        status="failed" if error else "completed",
        hyperparameters=job.values,
        score=None if error else float(np.mean([member.score for member in members])),
        scores=[member.score for member in members],
        best_epoch=[max(0, member.best_epoch - job.initial_epoch) for member in members],
        history=[member.history.metrics for member in members],
        seconds=sum(member.seconds for member in members),
        error=error,
    )
