"""Estimates of the true error by several validation schemes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import mean_interval, wilson_interval
from kerasreg.records.fold_scores import INTERVALS, FoldScores, Interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES = {"corrected": "corrected", "student": "Student's", "wilson": "Wilson's"}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Mean over data sets with its 95 % interval, which is `None` for fewer than two data sets."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class EstimatorComparison(ExperimentRecord):
    """Estimates of the true error by several schemes, on many data sets drawn afresh.

    The true value of a data set is the score of the network trained on all its rows, on its test part. The
    error of a scheme is its estimate minus that true value. Data sets whose networks did not all finish are
    left out of the statistics.

    Args:
        metric: Name of the metric.
        truths: True value of each data set; NaN where the training was interrupted.
        folds: Scores of the splits of each data set, by scheme.
        test_rows: Number of test rows of each data set.
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
        """Names of the schemes, in the order given."""
        return tuple(self.folds)

    def estimates(self, scheme: str) -> np.ndarray:
        """Returns the estimate of a scheme for each data set, shape (data_sets,).

        It is NaN where a network did not finish, as a mean over fewer splits is another estimate.
        """
        check_one_of("scheme", scheme, self.schemes)
        return np.array([float(np.mean(folds.scores)) for folds in self.folds[scheme]])

    def errors(self, scheme: str) -> np.ndarray:
        """Returns estimate minus true value for each data set, shape (data_sets,)."""
        return self.estimates(scheme) - np.array(self.truths)

    def bias(self, scheme: str) -> Measured:
        """Returns the mean error."""
        return _measured(self.errors(scheme))

    def variance(self, scheme: str) -> Measured:
        """Returns the variance of the error over data sets, with n - 1; NaN for fewer than two data sets.

        Its interval is that of a mean of squared deviations, an approximation for few data sets.
        """
        errors = self.errors(scheme)
        errors = errors[np.isfinite(errors)]
        if len(errors) < 2:
            return Measured(value=math.nan, interval=None)
        return _measured((errors - errors.mean()) ** 2 * len(errors) / (len(errors) - 1), least=0.0)

    def mean_squared_error(self, scheme: str) -> Measured:
        """Returns the mean of the squared error: the bias squared, and (n - 1) / n of the variance."""
        return _measured(self.errors(scheme) ** 2, least=0.0)

    def coverage(self, scheme: str, kind: str = "corrected") -> Measured | None:
        """Returns the fraction of data sets whose 95 % interval contains the true value.

        Args:
            scheme: One of `schemes`.
            kind: Kind of interval, as in `FoldScores.interval`.

        Returns:
            The fraction with Wilson's interval, or `None` if the scheme has no interval of this kind.
        """
        done = np.isfinite(self.errors(scheme))
        rows = zip(self.folds[scheme], self.truths, done, strict=True)
        found = [(folds.interval(kind), truth) for folds, truth, finished in rows if finished]
        if not found or any(interval is None for interval, _ in found):
            return None
        share = float(np.mean([low <= truth <= high for (low, high), truth in found]))
        return Measured(value=share, interval=wilson_interval(share, len(found)))

    def difference(self, first: str, second: str) -> Measured:
        """Returns the mean difference of the squared errors of two schemes, paired by data set.

        Args:
            first: One of `schemes`.
            second: Scheme whose squared errors are subtracted.
        """
        return _measured(self.errors(first) ** 2 - self.errors(second) ** 2)

    def shift(self, first: str, second: str) -> Measured:
        """Returns the mean difference of the estimates of two schemes, first minus second.

        They are paired by data set. `shift("chronological", "shuffled")` is what shuffling a time series
        hides, if lower values of the metric are better.
        """
        return _measured(self.estimates(first) - self.estimates(second))

    def shift_verdict(self, first: str, second: str) -> str:
        """Returns what `shift` shows, in a sentence."""
        shift = self.shift(first, second)
        told = f"{first} minus {second} is {shift.value:.3g} on average in the estimated {self._name}"
        if shift.interval is None:
            return f"Nothing is shown by fewer than two data sets: {told}."
        low, high = shift.interval
        verdict = f"{first} gives {'higher' if low > 0 else 'lower'} estimates than {second}"
        if low <= 0 <= high:
            verdict = f"No difference shown between {first} and {second}"
        return f"{verdict}: {told} (95 % interval {low:.3g} to {high:.3g}, {len(self.truths)} data sets)."

    @property
    def _name(self) -> str:
        return self.metric.replace("_", " ")

    def sentences(self) -> Iterator[str]:
        """Yields how each scheme compares with the best, then the figures of each, then the conditions."""
        squares = {scheme: self.mean_squared_error(scheme).value for scheme in self.schemes}
        squares = {scheme: square for scheme, square in squares.items() if math.isfinite(square)}
        if not squares:
            yield "Nothing can be said: no data set was finished."
            return
        best = min(squares, key=squares.__getitem__)
        for scheme in squares:
            if scheme != best:
                yield _verdict(scheme, best, self.difference(scheme, best))
        if len(squares) > 1:
            yield (
                f"{best} has the lowest mean squared error here; these intervals are not adjusted for that "
                "choice."
            )
        for scheme in squares:
            words = [
                f"{scheme}: bias {_told(self.bias(scheme))}{_direction(self.bias(scheme))}",
                f"mean squared error {_told(self.mean_squared_error(scheme))}",
            ]
            for kind in INTERVALS:
                if (held := self.coverage(scheme, kind)) is not None:
                    low, high = (f"{100 * end:.0f} %" for end in held.interval)
                    share = f"{100 * held.value:.0f} % ({low} to {high})"
                    words.append(f"{_NAMES[kind]} 95 % intervals contain the true value in {share}")
            yield "; ".join(words) + "."
        truths = np.array(self.truths)
        truths = truths[np.isfinite(truths)]
        yield (
            f"Estimates of the {self._name} on {len(truths)} data set{'s' * (len(truths) > 1)}, mean true "
            f"value {truths.mean():.3g}. Bias is the mean of estimate minus true value. Brackets: 95 % "
            "intervals over the data sets."
        )

    def plot_errors(self, ax: "Axes | None" = None) -> "Axes":
        """Draws how far the estimates of each scheme are from the true values.

        A dot is a data set, the box is the middle half with the median as a line, and the diamond is the
        bias with its 95 % interval. Dots on the line at zero are perfect estimates.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: schemes against estimate minus true value.

        Raises:
            InvalidInput: If no data set was finished.
        """
        from kerasreg.experiments.cross_validation.plot import draw_errors

        return draw_errors(self, ax)

    def plot_coverage(self, ax: "Axes | None" = None) -> "Axes":
        """Draws how often the 95 % intervals of each scheme contain the true value.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: schemes against the fraction of data sets, with Wilson's intervals, and the nominal
            95 % as a line. A scheme without an interval says so.
        """
        from kerasreg.experiments.cross_validation.plot import draw_coverage

        return draw_coverage(self, ax)

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


def _measured(values: np.ndarray, *, least: float = -math.inf) -> Measured:
    values = values[np.isfinite(values)]
    if not len(values):
        return Measured(value=math.nan, interval=None)
    mean, _, interval = mean_interval(values, limits=(least, math.inf))
    return Measured(value=mean, interval=interval)


def _told(measured: Measured) -> str:
    if measured.interval is None:
        return f"{measured.value:.3g}"
    return f"{measured.value:.3g} ({measured.interval[0]:.3g} to {measured.interval[1]:.3g})"


def _direction(bias: Measured) -> str:
    """Returns what the interval of a bias shows."""
    if bias.interval is None:
        return ""
    low, high = bias.interval
    return ", too high on average" if low > 0 else ", too low on average" if high < 0 else ", none shown"


def _verdict(scheme: str, best: str, difference: Measured) -> str:
    """Returns whether a scheme is shown to be worse than the best, with the difference."""
    told = f"mean squared error {_told(difference)} higher"
    if difference.interval is not None and difference.interval[0] > 0:
        return f"{scheme} is worse than {best}: {told}."
    return f"No difference shown between {scheme} and {best}: {told} for {scheme}."
