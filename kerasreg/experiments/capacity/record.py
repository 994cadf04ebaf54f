"""Errors of networks of several sizes on several numbers of training rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import InvalidInput, check_one_of, check_shape
from kerasreg.experiments.capacity.bounds import deeper_bound, one_hidden_layer_bound, ten_rows_per_weight
from kerasreg.intervals import interval_or_nan, limits_of
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ERRORS = ("train", "validation", "test")
VERDICTS = {
    "higher": "higher test error shown for",
    "lower": "lower test error shown for",
    "not_shown": "no difference in test error shown for",
    "not_compared": "too few repeats to compare with",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class CapacityGrid(ExperimentRecord):
    """Errors of networks of several sizes on several numbers of training rows, several times each.

    Arrays have shape (sizes, numbers of rows, repeats). A repeat has one seed and one draw of the data.

    Args:
        data: Name of the data set.
        metric: What the errors are, `"error_rate"` (1 - accuracy, in [0, 1]) or `"mse"`.
        sizes: What each size of network is called: units, as a number or a tuple of numbers.
        num_parameters: Weights that are trained, biases included, of each size, ascending.
        train_rows: Numbers of training rows, ascending.
        validation_rows: Validation rows that go with each; 0 where there are none.
        test_rows: Test rows that go with each.
        fresh_data: Whether each repeat drew its rows afresh; if not, all have the same rows.
        train_error: Error on the training rows after training, dropout and noise off; NaN if the
            training diverged or was interrupted, as in the next two.
        validation_error: Error on the validation rows; NaN too where there are none.
        test_error: Error on the test rows.
        best_epoch: Epoch of the least validation loss, counted from 1; 0 if there is none.
        stop_reason: Why each training ended, as `MemberHistory` has it.
        settings: `epochs`, `batch_size`, `patience` and `seed`. With a patience the networks were measured at
            their best epoch, without at their last.
        seconds: Seconds of training.
    """

    data: str
    metric: str
    sizes: tuple[int | tuple[int, ...], ...]
    num_parameters: tuple[int, ...]
    train_rows: tuple[int, ...]
    validation_rows: tuple[int, ...]
    test_rows: tuple[int, ...]
    fresh_data: bool
    train_error: NDArray[np.float64]
    validation_error: NDArray[np.float64]
    test_error: NDArray[np.float64]
    best_epoch: NDArray[np.int64]
    stop_reason: NDArray[np.str_]
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        check_one_of("metric", self.metric, ("error_rate", "mse"))
        expected = (len(self.num_parameters), len(self.train_rows), self.repeats)
        for name in ("train_error", "validation_error", "test_error", "best_epoch", "stop_reason"):
            check_shape(name, getattr(self, name), expected, "(sizes, numbers of rows, repeats)")

    @property
    def repeats(self) -> int:
        """Networks of each size for each number of rows."""
        return self.test_error.shape[-1]

    @property
    def rows_per_parameter(self) -> np.ndarray:
        """Training rows divided by parameters, shape (sizes, numbers of rows)."""
        return np.divide.outer(self.train_rows, self.num_parameters).T

    @property
    def generalization_gap(self) -> np.ndarray:
        """Test error minus training error of each network."""
        return self.test_error - self.train_error

    def errors(self, part: str) -> np.ndarray:
        """Returns the error of each network on the `"train"`, `"validation"` or `"test"` rows."""
        return getattr(self, f"{check_one_of('part', part, ERRORS)}_error")

    def means(self, part: str = "test") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns mean errors and the ends of their 95 % intervals over the repeats.

        Args:
            part: `"train"`, `"validation"` or `"test"`.

        Returns:
            Three arrays of shape (sizes, numbers of rows): Student's t intervals over the repeats that are
            finite; NaN where there are none, and for the ends where there is one.
        """
        values = self.errors(part)
        found = np.full((3, *values.shape[:2]), np.nan)
        for cell in np.ndindex(values.shape[:2]):
            found[(slice(None), *cell)] = _mean_and_ends(values[cell], limits_of(self.metric))
        return found[0], found[1], found[2]

    def difference(
        self, first: Any, second: Any, *, train_rows: int, part: str = "test"
    ) -> tuple[float, tuple[float, float] | None]:
        """Returns how much larger the error of one size is than another's, paired by repeat.

        Args:
            first: One of `sizes`.
            second: The size whose error is subtracted.
            train_rows: The number of training rows, one of `train_rows`.
            part: `"train"`, `"validation"` or `"test"`.

        Returns:
            The mean difference, and its 95 % interval, `None` with fewer than two pairs. No difference is
            shown where it contains 0.

        Raises:
            InvalidInput: If there is no such size, number of rows or part.
        """
        rows = self.train_rows.index(check_one_of("train_rows", train_rows, self.train_rows))
        of_first, of_second = (
            self.errors(part)[self.sizes.index(check_one_of(name, size, self.sizes)), rows]
            for name, size in (("first", first), ("second", second))
        )
        mean, low, high = _mean_and_ends(of_first - of_second)
        return mean, None if np.isnan(low) else (low, high)

    def choices(self) -> list[dict[str, Any]]:
        """Returns for each number of rows the size of least validation error, and how others compare.

        The choice is made by mean validation error, of equals the smaller size; the test errors of the other
        sizes are then compared with the chosen one's, paired by repeat. The networks that are chosen by
        are the ones that are tested, so that a little of their luck is in the test error.

        Returns:
            For each number of rows a dict of `train_rows`; `chosen`, the size, `None` where no validation
            error is finite; and the other sizes in four lists: `higher` and `lower`, where the 95 %
            interval of the difference in test error is above or below 0, `not_shown`, where it contains 0,
            and `not_compared`, where there are fewer than two pairs.
        """
        validation = self.means("validation")[0]
        found = []
        for column, rows in enumerate(self.train_rows):
            choice: dict[str, Any] = {"train_rows": rows, "chosen": None}
            choice |= {"higher": [], "lower": [], "not_shown": [], "not_compared": []}
            if np.isfinite(validation[:, column]).any():
                choice["chosen"] = self.sizes[int(np.nanargmin(validation[:, column]))]
                for size in self.sizes:
                    if size != choice["chosen"]:
                        ends = self.difference(size, choice["chosen"], train_rows=rows)[1]
                        choice[_verdict(ends)].append(size)
            found.append(choice)
        return found

    def bounds(self, error: float = 0.1, *, hidden_units: Sequence[int | None] | None = None) -> Any:
        """Returns how many rows each size is said to need for an error rate, and what was measured.

        Args:
            error: The error rate on new rows, in (0, 1). Above 1/8 Baum and Haussler's theorem says nothing.
            hidden_units: Hidden units of each size, `None` where it has more layers than one; by default
                the sizes themselves where they are numbers.

        Returns:
            One row for each size, a DataFrame with pandas: `size`, `parameters`, the bounds of
            `kerasreg.experiments.capacity.bounds` (`None` where they are for other networks), and
            `reached_with`, the least number of training rows here whose mean test error is at most
            `error`, or `None`.

        Raises:
            InvalidInput: If the errors are no error rates, or an argument is outside its range.
        """
        if self.metric != "error_rate":
            raise InvalidInput(f"The bounds are for error rates; this grid has {self.metric}.")
        if hidden_units is None:
            hidden_units = [size if isinstance(size, int) else None for size in self.sizes]
        if len(hidden_units) != len(self.sizes):
            count = f"each of {len(self.sizes)} sizes; received {len(hidden_units)}"
            raise InvalidInput(f"hidden_units must have one entry for {count}.")
        test = self.means("test")[0]
        rows = []
        for place, weights in enumerate(self.num_parameters):
            hidden = hidden_units[place]
            reached = [
                count for count, mean in zip(self.train_rows, test[place], strict=True) if mean <= error
            ]
            rows.append(
                {
                    "size": self.sizes[place],
                    "parameters": weights,
                    "ten_rows_per_weight": ten_rows_per_weight(weights),
                    "one_hidden_layer": one_hidden_layer_bound(weights, hidden, error) if hidden else None,
                    "deeper": None if hidden else deeper_bound(weights, error),
                    "reached_with": reached[0] if reached else None,
                }
            )
        return as_table(rows)

    def sentences(self) -> Iterator[str]:
        """Yields the chosen size for each number of training rows, then the conditions."""
        mean, low, high = self.means("test")
        for column, choice in enumerate(self.choices()):
            start = f"{choice['train_rows']:,} training rows: "
            if choice["chosen"] is None:
                yield start + self._unchosen(mean[:, column])
                continue
            row = self.sizes.index(choice["chosen"])
            chosen = f"choose size {size_name(choice['chosen'])}"
            told = f"{start}{chosen}, test error {self._told(mean[row, column])}"
            if np.isfinite(low[row, column]):
                told += f" (95 % interval {self._told(low[row, column])} to {self._told(high[row, column])})"
            compared = [
                f"{words} size {', '.join(map(size_name, choice[key]))}"
                for key, words in VERDICTS.items()
                if choice[key]
            ]
            yield "; ".join([told, *compared]) + "."
        drawn = f"{'rows, ' * self.fresh_data}initial weights and order of rows"
        repeats = f"{self.repeats} repeat{'s' * (self.repeats > 1)}"
        yield (
            f"The choice is by mean validation error over {repeats}, each with its own {drawn}. "
            "Networks that did not finish training are left out. Comparisons are paired by repeat; each has "
            "its own 95 % interval, so about one in twenty shows a difference where there is none."
        )

    def _unchosen(self, means: np.ndarray) -> str:
        """Returns the rest of a sentence where there is no validation error to choose by."""
        if not np.isfinite(means).any():
            return "no size has a validation or a test error."
        least, most = int(np.nanargmin(means)), int(np.nanargmax(means))
        return (
            "no validation error to choose a size by; mean test errors range from "
            f"{self._told(means[least])} (size {size_name(self.sizes[least])}) to {self._told(means[most])} "
            f"(size {size_name(self.sizes[most])})."
        )

    def _told(self, error: float) -> str:
        return f"{100 * error:.1f} %" if self.metric == "error_rate" else f"{error:.3g}"

    def plot_map(self, ax: "Axes | None" = None, *, part: str = "test") -> "Axes":
        """Draws the mean error of each size for each number of rows as a map.

        Each cell shows its mean error and, smaller, the training rows per parameter. A frame marks the size
        with the lowest mean validation error for its number of rows.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            part: `"train"`, `"validation"` or `"test"`.

        Returns:
            The Axes: training rows against size, each a column or row of equal width.

        Raises:
            InvalidInput: If the errors of this part are all NaN.
        """
        from kerasreg.experiments.capacity.plot import draw_map

        return draw_map(self, ax, part=part)

    def plot_curves(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draws training, validation and test error against the size, a panel for each number of rows.

        Args:
            axes: Axes to draw in, one for each number of training rows; a new figure if `None`.

        Returns:
            The Axes: parameters, on a logarithmic axis whose ticks are the sizes, against mean errors, with
            95 % intervals over the repeats as bands. A part without a finite error has no line.

        Raises:
            InvalidInput: If the number of Axes is not that of numbers of rows, or the test errors are all
                NaN.
        """
        from kerasreg.experiments.capacity.plot import draw_curves

        return draw_curves(self, axes)

    def plot_by_size(self, ax: "Axes | None" = None) -> "Axes":
        """Draws test (solid) and training error (dashed) against the size, a line for each number of rows.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: parameters, on a logarithmic axis whose ticks are the sizes, against mean errors, with
            95 % intervals over the repeats as bands.

        Raises:
            InvalidInput: If the test errors are all NaN.
        """
        from kerasreg.experiments.capacity.plot import draw_by_size

        return draw_by_size(self, ax)

    def plot_by_rows(self, ax: "Axes | None" = None) -> "Axes":
        """Draws test error (solid) and training error (dashed) against training rows, a line for each size.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: training rows, on a logarithmic axis, against mean errors, with 95 % intervals over the
            repeats as bands.

        Raises:
            InvalidInput: If the test errors are all NaN.
        """
        from kerasreg.experiments.capacity.plot import draw_by_rows

        return draw_by_rows(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "size": self.sizes[size],
                    "parameters": self.num_parameters[size],
                    "train_rows": self.train_rows[rows],
                    "repeat": repeat,
                    "rows_per_parameter": float(self.rows_per_parameter[size, rows]),
                    **{f"{part}_error": float(self.errors(part)[size, rows, repeat]) for part in ERRORS},
                    "generalization_gap": float(self.generalization_gap[size, rows, repeat]),
                    "best_epoch": int(self.best_epoch[size, rows, repeat]),
                    "stop_reason": str(self.stop_reason[size, rows, repeat]),
                }
                for size, rows, repeat in np.ndindex(self.test_error.shape)
            ]
        )


def size_name(size: Any) -> str:
    """Returns a size as figures and sentences name it: 64, or 64-32 for two layers."""
    return "-".join(map(str, size)) if isinstance(size, tuple) else str(size)


def _mean_and_ends(
    values: np.ndarray, limits: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[float, float, float]:
    """Returns the mean of the finite values and the ends of its interval, NaN where there is none."""
    mean, _, (low, high) = interval_or_nan(values[np.isfinite(values)], limits=limits)
    return mean, low, high


def _verdict(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return "not_compared"
    return "higher" if ends[0] > 0 else "lower" if ends[1] < 0 else "not_shown"
