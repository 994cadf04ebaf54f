"""Scores of folds with near-duplicates in both parts and of folds that keep them together."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import limits_of, mean_interval
from kerasreg.records.fold_scores import FoldScores, Interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True)
class DuplicateHarm(ExperimentRecord):
    """Scores of folds that scatter near-duplicates and of folds that keep them together.

    Args:
        across: Scores of folds whose two parts may share near-duplicates, repeat by repeat.
        grouped: Scores of folds that keep each group in one part, repeat by repeat; as many, at least two.
            The two are not paired by fold, as their folds validate different rows.
        truths: Score on the test part of the network trained on all rows, for each repeat; NaN where the
            training was interrupted.
        mode: `"min"` or `"max"`: whether lower or higher values of the metric are better.
        groups: Number of groups.
        rows: Number of development rows.
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
        """Returns the mean score across minus the mean score grouped, with its 95 % interval.

        The two are not paired by fold, so the order of the folds has no effect: the variance is
        (s_across² + s_grouped²) (1 / n + validation / train), the sum of two corrected variances as if the
        two means were independent, with n - 1 degrees of freedom. The two share rows and initial weights,
        which usually makes the interval too wide. It is NaN with fewer than two scores of either.
        """
        mean = self.across.mean - self.grouped.mean
        ends = self.across.interval(), self.grouped.interval()
        if None in ends:
            return mean, (math.nan, math.nan)
        # Both have the same t quantile, so the half widths add up as their standard errors do.
        half = float(np.hypot(*(np.diff(ends)[:, 0] / 2)))
        return mean, (mean - half, mean + half)

    def truth(self) -> tuple[float, Interval | None]:
        """Returns the mean test score, and Student's interval over the seeds of the networks alone."""
        finished = [truth for truth in self.truths if math.isfinite(truth)]
        if not finished:
            return math.nan, None
        mean, _, interval = mean_interval(finished, limits=limits_of(self.across.metric))
        return mean, interval

    def sentences(self) -> Iterator[str]:
        """Yields the verdict, the mean scores and the conditions."""
        difference, (low, high) = self.difference()
        if math.isnan(low):
            yield "Nothing can be said: fewer than two networks of a method finished training."
            return
        verdict = "No effect of near-duplicates across the parts is shown"
        if low > 0 or high < 0:
            better = (low > 0) == (self.mode == "max")
            verdict = (
                f"Near-duplicates across the parts make the score look {'better' if better else 'worse'}"
            )
        yield (
            f"{verdict}: across minus together is {difference:.3g} (corrected 95 % interval {low:.3g} to "
            f"{high:.3g}, not paired by fold)."
        )
        truth = self.truth()[0]
        on_test = f", {truth:.3g} on the test rows" if math.isfinite(truth) else ""
        yield (
            f"Mean {self.across.metric.replace('_', ' ')}: {self.across.mean:.3g} with near-duplicates "
            f"across the parts, {self.grouped.mean:.3g} with them together{on_test}."
        )
        yield f"{self.rows} rows in {self.groups} groups, {len(self.across.finished)} folds."

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the scores of the folds with near-duplicates across and together, and the test score.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: scores of the folds, which are not paired, their means with corrected intervals, and the
            test score with its interval as a band.

        Raises:
            InvalidInput: If fewer than two networks of a method finished training.
        """
        from kerasreg.experiments.near_duplicates.plot import draw_scores

        return draw_scores(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each fold: a DataFrame with pandas, plain rows without.

        The two scores of a row are not paired; they only have the same position.
        """
        pairs = zip(self.across.scores, self.grouped.scores, strict=True)
        return as_table([{"fold": n, "across": a, "grouped": g} for n, (a, g) in enumerate(pairs)])
