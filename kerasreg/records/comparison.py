"""Configurations trained on the same divisions with the same seeds, and what their differences show."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_number, check_one_of
from kerasreg.records.majority import majority_sentences
from kerasreg.records.paired_differences import DESIGNS, METRICS, PairedDifferences
from kerasreg.records.paired_test import holm
from kerasreg.records.table import as_json, as_table, nan_for_none


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The scores of two or more configurations on the same divisions of the data.

    Args:
        scores: By configuration, its scores as `[division][repeat]`; NaN where a training diverged.
        metric: `"accuracy"`, of which more is better, or `"cross_entropy"` or `"mse"`, of which less is.
        part: `"validation"` or `"test"`, the part of each division that was scored.
        design: `"resampled"` if the divisions share rows, `"independent"` if not, `"seeds"` if there is one.
        overlap: The fraction of its training rows that a division shares with another, on average.
        num_train: Training rows of each division.
        num_scored: Rows of each division that were scored.
        chosen_epochs: By configuration, the epoch of each score, as `scores`; 0 where a training diverged.
        same_seeds: Whether the networks of one division and repeat had one seed in all configurations.
        seed: The seed of the whole.
        epochs: The most epochs that each network was trained.
        patience: Epochs without improvement after which a network stopped, or `None`.
        margin: The smallest difference worth having, in the metric's units, or `None`.
        confidence: Of the intervals, in (0, 1).
        seconds: How long it took.
        majority_error: Error rate of always predicting the most frequent class; `None` for numbers.

    Raises:
        InvalidInput: If the scores are not equally many for two or more configurations, or one of them
            alone says nothing of the spread.
    """

    scores: dict[str, list[list[float]]]
    metric: str
    part: str
    design: str
    overlap: float
    num_train: list[int]
    num_scored: list[int]
    chosen_epochs: dict[str, list[list[int]]]
    same_seeds: bool
    seed: int
    epochs: int
    patience: int | None = None
    margin: float | None = None
    confidence: float = 0.95
    seconds: float = 0.0
    majority_error: float | None = None

    def __post_init__(self) -> None:
        check_one_of("metric", self.metric, METRICS)
        check_one_of("part", self.part, ("validation", "test"))
        check_one_of("design", self.design, DESIGNS)
        check_fraction("confidence", self.confidence)
        if self.margin is not None:
            check_number("margin", self.margin, exclusive_minimum=True)
        if len(self.scores) < 2:
            raise InvalidInput(
                f"A comparison needs at least two configurations; received {tuple(self.scores)!r}."
            )
        counts = {name: [len(row) for row in rows] for name, rows in self.scores.items()}
        first = next(iter(counts.values()))
        if len(self.num_train) != len(first) or any(
            count != first or len(set(count)) != 1 for count in counts.values()
        ):
            raise InvalidInput(
                f"Every configuration needs as many scores on each of {len(self.num_train)} divisions; "
                f"received {counts}."
            )
        if (self.design == "seeds") != (len(first) == 1) or len(first) == first[0] == 1:
            raise InvalidInput(
                f"A comparison needs several divisions, or several seeds on one and the design 'seeds'; "
                f"received {len(first)} x {first[0]} scores and the design {self.design!r}."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the configurations."""
        return tuple(self.scores)

    def by_division(self, name: str) -> np.ndarray:
        """Returns what is compared of a configuration: for each division the mean over its repeats.

        Returns:
            Array of shape (divisions,), or (repeats,) where there is one division; NaN where a training
            diverged.
        """
        check_one_of("name", name, self.names)
        scores = np.array(self.scores[name], dtype=float)
        scores[~np.isfinite(scores)] = np.nan
        return scores[0] if self.design == "seeds" else scores.mean(axis=1)

    def pair(self, first: str, second: str) -> PairedDifferences:
        """Returns what the differences of two configurations show, `first` less `second`.

        Its p-values are adjusted for all the pairs of the comparison.

        Raises:
            InvalidInput: If there is no such configuration, or both are one.
        """
        for name in (first, second):
            check_one_of("name", name, self.names)
        if first == second:
            raise InvalidInput(f"A pair has two configurations; received {first!r} twice.")
        pairs = list(combinations(self.names, 2))
        raw = [self._differences(*names) for names in pairs]
        number = pairs.index((first, second) if (first, second) in pairs else (second, first))
        return self._differences(
            first,
            second,
            num_pairs=len(pairs),
            p_adjusted=holm([pair.p_value for pair in raw])[number],
            p_margin_adjusted=holm([pair.p_margin for pair in raw])[number],
        )

    def pairs(self) -> list[PairedDifferences]:
        """Returns every pair once, in the order of the configurations."""
        return [self.pair(*names) for names in combinations(self.names, 2)]

    def summary(self) -> str:
        """Returns the verdict on every pair, a line each, and what an accuracy has to beat."""
        told = [pair.verdict() for pair in self.pairs()]
        if self.metric == "accuracy":
            told += majority_sentences(self.majority_error)
        return "\n".join(told)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a score that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Comparison":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        scores = {
            name: [[nan_for_none(score) for score in row] for row in rows]
            for name, rows in record["scores"].items()
        }
        return cls(**{**record, "scores": scores})

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "configuration": name,
                    "division": division + 1,
                    "repeat": repeat + 1,
                    self.metric: score,
                    "epoch": self.chosen_epochs[name][division][repeat],
                }
                for name, rows in self.scores.items()
                for division, row in enumerate(rows)
                for repeat, score in enumerate(row)
            ]
        )

    def pairs_to_frame(self) -> Any:
        """Returns one row for each pair: a DataFrame with pandas, plain rows without."""
        return as_table([pair.to_row() for pair in self.pairs()])

    def _differences(self, first: str, second: str, **adjusted: Any) -> PairedDifferences:
        return PairedDifferences(
            first=first,
            second=second,
            metric=self.metric,
            design=self.design,
            differences=tuple((self.by_division(first) - self.by_division(second)).tolist()),
            num_train=sum(self.num_train),
            num_scored=sum(self.num_scored),
            confidence=self.confidence,
            margin=self.margin,
            **adjusted,
        )
