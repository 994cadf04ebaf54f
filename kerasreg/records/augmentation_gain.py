"""Test errors with and without augmentation, at several sizes of the data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, check_shape
from kerasreg.intervals import interval_or_nan, to_digits
from kerasreg.records.majority import majority_sentences
from kerasreg.records.table import as_json, as_table

NONE = "none"  # the name of the networks without augmentation

# Test error as a fraction, by number of training images, subsets of MNIST, no augmentation: Bruna and Mallat,
# Invariant Scattering Convolution Networks, PAMI 2013, Table 4. One number each; the draw is not told.
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
class AugmentationGain:
    """What augmentation did to the error of networks, for several numbers of training rows.

    The networks of one repeat and size share their rows, their initial weights and the seed of their order of
    rows, so that differences are paired.

    Args:
        data: Name of the data set.
        metric: What the errors are, `"error_rate"` (1 - accuracy, in [0, 1]) or `"mse"`.
        strategies: What each strategy is called; the first is `"none"`.
        strengths: By strategy what it was: an `Augmentation` as its dict, or words.
        train_rows: Numbers of training rows, ascending.
        test_rows: Test rows that go with each.
        test_error: Error on the test rows, shape (strategies, sizes, repeats); NaN if the training diverged
            or was interrupted.
        settings: `updates`, `batch_size`, `copies` and `seed`.
        seconds: Seconds from the call to its end.
        majority_error: Error rate of always predicting the most frequent class; `None` for numbers.
    """

    data: str
    metric: str
    strategies: tuple[str, ...]
    strengths: dict[str, Any]
    train_rows: tuple[int, ...]
    test_rows: tuple[int, ...]
    test_error: np.ndarray
    settings: dict[str, Any]
    seconds: float
    majority_error: float | None = None

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

        Mean, lower and upper end for each number of rows; NaN where a training gave no error, and for the
        ends of a single repeat.
        """
        check_one_of("strategy", strategy, self.strategies)
        errors = self.test_error[self.strategies.index(strategy)]
        return np.array([_mean_and_ends(repeats) for repeats in errors]).T

    def differences(self) -> list[dict[str, Any]]:
        """Returns one row for each number of rows and strategy but none, as `to_frame` has it.

        Each has `train_rows`, `strategy`, the mean test errors `without` and `with`, `difference`, which is
        the second less the first, and the ends `low` and `high` of its paired 95 % interval.
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
        """Returns `differences` as a `pandas.DataFrame`, or as it is where pandas is not installed."""
        return as_table(self.differences())

    def summary(self) -> str:
        """Says at each number of rows what each strategy did to the test error."""
        told = [*map(self._verdict, self.differences()), *majority_sentences(self.majority_error)]
        return "\n".join([*told, *self._caveats()])

    def _verdict(self, row: dict[str, Any]) -> str:
        factor, unit, points = (
            (100, " %", " percentage points") if self.metric == "error_rate" else (1, "", "")
        )
        about = f"{row['train_rows']:,} rows, {row['strategy']}: "
        if not np.isfinite(row["difference"]):
            return f"{about}no comparison, because a training diverged or was interrupted."
        before, after = (f"{factor * row[name]:.3g}{unit}" for name in ("without", "with"))
        words = f"{about}mean test {self._measure} {after} with, {before} without; "
        ends = factor * np.array([row["low"], row["high"]])
        if not np.isfinite(ends).all():
            return f"{words}one repeat says nothing about the luck in it."
        spread = ends[1] - ends[0]
        difference, low, high = (to_digits(value, spread) for value in (factor * row["difference"], *ends))
        verdict = "lower" if ends[1] < 0 else "higher" if ends[0] > 0 else "no difference shown"
        return f"{words}difference {difference}{points} (95 % {low} to {high}): {verdict}."

    def _caveats(self) -> Iterator[str]:
        compared = len(self.train_rows) * (len(self.strategies) - 1)
        yield (
            f"Repeats: {self.repeats}, paired: each has its own rows, initial weights and order of rows, the "
            f"same with and without. All networks made {self.settings['updates']:,} updates, rounded up to "
            f"whole epochs. Intervals are of one comparison each, of {compared} in all, and hold for these "
            "test rows."
        )

    @property
    def _measure(self) -> str:
        return "error" if self.metric == "error_rate" else "mean squared error"

    def to_dict(self) -> dict[str, Any]:
        """Returns everything as JSON can hold it, NaN as None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "AugmentationGain":
        """Makes the record that `to_dict` wrote."""
        errors = np.array(values["test_error"], dtype=float)
        tuples = {name: tuple(values[name]) for name in ("strategies", "train_rows", "test_rows")}
        return cls(**{**values, "test_error": errors, **tuples})


def _mean_and_ends(values: np.ndarray) -> tuple[float, float, float]:
    mean, _, (low, high) = interval_or_nan(values)
    return mean, low, high
