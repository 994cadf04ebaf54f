"""Records of filtered pictures: two libraries, several boundaries, both orders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import check_one_of
from kerasreg.filters import apply_kernels
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_json, as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True)
class FilterComparison(ExperimentRecord):
    """One picture filtered by several kernels with several boundaries, by SciPy and by Keras.

    Args:
        data: Name of the picture.
        picture: Gray levels, shape (height, width).
        kernels: Names of the kernels.
        boundaries: Extensions of the picture beyond its border, as `scipy.ndimage` names them.
        weights: Weights of each kernel, as `apply_kernels` takes them.
        filtered: SciPy's results in double precision, shape (kernels, boundaries, height, width). `to_dict`
            leaves them out, and `from_dict` computes them again.
        keras_difference: Largest absolute difference of Keras' result from SciPy's, over all pixels, shape
            (kernels, boundaries).
        rounding: Upper bound of the difference that rounding to single precision explains, shape (kernels,).
    """

    data: str
    picture: NDArray[np.float64]
    kernels: tuple[str, ...]
    boundaries: tuple[str, ...]
    weights: tuple[NDArray[np.float64], ...]
    filtered: NDArray[np.float64]
    keras_difference: NDArray[np.float64]
    rounding: NDArray[np.float64]

    @property
    def reach(self) -> tuple[int, ...]:
        """Pixels that each kernel extends from its center."""
        return tuple(max(weights.shape[1:]) // 2 for weights in self.weights)

    @property
    def sums(self) -> tuple[float, ...]:
        """Sum of each kernel: 1 keeps the mean gray level, 0 responds to changes between pixels."""
        return tuple(float(weights[0].sum()) for weights in self.weights)

    def result(self, kernel: str, boundary: str | None = None) -> np.ndarray:
        """Returns a filtered picture, shape (height, width), by default that of the first boundary."""
        row, column = self._place(kernel), 0
        if boundary is not None:
            column = self.boundaries.index(check_one_of("boundary", boundary, self.boundaries))
        return self.filtered[row, column]

    def equal(self, kernel: str) -> bool:
        """Returns whether rounding explains the differences of SciPy and Keras for every boundary."""
        row = self._place(kernel)
        return bool((self.keras_difference[row] <= self.rounding[row]).all())

    def boundary_difference(self, kernel: str, *, interior: bool) -> np.ndarray:
        """Returns the largest absolute difference of each boundary's result from that of the first.

        Args:
            kernel: Name of the kernel.
            interior: Whether to compare the pixels from which the kernel does not extend beyond the border,
                or the others.

        Returns:
            Shape (boundaries,), 0 for the first; NaN if there is no such pixel.
        """
        row = self._place(kernel)
        reach = self.reach[row]
        inside = np.zeros(self.picture.shape, dtype=bool)
        height, width = inside.shape
        inside[reach : max(height - reach, 0), reach : max(width - reach, 0)] = True
        apart = np.abs(self.filtered[row] - self.filtered[row, 0])[:, inside == interior]
        return apart.max(axis=1) if apart.shape[1] else np.full(len(apart), np.nan)

    def sentences(self) -> Iterator[str]:
        """Yields for each kernel whether the libraries agree, and how much the boundaries matter."""
        return map(self._sentence, self.kernels)

    def plot_filtered(
        self, axes: "Sequence[Axes] | None" = None, *, boundary: str | None = None
    ) -> "list[Axes]":
        """Draws the picture and the result of each kernel.

        Blurred and sharpened pictures have the gray levels of the picture. Results of kernels that sum to 0
        are blue below 0 and red above it; the magnitude, which is never below 0, is black there.

        Args:
            axes: Axes to draw in, one for the picture and one for each kernel; a new figure if `None`.
            boundary: One of `boundaries`; the first if `None`.

        Returns:
            The Axes, the picture first.

        Raises:
            InvalidInput: If there is no such boundary, or the number of Axes is another.
        """
        from kerasreg.experiments.convolution.plot import draw_filtered

        return draw_filtered(self, axes, boundary=boundary)

    def plot_boundaries(
        self, axes: "Sequence[Axes] | None" = None, *, kernel: str | None = None, corner: int = 40
    ) -> "list[Axes]":
        """Draws the upper left corner of a filtered picture for each boundary, with the same gray levels.

        A frame shows the interior, where the kernel does not extend beyond the border: there all agree.

        Args:
            axes: Axes to draw in, one for each boundary; a new figure if `None`.
            kernel: One of `kernels`; the largest if `None`.
            corner: Height and width of the corner in pixels, at least 1.

        Returns:
            The Axes, in the order of `boundaries`.

        Raises:
            InvalidInput: If there is no such kernel or corner, or the number of Axes is another.
        """
        from kerasreg.experiments.convolution.plot import draw_boundaries

        return draw_boundaries(self, axes, kernel=kernel, corner=corner)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it, without the filtered pictures: 20 bytes for each pixel."""
        kept = [field.name for field in fields(self) if field.name != "filtered"]
        return as_json({name: getattr(self, name) for name in kept})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Makes the record that `to_dict` wrote, and filters its picture again."""
        picture = np.array(values["picture"], dtype=float)
        weights = [np.array(each, dtype=float) for each in values["weights"]]
        filtered = [
            [apply_kernels(picture, each, boundary) for boundary in values["boundaries"]] for each in weights
        ]
        return super().from_dict({**values, "filtered": filtered})

    def to_frame(self) -> Any:
        """Returns one row for each kernel and boundary: a DataFrame with pandas, plain rows without."""
        rows = []
        for row, kernel in enumerate(self.kernels):
            near, far = (self.boundary_difference(kernel, interior=inside) for inside in (False, True))
            for column, boundary in enumerate(self.boundaries):
                rows.append(
                    {
                        "kernel": kernel,
                        "boundary": boundary,
                        "keras_difference": float(self.keras_difference[row, column]),
                        "rounding": float(self.rounding[row]),
                        f"from_{self.boundaries[0]}_near_the_border": float(near[column]),
                        f"from_{self.boundaries[0]}_in_the_interior": float(far[column]),
                    }
                )
        return as_table(rows)

    def _place(self, kernel: str) -> int:
        return self.kernels.index(check_one_of("kernel", kernel, self.kernels))

    def _sentence(self, kernel: str) -> str:
        row = self._place(kernel)
        verdict = "agree up to rounding" if self.equal(kernel) else "differ by more than rounding"
        text = (
            f"{kernel}: SciPy and Keras {verdict}: the largest difference is "
            f"{self.keras_difference[row].max():.1e}, and single precision explains {self.rounding[row]:.1e}."
        )
        if len(self.boundaries) == 1:
            return text
        near, far = (self.boundary_difference(kernel, interior=inside).max() for inside in (False, True))
        pixels = f"{self.reach[row]} pixel{'s' if self.reach[row] != 1 else ''}"
        parts = [] if np.isnan(near) else [f"by up to {near:.2g} within {pixels} of the border"]
        parts += [] if np.isnan(far) else [f"by up to {far:.2g} further in"]
        return f"{text} The boundaries differ {' and '.join(parts)}."


@dataclass(frozen=True, eq=False, kw_only=True)
class Commutation(ExperimentRecord):
    """One picture filtered by two kernels in both orders, and by the two joined into one.

    Args:
        data: Name of the picture.
        picture: Gray levels, shape (height, width).
        kernels: Names of the two kernels.
        boundary: Extension of the picture beyond its border.
        margin: Pixels from the border at which the interior begins: what both kernels extend together.
        forth: Result of the first kernel, then the second, shape (height, width).
        back: Result of the second kernel, then the first.
        joined: Result of one kernel, the convolution of both.
        rounding: Upper bound of the differences that rounding to double precision explains.
    """

    data: str
    picture: NDArray[np.float64]
    kernels: tuple[str, str]
    boundary: str
    margin: int
    forth: NDArray[np.float64]
    back: NDArray[np.float64]
    joined: NDArray[np.float64]
    rounding: float

    @property
    def equal(self) -> bool:
        """Whether all three agree in the interior, up to rounding."""
        return max(self.differences().values()) <= self.rounding

    def differences(self, *, interior: bool = True) -> dict[str, float]:
        """Returns the largest absolute differences from the first order, in the interior or everywhere.

        Returns:
            `"other order"` and `"joined kernel"`.
        """
        cut = slice(self.margin, -self.margin) if interior and self.margin else slice(None)
        others = {"other order": self.back, "joined kernel": self.joined}
        return {name: float(np.abs(self.forth - other)[cut, cut].max()) for name, other in others.items()}

    def sentences(self) -> Iterator[str]:
        """Yields whether the order matters in the interior, and how much it does with the border."""
        first, second = self.kernels
        inside, whole = self.differences(), self.differences(interior=False)
        verdict = "give the same in both orders" if self.equal else "differ by their order"
        yield (
            f"{first} and {second} {verdict} in the interior, {self.margin} pixels from the border: the "
            f"other order differs by at most {inside['other order']:.1e}, the joined kernel by at most "
            f"{inside['joined kernel']:.1e}, and rounding explains {self.rounding:.1e}."
        )
        yield (
            f"With the border, boundary {self.boundary!r}, the other order differs by up to "
            f"{whole['other order']:.2g} and the joined kernel by up to {whole['joined kernel']:.2g}."
        )

    def plot(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draws the picture filtered in both orders, and their difference in a corner.

        Args:
            axes: Three Axes to draw in; a new figure if `None`.

        Returns:
            The three Axes. Both orders have the same colors. The difference has its own, and shows only the
            upper left corner, where the border is wide enough to be seen, with a frame around the
            interior; its title gives the largest difference in the whole picture.

        Raises:
            InvalidInput: If there are not three Axes.
        """
        from kerasreg.experiments.convolution.plot import draw_commutation

        return draw_commutation(self, axes)
