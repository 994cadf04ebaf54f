"""Errors of nonlinear autoencoders and of PCA on new rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import check_one_of, check_shape
from kerasreg.intervals import interval_or_nan
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False, kw_only=True)
class NonlinearGain(ExperimentRecord):
    """Errors of autoencoders of several bottlenecks, and of PCA on the same rows.

    Arrays have shape (bottlenecks, repeats) unless noted otherwise. A repeat has one seed and one draw of the
    data.

    Args:
        data: Name of the data set.
        bottlenecks: Bottleneck units, ascending.
        num_parameters: Trainable weights of a network of each bottleneck, biases included.
        train_rows: Rows that networks and PCA were fitted to.
        validation_rows: Rows for early stopping of the networks.
        test_rows: Rows that nothing was fitted to or chosen by.
        fresh_data: Whether each repeat drew its rows afresh; if not, all have the same rows.
        train_mse: Mean squared error of each network on the training rows; NaN if the training diverged or
            was interrupted, as in the next two.
        validation_mse: The same on the validation rows.
        test_mse: The same on the test rows.
        pca_by_number: PCA's test error with 1, 2, ... components, shape (repeats, components).
        pca_within_range: PCA's test error with as many components as bottleneck units, its reconstructions
            clipped to the range of the training rows.
        best_epoch: Epoch of the lowest validation error, counted from 1; 0 if there is none.
        stop_reason: Why each training ended, as `MemberHistory` has it.
        settings: `epochs`, `batch_size`, `patience` and `seed`.
        seconds: Seconds of training.
    """

    data: str
    bottlenecks: tuple[int, ...]
    num_parameters: tuple[int, ...]
    train_rows: int
    validation_rows: int
    test_rows: int
    fresh_data: bool
    train_mse: NDArray[np.float64]
    validation_mse: NDArray[np.float64]
    test_mse: NDArray[np.float64]
    pca_by_number: NDArray[np.float64]
    pca_within_range: NDArray[np.float64]
    best_epoch: NDArray[np.int64]
    stop_reason: NDArray[np.str_]
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        shape = (len(self.bottlenecks), self.test_mse.shape[-1])
        for name in (*(f"{part}_mse" for part in PARTS), "pca_within_range", "best_epoch", "stop_reason"):
            check_shape(name, getattr(self, name), shape, "(bottlenecks, repeats)")

    @property
    def repeats(self) -> int:
        """Networks of each bottleneck."""
        return self.test_mse.shape[1]

    @property
    def pca_test_mse(self) -> np.ndarray:
        """PCA's test error with as many components as bottleneck units."""
        return self.pca_by_number[:, np.array(self.bottlenecks) - 1].T

    @property
    def saved(self) -> np.ndarray:
        """Fraction of PCA's test error that each network saves; below 0 if its error is higher."""
        return 1 - self.test_mse / self.pca_test_mse

    def means(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the mean test error of each bottleneck and the ends of its 95 % interval, (bottlenecks,).

        NaN where no network finished training, and for the ends where only one did.
        """
        places = range(len(self.bottlenecks))
        mean, low, high = np.transpose(
            [self._mean_and_ends(place, self.test_mse, least=0.0) for place in places]
        )
        return mean, low, high

    @property
    def components_needed(self) -> np.ndarray:
        """Smallest number of components with a test error no higher than each network's.

        NaN where no number is enough, or the network did not finish training.
        """
        needed = np.full(self.test_mse.shape, np.nan)
        for place, repeat in zip(*np.nonzero(np.isfinite(self.test_mse)), strict=True):
            enough = np.flatnonzero(self.pca_by_number[repeat] <= self.test_mse[place, repeat])
            if len(enough):
                needed[place, repeat] = enough[0] + 1
        return needed

    def verdict(self, bottleneck: int) -> str:
        """Returns the verdict of the paired differences: `"less"`, `"more"`, `"not shown"`, `"not compared"`.

        `"less"` if the 95 % interval of the mean of `saved` is above 0, `"more"` if it is below.

        Raises:
            InvalidInput: If there is no such bottleneck.
        """
        place = self.bottlenecks.index(check_one_of("bottleneck", bottleneck, self.bottlenecks))
        _, low, high = self._mean_and_ends(place, self.saved)
        if np.isnan(low):
            return "not compared"
        return "less" if low > 0 else "more" if high < 0 else "not shown"

    def sentences(self) -> Iterator[str]:
        """Yields one sentence for each bottleneck, then the conditions."""
        verdicts = {
            "less": "lower test error than PCA",
            "more": "higher test error than PCA",
            "not shown": "no difference from PCA shown",
            "not compared": "no difference from PCA shown, one repeat has no interval",
        }
        for place, number in enumerate(self.bottlenecks):
            units = f"{number} bottleneck unit{'s' * (number > 1)}"
            finished = np.isfinite(self.test_mse[place])
            if not finished.any():
                yield f"{units}: no network finished training."
                continue
            error, of_pca = (values[place][finished].mean() for values in (self.test_mse, self.pca_test_mse))
            difference, low, high = (-100 * each for each in self._mean_and_ends(place, self.saved))
            interval = "" if np.isnan(low) else f" (95 % interval {high:+.3g} to {low:+.3g} %)"
            yield (
                f"{units}: {verdicts[self.verdict(number)]}; {error:.3g} against {of_pca:.3g}, difference "
                f"{difference:+.3g} %{interval}. {self._needed(place)}"
            )
        clipped = ", ".join(f"{mean:.3g}" for mean in self.pca_within_range.mean(axis=1))
        yield f"Clipped to the range of the training rows, PCA has a test error of {clipped}."
        drawn = "rows, initial weights and order" if self.fresh_data else "initial weights and order"
        same = "" if self.fresh_data else " for the same rows"
        yield (
            f"{self.repeats} repeat{'s' * (self.repeats > 1)}, each with its own {drawn}{same}. Networks and "
            f"PCA are fitted to {self.train_rows:,} rows and tested on {self.test_rows:,}; only the networks "
            f"use {self.validation_rows:,} more, for early stopping. Each bottleneck has its own interval."
        )

    def _needed(self, place: int) -> str:
        needed = self.components_needed[place]
        needed = needed[np.isfinite(needed)]
        if not len(needed):
            return "PCA reaches that error with no number of components."
        low, high = int(needed.min()), int(needed.max())
        span = f"{low}" if low == high else f"{low} to {high}"
        return f"PCA needs {span} component{'s' * (high > 1)} for that error."

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the test errors of autoencoders over the curve of PCA.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: latent dimension against the mean squared error on the test rows, both logarithmic. The
            curve of PCA is the mean over the repeats; dots are networks, bars 95 % intervals of their mean.

        Raises:
            InvalidInput: If no network has a finite test error.
        """
        from kerasreg.experiments.autoencoder_pca.plot import draw_nonlinear

        return draw_nonlinear(self, ax)

    def _mean_and_ends(
        self, place: int, values: np.ndarray, *, least: float = -np.inf
    ) -> tuple[float, float, float]:
        """Returns the mean of a bottleneck's finite values and the ends of its interval, or NaN."""
        finite = values[place][np.isfinite(values[place])]
        mean, _, (low, high) = interval_or_nan(finite, limits=(least, np.inf))
        return mean, low, high

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "bottleneck": self.bottlenecks[place],
                    "parameters": self.num_parameters[place],
                    "repeat": repeat,
                    **{f"{part}_mse": float(getattr(self, f"{part}_mse")[place, repeat]) for part in PARTS},
                    "pca_test_mse": float(self.pca_test_mse[place, repeat]),
                    "pca_within_range": float(self.pca_within_range[place, repeat]),
                    "saved": float(self.saved[place, repeat]),
                    "components_needed": float(self.components_needed[place, repeat]),
                    "best_epoch": int(self.best_epoch[place, repeat]),
                    "stop_reason": str(self.stop_reason[place, repeat]),
                }
                for place, repeat in np.ndindex(self.test_mse.shape)
            ]
        )
