"""Paired differences of two configurations on the same splits."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_number, check_one_of, check_whole_number
from kerasreg.experiments.comparison.paired_test import splits_needed, t_test
from kerasreg.intervals import mean_interval, resampled_interval

DESIGNS = ("resampled", "independent", "seeds")
METRICS = ("accuracy", "cross_entropy", "mse")
DECISIONS = ("better", "worse", "equivalent", "no difference shown", "not comparable")

_UNITS = {
    "resampled": ("split", "splits that share rows, corrected resampled t-test"),
    "independent": ("split", "independent splits, paired t-test"),
    "seeds": ("seed", "seeds, paired t-test"),
}


@dataclass(frozen=True, kw_only=True)
class PairedDifferences:
    """Scores of one configuration minus those of another, and what they show.

    Args:
        first: Name of the configuration that is subtracted from.
        second: Name of the configuration that is subtracted.
        metric: `"accuracy"` (higher is better), `"cross_entropy"` or `"mse"` (lower is better).
        design: `"resampled"` if the splits share rows, `"independent"` if not, `"seeds"` if all networks
            were trained on a single split and the differences are those of seeds.
        differences: One for each split or seed, at least 2; NaN where a network did not finish training.
        num_train: Training rows, summed over the splits.
        num_scored: Scored rows, summed over the splits.
        confidence: Confidence level of the interval, in (0, 1). 1 - confidence is alpha, the probability of
            a false difference and that of a false equivalence; Holm's method adjusts each for itself.
        margin: Smallest difference that matters, in units of the metric, or `None`.
        num_pairs: Number of pairs that were compared.
        p_adjusted: P-value of no difference, adjusted with Holm's method for `num_pairs`; NaN if there is
            none.
        p_margin_adjusted: P-value of a difference of at least the margin, adjusted in the same way.
    """

    first: str
    second: str
    metric: str
    design: str
    differences: tuple[float, ...]
    num_train: int
    num_scored: int
    confidence: float = 0.95
    margin: float | None = None
    num_pairs: int = 1
    p_adjusted: float = math.nan
    p_margin_adjusted: float = math.nan

    def __post_init__(self) -> None:
        check_one_of("metric", self.metric, METRICS)
        check_one_of("design", self.design, DESIGNS)
        check_fraction("confidence", self.confidence)
        check_whole_number("num_train", self.num_train)
        check_whole_number("num_scored", self.num_scored)
        if self.margin is not None:
            check_number("margin", self.margin, exclusive_minimum=True)
        if len(self.differences) < 2:
            raise InvalidInput(f"A comparison needs at least two differences; received {self.differences!r}.")

    @property
    def ratio(self) -> float:
        """Correction that is added to 1 / n: scored rows over training rows, 0 for splits that share none."""
        return self.num_scored / self.num_train if self.design == "resampled" else 0.0

    @property
    def num_missing(self) -> int:
        """Number of differences that are missing because a network did not finish training."""
        return sum(not math.isfinite(difference) for difference in self.differences)

    @property
    def mean(self) -> float:
        """Mean difference; NaN if one is missing."""
        return float(np.mean(self.differences))

    @property
    def sd(self) -> float:
        """Standard deviation; 0 if the differences differ by rounding alone, NaN if one is missing."""
        if self.num_missing:
            return math.nan
        sd = float(np.std(self.differences, ddof=1))
        return sd if sd > 1e-9 * max(map(abs, self.differences)) else 0.0

    @property
    def interval(self) -> tuple[float, float] | None:
        """Interval of the mean difference, for this pair alone; `None` without spread."""
        if not self.sd > 0:
            return None
        if self.design == "resampled":
            return resampled_interval(
                self.differences,
                num_train=self.num_train,
                num_validation=self.num_scored,
                confidence=self.confidence,
            )[2]
        return mean_interval(self.differences, confidence=self.confidence)[2]

    @property
    def p_value(self) -> float:
        """P-value of no difference: how often chance alone gives so large a mean; NaN without spread."""
        if not self.sd > 0:
            return math.nan
        return t_test(self.mean, self.sd, len(self.differences), ratio=self.ratio)

    @property
    def p_margin(self) -> float:
        """P-value against the nearer end of the margin; 1 outside it, NaN without margin or spread."""
        if self.margin is None or not self.sd > 0:
            return math.nan
        if abs(self.mean) >= self.margin:
            return 1.0
        nearer = math.copysign(self.margin, self.mean)
        return t_test(self.mean, self.sd, len(self.differences), ratio=self.ratio, against=nearer)

    @property
    def decision(self) -> str:
        """Verdict on `first`, one of `DECISIONS`.

        `"equivalent"` means that the difference is shown to be smaller than the margin, by two one-sided
        tests at alpha / 2 each: for a single pair, that the interval lies within the margin.
        """
        alpha = 1 - self.confidence
        if self.num_missing:
            return "not comparable"
        if self.p_margin_adjusted < alpha:
            return "equivalent"
        if self.p_adjusted < alpha:
            more_is_better = self.metric == "accuracy"
            return "better" if (self.mean > 0) == more_is_better else "worse"
        return "no difference shown"

    def splits_needed(self, *, difference: float | None = None, power: float = 0.8) -> int | None:
        """Returns how many splits (or seeds) are needed to show a difference, given the measured spread.

        A measured difference that is not shown is a poor estimate of the true one: pass the smallest
        difference that matters instead, if there is one.

        Args:
            difference: True difference to be shown, in units of the metric; by default the measured one.
            power: Probability that it is shown, in (0, 1).

        Returns:
            Number of splits, at Bonferroni's alpha if there are several pairs; `None` if no number is
            enough. For splits that share rows it assumes that each has as many rows as these.

        Raises:
            InvalidInput: If a network did not finish training, or an argument is outside its range.
        """
        if self.num_missing:
            raise InvalidInput(
                f"{self.first} and {self.second} cannot be compared: {self.num_missing} of "
                f"{len(self.differences)} differences are missing because networks did not finish training."
            )
        alpha = (1 - self.confidence) / self.num_pairs
        wanted = self.mean if difference is None else difference
        return splits_needed(wanted, self.sd, ratio=self.ratio, alpha=alpha, power=power)

    def verdict(self) -> str:
        """Returns the decision in a sentence, followed by the measured difference."""
        first, second, count = self.first, self.second, len(self.differences)
        unit, test = _UNITS[self.design]
        if self.num_missing:
            return (
                f"{first} and {second} cannot be compared: a network did not finish training in "
                f"{self.num_missing} of {count} {unit}s."
            )
        if self.sd == 0:
            same = "equal" if self.mean == 0 else f"{self.in_words(self.mean, signed=True)} apart"
            return (
                f"No difference shown between {first} and {second}: they are {same} in each of {count} "
                f"{unit}s, and there is no test without spread."
            )
        low, high = (self.in_words(end, signed=True, bare=True) for end in self.interval)
        p_value = f"p = {self.p_adjusted:.2g}"
        if self.num_pairs > 1:
            p_value += f" adjusted for {self.num_pairs} pairs"
        interval = f"{100 * self.confidence:g} % interval {low} to {high}"
        if self.num_pairs > 1:  # the decision is by the adjusted p-value
            interval += " for this pair alone"
        measured = f"{interval}; {count} {test}, {p_value}"
        where = "On this split, " if self.design == "seeds" else ""
        difference = f"{first} minus {second} is {self.in_words(self.mean, signed=True)} ({measured})"
        if self.decision == "equivalent":
            margin = self.in_words(self.margin)
            return f"{where}{first} and {second} are equivalent within {margin}: {difference}."
        if self.decision in ("better", "worse"):
            winner, loser = (first, second) if self.decision == "better" else (second, first)
            return f"{where}{winner} is better than {loser}: {difference}."
        no = "no" if where else "No"
        return f"{where}{no} difference shown between {first} and {second}: {difference}.{self._needed()}"

    def in_words(self, value: float, *, signed: bool = False, bare: bool = False) -> str:
        """Returns a difference with its unit: accuracies in percentage points, cross-entropies in nats.

        Args:
            value: Difference in units of the metric.
            signed: Whether to write the plus sign.
            bare: Whether to leave the unit out.
        """
        scale, unit = {
            "accuracy": (100, " percentage points"),
            "cross_entropy": (1, " nats"),
            "mse": (1, " of mean squared error"),
        }[self.metric]
        number = f"{scale * value:{'+' if signed else ''}.3g}"
        if number.strip("+-") == "1":
            unit = unit.removesuffix("s") if self.metric != "mse" else unit
        return number if bare else number + unit

    def to_row(self) -> dict[str, Any]:
        """Returns the pair without its individual differences, as one row of a table."""
        low, high = self.interval or (math.nan, math.nan)
        return {
            "first": self.first,
            "second": self.second,
            "mean_difference": self.mean,
            "sd": self.sd,
            "low": low,
            "high": high,
            "p_value": self.p_value,
            "p_adjusted": self.p_adjusted,
            "decision": self.decision,
        }

    def _needed(self) -> str:
        unit = _UNITS[self.design][0]
        true = self.mean if self.margin is None else self.margin
        if true == 0:
            return ""
        number = self.splits_needed(difference=true)
        size = f" A true difference of {self.in_words(abs(true))}"
        if number is None:
            return f"{size} could not be shown with any number of such {unit}s (power 80 %)."
        return f"{size} would take {number:,} such {unit}s to show (power 80 %)."
