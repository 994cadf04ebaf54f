"""Whose colours an autoencoder of one picture gives to others."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import interval_or_nan
from kerasreg.records.palette_sentences import sentences
from kerasreg.records.table import as_json, as_table

FACTORS = ("train_size", "units", "strategy")
MEASURES = ("shift", "error", "training_error", "to_source", "to_training")


@dataclass(frozen=True, eq=False, kw_only=True)
class PaletteExperiment:
    """What autoencoders of one picture's patches made of other pictures, each setting several times.

    Arrays have shape (numbers of patches, units, strategies, repeats), and a last axis of pictures
    where they are about the other pictures. A repeat has one draw of patches, one start and one order.
    All are NaN where a training diverged or was interrupted.

    Args:
        training_name: What the picture is called that all were trained on.
        pictures: The names of the other pictures, which none was trained on.
        train_sizes: Numbers of patches that were trained on, ascending.
        units: Numbers of neurons, as `build` took them, ascending.
        strategies: Names of the ways in which patches were changed; the others are compared with the first.
        num_parameters: Weights of a network of each number of units, biases included.
        palettes_apart: How far each other picture's palette lies from the training picture's, in CIELAB,
            shape (pictures,).
        training_error: Mean squared error of the whole training picture.
        error: Mean squared error of each other picture.
        to_source: How far the palette of what was made of a picture lies from the picture's own, in CIELAB.
        to_training: How far it lies from the training picture's.
        originals: By name, the training picture and the others, small: uint8 of shape (height, width, 3).
        redrawn: By name, what the networks of the first repeat made of each, small: uint8 of shape (numbers
            of patches, units, strategies, height, width, 3).
        settings: `patch_size`, `updates`, `batch_size` and `seed`.
        seconds: Seconds from the call to its end.

    Reference:
        `kerasreg.colour.palette_distance` for the distances.
    """

    training_name: str
    pictures: tuple[str, ...]
    train_sizes: tuple[int, ...]
    units: tuple[int, ...]
    strategies: tuple[str, ...]
    num_parameters: tuple[int, ...]
    palettes_apart: np.ndarray
    training_error: np.ndarray
    error: np.ndarray
    to_source: np.ndarray
    to_training: np.ndarray
    originals: dict[str, np.ndarray]
    redrawn: dict[str, np.ndarray]
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        settings = (len(self.train_sizes), len(self.units), len(self.strategies), self.repeats)
        for name in ("training_error", "error", "to_source", "to_training"):
            expected = settings if name == "training_error" else (*settings, len(self.pictures))
            if getattr(self, name).shape != expected:
                raise InvalidInput(
                    f"{name} must have shape {expected}, which is (numbers of patches, units, strategies, "
                    f"repeats{'' if name == 'training_error' else ', pictures'}); received "
                    f"{getattr(self, name).shape}."
                )

    @property
    def repeats(self) -> int:
        """Networks of each setting."""
        return self.training_error.shape[-1]

    @property
    def shift(self) -> np.ndarray:
        """Where the palettes lie between the source's own, at -1, and the training picture's, at 1.

        It is (to_source - to_training) / palettes_apart, which cannot leave [-1, 1]. Above 0 a palette is
        nearer to the training picture's. NaN where the two palettes are the same.
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
        """Returns the mean over the repeats, and the ends of its 95 % interval.

        Args:
            measure: As in `values`.
            picture: As in `values`.

        Returns:
            Three arrays of shape (numbers of patches, units, strategies): Student's t intervals, NaN
            where a training diverged or was interrupted; the ends also with a single repeat.
        """
        values = self.values(measure, picture=picture)
        found = np.empty((3, *values.shape[:-1]))
        for cell in np.ndindex(values.shape[:-1]):
            mean, _, ends = interval_or_nan(values[cell])
            found[(slice(None), *cell)] = mean, *ends
        return found[0], found[1], found[2]

    def effects(self, measure: str = "shift") -> list[dict[str, Any]]:
        """Returns what more patches, more units and the strategies changed, on average over the rest.

        Args:
            measure: As in `values`.

        Returns:
            One dict for each comparison: `factor`; `strategy` it was made under (`None` for the strategies
            themselves); the setting `of` and the one it is compared `with`, which are the largest
            and the smallest number, or a strategy and the first; and the paired difference's `mean`
            with its 95 % interval, `low` to `high`, over the repeats.
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

    def summary(self) -> str:
        """Returns what the numbers show, in sentences."""
        return "\n".join(sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PaletteExperiment":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        tuples = ("pictures", "train_sizes", "units", "strategies", "num_parameters")
        arrays = ("palettes_apart", "training_error", "error", "to_source", "to_training")
        small = {
            name: {key: np.array(values, dtype=np.uint8) for key, values in record[name].items()}
            for name in ("originals", "redrawn")
        }
        numbers = {name: np.array(record[name], dtype=float) for name in arrays}
        return cls(**{**record, **{name: tuple(record[name]) for name in tuples}, **numbers, **small})

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
    """Returns the mean difference, and its interval over the repeats, which are the last axis."""
    differences = (first - second).reshape(-1, first.shape[-1]).mean(axis=0)
    mean, _, (low, high) = interval_or_nan(differences)
    return {"mean": mean, "low": low, "high": high}
