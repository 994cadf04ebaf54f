"""Record of the palettes of pictures that autoencoders of one picture redraw."""

from collections.abc import Iterator, Sequence
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

MEASURES = ("shift", "error", "training_error", "to_source", "to_training")

# Verdict for a paired difference below 0, above 0, and where none is shown; format of its numbers
_VERDICTS = {
    "shift": (
        "palette nearer to the source's own",
        "palette nearer to the training picture's",
        "no difference in the palette shown",
        "{:+.2f}",
    ),
    "error": (
        "lower mean squared error on unseen pictures",
        "higher mean squared error on unseen pictures",
        "no difference in the mean squared error on unseen pictures shown",
        "{:+.2g}",
    ),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class PaletteExperiment(ExperimentRecord):
    """Pictures redrawn by autoencoders of the patches of one picture, each setting several times.

    Arrays have shape (numbers of patches, units, strategies, repeats), and a last axis of pictures if they
    are about the other pictures. A repeat has one draw of patches, one seed of the initial weights and one
    order of rows. All are NaN for networks that diverged or were interrupted.

    Args:
        training_name: Name of the training picture.
        pictures: Names of the other pictures, on which no network was trained.
        train_sizes: Numbers of training patches, ascending.
        units: Numbers of units, as passed to `build`, ascending.
        strategies: Names of the augmentations of the patches; the others are compared with the first.
        num_parameters: Parameters of a network of each number of units, biases included.
        palettes_apart: Distance of each other picture's palette from the training picture's, in CIELAB, shape
            (pictures,).
        training_error: Mean squared error on the whole training picture.
        error: Mean squared error on each other picture.
        to_source: Distance of the output's palette from the source's own, in CIELAB.
        to_training: Distance of the output's palette from the training picture's, in CIELAB.
        originals: Thumbnails of the training picture and the others by name, uint8 of shape (height, width,
            3).
        redrawn: Thumbnails of the outputs of the first repeat by name, uint8 of shape (numbers of patches,
            units, strategies, height, width, 3); black for networks that did not finish.
        settings: `patch_size`, `updates`, `batch_size` and `seed`.
        seconds: Seconds from the call to its end.

    Reference:
        `kerasreg.color.palette_distance` for the distances.
    """

    training_name: str
    pictures: tuple[str, ...]
    train_sizes: tuple[int, ...]
    units: tuple[int, ...]
    strategies: tuple[str, ...]
    num_parameters: tuple[int, ...]
    palettes_apart: NDArray[np.float64]
    training_error: NDArray[np.float64]
    error: NDArray[np.float64]
    to_source: NDArray[np.float64]
    to_training: NDArray[np.float64]
    originals: dict[str, NDArray[np.uint8]]
    redrawn: dict[str, NDArray[np.uint8]]
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        settings = (len(self.train_sizes), len(self.units), len(self.strategies), self.repeats)
        axes = "numbers of patches, units, strategies, repeats"
        check_shape("training_error", self.training_error, settings, f"({axes})")
        for name in ("error", "to_source", "to_training"):
            expected = (*settings, len(self.pictures))
            check_shape(name, getattr(self, name), expected, f"({axes}, pictures)")

    @property
    def repeats(self) -> int:
        """Networks of each setting."""
        return self.training_error.shape[-1]

    @property
    def shift(self) -> np.ndarray:
        """Position of the output's palette between the source's own, at -1, and the training picture's, at 1.

        It is (to_source - to_training) / palettes_apart, which is in [-1, 1]. Above 0 a palette is nearer to
        the training picture's. NaN if the two palettes are the same.
        """
        apart = np.where(self.palettes_apart > 0, self.palettes_apart, np.nan)
        return (self.to_source - self.to_training) / apart

    def values(self, measure: str, *, picture: str | None = None) -> np.ndarray:
        """Returns a measure of each network, shape (numbers of patches, units, strategies, repeats).

        Args:
            measure: `"shift"`, `"error"`, `"training_error"`, `"to_source"` or `"to_training"`.
            picture: One of `pictures`, or `None` for the mean over them.

        Raises:
            InvalidInput: If there is no such measure or picture.
        """
        values = getattr(self, check_one_of("measure", measure, MEASURES))
        if measure == "training_error":
            return values
        if picture is None:
            return values.mean(axis=-1)
        return values[..., self.pictures.index(check_one_of("picture", picture, self.pictures))]

    def means(self, measure: str, *, picture: str | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the mean over the repeats and the ends of its 95 % interval.

        Args:
            measure: Measure as in `values`.
            picture: Picture as in `values`.

        Returns:
            Three arrays of shape (numbers of patches, units, strategies): Student's t intervals, NaN if a
            network diverged or was interrupted; the ends also with a single repeat.
        """
        values = self.values(measure, picture=picture)
        limits = (-np.inf if measure == "shift" else 0.0, np.inf)  # errors and distances are not negative
        found = np.empty((3, *values.shape[:-1]))
        for cell in np.ndindex(values.shape[:-1]):
            mean, _, ends = interval_or_nan(values[cell], limits=limits)
            found[(slice(None), *cell)] = mean, *ends
        return found[0], found[1], found[2]

    def effects(self, measure: str = "shift") -> list[dict[str, Any]]:
        """Returns the effects of the strategies, of more patches and of more units, averaged over the rest.

        Args:
            measure: Measure as in `values`.

        Returns:
            One dict for each comparison: `factor`; the `strategy` it was made with (`None` for the strategies
            themselves); the setting `of` minus the setting `with`, which are the largest and the
            smallest number, or a strategy and the first; and the `mean` of the paired difference
            with its 95 % interval over the repeats, `low` to `high`.
        """
        values = self.values(measure)
        rows = []
        for place, strategy in enumerate(self.strategies):
            if place:
                of = {"factor": "strategy", "strategy": None, "of": strategy, "with": self.strategies[0]}
                rows.append(of | _paired(values[:, :, place], values[:, :, 0]))
        for place, strategy in enumerate(self.strategies):
            here = values[:, :, place]
            for factor, numbers, along in (
                ("train_size", self.train_sizes, here),
                ("units", self.units, here.swapaxes(0, 1)),
            ):
                if len(numbers) > 1:
                    of = {"factor": factor, "strategy": strategy, "of": numbers[-1], "with": numbers[0]}
                    rows.append(of | _paired(along[-1], along[0]))
        return rows

    def sentences(self) -> Iterator[str]:
        """Yields the palette for each setting, one sentence for each comparison, and the conditions."""
        named = self.training_name != "training picture"
        yield (
            "Palette of the output, from -1 (the source's own) to 1 (that of "
            f"{self.training_name if named else 'the training picture'}), mean over "
            f"{_counted(len(self.pictures), 'picture')} not seen in training:"
        )
        mean, low, high = self.means("shift")
        for place, strategy in enumerate(self.strategies):
            for row, size in enumerate(self.train_sizes):
                found = []
                for column, count in enumerate(self.units):
                    numbers = (values[row, column, place] for values in (mean, low, high))
                    found.append(f"{_counted(count, 'unit')} {_nearer(*numbers)}")
                yield f"{strategy}, {_counted(size, 'patch', 'patches')}: {'; '.join(found)}."
        for measure in _VERDICTS:
            for effect in self.effects(measure):
                yield _effect_in_words(effect, *_VERDICTS[measure])
        yield (
            f"{_counted(self.repeats, 'repeat')}, each with its own patches, augmentation, initial weights "
            "and order of rows. Comparisons are for these pictures, paired by repeat and averaged over the "
            "other settings; each has its own 95 % interval, so about one in twenty shows a difference where "
            "there is none."
        )

    def plot_curves(
        self, axes: "Sequence[Axes] | None" = None, *, measure: str = "shift", picture: str | None = None
    ) -> "list[Axes]":
        """Draws a measure against the number of patches: a panel for each strategy, a line for each size.

        Args:
            axes: Axes to draw in, one for each strategy; a new figure if `None`.
            measure: `"shift"`, `"error"`, `"training_error"`, `"to_source"` or `"to_training"`.
            picture: One of `pictures`, or `None` for the mean over them.

        Returns:
            The Axes: patches, on a logarithmic axis, against means over the repeats, with 95 % intervals as
            bands.

        Raises:
            InvalidInput: If there is no such measure or picture, or the number of Axes is not that of
                strategies.
        """
        from kerasreg.experiments.palette.plot import draw_curves

        return draw_curves(self, axes, measure=measure, picture=picture)

    def plot_sheet(self, axes: np.ndarray | None = None, *, picture: str | None = None) -> np.ndarray:
        """Draws a picture, and how the network of each setting in the first repeat redraws it.

        Args:
            axes: Array of Axes to draw in, shape (strategies * numbers of patches, 1 + units), with at least
                two rows for an unseen picture; a new figure if `None`.
            picture: One of `pictures` or the training picture; the first unseen one by default.

        Returns:
            The Axes, of that shape. The first column has the source on top and the training picture below it.

        Raises:
            InvalidInput: If there is no such picture, or the Axes do not have that shape.
        """
        from kerasreg.experiments.palette.plot import draw_sheet

        return draw_sheet(self, axes, picture=picture)

    def to_frame(self) -> Any:
        """Returns one row for each network and picture: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "train_size": self.train_sizes[size],
                    "units": self.units[count],
                    "parameters": self.num_parameters[count],
                    "strategy": self.strategies[strategy],
                    "repeat": repeat,
                    "picture": self.pictures[picture],
                    "training_error": float(self.training_error[size, count, strategy, repeat]),
                    **{
                        name: float(getattr(self, name)[size, count, strategy, repeat, picture])
                        for name in ("error", "to_source", "to_training", "shift")
                    },
                }
                for size, count, strategy, repeat, picture in np.ndindex(self.error.shape)
            ]
        )


def _paired(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Returns the mean difference and its interval over the repeats, the last axis."""
    differences = (first - second).reshape(-1, first.shape[-1]).mean(axis=0)
    mean, _, (low, high) = interval_or_nan(differences)
    return {"mean": mean, "low": low, "high": high}


def _effect_in_words(effect: dict[str, Any], lower: str, higher: str, neither: str, number: str) -> str:
    """Returns one comparison, averaged over the other settings, in words."""
    unit = {"train_size": " patches", "units": " units", "strategy": ""}[effect["factor"]]
    where = "" if effect["strategy"] is None else f"{effect['strategy']}, "
    pair = f"{where}{effect['of']} minus {effect['with']}{unit}"
    low, high = effect["low"], effect["high"]
    if np.isnan(low):
        return f"{pair}: {neither}; too few repeats in which all networks finished."
    verdict = lower if high < 0 else higher if low > 0 else neither
    ends = f"95 % interval {number.format(low)} to {number.format(high)}"
    return f"{pair}: {verdict}, {number.format(effect['mean'])} ({ends})."


def _nearer(mean: float, low: float, high: float) -> str:
    """Returns the position of a palette, and which of the two it is nearer to."""
    if np.isnan(mean):
        return "not known"
    if np.isnan(low):
        return f"{mean:+.2f}, undecided"
    nearer = (
        "nearer to the training picture's" if low > 0 else "nearer to its own" if high < 0 else "undecided"
    )
    return f"{mean:+.2f} ({low:+.2f} to {high:+.2f}), {nearer}"


def _counted(number: int, one: str, several: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"
