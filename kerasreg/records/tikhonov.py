"""How alike training with noise and training with its Tikhonov penalty came out."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import check_one_of
from kerasreg.intervals import interval_or_nan
from kerasreg.records.stochastic import to_digits
from kerasreg.records.table import as_json, as_table, nan_for_none

WAYS = ("noise", "other noise", "penalty")


@dataclass(frozen=True, kw_only=True)
class TikhonovRun:
    """One network, trained with noise on its inputs or with the penalty in the place of the noise.

    Args:
        way: `"noise"`, `"other noise"`, which is noise again with other random numbers, or `"penalty"`.
        noise_std: The standard deviation s of the noise; the penalty is s² times the mean squared gradient.
        repeat: Which repeat, counted from 0: its runs share their data and initial weights.
        train_mse: Mean squared error on the training rows, without noise and penalty.
        test_mse: The same on the test rows.
        squared_gradient: Mean over the training rows of the squared length of the output's gradient with
            respect to the input.
        noise_cost: By how much noise of standard deviation s on the training inputs raises the mean
            squared error of the trained network. That is s² times `squared_gradient` for a linear model,
            and to second order where Bishop's dropped term vanishes.
        predictions: What it predicts for the test rows, shape (n_test,).
    """

    way: str
    noise_std: float
    repeat: int
    train_mse: float
    test_mse: float
    squared_gradient: float
    noise_cost: float
    predictions: list[float]

    def __post_init__(self) -> None:
        check_one_of("way", self.way, WAYS)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "TikhonovRun":
        """Makes the run that `as_json` wrote, NaN where it has None."""
        numbers = ("train_mse", "test_mse", "squared_gradient", "noise_cost")
        found = {name: nan_for_none(record[name]) for name in numbers}
        return cls(**{**record, **found, "predictions": list(map(nan_for_none, record["predictions"]))})


@dataclass(frozen=True, kw_only=True)
class TikhonovComparison:
    """Networks trained with noise beside networks trained with a penalty on the gradient.

    Args:
        data: Name of the data set.
        epochs: How many full-batch steps each was trained.
        copies: How often each training row stood in a batch of the noise's networks.
        seed: The seed that everything random was derived from.
        seconds: Seconds from the call to its end.
        x_train: For each repeat the training inputs, each of shape (n_train, inputs).
        y_train: For each repeat the training targets, each of shape (n_train,).
        x_test: For each repeat the test inputs, each of shape (n_test, inputs).
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

    def values(self, name: str, way: str, noise_std: float) -> np.ndarray:
        """Returns a field of each repeat's run: shape (repeats,), or of predictions (repeats, n_test)."""
        check_one_of("way", way, WAYS)
        runs = [run for run in self.runs if (run.way, run.noise_std) == (way, noise_std)]
        return np.array([getattr(run, name) for run in sorted(runs, key=lambda run: run.repeat)])

    def distance(self, noise_std: float, *, way: str = "penalty") -> np.ndarray:
        """Returns how far the functions of noise and of `way` are apart in each repeat.

        Args:
            noise_std: The standard deviation s.
            way: `"penalty"`, or `"other noise"`, from which only the noise's own luck parts it. Both draws
                bring theirs, so that luck alone puts noise √2 times as far from other noise as from the
                mean function of all noise.

        Returns:
            Root mean square over the test rows, in the units of the target, shape (repeats,).
        """
        apart = self.values("predictions", "noise", noise_std) - self.values("predictions", way, noise_std)
        return np.sqrt(np.mean(apart**2, axis=1))

    def effect(self, noise_std: float) -> np.ndarray:
        """Returns how far the noise moved the function from that without noise, as `distance`."""
        moved = self.values("predictions", "noise", noise_std) - self.values("predictions", "noise", 0.0)
        return np.sqrt(np.mean(moved**2, axis=1))

    def squared_gap(self, noise_std: float) -> np.ndarray:
        """Estimates the squared distance of the penalty's function and the mean function of the noise.

        The mean function is that over all draws of the noise, with the data and the initial weights of the
        repeat. The mean over the test rows of (noise - penalty) (other noise - penalty) has the squared
        distance as its expectation, as the luck of two independent draws cancels. It is also
        (d1² + d2² - luck²) / 2 with d1 and d2 the distances of both from the penalty.

        Args:
            noise_std: The standard deviation s.

        Returns:
            Mean squares over the test rows, in squared units of the target, shape (repeats,). An estimate
            can be below 0.
        """
        penalty = self.values("predictions", "penalty", noise_std)
        one, other = (self.values("predictions", way, noise_std) - penalty for way in WAYS[:2])
        return np.mean(one * other, axis=1)

    def comparisons(self) -> list[dict[str, float]]:
        """Returns one row for each s above 0: means over the repeats, some with 95 % intervals.

        Each has `noise_std`; `distance` from noise to penalty; `luck`, the distance from noise to other
        noise; `effect`; and with `_low` and `_high` `squared_gap`, `mse`, the paired difference of the test
        errors of noise and penalty, and `cost`, what noise costs the networks trained with it, divided by
        s² times their squared gradient: 1 for a linear model, and to second order where Bishop's dropped
        term vanishes.
        """
        rows = []
        for noise_std in self.noise_stds[1:]:
            distance, luck = self.distance(noise_std), self.distance(noise_std, way="other noise")
            row = {
                "noise_std": noise_std,
                "distance": float(distance.mean()),
                "luck": float(luck.mean()),
                "effect": float(self.effect(noise_std).mean()),
            }
            errors = {way: self.values("test_mse", way, noise_std) for way in WAYS}
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

    def verdicts(self) -> list[str]:
        """Returns one sentence for each s above 0."""
        return [_verdict(row) for row in self.comparisons()]

    def summary(self) -> str:
        """Returns how to read the verdicts, and the verdicts, one on each line."""
        repeats = len(self.x_train)
        return "\n".join(
            [
                "s is the standard deviation of the noise. How far functions are apart is a root mean square "
                f"over the test rows in units of the target, here its mean over {repeats} "
                f"repeat{'s' * (repeats > 1)}.",
                *self.verdicts(),
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "TikhonovComparison":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        return cls(**{**record, "runs": tuple(TikhonovRun.from_dict(run) for run in record["runs"])})

    def to_frame(self) -> Any:
        """Returns one row for each network, its predictions left out: a DataFrame with pandas, else rows."""
        names = [name for name in TikhonovRun.__dataclass_fields__ if name != "predictions"]
        return as_table([{name: getattr(run, name) for name in names} for run in self.runs])


def _verdict(row: dict[str, float]) -> str:
    which = f"s = {row['noise_std']:g}"
    if np.isnan(row["squared_gap"]) or np.isnan(row["mse"]):
        return f"{which}: no comparison, some networks diverged."
    apart = (
        f"{which}: noise moved the function by {row['effect']:.2g}; noise and penalty are "
        f"{row['distance']:.2g} apart, two draws of the noise {row['luck']:.2g}"
    )
    if np.isnan(row["squared_gap_low"]):
        return f"{apart}; one repeat says nothing about the spread."
    # A square is never below 0, so that an interval below 0 is chance and shows nothing either.
    shown = "shown" if row["squared_gap_low"] > 0 else "not shown"
    low, high = row["mse_low"], row["mse_high"]
    error = "no difference shown" if low <= 0 <= high else "it is higher" if low > 0 else "it is lower"
    return (
        f"{apart}; a systematic difference is {shown} (its square: {_interval(row, 'squared_gap')}). "
        f"Test mean squared error, noise less penalty: {error} ({_interval(row, 'mse')})."
    )


def _interval(row: dict[str, float], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    mean, low_text, high_text = (to_digits(value, high - low) for value in (row[name], low, high))
    return f"{mean}, 95 % interval {low_text} to {high_text}"
