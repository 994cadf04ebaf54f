"""Gradient norms by layer and epoch in networks of several depths, and their errors."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of, entries, shown
from kerasreg.intervals import mean_interval
from kerasreg.records.depth_sentences import comparisons, sentences
from kerasreg.records.table import as_json, as_table

INITIALIZERS = ("small_normal", "standard_normal", "glorot_uniform", "he_normal")
PARTS = ("train", "validation")
_AXES = ("depths", "activations", "normalizations", "initializers")

Kind = tuple[int, str, str | None, str]  # depth, activation, normalization, initializer


@dataclass(frozen=True, eq=False, kw_only=True)
class DepthGradients:
    """Gradient norms by layer and epoch, and errors, of networks of dense layers of several kinds.

    A kind is a depth, an activation, a normalization and an initializer; each kind has r networks. Repeat
    r of all kinds has the same order of rows, and of those of one depth and initializer the same weights.

    Args:
        data: Name of the data set.
        train_rows: Number of training rows.
        validation_rows: Number of validation rows.
        depths: Numbers of hidden layers, ascending.
        activations: Of the hidden layers.
        normalizations: Between a hidden layer's linear part and its activation; `None` for none.
        initializers: How kernels were drawn, names that `draw_kernels` knows.
        epochs: The recorded epochs, 0 first, which is before training.
        norms: Euclidean norm of the loss's gradient in each kernel, shape (depths, activations,
            normalizations, initializers, r, recorded epochs, layers): the hidden layers from the input on,
            then the output layer, and NaN after it; NaN too where the training had diverged or was
            interrupted.
        train_error: Error rate (1 - accuracy) on the training rows after the last epoch, shape (depths,
            activations, normalizations, initializers, r); NaN as above.
        validation_error: Error rate on the validation rows, the same shape.
        settings: `batch_size`, `gradient_rows`, `learning_rate` and `seed`.
        seconds: Seconds of training.
    """

    data: str
    train_rows: int
    validation_rows: int
    depths: tuple[int, ...]
    activations: tuple[str, ...]
    normalizations: tuple[str | None, ...]
    initializers: tuple[str, ...]
    epochs: tuple[int, ...]
    norms: np.ndarray
    train_error: np.ndarray
    validation_error: np.ndarray
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        kinds = tuple(len(getattr(self, name)) for name in _AXES)
        expected = (*kinds, self.repeats)
        for name in ("train_error", "validation_error"):
            if getattr(self, name).shape != expected:
                raise InvalidInput(
                    f"{name} must have shape {expected}, which is (depths, activations, normalizations, "
                    f"initializers, repeats); received {getattr(self, name).shape}."
                )
        expected = (*expected, len(self.epochs), self.depths[-1] + 1)
        if self.norms.shape != expected:
            raise InvalidInput(
                f"norms must have shape {expected}, which is that of the errors, recorded epochs and "
                f"layers; received {self.norms.shape}."
            )

    @property
    def repeats(self) -> int:
        """Networks of each kind."""
        return self.train_error.shape[-1]

    def kinds(self, depth: int | None = None) -> Iterator[Kind]:
        """Yields each kind of network, or each of one depth."""
        depths = self.depths if depth is None else (check_one_of("depth", depth, self.depths),)
        return product(depths, self.activations, self.normalizations, self.initializers)

    def errors(self, kind: Kind, part: str = "validation") -> np.ndarray:
        """Returns the error rate of each network of a kind on the `"train"` or `"validation"` rows, (r,)."""
        return getattr(self, f"{check_one_of('part', part, PARTS)}_error")[self._place(kind)]

    def layer_norms(self, kind: Kind) -> np.ndarray:
        """Returns the norm in each layer of a kind of network, shape (r, recorded epochs, depth + 1)."""
        return self.norms[self._place(kind)][..., : kind[0] + 1]

    def ratios(self, kind: Kind, epoch: int = 0) -> np.ndarray:
        """Returns the first hidden layer's gradient norm by that of the last hidden layer, shape (r,).

        Args:
            kind: The kind of network.
            epoch: A recorded epoch.
        """
        norms = self.layer_norms(kind)[:, self.epochs.index(check_one_of("epoch", epoch, self.epochs))]
        with np.errstate(divide="ignore", invalid="ignore"):
            return norms[:, 0] / norms[:, kind[0] - 1]

    def depth_ratios(self, kind: Kind) -> np.ndarray:
        """Returns the first hidden layer's norm before training by that of the least depth, shape (r,).

        Both are of one activation, normalization and initializer, and of the same rows.
        """
        shallow = (self.depths[0], *kind[1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.layer_norms(kind)[:, 0, 0] / self.layer_norms(shallow)[:, 0, 0]

    def difference(
        self, first: Kind, second: Kind, part: str = "validation"
    ) -> tuple[float, tuple[float, float] | None]:
        """Returns how much larger the error rate of one kind is than another's, paired by repeat.

        Returns:
            The mean difference over the repeats where both are finite, NaN where there are none, and its
            95 % interval, `None` with fewer than two. No difference is shown where it contains 0.
        """
        differences = self.errors(first, part) - self.errors(second, part)
        differences = differences[np.isfinite(differences)]
        if not len(differences):
            return np.nan, None
        mean, _, ends = mean_interval(differences)
        return mean, ends

    def comparisons(self) -> list[dict[str, Any]]:
        """Returns what the sentences of `summary` rest on: a row for each question and kind of network.

        Each has `question`; the kind, of the greatest depth: `depth`, `activation`, `normalization` and
        `initializer`; `measure`, a `"ratio"` of gradient norms or a paired difference of `"error"` rates; its
        `mean` (geometric for ratios) and the ends of its 95 % interval, `low` and `high`, NaN with fewer
        than two repeats; and `verdict`: `"below"` or `"above"` 1 or 0, `"not shown"` or `"not compared"`.
        """
        return list(comparisons(self))

    def summary(self) -> str:
        """Returns what the numbers show, a line for each question."""
        return "\n".join(sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "DepthGradients":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        arrays = {
            name: np.array(record[name], dtype=float) for name in ("norms", "train_error", "validation_error")
        }
        return cls(**{**record, **{name: tuple(record[name]) for name in (*_AXES, "epochs")}, **arrays})

    def to_frame(self) -> Any:
        """Returns one row for each network and recorded epoch: a DataFrame with pandas, plain rows without.

        `first_hidden`, `last_hidden` and `output` are gradient norms; the errors are those of the end.
        """
        rows = []
        for kind in self.kinds():
            depth, activation, normalization, initializer = kind
            norms = self.layer_norms(kind)
            for repeat, (column, epoch) in product(range(self.repeats), enumerate(self.epochs)):
                rows.append(
                    {
                        "depth": depth,
                        "activation": activation,
                        "normalization": normalization or "none",  # pandas would make a NaN of None
                        "initializer": initializer,
                        "repeat": repeat,
                        "epoch": epoch,
                        "first_hidden": float(norms[repeat, column, 0]),
                        "last_hidden": float(norms[repeat, column, -2]),
                        "output": float(norms[repeat, column, -1]),
                        **{f"{part}_error": float(self.errors(kind, part)[repeat]) for part in PARTS},
                    }
                )
        return as_table(rows)

    def _place(self, kind: Kind) -> tuple[int, ...]:
        """Returns where a kind lies along the first four axes."""
        values = entries(kind)
        if len(values) != len(_AXES):
            raise InvalidInput(
                "A kind of network is (depth, activation, normalization, initializer); received "
                f"{shown(kind)}."
            )
        return tuple(
            getattr(self, name).index(check_one_of(name[:-1], value, getattr(self, name)))
            for name, value in zip(_AXES, values, strict=True)
        )
