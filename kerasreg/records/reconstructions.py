"""A few pictures and what an autoencoder makes of them, small enough for `results.json`."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput


@dataclass(frozen=True, eq=False, kw_only=True)
class Reconstructions:
    """Test pictures before and after an autoencoder, and a whole picture where its patches were the data.

    Args:
        originals: Test pictures of shape (n, height, width, channels), with 1 or 3 channels.
        rebuilt: What the network makes of them, the same shape.
        picture: The picture whose patches were the data, scaled down, as 8-bit whole numbers of shape
            (height, width, 3); `None` for other data.
        picture_rebuilt: The same after the network, patch by patch.
    """

    originals: np.ndarray
    rebuilt: np.ndarray
    picture: np.ndarray | None = None
    picture_rebuilt: np.ndarray | None = None

    def __post_init__(self) -> None:
        shape = self.originals.shape
        if len(shape) != 4 or shape[3] not in (1, 3) or self.rebuilt.shape != shape:
            raise InvalidInput(
                "originals and rebuilt must have one shape, (n, height, width, channels) with 1 or 3 "
                f"channels; received {shape} and {self.rebuilt.shape}."
            )
        shapes = [None if one is None else one.shape for one in (self.picture, self.picture_rebuilt)]
        if shapes[0] != shapes[1]:
            raise InvalidInput(
                f"picture and picture_rebuilt must have one shape; received {shapes[0]} and {shapes[1]}."
            )

    @property
    def mse(self) -> np.ndarray:
        """The mean squared error of each picture, shape (n,)."""
        return np.mean((self.rebuilt - self.originals) ** 2, axis=(1, 2, 3))

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Reconstructions":
        """Makes the record of what `kerasreg.records.table.as_json` wrote."""
        whole = {
            name: None if record[name] is None else np.array(record[name], dtype=np.uint8)
            for name in ("picture", "picture_rebuilt")
        }
        return cls(
            originals=np.array(record["originals"], dtype=float),
            rebuilt=np.array(record["rebuilt"], dtype=float),
            **whole,
        )
