"""Filtered pictures: two libraries, several boundaries, both orders."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.records.table import as_json, as_table


def apply_kernels(picture: np.ndarray, weights: np.ndarray, boundary: str) -> np.ndarray:
    """Convolves a picture with a kernel by SciPy, or with two, whose results are the sides of a vector.

    Args:
        picture: Grey levels, shape (height, width).
        weights: One kernel or two, shape (1 or 2, height, width).
        boundary: What stands outside the picture: a mode of `scipy.ndimage`.

    Returns:
        The filtered picture, or the length of the vector at each pixel; shape (height, width).
    """
    from scipy import ndimage  # here, so that no other record waits for it

    sides = [ndimage.convolve(picture, kernel, mode=boundary) for kernel in weights]
    return sides[0] if len(sides) == 1 else np.hypot(*sides)


@dataclass(frozen=True, eq=False, kw_only=True)
class FilterComparison:
    """One picture filtered by several kernels with several boundaries, by SciPy and by Keras.

    Args:
        data: What the picture is called.
        picture: Grey levels, shape (height, width).
        kernels: Names of the kernels.
        boundaries: What stood outside the picture: names of `scipy.ndimage`.
        weights: Of each kernel, as `apply_kernels` takes them.
        filtered: What SciPy made in double precision, shape (kernels, boundaries, height, width). `to_dict`
            leaves it out, and `from_dict` computes it again.
        keras_difference: The greatest absolute difference of Keras' result from it, over all pixels, shape
            (kernels, boundaries).
        rounding: How large that may be by rounding to single precision alone, shape (kernels,).
    """

    data: str
    picture: np.ndarray
    kernels: tuple[str, ...]
    boundaries: tuple[str, ...]
    weights: tuple[np.ndarray, ...]
    filtered: np.ndarray
    keras_difference: np.ndarray
    rounding: np.ndarray

    @property
    def reach(self) -> tuple[int, ...]:
        """How many pixels each kernel reaches from its middle."""
        return tuple(max(weights.shape[1:]) // 2 for weights in self.weights)

    @property
    def sums(self) -> tuple[float, ...]:
        """The sum of each kernel: 1 keeps the mean grey level, 0 is for what changes from pixel to pixel."""
        return tuple(float(weights[0].sum()) for weights in self.weights)

    def result(self, kernel: str, boundary: str | None = None) -> np.ndarray:
        """Returns a filtered picture, shape (height, width); of the first boundary if `None`."""
        row, column = self._place(kernel), 0
        if boundary is not None:
            column = self.boundaries.index(check_one_of("boundary", boundary, self.boundaries))
        return self.filtered[row, column]

    def equal(self, kernel: str) -> bool:
        """Returns whether SciPy and Keras differ by no more than rounding explains, for every boundary."""
        row = self._place(kernel)
        return bool((self.keras_difference[row] <= self.rounding[row]).all())

    def boundary_difference(self, kernel: str, *, interior: bool) -> np.ndarray:
        """Returns how far the other boundaries are from the first, as the greatest absolute difference.

        Args:
            kernel: Which kernel.
            interior: Whether to look at the pixels that the kernel cannot reach the border from, or at the
                others.

        Returns:
            Shape (boundaries,), 0 for the first; NaN where there is no such pixel.
        """
        row = self._place(kernel)
        reach = self.reach[row]
        inside = np.zeros(self.picture.shape, dtype=bool)
        height, width = inside.shape
        inside[reach : max(height - reach, 0), reach : max(width - reach, 0)] = True
        apart = np.abs(self.filtered[row] - self.filtered[row, 0])[:, inside == interior]
        return apart.max(axis=1) if apart.shape[1] else np.full(len(apart), np.nan)

    def summary(self) -> str:
        """Returns what the numbers show, a sentence or two for each kernel."""
        return "\n".join(self._sentence(kernel) for kernel in self.kernels)

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it, without the filtered pictures: 20 bytes for each pixel."""
        kept = [field.name for field in fields(self) if field.name != "filtered"]
        return as_json({name: getattr(self, name) for name in kept})

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "FilterComparison":
        """Makes the record that `to_dict` wrote, and filters its picture again."""
        arrays = ("picture", "keras_difference", "rounding")
        found: dict[str, Any] = {name: np.array(record[name], dtype=float) for name in arrays}
        found |= {name: tuple(record[name]) for name in ("kernels", "boundaries")}
        found["weights"] = tuple(np.array(weights, dtype=float) for weights in record["weights"])
        found["filtered"] = np.array(
            [
                [apply_kernels(found["picture"], weights, boundary) for boundary in found["boundaries"]]
                for weights in found["weights"]
            ]
        )
        return cls(**{**record, **found})

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
        verdict = "is no more than" if self.equal(kernel) else "is more than"
        text = (
            f"{kernel}: SciPy and Keras differ by at most {self.keras_difference[row].max():.1e}, which "
            f"{verdict} rounding to single precision explains ({self.rounding[row]:.1e})."
        )
        if len(self.boundaries) == 1:
            return text
        near, far = (self.boundary_difference(kernel, interior=inside).max() for inside in (False, True))
        pixels = f"{self.reach[row]} pixel{'s' if self.reach[row] != 1 else ''}"
        parts = [] if np.isnan(near) else [f"by up to {near:.2g} within {pixels} of the border"]
        parts += [] if np.isnan(far) else [f"by up to {far:.2g} further in"]
        return f"{text} The boundaries differ {' and '.join(parts)}."


@dataclass(frozen=True, eq=False, kw_only=True)
class Commutation:
    """One picture filtered by two kernels in both orders, and by the two joined into one.

    Args:
        data: What the picture is called.
        picture: Grey levels, shape (height, width).
        kernels: Names of the two kernels.
        boundary: What stood outside the picture.
        margin: How many pixels from the border the interior begins: what both kernels reach together.
        forth: The first kernel, then the second, shape (height, width).
        back: The second, then the first.
        joined: The kernel that both make, convolved with each other.
        rounding: How far apart these may be by rounding to double precision alone.
    """

    data: str
    picture: np.ndarray
    kernels: tuple[str, str]
    boundary: str
    margin: int
    forth: np.ndarray
    back: np.ndarray
    joined: np.ndarray
    rounding: float

    @property
    def equal(self) -> bool:
        """Whether all three agree in the interior, up to rounding."""
        return max(self.differences().values()) <= self.rounding

    def differences(self, *, interior: bool = True) -> dict[str, float]:
        """Returns the greatest absolute differences from the first order, in the interior or everywhere.

        Returns:
            `"other order"` and `"joined kernel"`.
        """
        cut = slice(self.margin, -self.margin) if interior and self.margin else slice(None)
        others = {"other order": self.back, "joined kernel": self.joined}
        return {name: float(np.abs(self.forth - other)[cut, cut].max()) for name, other in others.items()}

    def summary(self) -> str:
        """Returns what the numbers show, in two sentences."""
        first, second = self.kernels
        inside, whole = self.differences(), self.differences(interior=False)
        verdict = "no more than" if self.equal else "more than"
        return (
            f"{first} then {second} differs from {second} then {first} by at most "
            f"{inside['other order']:.1e}, and from both in one kernel by at most "
            f"{inside['joined kernel']:.1e}, in the interior, {self.margin} pixels from the border: "
            f"{verdict} rounding explains ({self.rounding:.1e}). With the border, boundary "
            f"{self.boundary!r}, it is {whole['other order']:.2g} and {whole['joined kernel']:.2g}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Commutation":
        """Makes the record that `to_dict` wrote."""
        arrays = {
            name: np.array(record[name], dtype=float) for name in ("picture", "forth", "back", "joined")
        }
        return cls(**{**record, "kernels": tuple(record["kernels"]), **arrays})
