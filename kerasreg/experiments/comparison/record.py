"""Scores of configurations on the same splits, and what their differences show."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_number, check_one_of
from kerasreg.experiments.comparison.pair import DESIGNS, METRICS, PairedDifferences
from kerasreg.experiments.comparison.paired_test import holm
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison(ExperimentRecord):
    """Scores of two or more configurations on the same splits.

    Args:
        scores: Scores of each configuration as `[split][repeat]`; NaN for a network that diverged or was
            interrupted.
        metric: `"accuracy"` (higher is better), `"cross_entropy"` or `"mse"` (lower is better).
        part: `"validation"` or `"test"`, the part of each split that was scored.
        design: `"resampled"` if the splits share rows, `"independent"` if not, `"seeds"` for a single split.
        overlap: Mean fraction of its training rows that a split shares with another.
        num_train: Training rows of each split.
        num_scored: Scored rows of each split.
        chosen_epochs: Epoch of each score, by configuration as `scores`; 0 where there is no score.
        same_seeds: Whether the networks of one split and repeat had the same seed in all configurations.
        seed: Seed of the comparison.
        epochs: Maximum number of epochs.
        patience: Epochs without improvement after which a network stopped, or `None`.
        margin: Smallest difference that matters, in units of the metric, or `None`.
        confidence: Confidence level of the intervals, in (0, 1).
        seconds: Seconds that the comparison took.

    Raises:
        InvalidInput: If there are fewer than two configurations, or they have different numbers of scores,
            or one score each, which says nothing about the spread.
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
                f"All configurations must have equally many scores on each of {len(self.num_train)} splits; "
                f"received {counts}."
            )
        if (self.design == "seeds") != (len(first) == 1) or len(first) == first[0] == 1:
            raise InvalidInput(
                "A comparison needs several splits, or several seeds on one split and the design 'seeds'; "
                f"received {len(first)} x {first[0]} scores and the design {self.design!r}."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the configurations."""
        return tuple(self.scores)

    def by_split(self, name: str) -> np.ndarray:
        """Returns the scores that are compared: the mean over the repeats on each split.

        Returns:
            Array of shape (splits,), or (repeats,) for a single split; NaN where a network has no score.
        """
        check_one_of("name", name, self.names)
        scores = np.array(self.scores[name], dtype=float)
        scores[~np.isfinite(scores)] = np.nan
        return scores[0] if self.design == "seeds" else scores.mean(axis=1)

    def pair(self, first: str, second: str) -> PairedDifferences:
        """Returns the paired differences `first` minus `second`, and what they show.

        The p-values are adjusted for all pairs of the comparison.

        Raises:
            InvalidInput: If a configuration does not exist, or both are the same.
        """
        for name in (first, second):
            check_one_of("name", name, self.names)
        if first == second:
            raise InvalidInput(f"A pair needs two different configurations; received {first!r} twice.")
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

    def sentences(self) -> Iterator[str]:
        """Yields the verdict on every pair."""
        for pair in self.pairs():
            yield pair.verdict()

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the paired differences of every pair, their mean and its interval.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: a row for each pair, with the better side for the first configuration on the left. A
            filled diamond is a mean whose difference is shown; differences within the gray margin do not
            matter. Differences without a score are left out.
        """
        from kerasreg.experiments.comparison.plot import draw_differences

        return draw_differences(self, ax)

    def plot_scores(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the scores of every configuration, those of one split (or seed) joined by a line.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: configurations against scores, with a short thick line at each mean. The more
            parallel the lines, the more pairing helps.
        """
        from kerasreg.experiments.comparison.plot import draw_scores

        return draw_scores(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "configuration": name,
                    "split": split + 1,
                    "repeat": repeat + 1,
                    self.metric: score,
                    "epoch": self.chosen_epochs[name][split][repeat],
                }
                for name, rows in self.scores.items()
                for split, row in enumerate(rows)
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
            differences=tuple((self.by_split(first) - self.by_split(second)).tolist()),
            num_train=sum(self.num_train),
            num_scored=sum(self.num_scored),
            confidence=self.confidence,
            margin=self.margin,
            **adjusted,
        )
