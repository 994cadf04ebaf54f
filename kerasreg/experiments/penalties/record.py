"""Errors and weights of networks trained with a penalty of several strengths."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import interval_or_nan
from kerasreg.records.record import ExperimentRecord, Record
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PENALTIES = ("l2", "l1", "proximal_l1")
PARTS = ("train", "validation", "test")
WORDS = {"cross_entropy": "cross-entropy", "mse": "mean squared error"}
# Bins of weight magnitudes, ten per decade; the first also counts smaller ones, the last larger ones
MAGNITUDE_EDGES = np.logspace(-8, 2, 101)


@dataclass(frozen=True, kw_only=True)
class PenaltyRun(Record):
    """One trained network.

    Args:
        strength: Factor of the penalty.
        repeat: Index of the repeat, from 0; runs of one repeat started from the same weights.
        seed: Seed of the initial weights and of the order of rows.
        errors: The unpenalized metric on the `"train"`, `"validation"` and `"test"` rows; NaN if the
            training diverged or was interrupted, as is everything else that was measured.
        accuracies: Accuracy on the same parts; empty for regression.
        norm: Euclidean norm of all kernels together.
        num_weights: Number of weights in the kernels.
        zeros: Number of weights that are exactly zero, by layer.
        num_near_zero: Number of weights with a magnitude of at most `PenaltyPath.near_zero`, zeros included.
        incoming: Largest magnitude of the weights into each unit, for each hidden layer.
        outgoing: Largest magnitude of the weights out of each unit, for each hidden layer.
        magnitudes: Number of weights in each bin of `MAGNITUDE_EDGES`, by layer; zeros are in no bin.
    """

    strength: float
    repeat: int
    seed: int
    errors: dict[str, float]
    accuracies: dict[str, float]
    norm: float
    num_weights: int
    zeros: dict[str, int]
    num_near_zero: int
    incoming: tuple[tuple[float, ...], ...]
    outgoing: tuple[tuple[float, ...], ...]
    magnitudes: dict[str, tuple[int, ...]]

    @property
    def finished(self) -> bool:
        """Whether the training neither diverged nor was interrupted."""
        return bool(np.isfinite([self.norm, *self.errors.values()]).all())

    def survivors(self, near_zero: float) -> tuple[int, ...]:
        """Returns the number of surviving units of each hidden layer.

        A unit survives if at least one weight into it and at least one weight out of it exceed `near_zero`
        in magnitude. Without the former its output is constant, without the latter nothing uses its output.
        Either way the network can do without the unit, once the constant is added to the biases of the next
        layer.
        """
        pairs = zip(self.incoming, self.outgoing, strict=True)
        return tuple(
            int(((np.array(into) > near_zero) & (np.array(out) > near_zero)).sum()) for into, out in pairs
        )


@dataclass(frozen=True, kw_only=True)
class PenaltyPath(ExperimentRecord):
    """Networks trained with a penalty of several strengths, each several times.

    Args:
        penalty: `"l2"`, `"l1"` or `"proximal_l1"`.
        metric: The unpenalized metric in `errors`: `"cross_entropy"` or `"mse"`.
        units: Units of the hidden layers.
        near_zero: Magnitude up to which a weight counts as near zero.
        biases: Whether the biases were penalized too.
        data: Description of the data set, from `Split.describe`.
        fingerprint: Digest of its rows, from `split_fingerprint`.
        epochs: Training epochs of each network.
        batch_size: Rows per batch.
        seconds: Seconds of training and measuring.
        runs: The networks: all repeats of the first strength, then of the second, ...
        fresh: Networks from other seeds, trained after the choice: without a penalty and with the strength
            that validation chose among `runs`. Empty if it could not choose, or chose no penalty.
    """

    penalty: str
    metric: str
    units: tuple[int, ...]
    near_zero: float
    biases: bool
    data: dict[str, Any]
    fingerprint: str
    epochs: int
    batch_size: int
    seconds: float
    runs: tuple[PenaltyRun, ...]
    fresh: tuple[PenaltyRun, ...]

    def __post_init__(self) -> None:
        check_one_of("penalty", self.penalty, PENALTIES)
        check_one_of("metric", self.metric, tuple(WORDS))

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths in ascending order, 0 first."""
        return tuple(sorted({run.strength for run in self.runs}))

    def of_strength(self, strength: float, *, fresh: bool = False) -> list[PenaltyRun]:
        """Returns the runs of one strength, in the order of their repeats.

        Args:
            strength: One of `strengths`.
            fresh: Whether to return the fresh runs, which most strengths do not have.

        Raises:
            InvalidInput: If there is no such strength.
        """
        check_one_of("strength", strength, self.strengths)
        runs = [run for run in (self.fresh if fresh else self.runs) if run.strength == strength]
        return sorted(runs, key=lambda run: run.repeat)

    def row(self, run: PenaltyRun) -> dict[str, Any]:
        """Returns the scalar quantities of a run; of its weights they are NaN if it did not finish."""
        survivors = run.survivors(self.near_zero)
        of_weights = {
            "norm": run.norm,
            "share_zero": sum(run.zeros.values()) / run.num_weights,
            "share_near_zero": run.num_near_zero / run.num_weights,
            "surviving_units": sum(survivors),
            **{f"surviving_units_{number}": count for number, count in enumerate(survivors, start=1)},
        }
        return {
            "strength": run.strength,
            "repeat": run.repeat,
            **{f"{part}_{self.metric}": run.errors[part] for part in PARTS if part in run.errors},
            **{f"{part}_accuracy": value for part, value in run.accuracies.items()},
            **(of_weights if run.finished else dict.fromkeys(of_weights, math.nan)),
        }

    def values(self, quantity: str) -> np.ndarray:
        """Returns a quantity of `to_frame` for each run, shape (strengths, repeats).

        Raises:
            InvalidInput: If there is no such quantity.
        """
        rows = [[self.row(run) for run in self.of_strength(strength)] for strength in self.strengths]
        check_one_of("quantity", quantity, tuple(rows[0][0])[2:])
        return np.array([[row[quantity] for row in strength] for strength in rows], dtype=float)

    def band(self, quantity: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the mean of a quantity at each strength and the ends of its 95 % interval.

        Returns:
            Three arrays of shape (strengths,). The intervals are Student's t over networks with other
            initial weights and orders of rows on the same data; they say nothing about other data. All three
            are NaN where a run did not finish, the ends where there is one repeat only.
        """
        means, _, ends = zip(*map(interval_or_nan, self.values(quantity)), strict=True)
        low, high = np.array(ends).T
        return np.array(means), low, high

    @property
    def can_choose(self) -> bool:
        """Whether `best` can choose a strength."""
        has_rows = "validation" in self.runs[0].errors
        return has_rows and bool(np.isfinite(self.band(f"validation_{self.metric}")[0]).any())

    def best(self) -> float:
        """Returns the strength with the lowest mean validation error; the lowest strength if several tie.

        Raises:
            InvalidInput: If at every strength some network did not finish, or there are no validation rows.
        """
        if "validation" not in self.runs[0].errors:
            raise InvalidInput("The split had no validation rows, by which a strength could be chosen.")
        if not self.can_choose:
            raise InvalidInput(
                "No strength can be chosen: at each, some network diverged or was interrupted. If they "
                "diverged, train with a lower learning rate."
            )
        return self.strengths[int(np.nanargmin(self.band(f"validation_{self.metric}")[0]))]

    def sentences(self) -> Iterator[str]:
        """Yields the chosen strength, its comparison with no penalty, and what it left of the weights."""
        unfinished = sum(not run.finished for run in (*self.runs, *self.fresh))
        if self.can_choose:
            yield from self._sentences_on_choice()
        else:
            yield f"No strength of {self.penalty} can be chosen by validation error."
        if unfinished:
            total = len(self.runs) + len(self.fresh)
            yield f"{unfinished} of {total} networks diverged or were interrupted."

    def _sentences_on_choice(self) -> Iterator[str]:
        best, place = self.best(), self.strengths.index(self.best())
        words = WORDS[self.metric]
        yield (
            f"Choose {self.penalty} = {best:g}: lowest mean validation {words} of {len(self.strengths)} "
            "strengths."
        )
        if best and self.fresh and "test" in self.runs[0].errors:
            with_it, without = (
                np.array([run.errors["test"] for run in self.of_strength(strength, fresh=True)])
                for strength in (best, 0.0)
            )
            yield paired_sentence(
                f"test {words}",
                ("fresh networks with the penalty", "those without"),
                with_it - without,
                self.metric,
            )
        zero, near, units = (
            self.band(name)[0][place] for name in ("share_zero", "share_near_zero", "surviving_units")
        )
        yield (
            f"At that strength, on average, {100 * zero:.3g} % of the weights are exactly zero, "
            f"{100 * near:.3g} % are at most {self.near_zero:g} in magnitude, and {units:.3g} of "
            f"{sum(self.units)} hidden units survive."
        )

    def plot(self, ax: "Axes | None" = None, *, quantity: str = "error") -> "Axes":
        """Draws a quantity against the strength: means over the repeats with 95 % intervals as bands.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            quantity: `"error"`, the unpenalized metric on training, validation and test data, with a line at
                the strength that validation chose; `"norm"` of all weights; `"zeros"`, the shares of weights
                that are exactly zero and near zero; or `"units"`, the number of surviving hidden units.

        Returns:
            The Axes: strengths, on a logarithmic axis with 0 at its left, against the quantity.

        Raises:
            InvalidInput: If there is no such quantity, or at every strength some network did not finish.
        """
        from kerasreg.experiments.penalties.plot import draw_path

        return draw_path(self, ax, quantity=quantity)

    def plot_magnitudes(self, layer: str, ax: "Axes | None" = None) -> "Axes":
        """Draws the distribution of the magnitudes of a layer's weights, a line for each strength.

        Args:
            layer: Name of a dense layer, such as `"hidden_1"` or `"output"`.
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: magnitudes, on a logarithmic axis, against the share of the layer's weights, of all
            repeats together, in each half decade. The legend has the share of weights that are exactly zero,
            which have no place on a logarithmic axis.

        Raises:
            InvalidInput: If there is no such layer.
        """
        from kerasreg.experiments.penalties.plot import draw_magnitudes

        return draw_magnitudes(self, layer, ax)

    def to_frame(self) -> Any:
        """Returns one row for each network, fresh ones last: a DataFrame with pandas, plain rows without."""
        kinds = {False: self.runs, True: self.fresh}
        return as_table([self.row(run) | {"fresh": kind} for kind, runs in kinds.items() for run in runs])


def paired_sentence(what: str, kinds: tuple[str, str], differences: Sequence[float], metric: str) -> str:
    """Returns a sentence on which of two kinds of network has the lower error.

    Args:
        what: The error, in words.
        kinds: The two kinds, in words.
        differences: Errors of the first kind minus those of the second, one for each pair.
        metric: Its name, for the unit.
    """
    first, second = kinds
    if not np.isfinite(differences).all():
        return f"No comparison of {first} with {second}: a network diverged or was interrupted."
    unit = " nats" if metric == "cross_entropy" else ""
    mean, _, (low, high) = interval_or_nan(differences)
    difference = f"mean difference {mean:.3g}{unit}"
    if math.isnan(low):
        return f"No difference shown in {what} between {first} and {second}: one pair only ({difference})."
    figures = (
        f"({difference}, 95 % interval {low:.3g} to {high:.3g}, {len(differences)} pairs on the same data)"
    )
    if low <= 0 <= high:
        return f"No difference shown in {what} between {first} and {second} {figures}."
    return f"{'Lower' if high < 0 else 'Higher'} {what} for {first} than for {second} {figures}."
