"""What a convolutional network sees: its first kernels, its feature maps, and pooling by itself."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.records.table import as_json, as_table


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureMaps:
    """The kernels of a network's first convolution, and what its layers made of some pictures.

    Args:
        model: The network's name.
        pictures: What it was shown, shape (pictures, height, width, channels).
        labels: What stands above each picture, one for each.
        kernels: The weights of the first convolution as they lie on the picture, shape (height, width,
            channels, filters): a Keras convolution does not turn them round.
        maps: By the name of the convolution, with its normalization and activation, or of the pooling layer,
            in their order: shape (pictures, height, width, filters).
    """

    model: str
    pictures: np.ndarray
    labels: tuple[str, ...]
    kernels: np.ndarray
    maps: dict[str, np.ndarray]

    def of(self, stage: str, picture: int = 0) -> np.ndarray:
        """Returns the maps of one picture after one stage, shape (filters, height, width)."""
        check_one_of("stage", stage, tuple(self.maps))
        check_one_of("picture", picture, tuple(range(len(self.pictures))))
        return np.moveaxis(self.maps[stage][picture], -1, 0)

    def rows(self) -> list[dict[str, Any]]:
        """Returns one row for each stage.

        Each has `stage`, `height`, `width`, `maps`, `silent_maps`, which are 0 at every pixel of every
        picture here, and `zeros`, the share of all values that are 0.
        """
        return [
            {
                "stage": stage,
                "height": values.shape[1],
                "width": values.shape[2],
                "maps": values.shape[3],
                "silent_maps": int((values == 0).all(axis=(0, 1, 2)).sum()),
                "zeros": float((values == 0).mean()),
            }
            for stage, values in self.maps.items()
        ]

    def summary(self) -> str:
        """Returns what the layers made of the pictures, a sentence for each stage."""
        shown = "the picture" if len(self.pictures) == 1 else f"the {len(self.pictures)} pictures"
        return "\n".join(
            "{stage}: {maps} maps of {height} x {width}; {percent:.0f} % of the values are 0; maps that are "
            "0 all over {shown}: {silent_maps}.".format(**row, percent=100 * row["zeros"], shown=shown)
            for row in self.rows()
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "FeatureMaps":
        """Makes the record that `to_dict` wrote."""
        return cls(
            model=record["model"],
            pictures=np.array(record["pictures"], dtype=np.float32),
            labels=tuple(record["labels"]),
            kernels=np.array(record["kernels"], dtype=np.float32),
            maps={name: np.array(values, dtype=np.float32) for name, values in record["maps"].items()},
        )

    def to_frame(self) -> Any:
        """Returns `rows`: a DataFrame with pandas, plain rows without."""
        return as_table(self.rows())


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolingExample:
    """One picture made smaller by both kinds of pooling.

    Args:
        picture: Grey levels, shape (height, width).
        size: Height and width of the squares that were pooled, in pixels.
        largest: The largest value of each square, shape (height // size, width // size).
        average: The mean of each square, of the same shape.
    """

    picture: np.ndarray
    size: int
    largest: np.ndarray
    average: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PoolingExample":
        """Makes the record that `to_dict` wrote."""
        names = ("picture", "largest", "average")
        return cls(size=record["size"], **{name: np.array(record[name], dtype=np.float32) for name in names})

    def summary(self) -> str:
        """Returns how much smaller the picture became, and what the two kinds kept of it."""
        height, width = self.picture.shape
        rows, columns = self.largest.shape
        return (
            f"{height} x {width} pixels became {rows} x {columns}. The mean of the picture is "
            f"{self.picture.mean():.3g}, after average pooling {self.average.mean():.3g}, after max pooling "
            f"{self.largest.mean():.3g}."
        )
