"""What near-duplicates on both sides of a division do to a score."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import mean_interval
from kerasreg.records.fold_scores import FoldScores
from kerasreg.records.nested_selection import Interval
from kerasreg.records.table import as_json, as_table


@dataclass(frozen=True, kw_only=True)
class DuplicateHarm:
    """Scores of divisions that scatter near-duplicates and of divisions that keep them together.

    Args:
        across: Scores where near-duplicates may stand on both sides, repeat by repeat.
        grouped: Scores where all of a group stand on one side, repeat by repeat; as many, at least two. The
            two are not paired by fold: a fold of one way validates other rows than that of the other.
        truths: For each repeat what the network trained on all rows scores on the test part.
        mode: `"min"` if less of the metric is better, `"max"` if more is.
        groups: How many groups there are.
        rows: How many development rows there are.
    """

    across: FoldScores
    grouped: FoldScores
    truths: tuple[float, ...]
    mode: str
    groups: int
    rows: int

    def __post_init__(self) -> None:
        check_one_of("mode", self.mode, ("min", "max"))
        counts = len(self.across.scores), len(self.grouped.scores)
        if counts[0] != counts[1] or counts[0] < 2:
            raise InvalidInput(
                "across and grouped must have equally many scores, at least two; received "
                f"{counts[0]} and {counts[1]}."
            )

    def difference(self) -> tuple[float, Interval]:
        """Returns the mean score across less the mean score grouped, with its 95 % interval.

        The two are not paired by fold, so the order of the folds does not matter: the variance is
        (s_across² + s_grouped²) (1 / n + validation / train), the sum of two corrected ones as if the two
        means were independent, with n - 1 degrees of freedom. The two share rows and first weights, which
        usually makes the interval too wide.
        """
        mean = self.across.mean - self.grouped.mean
        # Both have the same t quantile, so the halves add up as their standard errors do.
        low_and_high = np.array([self.across.interval(), self.grouped.interval()])
        half = float(np.hypot(*(np.diff(low_and_high)[:, 0] / 2)))
        return mean, (mean - half, mean + half)

    def truth(self) -> tuple[float, Interval | None]:
        """Returns the mean test score, and Student's interval over the networks' seeds alone."""
        mean, _, interval = mean_interval(self.truths)
        return mean, interval

    def summary(self) -> str:
        """Returns what the numbers show, in sentences that hold for whatever they are."""
        difference, (low, high) = self.difference()
        gain = 1 if self.mode == "max" else -1
        verdict = "no difference shown"
        if low > 0 or high < 0:
            better = (low > 0) == (gain > 0)
            verdict = f"duplicates across the division make the score look {'better' if better else 'worse'}"
        return (
            f"{self.rows} rows in {self.groups} groups: {self.across.metric.replace('_', ' ')} "
            f"{self.across.mean:.3g} with near-duplicates across the division, {self.grouped.mean:.3g} with "
            f"them together, {self.truth()[0]:.3g} on test rows. Across less together "
            f"is {difference:.3g} (corrected 95 % interval {low:.3g} to {high:.3g}, not paired by fold): "
            f"{verdict}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "DuplicateHarm":
        """Makes the record that `to_dict` wrote."""
        folds = {key: FoldScores.from_dict(record[key]) for key in ("across", "grouped")}
        return cls(**{**record, **folds, "truths": tuple(record["truths"])})

    def to_frame(self) -> Any:
        """Returns one row for each fold: a DataFrame with pandas, plain rows without.

        The two scores of a row are not paired, they only have the same place.
        """
        pairs = zip(self.across.scores, self.grouped.scores, strict=True)
        return as_table([{"fold": n, "across": a, "grouped": g} for n, (a, g) in enumerate(pairs)])
