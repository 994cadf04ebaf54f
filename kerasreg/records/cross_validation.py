"""How well ways to validate estimate the true error."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import mean_interval, wilson_interval
from kerasreg.records.fold_scores import INTERVALS, FoldScores, Interval
from kerasreg.records.table import as_json, as_table

_NAMES = {"corrected": "the corrected", "student": "Student's", "wilson": "Wilson's"}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A mean over data sets with its 95 % interval, `None` where a single data set gives none."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class EstimatorComparison:
    """Estimates of the true error by several schemes, on many data sets drawn afresh.

    The truth of a data set is what the network trained on all its rows scores on its test part. The error
    of a scheme is its estimate less that truth.

    Args:
        metric: What was measured.
        truths: One for each data set.
        folds: By scheme, the scores of its divisions of each data set.
        test_rows: How many rows each truth was measured on.
    """

    metric: str
    truths: tuple[float, ...]
    folds: dict[str, tuple[FoldScores, ...]]
    test_rows: tuple[int, ...]

    def __post_init__(self) -> None:
        for scheme, rows in self.folds.items():
            if len(rows) != len(self.truths):
                raise InvalidInput(
                    f"The scheme {scheme!r} has {len(rows)} data sets and there are {len(self.truths)} "
                    "truths; they must be equally many."
                )

    @property
    def schemes(self) -> tuple[str, ...]:
        """The names of the schemes, in the order given."""
        return tuple(self.folds)

    def estimates(self, scheme: str) -> np.ndarray:
        """Returns the scheme's estimate of each data set, shape (n_data_sets,)."""
        check_one_of("scheme", scheme, self.schemes)
        return np.array([folds.mean for folds in self.folds[scheme]])

    def errors(self, scheme: str) -> np.ndarray:
        """Returns estimate less truth for each data set, shape (n_data_sets,)."""
        return self.estimates(scheme) - np.array(self.truths)

    def bias(self, scheme: str) -> Measured:
        """Returns the mean error."""
        return _measured(self.errors(scheme))

    def variance(self, scheme: str) -> Measured:
        """Returns the variance of the error over data sets, with n - 1; NaN for a single data set.

        Its interval is that of a mean of squared deviations, an approximation for few data sets.
        """
        errors = self.errors(scheme)
        if len(errors) == 1:
            return Measured(value=math.nan, interval=None)
        return _measured((errors - errors.mean()) ** 2 * len(errors) / (len(errors) - 1))

    def mean_squared_error(self, scheme: str) -> Measured:
        """Returns the mean of the squared error: the bias squared, and (n - 1) / n of the variance."""
        return _measured(self.errors(scheme) ** 2)

    def coverage(self, scheme: str, kind: str = "corrected") -> Measured | None:
        """Returns the fraction of data sets whose 95 % interval holds the truth, with Wilson's interval.

        Args:
            scheme: One of `schemes`.
            kind: Of the interval, as in `FoldScores.interval`.

        Returns:
            The fraction, or `None` where the scheme has no interval of this kind.
        """
        check_one_of("scheme", scheme, self.schemes)
        intervals = [folds.interval(kind) for folds in self.folds[scheme]]
        if None in intervals:
            return None
        held = [low <= truth <= high for (low, high), truth in zip(intervals, self.truths, strict=True)]
        return Measured(value=float(np.mean(held)), interval=wilson_interval(float(np.mean(held)), len(held)))

    def difference(self, first: str, second: str) -> Measured:
        """Returns by how much the squared errors of two schemes differ, paired by data set.

        Args:
            first: One of `schemes`.
            second: The one whose squared errors are subtracted.
        """
        return _measured(self.errors(first) ** 2 - self.errors(second) ** 2)

    def shift(self, first: str, second: str) -> Measured:
        """Returns by how much the estimates of two schemes differ, first less second, paired by data set.

        `shift("chronological", "shuffled")` is what a shuffled division of a time series hides, where more is
        worse.
        """
        return _measured(self.estimates(first) - self.estimates(second))

    def shift_verdict(self, first: str, second: str) -> str:
        """Returns what `shift` shows, in a sentence."""
        shift = self.shift(first, second)
        told = (
            f"{first} less {second}: the estimates of the {self.metric.replace('_', ' ')} differ by "
            f"{shift.value:.3g} on average"
        )
        if shift.interval is None:
            return f"{told}, on one data set, which shows nothing by itself."
        low, high = shift.interval
        verdict = f"those of {first} are higher" if low > 0 else f"those of {first} are lower"
        verdict = "no difference shown" if low <= 0 <= high else verdict
        return f"{told} (95 % interval {low:.3g} to {high:.3g}, {len(self.truths)} data sets): {verdict}."

    def summary(self) -> str:
        """Returns a line on the truths, one on each scheme, and one on each against the best.

        The best is the scheme of the least mean square of its errors.
        """
        count = len(self.truths)
        sentences = [
            f"Estimates of the {self.metric.replace('_', ' ')} on {count} data set{'s' * (count > 1)}, whose "
            f"true value is {np.mean(self.truths):.3g}"
            + (" on average; in brackets are 95 % intervals over the data sets." if count > 1 else ".")
        ]
        for scheme in self.schemes:
            words = [
                f"{scheme}: estimate less truth is {_told(self.bias(scheme))}{_way(self.bias(scheme))}",
                f"its mean square is {_told(self.mean_squared_error(scheme))}",
            ]
            for kind in INTERVALS:
                if (held := self.coverage(scheme, kind)) is not None:
                    low, high = (f"{100 * end:.0f} %" for end in held.interval)
                    share = f"{100 * held.value:.0f} % ({low} to {high})"
                    words.append(f"{_NAMES[kind]} 95 % interval held the truth of {share}")
            sentences.append("; ".join(words) + ".")
        best = min(self.schemes, key=lambda scheme: self.mean_squared_error(scheme).value)
        for scheme in self.schemes:
            if scheme != best:
                sentences.append(_verdict(scheme, best, self.difference(scheme, best)))
        return "\n".join(sentences)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "EstimatorComparison":
        """Makes the record that `to_dict` wrote."""
        folds = {name: tuple(map(FoldScores.from_dict, rows)) for name, rows in record["folds"].items()}
        numbers = {key: tuple(record[key]) for key in ("truths", "test_rows")}
        return cls(metric=record["metric"], folds=folds, **numbers)

    def to_frame(self) -> Any:
        """Returns one row for each data set and scheme: a DataFrame with pandas, plain rows without."""
        rows = []
        for scheme, of_data_sets in self.folds.items():
            for number, (folds, truth) in enumerate(zip(of_data_sets, self.truths, strict=True)):
                row = {"data_set": number, "scheme": scheme, "estimate": folds.mean, "truth": truth}
                for kind in INTERVALS:
                    low, high = folds.interval(kind) or (None, None)
                    row |= {f"{kind}_low": low, f"{kind}_high": high}
                rows.append(row)
        return as_table(rows)


def _measured(values: np.ndarray) -> Measured:
    mean, _, interval = mean_interval(values)
    return Measured(value=mean, interval=interval)


def _told(measured: Measured) -> str:
    if measured.interval is None:
        return f"{measured.value:.3g}"
    return f"{measured.value:.3g} ({measured.interval[0]:.3g} to {measured.interval[1]:.3g})"


def _way(bias: Measured) -> str:
    """Returns what the interval of a bias shows."""
    if bias.interval is None:
        return ""
    low, high = bias.interval
    return ", too high on average" if low > 0 else ", too low on average" if high < 0 else ", no bias shown"


def _verdict(scheme: str, best: str, difference: Measured) -> str:
    """Returns what the paired interval shows; the best was chosen by the numbers, which it says."""
    told = f"Mean square of {scheme} less that of {best}, the least here: {_told(difference)}"
    if difference.interval is not None and difference.interval[0] > 0:
        return f"{told}: it is larger, by an interval that is not adjusted for that choice."
    return f"{told}: no difference shown."
