"""Errors of penalized networks and of small networks with as many units as survived the penalty."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.experiments.penalties.record import PENALTIES, WORDS, paired_sentence
from kerasreg.intervals import interval_or_nan
from kerasreg.records.record import ExperimentRecord, Record
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True)
class SurvivorPair(Record):
    """A penalized network and a small one, of one repeat.

    Args:
        repeat: Index of the path's repeat, from 0.
        seed: Seed of the small network's initial weights and of the order of rows of both.
        units: Units of each hidden layer of the small network: those that survived in the penalized one.
        num_params: Parameters of the small network.
        penalized: Unpenalized metric of the penalized network on test data.
        small: The same metric of the small network; NaN if it diverged or was interrupted.
    """

    repeat: int
    seed: int
    units: tuple[int, ...]
    num_params: int
    penalized: float
    small: float

    @property
    def difference(self) -> float:
        """Error of the small network minus that of the penalized one."""
        return self.small - self.penalized


@dataclass(frozen=True, kw_only=True)
class SurvivorComparison(ExperimentRecord):
    """Small networks trained from scratch without a penalty, each paired with a penalized network.

    Args:
        penalty: The penalty of the path.
        strength: Its strength.
        metric: The unpenalized metric, `"cross_entropy"` or `"mse"`.
        units: Units of each hidden layer of the penalized networks.
        num_params: Parameters of a penalized network.
        seconds: Seconds of training and measuring.
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

    @property
    def differences(self) -> np.ndarray:
        """Errors of the small networks minus those of the penalized ones, shape (pairs,)."""
        return np.array([pair.difference for pair in self.pairs])

    def interval(self) -> tuple[float, float]:
        """Returns the 95 % interval of the mean difference, small minus penalized.

        It is Student's t, over other initial weights and orders of rows on the same data. NaN if there is
        one pair only, or a small network did not finish.
        """
        return interval_or_nan(self.differences)[2]

    def sentences(self) -> Iterator[str]:
        """Yields the comparison, then the number of units that survived."""
        yield paired_sentence(
            f"test {WORDS[self.metric]}",
            ("small networks without a penalty", "penalized networks"),
            self.differences,
            self.metric,
        )
        sizes = [sum(pair.units) for pair in self.pairs]
        size = f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"
        yield (
            f"With {self.penalty} = {self.strength:g}, {size} of {sum(self.units)} hidden units survive; the "
            "small networks have as many and are trained from scratch."
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the test errors of penalized networks beside those of small ones, a line for each pair.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: the two kinds of network against the unpenalized metric on test data. Bars mark the
            means; the title has the mean difference, small minus penalized, with its 95 % interval.
        """
        from kerasreg.experiments.penalties.plot import draw_survivors

        return draw_survivors(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each pair: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "repeat": pair.repeat,
                    "units": sum(pair.units),
                    "num_params": pair.num_params,
                    "penalized": pair.penalized,
                    "small": pair.small,
                    "difference": pair.difference,
                }
                for pair in self.pairs
            ]
        )
