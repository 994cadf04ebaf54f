"""Two-dimensional codes of images, by PCA and by an autoencoder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import InvalidInput
from kerasreg.intervals import mean_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True)
class LatentMap(ExperimentRecord):
    """Two-dimensional codes of test images, and how well they separate the classes.

    Args:
        data: Name of the data set.
        labels: Class of each test image, shape (n,).
        codes: Codes of the test images by the network that is drawn, shape (n, 2).
        pca_codes: Their first two principal components, shape (n, 2).
        shown: Repeat whose network is drawn, the one with the lowest validation error.
        test_mse: Mean squared error of each repeat on the test images, shape (repeats,); NaN if the
            training diverged or was interrupted, as in the next one and in `accuracy`.
        validation_mse: The same on the validation rows.
        pca_test_mse: PCA's test error with two components.
        accuracy: Accuracy of a k-nearest-neighbors classifier of the codes on the test images, for each
            repeat.
        pca_accuracy: The same of PCA's codes.
        decoded: Images decoded by the network that is drawn from evenly spaced codes over the middle 90 % of
            each axis, shape (rows, columns, *image shape), the largest second coordinate on top; or
            `None`.
        pca_decoded: The same for PCA.
        settings: `neighbors`, `epochs`, `batch_size`, `patience` and `seed`.
        seconds: Seconds of training.
    """

    data: str
    labels: NDArray[np.int64]
    codes: NDArray[np.float64]
    pca_codes: NDArray[np.float64]
    shown: int
    test_mse: NDArray[np.float64]
    validation_mse: NDArray[np.float64]
    pca_test_mse: float
    accuracy: NDArray[np.float64]
    pca_accuracy: float
    decoded: NDArray[np.float64] | None
    pca_decoded: NDArray[np.float64] | None
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        for name in ("codes", "pca_codes"):
            if getattr(self, name).shape != (len(self.labels), 2):
                raise InvalidInput(
                    f"{name} must have shape {(len(self.labels), 2)}, which is (images, 2); received "
                    f"{getattr(self, name).shape}."
                )

    def sentences(self) -> Iterator[str]:
        """Yields which map separates the classes better, the accuracies, then the conditions."""
        accuracy = self.accuracy[np.isfinite(self.accuracy)]
        if not len(accuracy):
            yield "No comparison of the maps: no network finished training."
            return
        mean, _, ends = mean_interval(accuracy, limits=(0, 1))
        if ends is None:
            yield "No difference between the maps shown: one network has no interval."
        elif ends[0] > self.pca_accuracy:
            yield "The autoencoder's map separates the classes better than PCA's."
        elif ends[1] < self.pca_accuracy:
            yield "PCA's map separates the classes better than the autoencoder's."
        else:
            yield "No difference between the maps shown in how well they separate the classes."
        interval = "" if ends is None else f" (95 % interval {100 * ends[0]:.1f} to {100 * ends[1]:.1f} %)"
        yield (
            f"{self.settings['neighbors']}-nearest-neighbors accuracy on {len(self.labels):,} test images: "
            f"{100 * mean:.1f} %{interval} with the autoencoder's codes, {100 * self.pca_accuracy:.1f} % "
            "with PCA's."
        )
        yield (
            f"Test mean squared error of the network drawn {self.test_mse[self.shown]:.3g}, of PCA "
            f"{self.pca_test_mse:.3g}. The interval is over {len(accuracy)} initial weights, for the same "
            "rows."
        )

    def plot_map(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draws the codes of the test images, PCA's on the left and the autoencoder's on the right.

        Args:
            axes: Two Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: a dot for each image, colored by its class, whose number stands at its median or
            beside it where another class's would hide it.

        Raises:
            InvalidInput: If there are not two Axes, or no network finished training.
        """
        from kerasreg.experiments.autoencoder_pca.plot import draw_latent_map

        return draw_latent_map(self, axes)

    def plot_grid(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draws images decoded from evenly spaced codes, PCA's on the left, the autoencoder's on the right.

        Args:
            axes: Two Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: each image at the position of its code on the map.

        Raises:
            InvalidInput: If there are not two Axes, or the record has no decoded images with 1 or 3 channels.
        """
        from kerasreg.experiments.autoencoder_pca.plot import draw_latent_grid

        return draw_latent_grid(self, axes)

    def to_frame(self) -> Any:
        """Returns one row for each test image: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "label": int(label),
                    "code_1": float(code[0]),
                    "code_2": float(code[1]),
                    "component_1": float(components[0]),
                    "component_2": float(components[1]),
                }
                for label, code, components in zip(self.labels, self.codes, self.pca_codes, strict=True)
            ]
        )
