"""What noise in a network did to its error, method by method."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import interval_or_nan
from kerasreg.records.table import as_json, as_table, nan_for_none

PARTS = ("train", "validation", "test")
# How a metric is read out: its words, the factor to the unit of the sentences, and that unit
_WORDS = {
    "error": ("error", 100, " percentage points"),
    "cross_entropy": ("cross-entropy", 1, " nats"),
    "mse": ("mean squared error", 1, ""),
}


@dataclass(frozen=True, kw_only=True)
class NoiseRun:
    """One network, trained and measured.

    Args:
        method: The knob of `Regularization` that was on, or `"none"`.
        strength: Its value; 0 for `"none"`.
        size: The size of the data set that was asked for.
        train_rows: How many of its rows the network was trained on.
        repeat: Which repeat, counted from 0: runs of one repeat share their data, their initial weights
            and their batches.
        fresh: Whether it was trained after the strength had been chosen, on data and weights that had no
            part in the choice.
        train: By metric, what it was on the training rows, with no noise; NaN if the training diverged.
        validation: The same on the validation rows.
        test: The same on the test rows.
    """

    method: str
    strength: float
    size: int
    train_rows: int
    repeat: int
    fresh: bool
    train: dict[str, float]
    validation: dict[str, float]
    test: dict[str, float]

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "NoiseRun":
        """Makes the run that `as_json` wrote, NaN where it has None."""
        measured = {
            part: {name: nan_for_none(value) for name, value in record[part].items()} for part in PARTS
        }
        return cls(**{**record, **measured})

    def to_row(self) -> dict[str, Any]:
        """Returns the run as one flat row."""
        row = {name: getattr(self, name) for name in ("method", "strength", "size", "train_rows")}
        row |= {"repeat": self.repeat, "fresh": self.fresh}
        return row | {
            f"{part}_{name}": value for part in PARTS for name, value in getattr(self, part).items()
        }


@dataclass(frozen=True, kw_only=True)
class NoiseComparison:
    """What dropout, DropConnect, input noise and label smoothing did to the error of a network.

    The first runs sweep over the strengths. Each method's strength is chosen on their validation error,
    for each size on its own. The fresh runs then compare the chosen strength with no noise on test data:
    one comparison for each method and size.

    Args:
        data: Name of the data set.
        metric: What is compared, lower is better: `"error"` (fraction of rows classified wrongly),
            `"cross_entropy"` (nats) or `"mse"`.
        repeats: How many of each kind of network were trained, for the sweep and again afresh.
        updates: How many batches each was trained on, rounded up to whole epochs.
        seed: The seed that everything random was derived from.
        seconds: Seconds from the call to its end.
        runs: Every network.
    """

    data: str
    metric: str
    repeats: int
    updates: int
    seed: int
    seconds: float
    runs: tuple[NoiseRun, ...]

    def __post_init__(self) -> None:
        check_one_of("metric", self.metric, tuple(_WORDS))
        if not any(run.method == "none" for run in self.runs):
            raise InvalidInput('There is nothing to compare with: no run has the method "none".')

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the data, smallest first."""
        return tuple(sorted({run.size for run in self.runs}))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods but `"none"`, in the order they were given."""
        return tuple(dict.fromkeys(run.method for run in self.runs if run.method != "none"))

    def strengths(self, method: str) -> tuple[float, ...]:
        """Returns the strengths of a method that were tried, weakest first."""
        return tuple(sorted({run.strength for run in self._runs(method)}))

    def values(
        self, method: str, strength: float, size: int, *, part: str = "test", fresh: bool = False
    ) -> np.ndarray:
        """Returns the metric of each repeat, shape (repeats,); empty if there was no such run."""
        check_one_of("part", part, PARTS)
        runs = [
            run
            for run in self._runs(method)
            if (run.strength, run.size, run.fresh) == (strength, size, fresh)
        ]
        return np.array([getattr(run, part)[self.metric] for run in sorted(runs, key=lambda run: run.repeat)])

    def differences(
        self, method: str, strength: float, size: int, *, part: str = "test", fresh: bool = False
    ) -> np.ndarray:
        """Returns each repeat's metric less that of no noise in the same repeat; below 0 is better."""
        without = self.values("none", 0.0, size, part=part, fresh=fresh)
        return self.values(method, strength, size, part=part, fresh=fresh) - without

    def chosen(self, method: str, size: int) -> float:
        """Returns the strength with the lowest mean validation metric in the sweep; of equals the weakest."""
        strengths = self.strengths(method)
        means = [self.values(method, strength, size, part="validation").mean() for strength in strengths]
        return strengths[int(np.argmin(np.where(np.isfinite(means), means, np.inf)))]

    def comparisons(self) -> list[dict[str, Any]]:
        """Returns one row for each method and size: the chosen strength against no noise, on fresh runs.

        Each has `method`, `size`, `strength`, `mean` and `sd` of the paired test differences, the ends
        `low` and `high` of their 95 % interval, and `family_low` and `family_high` of the one
        that is wide enough for all comparisons together (Bonferroni). What cannot be had is NaN.
        """
        rows = []
        count = len(self.methods) * len(self.sizes)
        for size in self.sizes:
            for method in self.methods:
                strength = self.chosen(method, size)
                differences = self.differences(method, strength, size, fresh=True)
                mean, sd, (low, high) = interval_or_nan(differences)
                _, _, family = interval_or_nan(differences, confidence=1 - 0.05 / count)
                row = {"method": method, "size": size, "strength": strength, "mean": mean, "sd": sd}
                row |= {"low": low, "high": high, "family_low": family[0], "family_high": family[1]}
                rows.append(row | {"finite": int(np.isfinite(differences).sum()), "of": len(differences)})
        return rows

    def verdicts(self) -> list[str]:
        """Returns one sentence for each method and size, and one on how many comparisons there were."""
        rows = self.comparisons()
        sentences = [self._verdict(row) for row in rows]
        shown = sum(row["low"] > 0 or row["high"] < 0 for row in rows)
        lasting = sum(row["family_low"] > 0 or row["family_high"] < 0 for row in rows)
        return [
            *sentences,
            f"Comparisons: {len(rows)}, each at the strength that validation data of other networks chose. "
            f"Their 95 % intervals leave out 0 in {shown}; if no method made a difference, chance alone "
            f"would make that {0.05 * len(rows):.2g} on average. Intervals wide enough for all comparisons "
            f"together (Bonferroni) leave out 0 in {lasting}.",
        ]

    def summary(self) -> str:
        """Returns the verdicts, one on each line."""
        return "\n".join(self.verdicts())

    def _verdict(self, row: dict[str, Any]) -> str:
        words, factor, unit = _WORDS[self.metric]
        which = f"{row['method']} {row['strength']:g}, size {row['size']}"
        if row["finite"] < row["of"]:
            return f"{which}: no comparison, {row['of'] - row['finite']} of {row['of']} pairs diverged."
        mean, low, high = (factor * row[name] for name in ("mean", "low", "high"))
        if math.isnan(low):
            return (
                f"{which}: no difference shown, one repeat says nothing about the spread ({mean:+.2g}{unit})."
            )
        interval = f"95 % interval {to_digits(low, high - low)} to {to_digits(high, high - low)}"
        interval += f", {row['of']} fresh repeats"
        difference = to_digits(mean, high - low)
        if low <= 0 <= high:
            return f"{which}: no difference shown in test {words} ({difference}{unit}, {interval})."
        way = "lower" if mean < 0 else "higher"
        return f"{which}: test {words} {way} than with none by {difference[1:]}{unit} ({interval})."

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "NoiseComparison":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        return cls(**{**record, "runs": tuple(NoiseRun.from_dict(run) for run in record["runs"])})

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table([run.to_row() for run in self.runs])

    def _runs(self, method: str) -> Iterable[NoiseRun]:
        return [run for run in self.runs if run.method == method]


def to_digits(value: float, spread: float) -> str:
    """Returns a number with its sign, to two digits of its interval's half width."""
    if spread <= 0:
        return f"{value:+.3g}"
    decimals = max(0, 1 - math.floor(math.log10(spread / 2)))
    return f"{round(value, decimals) + 0.0:+.{decimals}f}"  # + 0.0 takes the sign off a zero
