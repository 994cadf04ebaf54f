"""Errors of linear autoencoders and of PCA, and the angles between their subspaces."""

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

PARTS = ("train", "test")


@dataclass(frozen=True, eq=False, kw_only=True)
class PrincipalSubspace(ExperimentRecord):
    """Errors of linear autoencoders and of PCA, and the angles between their subspaces.

    Args:
        data: Name of the data set.
        bottlenecks: Bottleneck units, ascending.
        train_rows: Rows that both were fitted to.
        test_rows: Rows that neither was fitted to.
        train_mse: Mean squared error of each network on the training rows, shape (bottlenecks, repeats);
            NaN if the training diverged or was interrupted.
        test_mse: The same on the test rows.
        pca_train_mse: PCA's error with as many components, shape (bottlenecks,).
        pca_test_mse: The same on the test rows.
        angles: Principal angles between the decoder's span and the leading components, in degrees, largest
            first: for each bottleneck an array of shape (repeats, bottleneck); NaN as above.
        variances: Variance of the training rows along each component, descending.
        stop_reason: Why each training ended, as `MemberHistory` has it, shape (bottlenecks, repeats).
        settings: `epochs`, `batch_size` (`None` for all rows) and `seed`.
        seconds: Seconds of training.
    """

    data: str
    bottlenecks: tuple[int, ...]
    train_rows: int
    test_rows: int
    train_mse: NDArray[np.float64]
    test_mse: NDArray[np.float64]
    pca_train_mse: NDArray[np.float64]
    pca_test_mse: NDArray[np.float64]
    angles: tuple[NDArray[np.float64], ...]
    variances: NDArray[np.float64]
    stop_reason: NDArray[np.str_]
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        shape = (len(self.bottlenecks), self.train_mse.shape[-1])
        for name in ("train_mse", "test_mse", "stop_reason"):
            check_shape(name, getattr(self, name), shape, "(bottlenecks, repeats)")

    @property
    def repeats(self) -> int:
        """Networks of each bottleneck."""
        return self.train_mse.shape[1]

    @property
    def largest_angle(self) -> np.ndarray:
        """The largest principal angle of each network in degrees, shape (bottlenecks, repeats)."""
        return np.array([angles[:, 0] for angles in self.angles])

    @property
    def variance_ratio(self) -> np.ndarray:
        """Variance along the last component kept divided by that along the next, shape (bottlenecks,).

        Near 1 the two components are nearly interchangeable: the subspace can then turn with hardly any
        change of the error. NaN where there is no next component.
        """
        after = np.append(self.variances, np.nan)
        return np.array([after[number - 1] / after[number] for number in self.bottlenecks])

    def ratio(self, part: str = "test") -> np.ndarray:
        """Returns each network's error divided by PCA's on the `"train"` or `"test"` rows.

        On the training rows it is at least 1 up to rounding: no linear map of that rank does better
        (Eckart and Young, Psychometrika 1, 1936). On the test rows it may be below or above 1.
        """
        check_one_of("part", part, PARTS)
        return getattr(self, f"{part}_mse") / getattr(self, f"pca_{part}_mse")[:, np.newaxis]

    def sentences(self) -> Iterator[str]:
        """Yields the largest excess over PCA's error, a sentence for each bottleneck, then the conditions."""
        excess = self.ratio("train") - 1
        finished = np.isfinite(excess)
        if finished.any():
            yield (
                f"Training error exceeds PCA's by at most {100 * max(np.nanmax(excess), 0):.2g} % in "
                f"{finished.sum()} of {excess.size} networks that finished training."
            )
        for place, number in enumerate(self.bottlenecks):
            units = f"{number} unit{'s' * (number > 1)}"
            own = finished[place]
            if not own.any():
                yield f"{units}: no network finished training."
                continue
            train, test = (_excess(self.ratio(part)[place][own]) for part in PARTS)
            angle = self.largest_angle[place][own]
            yield (
                f"{units}: error minus PCA's {train} on training rows, {test} on test rows; largest "
                f"principal angle {angle.mean():.2g} degrees on average, at most {angle.max():.2g}; the last "
                f"component kept has {self.variance_ratio[place]:.3g} times the variance of the next."
            )
        if finished.any():
            yield f"Intervals are over {self.repeats} initial weights, for the same rows."

    def plot_errors(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the errors of linear autoencoders on those of PCA.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: bottleneck units, or components, against the mean squared error, both logarithmic; lines
            for PCA, a ring for each network.
        """
        from kerasreg.experiments.autoencoder_pca.plot import draw_linear

        return draw_linear(self, ax)

    def plot_angles(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the angles between the decoders' spans and the leading components.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: bottleneck units against the largest principal angle of each network in degrees. Above
            each stands the variance of the last component kept divided by that of the next. Angles below
            a thousandth of a degree are drawn there.
        """
        from kerasreg.experiments.autoencoder_pca.plot import draw_angles

        return draw_angles(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each network: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "bottleneck": self.bottlenecks[place],
                    "repeat": repeat,
                    **{f"{part}_mse": float(getattr(self, f"{part}_mse")[place, repeat]) for part in PARTS},
                    **{f"pca_{part}_mse": float(getattr(self, f"pca_{part}_mse")[place]) for part in PARTS},
                    **{f"{part}_ratio": float(self.ratio(part)[place, repeat]) for part in PARTS},
                    "largest_angle": float(self.largest_angle[place, repeat]),
                    "stop_reason": str(self.stop_reason[place, repeat]),
                }
                for place, repeat in np.ndindex(self.train_mse.shape)
            ]
        )


def _excess(ratio: np.ndarray) -> str:
    """Returns the mean of ratios as a difference in percent, with its 95 % interval."""
    mean, _, (low, high) = interval_or_nan(100 * (ratio - 1))
    interval = "" if np.isnan(low) else f" (95 % interval {low:+.2g} to {high:+.2g} %)"
    return f"{mean:+.2g} %{interval}"
