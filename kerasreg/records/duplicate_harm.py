"""What near-duplicates on both sides of a division do to a score."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.intervals import mean_interval
from kerasreg.records.fold_scores import FoldScores
from kerasreg.records.nested_selection import Interval
from kerasreg.records.table import as_json, as_table


@dataclass(frozen=True, kw_only=True)
class DuplicateHarm:
    """Scores of divisions that scatter near-duplicates and of divisions that keep them together.

    Args:
        across: Scores where near-duplicates may stand on both sides, repeat by repeat.
        grouped: Scores where all of a group stand on one side, repeat by repeat.
        truths: For each repeat what the network trained on all rows scores on the test part.
        groups: How many groups there are.
        rows: How many development rows there are.
    """

    across: FoldScores
    grouped: FoldScores
    truths: tuple[float, ...]
    groups: int
    rows: int

    def difference(self) -> FoldScores:
        """Returns the score across less the score grouped, fold by fold, with its corrected interval."""
        differences = np.subtract(self.across.scores, self.grouped.scores)
        return FoldScores(
            metric=self.across.metric,
            scores=tuple(differences.tolist()),
            train_rows=self.across.train_rows,
            validation_rows=self.across.validation_rows,
        )

    def truth(self) -> tuple[float, Interval | None]:
        """Returns the mean test score, and Student's interval over the networks' seeds alone."""
        mean, _, interval = mean_interval(self.truths)
        return mean, interval

    def summary(self) -> str:
        """Returns what the numbers show, in sentences that hold for whatever they are."""
        difference = self.difference()
        low, high = difference.interval()
        gain = 1 if difference.metric.endswith("accuracy") else -1
        verdict = "no difference shown"
        if low > 0 or high < 0:
            better = (low > 0) == (gain > 0)
            verdict = f"duplicates across the division make the score look {'better' if better else 'worse'}"
        return (
            f"{self.rows} rows in {self.groups} groups: {difference.metric.replace('_', ' ')} "
            f"{self.across.mean:.3g} with near-duplicates across the division, {self.grouped.mean:.3g} with "
            f"them together, {self.truth()[0]:.3g} on test rows; difference {difference.mean:.3g} "
            f"({low:.3g} to {high:.3g}): {verdict}."
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
        """Returns one row for each fold: a DataFrame with pandas, plain rows without."""
        pairs = zip(self.across.scores, self.grouped.scores, strict=True)
        return as_table([{"fold": n, "across": a, "grouped": g} for n, (a, g) in enumerate(pairs)])
