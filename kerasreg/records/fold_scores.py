"""Scores of networks on several splits of one data set."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import limits_of, mean_interval, resampled_interval, wilson_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

Interval = tuple[float, float]
INTERVALS = ("corrected", "student", "wilson")


@dataclass(frozen=True, kw_only=True)
class FoldScores(ExperimentRecord):
    """Scores of networks on the validation parts of several splits of the same rows.

    Args:
        metric: Name of the metric.
        scores: One for each split, at least one; NaN where the training was interrupted, which the
            statistics leave out.
        train_rows: Number of training rows of each split.
        validation_rows: Number of validation rows of each split.
    """

    metric: str
    scores: tuple[float, ...]
    train_rows: tuple[int, ...]
    validation_rows: tuple[int, ...]

    def __post_init__(self) -> None:
        lengths = (len(self.scores), len(self.train_rows), len(self.validation_rows))
        if len(set(lengths)) > 1 or not lengths[0]:
            raise InvalidInput(
                "scores, train_rows and validation_rows must have one entry for each split, at least one; "
                f"received {lengths[0]}, {lengths[1]} and {lengths[2]}."
            )

    @property
    def finished(self) -> list[float]:
        """Scores of the networks that finished training."""
        return [score for score in self.scores if math.isfinite(score)]

    @property
    def mean(self) -> float:
        """Mean over the splits, the estimate; NaN if no network finished."""
        return mean_interval(self.finished)[0] if self.finished else math.nan

    @property
    def sd(self) -> float | None:
        """Standard deviation over the splits, with n - 1; `None` for fewer than two."""
        return mean_interval(self.finished)[1] if self.finished else None

    def interval(self, kind: str = "corrected") -> Interval | None:
        """Returns a 95 % interval around the mean.

        Args:
            kind: `"corrected"` for the corrected resampled t interval; `"student"` for Student's, which
                treats the splits as independent and is too narrow; `"wilson"` for the accuracy of a single
                split.

        Returns:
            Its ends, or `None` if the kind does not apply or there are too few scores.
        """
        check_one_of("kind", kind, INTERVALS)
        if kind == "wilson":
            applies = self.metric == "accuracy" and len(self.scores) == len(self.finished) == 1
            return wilson_interval(self.scores[0], self.validation_rows[0]) if applies else None
        if len(self.finished) < 2:
            return None
        limits = limits_of(self.metric)
        if kind == "student":
            return mean_interval(self.finished, limits=limits)[2]
        train, validation = (max(1, round(np.mean(n))) for n in (self.train_rows, self.validation_rows))
        return resampled_interval(self.finished, num_train=train, num_validation=validation, limits=limits)[2]

    def sentences(self) -> Iterator[str]:
        """Yields mean, standard deviation and interval in one sentence."""
        name, count = self.metric.replace("_", " "), len(self.finished)
        if not count:
            yield "Nothing can be said: no network finished training."
        elif count == 1:
            yield f"One split: {name} {self.mean:.4g}; a single score says nothing about its spread."
        else:
            low, high = self.interval()
            yield (
                f"Mean {name} over {count} splits: {self.mean:.4g} (SD {self.sd:.2g}, corrected 95 % "
                f"interval {low:.4g} to {high:.4g})."
            )

    def to_frame(self) -> Any:
        """Returns one row for each split: a DataFrame with pandas, plain rows without."""
        names = ("scores", "train_rows", "validation_rows")
        rows = zip(*(getattr(self, name) for name in names), strict=True)
        return as_table([{"split": n} | dict(zip(names, row, strict=True)) for n, row in enumerate(rows)])
