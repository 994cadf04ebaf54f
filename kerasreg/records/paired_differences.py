"""Two configurations on the same divisions of the data: what their differences show."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_number, check_one_of, check_whole_number
from kerasreg.intervals import mean_interval, resampled_interval
from kerasreg.records.paired_test import divisions_needed, t_test

DESIGNS = ("resampled", "independent", "seeds")
METRICS = ("accuracy", "cross_entropy", "mse")
DECISIONS = ("better", "worse", "equivalent", "no difference shown", "not comparable")

_UNITS = {
    "resampled": ("division", "divisions that share rows, corrected resampled t-test"),
    "independent": ("division", "independent divisions, paired t-test"),
    "seeds": ("seed", "seeds, paired t-test"),
}


@dataclass(frozen=True, kw_only=True)
class PairedDifferences:
    """The scores of one configuration less those of another, and what they show.

    Args:
        first: Name of the configuration that is subtracted from.
        second: Name of the one that is subtracted.
        metric: `"accuracy"`, of which more is better, or `"cross_entropy"` or `"mse"`, of which less is.
        design: `"resampled"` if the divisions share rows, `"independent"` if not, `"seeds"` if all networks
            were trained on one division and the differences are those of seeds.
        differences: One for each division or seed, at least 2; NaN where a training diverged.
        num_train: Training rows of a division, summed over them.
        num_scored: Rows that a division is scored on, summed over them.
        confidence: Of the interval, in (0, 1). Alpha is 1 less this: the chance of a false call of each kind,
            a difference and an equivalence, which are adjusted by Holm each for itself.
        margin: The smallest difference worth having, in the metric's units, or `None`.
        num_pairs: How many pairs were compared.
        p_adjusted: The p-value of no difference, adjusted by Holm for `num_pairs`. NaN if there is none.
        p_margin_adjusted: The p-value of a difference of at least the margin, adjusted likewise.
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
        """What the correction adds to 1 / n: scored rows over training rows, or 0 without correction."""
        return self.num_scored / self.num_train if self.design == "resampled" else 0.0

    @property
    def num_missing(self) -> int:
        """How many differences are missing, because a training diverged."""
        return sum(not math.isfinite(difference) for difference in self.differences)

    @property
    def mean(self) -> float:
        """The mean difference; NaN if one is missing."""
        return float(np.mean(self.differences))

    @property
    def sd(self) -> float:
        """Their standard deviation; 0 where they differ by rounding alone, NaN if one is missing."""
        if self.num_missing:
            return math.nan
        sd = float(np.std(self.differences, ddof=1))
        return sd if sd > 1e-9 * max(map(abs, self.differences)) else 0.0

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the mean difference, for this pair alone; `None` where there is no spread."""
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
        """How often there would be so large a mean without a difference; NaN where there is no spread."""
        if not self.sd > 0:
            return math.nan
        return t_test(self.mean, self.sd, len(self.differences), ratio=self.ratio)

    @property
    def p_margin(self) -> float:
        """The p-value against the nearer of -margin and margin; 1 outside them, NaN where there is none."""
        if self.margin is None or not self.sd > 0:
            return math.nan
        if abs(self.mean) >= self.margin:
            return 1.0
        nearer = math.copysign(self.margin, self.mean)
        return t_test(self.mean, self.sd, len(self.differences), ratio=self.ratio, against=nearer)

    @property
    def decision(self) -> str:
        """What is shown of `first`: one of `DECISIONS`.

        `"equivalent"` says that the difference is shown to be below the margin, by two one-sided tests at
        half of alpha each: for a single pair, that the interval lies within the margin.
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

    def divisions_needed(self, *, difference: float | None = None, power: float = 0.8) -> int | None:
        """Returns how many divisions (or seeds) would show a difference, if the spread is as measured.

        A measured difference that is not shown is a poor guess of the true one: give the smallest
        difference worth having instead, where there is one.

        Args:
            difference: The true difference to be shown, in the metric's units; by default the measured one.
            power: How often it should be shown, in (0, 1).

        Returns:
            The number, at Bonferroni's alpha if there are several pairs; `None` if no number is enough.
            For divisions that share rows it supposes more divisions with as many rows in each part.

        Raises:
            InvalidInput: If a training diverged, or an argument is outside its range.
        """
        if self.num_missing:
            raise InvalidInput(
                f"{self.first} and {self.second} cannot be compared: {self.num_missing} of "
                f"{len(self.differences)} differences are missing because trainings diverged."
            )
        alpha = (1 - self.confidence) / self.num_pairs
        wanted = self.mean if difference is None else difference
        return divisions_needed(wanted, self.sd, ratio=self.ratio, alpha=alpha, power=power)

    def verdict(self) -> str:
        """Returns what the differences show, in words."""
        first, second, count = self.first, self.second, len(self.differences)
        unit, test = _UNITS[self.design]
        if self.num_missing:
            return (
                f"{first} and {second} cannot be compared: a training diverged in {self.num_missing} of "
                f"{count} {unit}s."
            )
        if self.sd == 0:
            same = "equal" if self.mean == 0 else f"{self.in_words(self.mean, signed=True)} apart"
            return (
                f"No difference shown between {first} and {second}: they are {same} in each of {count} "
                f"{unit}s, and without spread there is no test."
            )
        low, high = (self.in_words(end, signed=True, bare=True) for end in self.interval)
        p_value = f"p = {self.p_adjusted:.2g}"
        if self.num_pairs > 1:
            p_value += f" by Holm for {self.num_pairs} pairs"
        interval = f"{100 * self.confidence:g} % interval {low} to {high}"
        if self.num_pairs > 1:  # the decision is by Holm, which may say otherwise
            interval += " for this pair alone"
        measured = f"{interval}; {count} {test}, {p_value}"
        where = "On this one division, " if self.design == "seeds" else ""
        difference = f"{first} less {second} is {self.in_words(self.mean, signed=True)} ({measured})"
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
            value: In the metric's units.
            signed: Whether a plus stands before a positive one.
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
        """Returns the pair without its single differences, one row of a table."""
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
        number = self.divisions_needed(difference=true)
        size = f" A true difference of {self.in_words(abs(true))}"
        if number is None:
            return f"{size} could not be shown by any number of such {unit}s with a power of 80 %."
        return f"{size} would need {number:,} such {unit}s to be shown with a power of 80 %."
