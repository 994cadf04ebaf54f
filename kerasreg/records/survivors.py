"""A small network of the units that a penalty left, against the penalised network itself."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.intervals import mean_interval
from kerasreg.records.penalties import PENALTIES
from kerasreg.records.penalty_sentences import WORDS, paired_sentence
from kerasreg.records.table import as_json, as_table, nan_for_none


@dataclass(frozen=True, kw_only=True)
class SurvivorPair:
    """A penalised network and a small one, of one repeat.

    Args:
        repeat: Which of the path's repeats, from 0.
        seed: Seed of the small network's initial weights and of the order of rows of both.
        units: Units of each hidden layer of the small network: those that survived in the other.
        num_params: Parameters of the small network.
        penalised: Unpenalised metric of the penalised network on test data; NaN if it diverged.
        small: The same of the small one.
    """

    repeat: int
    seed: int
    units: tuple[int, ...]
    num_params: int
    penalised: float
    small: float

    @property
    def difference(self) -> float:
        """The small network's error less the penalised one's."""
        return self.small - self.penalised


@dataclass(frozen=True, kw_only=True)
class SurvivorComparison:
    """Small networks trained from scratch without a penalty, each against a penalised one.

    Args:
        penalty: The penalty of the path.
        strength: Its strength.
        metric: The unpenalised metric, `"cross_entropy"` or `"mse"`.
        units: Units of each hidden layer of the penalised networks before training.
        num_params: Parameters of a penalised network.
        seconds: Seconds it took.
        pairs: One for each repeat.
    """

    penalty: str
    strength: float
    metric: str
    units: tuple[int, ...]
    num_params: int
    seconds: float
    pairs: tuple[SurvivorPair, ...]

    def __post_init__(self) -> None:
        check_one_of("penalty", self.penalty, PENALTIES)
        check_one_of("metric", self.metric, tuple(WORDS))

    def interval(self) -> tuple[float, float]:
        """Returns the 95 % interval of the mean difference, small less penalised.

        Student's, for other initial weights and orders of rows on the same data. NaN where there is one pair
        only, or a network diverged.
        """
        differences = [pair.difference for pair in self.pairs]
        found = mean_interval(differences)[2] if np.isfinite(differences).all() else None
        return found or (math.nan, math.nan)

    @property
    def verdict(self) -> str:
        """What the comparison shows, in a few sentences."""
        sizes = [sum(pair.units) for pair in self.pairs]
        size = f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"
        return (
            f"With {self.penalty} at {self.strength:g}, {size} of {sum(self.units)} hidden units survived. "
            + paired_sentence(
                f"Test {WORDS[self.metric]} of networks of that size, trained from scratch without a "
                "penalty, less that of the penalised ones,",
                [pair.difference for pair in self.pairs],
                self.metric,
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "SurvivorComparison":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        pairs = tuple(
            SurvivorPair(
                **{
                    **pair,
                    "units": tuple(pair["units"]),
                    "penalised": nan_for_none(pair["penalised"]),
                    "small": nan_for_none(pair["small"]),
                }
            )
            for pair in record["pairs"]
        )
        return cls(**{**record, "units": tuple(record["units"]), "pairs": pairs})

    def to_frame(self) -> Any:
        """Returns one row for each pair: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "repeat": pair.repeat,
                    "units": sum(pair.units),
                    "num_params": pair.num_params,
                    "penalised": pair.penalised,
                    "small": pair.small,
                    "difference": pair.difference,
                }
                for pair in self.pairs
            ]
        )
