"""What strategies of augmentation make of one picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.records.table import as_json


@dataclass(frozen=True, eq=False, kw_only=True)
class AugmentationPreview:
    """One picture and several draws of each strategy of augmentation.

    Args:
        names: What each strategy is called, with its strength.
        original: The picture, shape (height, width, channels), 1 or 3 channels in [0, 1].
        pictures: What the strategies made of it, shape (strategies, draws, height, width, channels).
        seed: Seed of the draws.
    """

    names: tuple[str, ...]
    original: np.ndarray
    pictures: np.ndarray
    seed: int

    def __post_init__(self) -> None:
        shape = self.pictures.shape
        if len(shape) != 5 or shape[0] != len(self.names) or shape[2:] != self.original.shape:
            raise InvalidInput(
                "pictures must have shape (strategies, draws, height, width, channels), for "
                f"{len(self.names)} strategies and an original of shape {self.original.shape}; received "
                f"{shape}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Returns everything as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "AugmentationPreview":
        """Makes the record that `to_dict` wrote."""
        arrays = {name: np.array(values[name], np.float32) for name in ("original", "pictures")}
        return cls(names=tuple(values["names"]), seed=values["seed"], **arrays)
