"""Test errors with and without augmentation, at several sizes of the data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import InvalidInput, check_one_of, check_shape
from kerasreg.intervals import interval_or_nan, limits_of, to_digits
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NONE = "none"  # name of the networks without augmentation

# Test error as a fraction, by number of training images, subsets of MNIST, no augmentation: Bruna and Mallat,
# Invariant Scattering Convolution Networks, PAMI 2013, Table 4. The paper has one error each and no draw.
MNIST_MARKS = {
    "scattering + PCA (published)": {
        300: 0.047,
        1000: 0.023,
        2000: 0.013,
        5000: 0.0103,
        10_000: 0.0088,
    },
    "CNN (published)": {300: 0.0718, 1000: 0.0321, 2000: 0.0253, 5000: 0.0152, 10_000: 0.0085},
}


@dataclass(frozen=True, eq=False, kw_only=True)
class AugmentationGain(ExperimentRecord):
    """Test errors of networks with and without augmentation, for several numbers of training rows.

    Networks of one repeat and size share their rows, their initial weights and the seed of the order of
    rows, so that differences are paired.

    Args:
        data: Name of the data set.
        metric: What the errors are, `"error_rate"` (1 - accuracy, in [0, 1]) or `"mse"`.
        strategies: Names of the strategies; the first is `"none"`.
        strengths: Each strategy, by name: an `Augmentation` as its dict, or words.
        train_rows: Numbers of training rows, ascending.
        test_rows: Test rows that go with each.
        test_error: Error on the test rows, shape (strategies, sizes, repeats); NaN if the training diverged
            or was interrupted.
        settings: `updates`, `batch_size`, `copies` and `seed`.
        seconds: Seconds of training and measuring.
    """

    data: str
    metric: str
    strategies: tuple[str, ...]
    strengths: dict[str, Any]
    train_rows: tuple[int, ...]
    test_rows: tuple[int, ...]
    test_error: NDArray[np.float64]
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        check_one_of("metric", self.metric, ("error_rate", "mse"))
        if len(self.strategies) < 2 or self.strategies[0] != NONE:
            raise InvalidInput(
                f'strategies must be "none" and at least one more; received {self.strategies}.'
            )
        expected = (len(self.strategies), len(self.train_rows), self.repeats)
        check_shape("test_error", self.test_error, expected, "(strategies, sizes, repeats)")

    @property
    def repeats(self) -> int:
        """Networks of each strategy for each number of rows."""
        return self.test_error.shape[-1]

    def means(self, strategy: str) -> np.ndarray:
        """Returns mean test errors and the ends of their 95 % intervals over the repeats, shape (3, sizes).

        Mean, lower and upper end for each number of rows; NaN where a network did not finish, the ends also
        with a single repeat.
        """
        check_one_of("strategy", strategy, self.strategies)
        errors = self.test_error[self.strategies.index(strategy)]
        limits = limits_of(self.metric)
        return np.array([_mean_and_ends(repeats, limits) for repeats in errors]).T

    def differences(self) -> list[dict[str, Any]]:
        """Returns one row for each number of rows and strategy except none.

        Each has `train_rows`, `strategy`, the mean test errors `without` and `with`, the `difference`, with
        minus without, and the ends `low` and `high` of its paired 95 % interval.
        """
        rows = []
        for size, train_rows in enumerate(self.train_rows):
            for place, strategy in enumerate(self.strategies[1:], start=1):
                without, changed = self.test_error[0, size], self.test_error[place, size]
                mean, low, high = _mean_and_ends(changed - without)
                row = {"train_rows": train_rows, "strategy": strategy, "without": float(np.mean(without))}
                row |= {"with": float(np.mean(changed)), "difference": mean, "low": low, "high": high}
                rows.append(row)
        return rows

    def to_frame(self) -> Any:
        """Returns the rows of `differences`: a DataFrame with pandas, plain rows without."""
        return as_table(self.differences())

    def sentences(self) -> Iterator[str]:
        """Yields one sentence for each number of rows and strategy, then the conditions."""
        yield from map(self._verdict, self.differences())
        compared = len(self.train_rows) * (len(self.strategies) - 1)
        yield (
            f"{self.repeats} paired repeat{'s' * (self.repeats > 1)}, each with its own rows, initial "
            "weights and order of rows, the same with and without augmentation; "
            f"{self.settings['updates']:,} updates each, rounded up to whole epochs. Each of the {compared} "
            "comparisons has its own 95 % interval, for these test rows."
        )

    def _verdict(self, row: dict[str, Any]) -> str:
        factor, unit, points = (
            (100, " %", " percentage points") if self.metric == "error_rate" else (1, "", "")
        )
        about = f"{row['train_rows']:,} rows, {row['strategy']}: "
        if not np.isfinite(row["difference"]):
            return f"{about}no comparison, a network diverged or was interrupted."
        after, before = (f"{factor * row[name]:.3g}{unit}" for name in ("with", "without"))
        ends = factor * np.array([row["low"], row["high"]])
        means = f"mean test {self._measure} {after} with, {before} without"
        if not np.isfinite(ends).all():
            return f"{about}no difference shown, one repeat has no interval; {means}."
        spread = ends[1] - ends[0]
        difference, low, high = (to_digits(value, spread) for value in (factor * row["difference"], *ends))
        verdict = "lower" if ends[1] < 0 else "higher" if ends[0] > 0 else "no difference shown"
        return f"{about}{verdict}; {means} (difference {difference}{points}, 95 % interval {low} to {high})."

    @property
    def _measure(self) -> str:
        return "error" if self.metric == "error_rate" else "mean squared error"

    def plot(
        self, ax: "Axes | None" = None, *, marks: Mapping[str, Mapping[int, float]] | None = None
    ) -> "Axes":
        """Draws the test error against the number of training rows, with and without augmentation.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            marks: Published errors to compare with, by name: for each number of rows an error in the units
                of the record, such as `MNIST_MARKS`. Those outside the record's sizes are left out.

        Returns:
            The Axes, both axes logarithmic: mean errors, with 95 % intervals over the repeats as bands.

        Raises:
            InvalidInput: If no test error is finite.
        """
        from kerasreg.experiments.augmentation.plot import draw_errors

        return draw_errors(self, ax, marks=marks)


def _mean_and_ends(
    values: np.ndarray, limits: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[float, float, float]:
    mean, _, (low, high) = interval_or_nan(values, limits=limits)
    return mean, low, high
