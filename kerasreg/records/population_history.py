"""How the training of a population went, member by member."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.records.table import as_json, as_table, nan_for_none
from kerasreg.records.training_history import TrainingHistory

STOP_REASONS = ("epochs", "patience", "diverged", "interrupted")
WAYS = ("population", "fit")


@dataclass(frozen=True, kw_only=True)
class MemberHistory:
    """How the training of one network went.

    Args:
        score: The monitored validation metric at the best epoch; NaN if the training diverged or there
            was nothing to monitor.
        best_epoch: That epoch, counted from 1; the network has its weights. 0 if there is none.
        history: Every metric, epoch by epoch.
        stop_reason: `"epochs"` if all were trained, `"patience"` if too many passed without improvement,
            `"diverged"` if the loss, or every value of the monitored metric, was NaN or infinite,
            `"interrupted"` if someone pressed Ctrl-C.
        initial_epoch: Epochs it had been trained before; the history begins with the one after.
        seconds: Its share of the time on the clock.
        way: `"population"` if it was trained in a compiled program with others, `"fit"` if by itself
            with `model.fit`.
    """

    score: float
    best_epoch: int
    history: TrainingHistory
    stop_reason: str
    seconds: float
    way: str
    initial_epoch: int = 0

    def __post_init__(self) -> None:
        check_one_of("stop_reason", self.stop_reason, STOP_REASONS)
        check_one_of("way", self.way, WAYS)

    @property
    def diverged(self) -> bool:
        """Whether the training ended because a number was NaN or infinite."""
        return self.stop_reason == "diverged"

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "MemberHistory":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        history = TrainingHistory.from_dict(record["history"])
        return cls(**{**record, "score": nan_for_none(record["score"]), "history": history})

    def to_row(self) -> dict[str, Any]:
        """Returns the member without its curves: each metric once, as it was at the best epoch."""
        position = self.best_epoch - self.initial_epoch - 1
        at_best = {name: values[position] for name, values in self.history.metrics.items() if position >= 0}
        return {
            "score": self.score,
            "best_epoch": self.best_epoch,
            "epochs": len(self.history),
            "stop_reason": self.stop_reason,
            "seconds": self.seconds,
            "way": self.way,
            **at_best,
        }


@dataclass(frozen=True, kw_only=True)
class PopulationHistory:
    """How the training of a population went.

    Args:
        members: One record for each network, in the order of the models given.
        monitor: The validation metric that decided which epochs are best, or `None`.
        mode: `"min"` if less of it is better, `"max"` if more is.
        seconds: Seconds from the call to its end.
        interrupted: Whether someone pressed Ctrl-C; every member keeps the best weights it had by then.
        programs: How many programs were compiled anew.
        compile_seconds: How long that took, in seconds.
    """

    members: tuple[MemberHistory, ...]
    monitor: str | None
    mode: str
    seconds: float
    interrupted: bool = False
    programs: int = 0
    compile_seconds: float = 0.0

    def __post_init__(self) -> None:
        check_one_of("mode", self.mode, ("min", "max"))

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> MemberHistory:
        return self.members[index]

    def __iter__(self) -> Iterator[MemberHistory]:
        return iter(self.members)

    @property
    def finished(self) -> np.ndarray:
        """Which members neither diverged nor were interrupted, shape (members,)."""
        return np.array([member.stop_reason in ("epochs", "patience") for member in self])

    @property
    def best_epoch(self) -> np.ndarray:
        """The best epoch of each member, shape (members,); 0 where there is none."""
        return np.array([member.best_epoch for member in self])

    @property
    def stop_reason(self) -> np.ndarray:
        """Why each training ended, shape (members,)."""
        return np.array([member.stop_reason for member in self])

    def final(self, metric: str, *, at_best: bool = False) -> np.ndarray:
        """Returns a recorded metric as each training ended, NaN for members that did not finish.

        Args:
            metric: Its name in the history, such as `"val_mse"`.
            at_best: Whether to take the best epoch's value, which is that of the weights where these were
                restored, and not the last epoch's.

        Returns:
            Shape (members,).
        """
        values = np.full(len(self), np.nan)
        for index, (member, finished) in enumerate(zip(self, self.finished, strict=True)):
            curve = member.history.metrics.get(metric, [])
            if finished and curve:
                position = member.best_epoch - member.initial_epoch - 1
                values[index] = curve[position if at_best and position >= 0 else -1]
        return values

    def best(self) -> int:
        """Returns the index of the member with the best score; of equals the first.

        Raises:
            InvalidInput: If no member has a finite score.
        """
        sign = 1 if self.mode == "min" else -1
        finite = [index for index, member in enumerate(self) if math.isfinite(member.score)]
        if not finite:
            raise InvalidInput(f"None of the {len(self)} members has a finite score, so none is the best.")
        return min(finite, key=lambda index: sign * self[index].score)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PopulationHistory":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        members = tuple(MemberHistory.from_dict(member) for member in record["members"])
        return cls(**{**record, "members": members})

    def to_frame(self) -> Any:
        """Returns one row for each member: a DataFrame with pandas, plain rows without.

        A row has every metric at the member's best epoch. The curves of a member are a table of their
        own: `history[index].history.to_frame()`.
        """
        return as_table([{"member": index} | member.to_row() for index, member in enumerate(self)])
