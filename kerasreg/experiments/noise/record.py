"""Errors of networks trained with dropout, DropConnect, input noise, label smoothing or none of them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import interval_or_nan, to_digits
from kerasreg.records.record import ExperimentRecord, Record
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = ("train", "validation", "test")
# Words of a metric in sentences, the factor to their unit, and that unit
WORDS = {
    "error": ("error", 100, " percentage points"),
    "cross_entropy": ("cross-entropy", 1, " nats"),
    "mse": ("mean squared error", 1, ""),
}


@dataclass(frozen=True, kw_only=True)
class NoiseRun(Record):
    """One network, trained and measured.

    Args:
        method: Field of `Regularization` that was set, or `"none"`.
        strength: Its value; 0 for `"none"`.
        size: Size of the data set that was requested.
        train_rows: Rows of it that the network was trained on.
        repeat: Index of the repeat, from 0; runs of one repeat share data, initial weights and batches.
        fresh: Whether it was trained after the strength had been chosen, on data and weights that had no
            part in the choice.
        train: Metrics on the training rows, without noise; NaN if the training diverged or was interrupted.
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

    def to_row(self) -> dict[str, Any]:
        """Returns the run as one flat row."""
        row = {name: getattr(self, name) for name in ("method", "strength", "size", "train_rows")}
        row |= {"repeat": self.repeat, "fresh": self.fresh}
        return row | {
            f"{part}_{name}": value for part in PARTS for name, value in getattr(self, part).items()
        }


@dataclass(frozen=True, kw_only=True)
class NoiseComparison(ExperimentRecord):
    """Errors of networks with dropout, DropConnect, input noise or label smoothing, and without.

    The first runs sweep over the strengths. The strength of each method is chosen by their validation error,
    separately for each size. The fresh runs then compare the chosen strength with none on test data: one
    comparison for each method and size.

    Args:
        data: Name of the data set.
        metric: What is compared, lower is better: `"error"` (fraction of rows classified wrongly),
            `"cross_entropy"` (nats) or `"mse"`.
        repeats: Networks of each kind in the sweep, and again among the fresh runs.
        updates: Batches that each was trained on, rounded up to whole epochs.
        seed: The seed that all others were derived from.
        seconds: Seconds of training and measuring.
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
        check_one_of("metric", self.metric, tuple(WORDS))
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
        """Returns the strengths of a method, weakest first."""
        return tuple(sorted({run.strength for run in self._runs(method)}))

    def values(
        self, method: str, strength: float, size: int, *, part: str = "test", fresh: bool = False
    ) -> np.ndarray:
        """Returns the metric of each repeat, shape (repeats,); empty if there is no such run."""
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
        """Returns the metric of each repeat minus that of none in the same repeat; below 0 is better."""
        without = self.values("none", 0.0, size, part=part, fresh=fresh)
        return self.values(method, strength, size, part=part, fresh=fresh) - without

    def chosen(self, method: str, size: int) -> float:
        """Returns the strength with the lowest mean validation metric in the sweep; of equals the weakest."""
        strengths = self.strengths(method)
        means = [self.values(method, strength, size, part="validation").mean() for strength in strengths]
        return strengths[int(np.argmin(np.where(np.isfinite(means), means, np.inf)))]

    def comparisons(self) -> list[dict[str, Any]]:
        """Returns one row for each method and size: the chosen strength minus none, on fresh runs.

        Each has `method`, `size`, `strength`; `mean` and `sd` of the paired test differences; the ends
        `low` and `high` of their 95 % interval; `family_low` and `family_high` of the interval after
        Bonferroni's correction for all comparisons; and the number of pairs, `of`, of which `finite`
        finished. What cannot be computed is NaN.
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

    def sentences(self) -> Iterator[str]:
        """Yields one sentence for each method and size, then one on the number of comparisons."""
        rows = self.comparisons()
        yield from map(self._verdict, rows)
        excluded = sum(row["low"] > 0 or row["high"] < 0 for row in rows)
        corrected = sum(row["family_low"] > 0 or row["family_high"] < 0 for row in rows)
        yield (
            f"Each strength was chosen on validation data of other networks. {excluded} of {len(rows)} 95 % "
            f"intervals exclude 0; by chance alone, {0.05 * len(rows):.2g} would on average. After "
            "Bonferroni's correction, which widens the intervals so that all of them hold together, "
            f"{corrected} of {len(rows)} exclude 0."
        )

    def _verdict(self, row: dict[str, Any]) -> str:
        words, factor, unit = WORDS[self.metric]
        which = f"{row['method']} {row['strength']:g}, size {row['size']}"
        if not row["of"]:
            return f"{which}: no comparison, no fresh networks were trained."
        if row["finite"] < row["of"]:
            unfinished = f"{row['of'] - row['finite']} of {row['of']}"
            return f"{which}: no comparison, in {unfinished} pairs a network diverged or was interrupted."
        mean, low, high = (factor * row[name] for name in ("mean", "low", "high"))
        if math.isnan(low):
            return f"{which}: no difference shown, one repeat has no interval (difference {mean:+.2g}{unit})."
        difference, *ends = (to_digits(value, high - low) for value in (mean, low, high))
        figures = f"difference {difference}{unit}, 95 % interval {ends[0]} to {ends[1]}"
        figures += f", {row['of']} fresh repeats"
        if low <= 0 <= high:
            return f"{which}: no difference shown in test {words} ({figures})."
        return f"{which}: {'lower' if mean < 0 else 'higher'} test {words} than with none ({figures})."

    def plot(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draws the paired test differences from none against the strength, a panel for each size of data.

        A line is the mean over the repeats of the first round, its band a 95 % interval at each strength. A
        diamond is the strength chosen on validation data, measured by the fresh runs, with its 95 % interval;
        only diamonds had no part in a choice. Diamonds at equal strengths are shifted so that none
        hides another. Below 0 the method lowers the error.

        Args:
            axes: Axes to draw in, one for each size; a new figure if `None`.

        Returns:
            The Axes, smallest size first: strength (a fraction; for input noise its standard deviation)
            against the difference, method minus none.

        Raises:
            InvalidInput: If the number of Axes is not the number of sizes.
        """
        from kerasreg.experiments.noise.plot import draw_differences

        return draw_differences(self, axes)

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table([run.to_row() for run in self.runs])

    def _runs(self, method: str) -> list[NoiseRun]:
        return [run for run in self.runs if run.method == method]
