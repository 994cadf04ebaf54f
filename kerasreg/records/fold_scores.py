"""What networks scored on the divisions of one data set."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import limits_of, mean_interval, resampled_interval, wilson_interval
from kerasreg.records.majority import majority_sentences
from kerasreg.records.table import as_json, as_table

Interval = tuple[float, float]
INTERVALS = ("corrected", "student", "wilson")


@dataclass(frozen=True, kw_only=True)
class FoldScores:
    """What networks scored on the validation parts of several divisions of the same rows.

    Args:
        metric: What was measured.
        scores: One finite number for each division, at least one.
        train_rows: How many rows each was trained on.
        validation_rows: How many rows each was scored on.
        majority_error: Of accuracies, the error rate of always predicting the most frequent class.
    """

    metric: str
    scores: tuple[float, ...]
    train_rows: tuple[int, ...]
    validation_rows: tuple[int, ...]
    majority_error: float | None = None

    def __post_init__(self) -> None:
        lengths = (len(self.scores), len(self.train_rows), len(self.validation_rows))
        if len(set(lengths)) > 1 or not lengths[0]:
            raise InvalidInput(
                "scores, train_rows and validation_rows must have one entry for each division, at least one; "
                f"received {lengths[0]}, {lengths[1]} and {lengths[2]}."
            )

    @property
    def mean(self) -> float:
        """The mean over the divisions: the estimate."""
        return mean_interval(self.scores)[0]

    @property
    def sd(self) -> float | None:
        """The standard deviation over the divisions, with n - 1; `None` for a single one."""
        return mean_interval(self.scores)[1]

    def interval(self, kind: str = "corrected") -> Interval | None:
        """Returns a 95 % interval around the mean.

        Args:
            kind: `"corrected"` for the corrected resampled t interval; `"student"` for Student's, which takes
                the divisions for independent and is too narrow; `"wilson"` for the accuracy of a single
                division.

        Returns:
            Its ends, or `None` where the kind does not apply.
        """
        check_one_of("kind", kind, INTERVALS)
        if kind == "wilson":
            applies = self.metric == "accuracy" and len(self.scores) == 1
            return wilson_interval(self.scores[0], self.validation_rows[0]) if applies else None
        if len(self.scores) == 1:
            return None
        limits = limits_of(self.metric)
        if kind == "student":
            return mean_interval(self.scores, limits=limits)[2]
        train, validation = (max(1, round(np.mean(n))) for n in (self.train_rows, self.validation_rows))
        return resampled_interval(self.scores, num_train=train, num_validation=validation, limits=limits)[2]

    def summary(self) -> str:
        """Returns mean, spread and interval in a sentence; of accuracies also that of the frequent class."""
        return " ".join([self._measured(), *majority_sentences(self.majority_error)])

    def _measured(self) -> str:
        name = self.metric.replace("_", " ")
        if len(self.scores) == 1:
            return f"One division: {name} {self.mean:.4g}; a single score says nothing about its spread."
        low, high = self.interval()
        return (
            f"Mean {name} over {len(self.scores)} divisions: {self.mean:.4g} (SD {self.sd:.2g}, corrected "
            f"95 % interval {low:.4g} to {high:.4g})."
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "FoldScores":
        """Makes the record that `to_dict` wrote."""
        scored = ("scores", "train_rows", "validation_rows")
        return cls(**{**record, **{name: tuple(record[name]) for name in scored}})

    def to_frame(self) -> Any:
        """Returns one row for each division: a DataFrame with pandas, plain rows without."""
        columns = {key: value for key, value in asdict(self).items() if isinstance(value, tuple)}
        rows = zip(*columns.values(), strict=True)
        return as_table(
            [{"division": n} | dict(zip(columns, row, strict=True)) for n, row in enumerate(rows)]
        )
