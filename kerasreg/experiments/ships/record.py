"""Records of ships counted and of a slick outlined, under noise and in several pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import check_one_of
from kerasreg.intervals import mean_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METHODS = ("spots", "laplace")


@dataclass(frozen=True, eq=False, kw_only=True)
class ShipCounting(ExperimentRecord):
    """Ships and a slick found in one picture of the sea, under several draws of noise.

    Args:
        data: Name of the picture.
        picture: Gray levels without the noise, shape (height, width).
        ships: True positions (row, column), shape (ships, 2).
        slick: True mask of the slick, booleans of shape (height, width).
        noise: Standard deviations of the noise, ascending.
        found: Detections by method, `"spots"` or `"laplace"`: for each noise and repeat an array of shape
            (n, 3) of row, column, and the index of the true ship or -1. A repeat has the same noise for both
            methods, and for all standard deviations up to its scale.
        overlap: Overlap of the slick's outline with the truth: pixels in both divided by pixels in either,
            shape (noise, repeats).
        outlines: Outlines in the first repeat, booleans of shape (noise, height, width).
        settings: `repeats`, `tolerance` (pixels) and `seed`.
        seconds: Seconds from the call to its end.
    """

    data: str
    picture: NDArray[np.float64]
    ships: NDArray[np.float64]
    slick: NDArray[np.bool_]
    noise: tuple[float, ...]
    found: dict[str, list[list[NDArray[np.float64]]]]
    overlap: NDArray[np.float64]
    outlines: NDArray[np.bool_]
    settings: dict[str, Any]
    seconds: float

    def num_matched(self, method: str) -> np.ndarray:
        """Returns the number of true ships that were found, shape (noise, repeats)."""
        return np.array([[int((each[:, 2] >= 0).sum()) for each in row] for row in self._found(method)])

    def num_false(self, method: str) -> np.ndarray:
        """Returns the number of false detections, shape (noise, repeats)."""
        return np.array([[int((each[:, 2] < 0).sum()) for each in row] for row in self._found(method)])

    def recall(self, method: str) -> np.ndarray:
        """Returns the share of the true ships that were found, shape (noise, repeats)."""
        return self.num_matched(method) / len(self.ships)

    def precision(self, method: str) -> np.ndarray:
        """Returns the share of detections that are true, shape (noise, repeats); NaN without any."""
        matched, false = self.num_matched(method), self.num_false(method)
        with np.errstate(invalid="ignore"):
            return matched / (matched + false)

    def f1(self, method: str) -> np.ndarray:
        """Returns the harmonic mean of recall and precision, shape (noise, repeats); 0 if none is found."""
        return _f1(self.num_matched(method), self.num_false(method), len(self.ships))

    def scores(self) -> list[dict[str, Any]]:
        """Returns one row for each noise: means over the repeats and the ends of their 95 % intervals.

        Each has `noise`, and, also with `_low` and `_high`, for each method `matched_METHOD`, `false_METHOD`
        and `f1_METHOD`; `f1_difference`, F1 of spots minus F1 of laplace under the same noise; and `overlap`.
        The ends are clipped at what is possible, and NaN for one repeat and without noise.
        """
        measured = _measured(self)
        return [
            {"noise": strength}
            | _means(
                {name: each[place] for name, each in measured.items()},
                ships=len(self.ships),
                intervals=strength > 0,
            )
            for place, strength in enumerate(self.noise)
        ]

    def sentences(self) -> Iterator[str]:
        """Yields the means for each noise, and what the intervals are over."""
        for row in self.scores():
            yield f"Noise {row['noise']:g}, {len(self.ships)} ships: {_sentence(row)}"
        repeats = self.overlap.shape[1]
        if repeats > 1 and self.noise[-1] > 0:
            yield (
                f"The intervals are over {repeats} draws of the noise on this one picture, and say nothing "
                "about others."
            )

    def plot_ships(
        self, ax: "Axes | None" = None, *, method: str = "spots", noise: float | None = None
    ) -> "Axes":
        """Draws the ships and the slick found in the first repeat, on the picture without noise.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            method: `"spots"` or `"laplace"`.
            noise: One of the standard deviations; the lowest if `None`.

        Returns:
            The Axes: the picture with the outline of the slick (dashed: the truth), circles around ships that
            were found, crosses at false detections, squares around ships that were missed.

        Raises:
            InvalidInput: If there is no such method or noise.
        """
        from kerasreg.experiments.ships.plot import draw_ships

        return draw_ships(self, ax, method=method, noise=noise)

    def plot_scores(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draws the scores of ships and slick against the noise.

        Args:
            axes: Two Axes to draw in; a new figure if `None`.

        Returns:
            Two Axes: standard deviation of the noise against mean F1 of the ships, a line for each method,
            and against mean overlap of the slick's outline; with 95 % intervals over the repeats as bands.

        Raises:
            InvalidInput: If there are not two Axes.
        """
        from kerasreg.experiments.ships.plot import draw_scores

        return draw_scores(self, axes)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Makes the record that `to_dict` wrote."""
        # No detections are an empty list in JSON, which has lost its second axis.
        found = {
            method: [[np.reshape(each, (-1, 3)) for each in row] for row in rows]
            for method, rows in values["found"].items()
        }
        return super().from_dict({**values, "found": found})

    def to_frame(self) -> Any:
        """Returns one row for each method, noise and repeat: a DataFrame with pandas, else plain rows."""
        return as_table(
            [
                {
                    "method": method,
                    "noise": strength,
                    "repeat": repeat,
                    "ships": len(self.ships),
                    "matched": int(self.num_matched(method)[place, repeat]),
                    "false": int(self.num_false(method)[place, repeat]),
                    "recall": float(self.recall(method)[place, repeat]),
                    "precision": float(self.precision(method)[place, repeat]),
                    "f1": float(self.f1(method)[place, repeat]),
                    "slick_overlap": float(self.overlap[place, repeat]),
                }
                for method in METHODS
                for place, strength in enumerate(self.noise)
                for repeat in range(self.overlap.shape[1])
            ]
        )

    def _found(self, method: str) -> list[list[np.ndarray]]:
        return self.found[check_one_of("method", method, METHODS)]


@dataclass(frozen=True, eq=False, kw_only=True)
class SeaScores(ExperimentRecord):
    """Ships and slicks found in each of several seas, scored against the truth.

    Args:
        data: Name of the seas.
        ships: Number of true ships in each sea, shape (seas,).
        matched: Number of true ships found by each method, `"spots"` or `"laplace"`, shape (seas,).
        false: Number of false detections by each method, shape (seas,).
        overlap: Overlap of the slick's outline with the truth: pixels in both divided by pixels in either,
            shape (seas,).
        settings: `tolerance` (pixels).
        seconds: Seconds from the call to its end.
    """

    data: str
    ships: NDArray[np.int64]
    matched: dict[str, NDArray[np.int64]]
    false: dict[str, NDArray[np.int64]]
    overlap: NDArray[np.float64]
    settings: dict[str, Any]
    seconds: float

    def num_matched(self, method: str) -> np.ndarray:
        """Returns the number of true ships that were found in each sea, shape (seas,)."""
        return self.matched[check_one_of("method", method, METHODS)]

    def num_false(self, method: str) -> np.ndarray:
        """Returns the number of false detections in each sea, shape (seas,)."""
        return self.false[check_one_of("method", method, METHODS)]

    def f1(self, method: str) -> np.ndarray:
        """Returns the harmonic mean of recall and precision, shape (seas,); 0 if no ship was found."""
        return _f1(self.num_matched(method), self.num_false(method), self.ships)

    def scores(self) -> dict[str, float]:
        """Returns means over the seas, and with `_low` and `_high` the ends of their 95 % intervals.

        They are `matched_METHOD`, `false_METHOD` and `f1_METHOD` for each method, `f1_difference`, F1 of
        spots minus F1 of laplace in the same sea, and `overlap`. The ends are clipped at what is possible,
        and NaN for one sea.
        """
        return _means(_measured(self), ships=self.ships.mean())

    def sentences(self) -> Iterator[str]:
        """Yields how often all was found, and the means over the seas."""
        count = len(self.ships)
        seas = f"{count} seas" if count > 1 else "1 sea"
        least, most = self.ships.min(), self.ships.max()
        ships = f"{least}" if least == most else f"{least} to {most}"
        perfect = " and ".join(f"by {method} in {int((self.f1(method) == 1).sum())}" for method in METHODS)
        yield f"All ships and nothing else were found {perfect} of {seas} with {ships} ships each."
        yield f"On average: {_sentence(self.scores())} Lowest overlap: {self.overlap.min():.3f}."

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the scores of ships and slick in each sea.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: F1 of the ships by both methods and overlap of the slick's outline, a point for each
            sea, beside them the mean with its 95 % interval.
        """
        from kerasreg.experiments.ships.plot import draw_seas

        return draw_seas(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each method and sea: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "method": method,
                    "sea": sea,
                    "ships": int(self.ships[sea]),
                    "matched": int(self.matched[method][sea]),
                    "false": int(self.false[method][sea]),
                    "f1": float(self.f1(method)[sea]),
                    "slick_overlap": float(self.overlap[sea]),
                }
                for method in METHODS
                for sea in range(len(self.ships))
            ]
        )


def _f1(matched: np.ndarray, false: np.ndarray, ships: np.ndarray | int) -> np.ndarray:
    """Returns the harmonic mean of recall and precision, with the shape of the counts."""
    return 2 * matched / (ships + matched + false)


def _measured(record: Any) -> dict[str, np.ndarray]:
    """Returns the quantities to average: counts, F1, its difference between methods, and overlap."""
    measured = {
        f"{name}_{method}": values(method)
        for method in METHODS
        for name, values in (("matched", record.num_matched), ("false", record.num_false), ("f1", record.f1))
    }
    measured["f1_difference"] = record.f1("spots") - record.f1("laplace")
    return measured | {"overlap": record.overlap}


def _means(measured: dict[str, np.ndarray], *, ships: float, intervals: bool = True) -> dict[str, float]:
    """Returns the mean of each quantity, and with `_low` and `_high` the ends of its interval or NaN.

    Args:
        measured: Quantities of `_measured`.
        ships: Largest possible mean of ships found.
        intervals: Whether the values vary by chance, so that they have an interval.
    """
    possible = {"matched": (0, ships), "false": (0, np.inf)}  # F1 and overlap are shares
    row: dict[str, float] = {}
    for name, values in measured.items():
        mean, _, ends = mean_interval(values)
        low, high = ends if ends and intervals else (np.nan, np.nan)
        least, most = possible.get(name.split("_")[0], (-1 if name == "f1_difference" else 0, 1))
        row |= {name: mean, f"{name}_low": np.maximum(low, least), f"{name}_high": np.minimum(high, most)}
    return row


def _sentence(row: dict[str, Any]) -> str:
    """Returns the means over repeats or seas in words, the comparison of the methods first."""
    text = ""
    low, high = row["f1_difference_low"], row["f1_difference_high"]
    if not np.isnan(low):
        verdict = "higher" if low > 0 else "lower" if high < 0 else "no difference shown"
        text = f"F1 of spots minus F1 of laplace: {verdict}, {_told(row, 'f1_difference', 2)}; "
    found = "; ".join(
        f"{method} found {_told(row, f'matched_{method}', 1)} and {_told(row, f'false_{method}', 1)} false"
        for method in METHODS
    )
    return f"{text}{found}. Overlap of the slick's outline: {_told(row, 'overlap', 3)}."


def _told(row: dict[str, Any], name: str, digits: int) -> str:
    mean, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if np.isnan(low) or low == high:
        whole = digits == 1 and mean == round(mean)  # a number of ships
        return f"{mean:.{0 if whole else digits}f}"
    return f"{mean:.{digits}f} (95 % interval {low:.{digits}f} to {high:.{digits}f})"
