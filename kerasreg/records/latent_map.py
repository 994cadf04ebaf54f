"""Pictures mapped to two numbers each, by PCA and by an autoencoder."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.intervals import mean_interval
from kerasreg.records.table import as_json, as_table


@dataclass(frozen=True, eq=False, kw_only=True)
class LatentMap:
    """The codes of test pictures, two numbers each, and how well they keep the classes apart.

    Args:
        data: Name of the data set.
        labels: Class of each test picture, shape (n,).
        codes: The autoencoder's codes of them, of the network that is shown, shape (n, 2).
        pca_codes: Their first two principal components, shape (n, 2).
        shown: Which repeat is shown: the one of least validation error.
        test_mse: Mean squared error of each repeat on the test pictures, shape (repeats,); NaN if the
            training diverged or was interrupted, as in the next one and in `accuracy`.
        validation_mse: The same on the validation rows.
        pca_test_mse: PCA's test error with two components.
        accuracy: Fraction of the test pictures that have the class of most of the nearest training
            pictures on the map, for each repeat.
        pca_accuracy: The same on PCA's map.
        decoded: What the shown network's decoder makes of evenly spaced codes over the middle 90 % of each
            axis, shape (rows, columns, *shape of a picture), the largest second number on top; or `None`.
        pca_decoded: The same for PCA.
        settings: `neighbours`, `epochs`, `batch_size`, `patience` and `seed`.
        seconds: Seconds of training.
    """

    data: str
    labels: np.ndarray
    codes: np.ndarray
    pca_codes: np.ndarray
    shown: int
    test_mse: np.ndarray
    validation_mse: np.ndarray
    pca_test_mse: float
    accuracy: np.ndarray
    pca_accuracy: float
    decoded: np.ndarray | None
    pca_decoded: np.ndarray | None
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        for name in ("codes", "pca_codes"):
            if getattr(self, name).shape != (len(self.labels), 2):
                raise InvalidInput(
                    f"{name} must have shape {(len(self.labels), 2)}, two numbers a picture; received "
                    f"{getattr(self, name).shape}."
                )

    def summary(self) -> str:
        """Returns what the maps show, in two sentences or three."""
        return "\n".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        accuracy = self.accuracy[np.isfinite(self.accuracy)]
        mean, _, ends = mean_interval(accuracy, limits=(0, 1))
        interval = "" if ends is None else f" (95 % interval {100 * ends[0]:.1f} to {100 * ends[1]:.1f} %)"
        against = f"{100 * self.pca_accuracy:.1f} % on PCA's"
        yield (
            f"On the autoencoder's map {100 * mean:.1f} % of {len(self.labels):,} test pictures have the "
            f"class of most of their {self.settings['neighbours']} nearest training pictures{interval}, and "
            f"{against}."
        )
        if ends is None:
            yield "One network alone shows no difference."
        elif ends[0] > self.pca_accuracy:
            yield "The autoencoder's map is shown to keep the classes better apart."
        elif ends[1] < self.pca_accuracy:
            yield "PCA's map is shown to keep the classes better apart."
        else:
            yield "No difference is shown between the maps."
        yield (
            f"The interval is over {len(accuracy)} initial weights, for the same rows. The network that is "
            f"shown has a test error of {self.test_mse[self.shown]:.3g}, PCA {self.pca_test_mse:.3g}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "LatentMap":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        names = ("codes", "pca_codes", "test_mse", "validation_mse", "accuracy")
        arrays: dict[str, Any] = {name: np.array(record[name], dtype=float) for name in names}
        for name in ("decoded", "pca_decoded"):
            arrays[name] = None if record[name] is None else np.array(record[name], dtype=float)
        return cls(**{**record, **arrays, "labels": np.array(record["labels"])})

    def to_frame(self) -> Any:
        """Returns one row for each test picture: a DataFrame with pandas, plain rows without."""
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
