"""State of one member's training: its rows, epochs, curves, patience and stop reason."""

import math
from dataclasses import dataclass, field

import numpy as np

from kerasreg.population.member.member import Member
from kerasreg.population.schedule.batches import epoch_order, steps_per_epoch
from kerasreg.records import MemberHistory, TrainingHistory


@dataclass(kw_only=True)
class Job:
    """One member's training: what it is to do, and what it has done.

    Args:
        index: Its index among the models given.
        member: The network.
        train: Indices of its training rows in the pool.
        validation: Indices of its validation rows.
        seed: Seed of its row order.
        batch_size: Rows per batch.
        epoch: Current epoch, counted from 0; initially the one to start at.
        epochs: Last epoch, counted from 1.
        patience: Epochs without improvement after which it stops, or `None`.
        seconds: Its share of the elapsed time so far.
    """

    index: int
    member: Member
    train: np.ndarray
    validation: np.ndarray
    seed: int
    batch_size: int
    epoch: int
    epochs: int
    patience: int | None
    updates: int = 0
    waited: int = 0
    best_epoch: int = 0
    score: float = math.nan
    seconds: float = 0.0
    stop_reason: str | None = None
    curves: dict[str, list[float]] = field(default_factory=dict)
    initial_epoch: int = field(init=False)

    def __post_init__(self) -> None:
        self.initial_epoch = self.epoch

    @property
    def steps(self) -> int:
        """Updates in an epoch."""
        return steps_per_epoch(len(self.train), self.batch_size)

    def order(self, ahead: int = 0) -> np.ndarray:
        """Returns the rows of an epoch to come in turn, int32 of shape (steps, batch), -1 to fill up.

        Args:
            ahead: How many epochs lie before it.
        """
        rows = self.train[epoch_order(len(self.train), self.epoch + ahead, seed=self.seed)]
        return in_batches(rows, self.batch_size)

    def rates(self, ahead: int = 0) -> np.ndarray:
        """Returns the learning rate of each update of an epoch to come, float32 of shape (steps,)."""
        first = self.updates + ahead * self.steps
        return self.member.optimizer.learning_rates(first + np.arange(self.steps))

    def record(self, values: dict[str, float], *, score: float, improved: bool) -> None:
        """Records an epoch and decides whether it was the last.

        Args:
            values: Every metric.
            score: The monitored one; NaN without one.
            improved: Whether it is the best so far.
        """
        for name, value in values.items():
            self.curves.setdefault(name, []).append(value)
        self.epoch += 1
        self.updates += self.steps
        self.waited = 0 if improved else self.waited + 1
        if improved:
            self.best_epoch, self.score = self.epoch, score
        validated = any(name.startswith("val_") for name in values)
        if not math.isfinite(values["loss"]):
            self.stop_reason = "diverged"
        elif self.epoch >= self.epochs:
            self.stop_reason = "epochs"
        elif self.patience is not None and self.waited >= self.patience and self.epoch > 1:
            self.stop_reason = "patience"
        if self.stop_reason and validated and not self.best_epoch:  # no score was a number, ever
            self.stop_reason = "diverged"

    def certain_epochs(self) -> int:
        """Returns how many more epochs the member has at least."""
        left = self.epochs - self.epoch
        # at least one: patience ends nothing after the first epoch
        return left if self.patience is None else max(1, min(left, self.patience - self.waited))

    def history(self) -> MemberHistory:
        """Returns the record of the training, as far as it has come."""
        score = math.nan if self.stop_reason == "diverged" else self.score
        return MemberHistory(
            score=score,
            best_epoch=self.best_epoch,
            history=TrainingHistory(unit="epoch", metrics=self.curves),
            stop_reason=self.stop_reason or "interrupted",
            seconds=self.seconds,
            way="population",
            initial_epoch=self.initial_epoch,
        )


def never_begun(way: str) -> MemberHistory:
    """Returns the record of a member whose training had not started when Ctrl-C came."""
    history = TrainingHistory(unit="epoch", metrics={})
    return MemberHistory(
        score=math.nan, best_epoch=0, history=history, stop_reason="interrupted", seconds=0.0, way=way
    )


def in_batches(rows: np.ndarray, batch_size: int) -> np.ndarray:
    """Returns rows as int32 of shape (batches, batch_size), filled up with -1."""
    batches = steps_per_epoch(len(rows), batch_size)
    filled = np.full(batches * batch_size, -1, np.int32)
    filled[: len(rows)] = rows
    return filled.reshape(batches, batch_size)
