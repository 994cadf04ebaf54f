"""Record of gradient norms by layer and epoch in networks of several depths, and of their errors."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import InvalidInput, check_one_of, check_shape, entries, shown
from kerasreg.intervals import geometric_interval, mean_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INITIALIZERS = ("small_normal", "standard_normal", "glorot_uniform", "he_normal")
PARTS = ("train", "validation")
_AXES = ("depths", "activations", "normalizations", "initializers")

Kind = tuple[int, str, str | None, str]  # depth, activation, normalization, initializer

_ERRORS = {
    "above": "higher for",
    "below": "lower for",
    "not shown": "no difference shown for",
    "not compared": "too few repeats to compare for",
}
_RATIOS = {
    "below": "below 1 for",
    "above": "above 1 for",
    "not shown": "not shown to differ from 1 for",
    "not compared": "too few repeats to compare for",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class DepthGradients(ExperimentRecord):
    """Gradient norms by layer and epoch, and error rates, of several kinds of networks of dense layers.

    A kind is a depth, an activation, a normalization and an initializer; each has r networks. A repeat has
    one order of rows for all kinds, and the same initial weights for those of one depth and initializer.

    Args:
        data: Name of the data set.
        train_rows: Number of training rows.
        validation_rows: Number of validation rows.
        depths: Numbers of hidden layers, ascending.
        activations: Activations of the hidden layers.
        normalizations: Normalizations between the linear part of a hidden layer and its activation; `None`
            for none.
        initializers: Initializers of the kernels, by their names in `draw_kernels`.
        epochs: Recorded epochs; 0, the first, is before training.
        norms: Euclidean norm of the gradient of the loss with respect to each kernel, shape (depths,
            activations, normalizations, initializers, r, recorded epochs, layers): the hidden layers from
            the input on, then the output layer, then NaN; NaN too once the training had diverged or
            was interrupted.
        train_error: Error rate (1 - accuracy) on the training rows after the last epoch, shape (depths,
            activations, normalizations, initializers, r); NaN if the training diverged or was interrupted.
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
    norms: NDArray[np.float64]
    train_error: NDArray[np.float64]
    validation_error: NDArray[np.float64]
    settings: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        kinds = tuple(len(getattr(self, name)) for name in _AXES)
        expected = (*kinds, self.repeats)
        for name in ("train_error", "validation_error"):
            axes = "(depths, activations, normalizations, initializers, repeats)"
            check_shape(name, getattr(self, name), expected, axes)
        expected = (*expected, len(self.epochs), self.depths[-1] + 1)
        check_shape("norms", self.norms, expected, "that of the errors, recorded epochs and layers")

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
        """Returns the gradient norm in each layer of a kind, shape (r, recorded epochs, depth + 1)."""
        return self.norms[self._place(kind)][..., : kind[0] + 1]

    def ratios(self, kind: Kind, epoch: int = 0) -> np.ndarray:
        """Returns the gradient norm in the first hidden layer divided by that in the last, shape (r,).

        Args:
            kind: Kind of network.
            epoch: One of `epochs`.
        """
        norms = self.layer_norms(kind)[:, self.epochs.index(check_one_of("epoch", epoch, self.epochs))]
        with np.errstate(divide="ignore", invalid="ignore"):
            return norms[:, 0] / norms[:, kind[0] - 1]

    def depth_ratios(self, kind: Kind) -> np.ndarray:
        """Returns the first hidden layer's gradient norm divided by that at the least depth, shape (r,).

        Both are before training, of one activation, normalization and initializer, on the same rows.
        """
        shallow = (self.depths[0], *kind[1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.layer_norms(kind)[:, 0, 0] / self.layer_norms(shallow)[:, 0, 0]

    def difference(
        self, first: Kind, second: Kind, part: str = "validation"
    ) -> tuple[float, tuple[float, float] | None]:
        """Returns the error rate of one kind minus another's, paired by repeat.

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
        """Returns the comparisons that `summary` reports: one row for each question and kind of network.

        Each row has `question`; the kind, of the greatest depth: `depth`, `activation`, `normalization` and
        `initializer`; `measure`, `"ratio"` for gradient norms or `"error"` for paired differences of error
        rates; its `mean` (geometric for ratios) and the ends of its 95 % interval, `low` and `high`, NaN with
        fewer than two repeats; and `verdict`: `"below"` or `"above"` 1 or 0, `"not shown"` or
        `"not compared"`.
        """
        return list(self._compared())

    def _compared(self) -> Iterator[dict[str, Any]]:
        depth, shallow, last = self.depths[-1], self.depths[0], self.epochs[-1]
        deepest = list(self.kinds(depth))
        layers = f"{depth} hidden layers" if depth > 1 else "1 hidden layer"
        norm = "Gradient norm before training"
        if depth > 1:
            question = f"{norm} with {layers}, first hidden layer divided by last"
            for kind in deepest:
                yield _ratio_row(question, kind, self.ratios(kind))
        if shallow < depth:
            question = f"{norm} in the first hidden layer, with {layers} divided by with {shallow}"
            for kind in deepest:
                yield _ratio_row(question, kind, self.depth_ratios(kind))
            question = f"Training error after {last} epochs, with {layers} minus with {shallow}"
            for kind in deepest:
                yield self._error_row(question, kind, (shallow, *kind[1:]), "train")
        base = self.normalizations[0]
        for normalization in self.normalizations[1:]:
            names = f"{normalization or 'no'} normalization minus {base or 'no'} normalization"
            question = f"Validation error with {layers}, {names}"
            for kind in (each for each in deepest if each[2] == normalization):
                yield self._error_row(question, kind, (*kind[:2], base, kind[3]))
        reference = "glorot_uniform" if "glorot_uniform" in self.initializers else self.initializers[0]
        for initializer in (each for each in self.initializers if each != reference):
            question = f"Validation error with {layers}, {initializer} minus {reference} weights"
            for kind in (each for each in deepest if each[3] == initializer):
                yield self._error_row(question, kind, (*kind[:3], reference))

    def _error_row(self, question: str, kind: Kind, other: Kind, part: str = "validation") -> dict[str, Any]:
        mean, ends = self.difference(kind, other, part)
        return _row(question, "error", kind, mean, *(ends or (np.nan, np.nan)), equal=0)

    def sentences(self) -> Iterator[str]:
        """Yields a sentence for each question about the deepest networks, and the conditions."""
        asked = defaultdict(list)
        for row in self._compared():
            asked[row["question"]].append(row)
        for question, rows in asked.items():
            yield f"{question}: {_verdicts(rows)}."
        repeats = f"{self.repeats} {'repeat' if self.repeats == 1 else 'repeats'}"
        yield (
            f"{repeats}, each with its own initial weights and order of rows; learning rate "
            f"{self.settings['learning_rate']:g}. In parentheses the lowest and the highest mean: ratios are "
            "geometric means, differences of errors are paired and in percentage points. Networks that did "
            "not finish training are left out. Each comparison has its own 95 % interval (`comparisons`), so "
            "about one in twenty shows a difference where there is none."
        )

    def plot_layers(self, axes: np.ndarray | None = None, *, depth: int | None = None) -> np.ndarray:
        """Draws the gradient norm by layer: a line for each recorded epoch, a panel for each kind.

        Args:
            axes: Array of Axes to draw in, a row for each activation, a column for each normalization and
                initializer; a new figure if `None`.
            depth: Number of hidden layers of the networks to draw; the largest by default.

        Returns:
            The array of Axes: layers from the input on, the output layer last, against norms on a logarithmic
            axis. Lines are geometric means over the repeats, bands their 95 % intervals; networks that
            did not finish training, and norms of exactly 0, are left out.

        Raises:
            InvalidInput: If there is no such depth, the number of Axes is another, or all gradients are 0
                or not finite.
        """
        from kerasreg.experiments.vanishing_gradients.plot import draw_layers

        return draw_layers(self, axes, depth=depth)

    def plot_errors(self, ax: "Axes | None" = None, *, part: str = "validation") -> "Axes":
        """Draws each deepest network's error against the gradient norm in its first layer before training.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            part: `"train"` or `"validation"`.

        Returns:
            The Axes: gradient norms in the first hidden layer before training, on a logarithmic axis, against
            error rates after it. A point is a network; its color is the activation, its shape the
            initializer, and it is hollow without normalization. Networks that did not finish training,
            or whose norm is exactly 0, are left out.

        Raises:
            InvalidInput: If no network has both numbers.
        """
        from kerasreg.experiments.vanishing_gradients.plot import draw_errors

        return draw_errors(self, ax, part=part)

    def to_frame(self) -> Any:
        """Returns one row for each network and recorded epoch: a DataFrame with pandas, plain rows without.

        `first_hidden`, `last_hidden` and `output` are gradient norms; the errors are those after training.
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
        """Returns the indices of a kind along the first four axes."""
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


def _ratio_row(question: str, kind: Kind, values: np.ndarray) -> dict[str, Any]:
    return _row(question, "ratio", kind, *geometric_interval(values), equal=1)


def _row(
    question: str, measure: str, kind: Kind, mean: float, low: float, high: float, *, equal: float
) -> dict[str, Any]:
    if np.isnan(low):
        verdict = "not compared"
    else:
        verdict = "below" if high < equal else "above" if low > equal else "not shown"
    names = ("depth", "activation", "normalization", "initializer")
    row = {"question": question, "measure": measure, **dict(zip(names, kind, strict=True))}
    row["normalization"] = row["normalization"] or "none"
    return row | {"mean": mean, "low": low, "high": high, "verdict": verdict}


def _verdicts(rows: list[dict[str, Any]]) -> str:
    """Returns for each verdict the number of kinds, the range of their means, and their names."""
    words = _RATIOS if rows[0]["measure"] == "ratio" else _ERRORS
    parts = []
    for verdict, said in words.items():
        found = [row for row in rows if row["verdict"] == verdict]
        if found:
            every = f"all {len(rows)} kinds" if len(rows) > 1 else "the only kind"
            count = every if len(found) == len(rows) else f"{len(found)} of {len(rows)}"
            names = "" if len(found) == len(rows) else f": {_names(found, rows)}"
            between = "" if verdict == "not compared" else _range(found)
            parts.append(f"{said} {count}{between}{names}")
    return "; ".join(parts)


def _range(rows: list[dict[str, Any]]) -> str:
    """Returns the smallest and the largest mean in parentheses, only one if they read the same."""
    means = [row["mean"] for row in rows]
    if rows[0]["measure"] == "ratio":
        ends = [f"{end(means):.3g}" for end in (min, max)]
    else:
        ends = [f"{round(100 * end(means), 1) + 0.0:+.1f}" for end in (min, max)]  # + 0.0: no minus zero
    return f" ({' to '.join(dict.fromkeys(ends))})"


def _names(rows: list[dict[str, Any]], among: list[dict[str, Any]]) -> str:
    """Returns the names of kinds, such as "relu, tanh + batch (he_normal)".

    What all kinds of the question share is left out, and the initializers where all of them are meant.
    """
    every = list(dict.fromkeys(row["initializer"] for row in among))
    several = len({row["normalization"] for row in among}) > 1
    found = defaultdict(list)
    for row in rows:
        normalized = f" + {row['normalization']}" if several and row["normalization"] != "none" else ""
        found[row["activation"] + normalized].append(row["initializer"])
    return ", ".join(
        name if len(drawn) == len(every) else f"{name} ({', '.join(drawn)})" for name, drawn in found.items()
    )
