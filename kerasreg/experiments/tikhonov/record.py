"""Functions and errors of networks trained with noise and with its Tikhonov penalty."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.intervals import interval_or_nan, to_digits
from kerasreg.records.record import ExperimentRecord, Record
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METHODS = ("noise", "other noise", "penalty")


@dataclass(frozen=True, kw_only=True)
class TikhonovRun(Record):
    """One network, trained with noise on its inputs or with the penalty instead.

    What was measured is NaN if the training diverged or was interrupted.

    Args:
        method: `"noise"`; `"other noise"`, which is noise with other random numbers; or `"penalty"`.
        noise_std: Standard deviation s of the noise; the penalty is s² times the mean squared gradient.
        repeat: Index of the repeat, from 0; its runs share data and initial weights.
        train_mse: Mean squared error on the training rows, without noise and penalty.
        test_mse: The same on the test rows.
        squared_gradient: Mean over the training rows of the squared length of the output's gradient with
            respect to the input.
        noise_cost: Increase of the trained network's mean squared error by noise of standard deviation s on
            the training inputs. It is s² times `squared_gradient` for a linear model, and to second order
            where Bishop's dropped term vanishes.
        predictions: Predictions for the test rows, shape (n_test,).
    """

    method: str
    noise_std: float
    repeat: int
    train_mse: float
    test_mse: float
    squared_gradient: float
    noise_cost: float
    predictions: list[float]

    def __post_init__(self) -> None:
        check_one_of("method", self.method, METHODS)


@dataclass(frozen=True, kw_only=True)
class TikhonovComparison(ExperimentRecord):
    """Networks trained with noise beside networks trained with a penalty on the gradient.

    Args:
        data: Name of the data set.
        epochs: Full-batch steps of each training.
        copies: Copies of each training row in a batch with noise.
        seed: The seed that all others were derived from.
        seconds: Seconds of training and measuring.
        x_train: Training inputs of each repeat, each of shape (n_train, inputs).
        y_train: Training targets of each repeat, each of shape (n_train,).
        x_test: Test inputs of each repeat, each of shape (n_test, inputs).
        runs: Every network.
    """

    data: str
    epochs: int
    copies: int
    seed: int
    seconds: float
    x_train: list[list[list[float]]]
    y_train: list[list[float]]
    x_test: list[list[list[float]]]
    runs: tuple[TikhonovRun, ...]

    @property
    def noise_stds(self) -> tuple[float, ...]:
        """The standard deviations of the noise, smallest first; the first is 0."""
        return tuple(sorted({run.noise_std for run in self.runs}))

    def values(self, name: str, method: str, noise_std: float) -> np.ndarray:
        """Returns a field of each repeat's run, shape (repeats,); of predictions (repeats, n_test)."""
        check_one_of("method", method, METHODS)
        runs = [run for run in self.runs if (run.method, run.noise_std) == (method, noise_std)]
        return np.array([getattr(run, name) for run in sorted(runs, key=lambda run: run.repeat)])

    def distance(self, noise_std: float, *, method: str = "penalty") -> np.ndarray:
        """Returns the distance between the functions of noise and of another method in each repeat.

        Args:
            noise_std: The standard deviation s.
            method: `"penalty"`, or `"other noise"`, which differs by chance only. Both draws vary, so chance
                puts noise √2 times as far from other noise as from the mean function of all noise.

        Returns:
            Root mean square over the test rows, in the units of the target, shape (repeats,).
        """
        apart = self.values("predictions", "noise", noise_std) - self.values("predictions", method, noise_std)
        return np.sqrt(np.mean(apart**2, axis=1))

    def effect(self, noise_std: float) -> np.ndarray:
        """Returns the distance between the functions with and without noise, as `distance` does."""
        moved = self.values("predictions", "noise", noise_std) - self.values("predictions", "noise", 0.0)
        return np.sqrt(np.mean(moved**2, axis=1))

    def squared_gap(self, noise_std: float) -> np.ndarray:
        """Estimates the squared distance between the penalty's function and the noise's mean function.

        The mean function is over all draws of the noise, with the data and the initial weights of the
        repeat. The mean over the test rows of (noise - penalty) (other noise - penalty) has the squared
        distance as its expectation, because two independent draws deviate independently. It equals
        (d1² + d2² - d12²) / 2 with d1 and d2 the distances of both from the penalty and d12 that between
        them.

        Args:
            noise_std: The standard deviation s.

        Returns:
            Mean squares over the test rows, in squared units of the target, shape (repeats,). An estimate
            can be below 0.
        """
        penalty = self.values("predictions", "penalty", noise_std)
        one, other = (self.values("predictions", method, noise_std) - penalty for method in METHODS[:2])
        return np.mean(one * other, axis=1)

    def comparisons(self) -> list[dict[str, float]]:
        """Returns one row for each s above 0: means over the repeats, some with 95 % intervals.

        Each has `noise_std`; `distance` from noise to penalty; `luck`, the distance from noise to other
        noise; and `effect`. With `_low` and `_high` it has `squared_gap`; `mse`, the paired difference in
        test error, noise minus penalty; and `cost`, the `noise_cost` of networks trained with noise divided
        by s² times their squared gradient: 1 for a linear model, and to second order where Bishop's dropped
        term vanishes.
        """
        rows = []
        for noise_std in self.noise_stds[1:]:
            distance, luck = self.distance(noise_std), self.distance(noise_std, method="other noise")
            row = {
                "noise_std": noise_std,
                "distance": float(distance.mean()),
                "luck": float(luck.mean()),
                "effect": float(self.effect(noise_std).mean()),
            }
            errors = {method: self.values("test_mse", method, noise_std) for method in METHODS}
            penalty = noise_std**2 * self.values("squared_gradient", "noise", noise_std)
            with np.errstate(divide="ignore", invalid="ignore"):  # a constant function has no gradient
                cost = self.values("noise_cost", "noise", noise_std) / penalty
            gap = self.squared_gap(noise_std)
            measured = {"squared_gap": gap, "mse": errors["noise"] - errors["penalty"], "cost": cost}
            for name, values in measured.items():
                mean, _, (low, high) = interval_or_nan(values)
                row |= {name: mean, f"{name}_low": low, f"{name}_high": high}
            rows.append(row)
        return rows

    def sentences(self) -> Iterator[str]:
        """Yields one sentence for each s above 0, then what the figures are."""
        yield from map(_verdict, self.comparisons())
        repeats = len(self.x_train)
        yield (
            "s is the standard deviation of the noise. Distances between functions are root mean squares "
            f"over the test rows in units of the target, averaged over {repeats} repeat{'s' * (repeats > 1)}."
        )

    def plot_functions(
        self, ax: "Axes | None" = None, *, noise_std: float | None = None, repeat: int = 0
    ) -> "Axes":
        """Draws the functions of one repeat: without noise, with noise, and with the penalty instead.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            noise_std: The standard deviation s, one of the record's above 0; the middle one by default.
            repeat: Index of the repeat, from 0.

        Returns:
            The Axes: the input against the target and the predictions.

        Raises:
            InvalidInput: If there is no such s or repeat, or the inputs have several features.
        """
        from kerasreg.experiments.tikhonov.plot import draw_functions

        return draw_functions(self, ax, noise_std=noise_std, repeat=repeat)

    def plot_distance(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the distance between noise and penalty against s, beside two distances to judge it by.

        These are how far the noise moved the function, and how far noise is from its own mean function by
        chance: the distance between two draws divided by √2, because both contribute theirs. Without a
        systematic difference noise is about as far from the penalty; `summary` says whether one is shown.
        Lines are means over the repeats, bands their 95 % intervals.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: s against the root mean square distance between functions.
        """
        from kerasreg.experiments.tikhonov.plot import draw_distance

        return draw_distance(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each network, its predictions left out: a DataFrame with pandas, else rows."""
        names = [name for name in TikhonovRun.__dataclass_fields__ if name != "predictions"]
        return as_table([{name: getattr(run, name) for name in names} for run in self.runs])


def _verdict(row: dict[str, float]) -> str:
    which = f"s = {row['noise_std']:g}"
    if np.isnan(row["squared_gap"]) or np.isnan(row["mse"]):
        return f"{which}: no comparison, some networks diverged or were interrupted."
    distances = (
        f"Distances: {row['effect']:.2g} from noise to no noise, {row['distance']:.2g} from noise to "
        f"penalty, {row['luck']:.2g} between two draws of the noise."
    )
    if np.isnan(row["squared_gap_low"]):
        return f"{which}: no difference shown, one repeat has no interval. {distances}"
    # A square is never below 0, so an interval below 0 is chance and shows nothing either.
    shown = "shown" if row["squared_gap_low"] > 0 else "not shown"
    low, high = row["mse_low"], row["mse_high"]
    error = "no difference shown" if low <= 0 <= high else "higher" if low > 0 else "lower"
    return (
        f"{which}: a systematic difference between noise and penalty is {shown} (squared distance "
        f"{_interval(row, 'squared_gap')}). {distances} Test mean squared error, noise minus penalty: "
        f"{error} ({_interval(row, 'mse')})."
    )


def _interval(row: dict[str, float], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    mean, low_text, high_text = (to_digits(value, high - low) for value in (row[name], low, high))
    return f"{mean}, 95 % interval {low_text} to {high_text}"
