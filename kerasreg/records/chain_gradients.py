"""Gradients in chains of single neurons, by neuron and iteration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import mean_interval
from kerasreg.records.table import as_json, as_table

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}  # the largest derivative of each activation
_ARRAYS = ("bias_gradients", "weight_gradients", "bounds", "weights", "biases")


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainGradients:
    """Chains of L single neurons before training and after some iterations of gradient descent.

    Arrays have shape (chains, recorded iterations, L), neurons from the input on, unless said otherwise.

    Args:
        activation: Of all neurons: `"sigmoid"`, `"tanh"` or `"relu"`.
        x: The input of the one example.
        y: Its target.
        learning_rate: The rate of gradient descent.
        drawn: Which of `"weights"` and `"biases"` each chain drew afresh.
        seed: Seed of the draws.
        iterations: The recorded iterations, 0 first, shape (recorded iterations,).
        bias_gradients: The derivative of the error 1/2 (a_L - y)² in each bias.
        weight_gradients: The derivative in each weight.
        bounds: What the magnitude of each bias gradient cannot exceed: |a_L - y| times the weights after the
            neuron times the activation's steepest derivative once for each neuron from it on.
        weights: The weights themselves.
        biases: The biases themselves.
        outputs: The last neuron's output a_L, shape (chains, recorded iterations).
    """

    activation: str
    x: float
    y: float
    learning_rate: float
    drawn: tuple[str, ...]
    seed: int
    iterations: np.ndarray
    bias_gradients: np.ndarray
    weight_gradients: np.ndarray
    bounds: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    outputs: np.ndarray

    def __post_init__(self) -> None:
        check_one_of("activation", self.activation, tuple(STEEPEST))
        expected = (*self.outputs.shape, self.length)
        for name in _ARRAYS:
            if getattr(self, name).shape != expected or self.outputs.shape[1:] != self.iterations.shape:
                raise InvalidInput(
                    f"{name} must have shape {expected}, which is (chains, recorded iterations, neurons), "
                    f"for {len(self.iterations)} iterations; received {getattr(self, name).shape}."
                )

    @property
    def length(self) -> int:
        """Neurons in a chain."""
        return self.weights.shape[-1]

    @property
    def repeats(self) -> int:
        """How many chains there are."""
        return len(self.outputs)

    @property
    def errors(self) -> np.ndarray:
        """The error 1/2 (a_L - y)² of each chain, shape (chains, recorded iterations)."""
        return (self.outputs - self.y) ** 2 / 2

    @property
    def ratios(self) -> np.ndarray:
        """The first neuron's bias gradient by the last one's, in magnitude, (chains, recorded iterations).

        NaN where both are 0, as in a chain of ReLUs whose last one is off.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.abs(self.bias_gradients[..., 0] / self.bias_gradients[..., -1])

    def magnitudes(self, what: str = "bias_gradients") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns typical magnitudes at each iteration in each neuron, and their 95 % intervals.

        Args:
            what: `"bias_gradients"`, `"weight_gradients"` or `"bounds"`.

        Returns:
            Three arrays of shape (recorded iterations, L): the geometric mean over the chains whose value is
            finite and not 0, and the ends of its interval, Student's t on the logarithms; NaN where there
            are none.
        """
        check_one_of("what", what, ("bias_gradients", "weight_gradients", "bounds"))
        values = getattr(self, what)
        found = np.full((3, *values.shape[1:]), np.nan)
        for cell in np.ndindex(values.shape[1:]):
            found[(slice(None), *cell)] = geometric_interval(values[(slice(None), *cell)])
        return found[0], found[1], found[2]

    def summary(self) -> str:
        """Returns in sentences what the numbers say."""
        return " ".join(self._sentences())

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "ChainGradients":
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        arrays = {name: np.array(record[name], dtype=float) for name in (*_ARRAYS, "outputs")}
        arrays["iterations"] = np.array(record["iterations"], dtype=int)
        return cls(**{**record, "drawn": tuple(record["drawn"]), **arrays})

    def to_frame(self) -> Any:
        """Returns one row per chain, iteration and neuron: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "chain": chain,
                    "iteration": int(self.iterations[row]),
                    "neuron": neuron + 1,
                    "bias_gradient": float(self.bias_gradients[chain, row, neuron]),
                    "weight_gradient": float(self.weight_gradients[chain, row, neuron]),
                    "bound": float(self.bounds[chain, row, neuron]),
                    "weight": float(self.weights[chain, row, neuron]),
                    "bias": float(self.biases[chain, row, neuron]),
                }
                for chain, row, neuron in np.ndindex(self.weights.shape)
            ]
        )

    def _sentences(self) -> Iterator[str]:
        count = f"{self.repeats} {'chain' if self.repeats == 1 else 'chains'}"
        start = f" whose {' and '.join(self.drawn)} are drawn from N(0, 1)" if self.drawn else ""
        before = f"Before training, in {count} of {self.length} {self.activation} neurons{start}"
        yield self._told_ratio(self.ratios[:, 0], before)
        last = self.iterations[-1]
        after = f"After {last:,} {'iteration' if last == 1 else 'iterations'}"
        yield self._told_ratio(self.ratios[:, -1], after)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.abs(self.bias_gradients[..., 0]) / self.bounds[..., 0]
        if np.isfinite(shares).any():
            yield f"The first neuron's gradient comes to at most {np.nanmax(shares):.2g} of its bound."
        errors = self.errors[:, [0, -1]]
        finite = errors[np.isfinite(errors).all(axis=1)]
        if not len(finite):
            yield "No chain has a finite error after the training."
            return
        first, last = finite.mean(axis=0)
        left = self.repeats - len(finite)
        diverged = f", {left} that diverged left out" if left else ""
        yield f"Training changes the mean error from {first:.3g} to {last:.3g}{diverged}."

    def _told_ratio(self, ratios: np.ndarray, when: str) -> str:
        mean, low, high = geometric_interval(ratios)
        usable = int((np.isfinite(ratios) & (ratios > 0)).sum())
        if not usable:
            return f"{when}, the gradient is 0 or not finite in the first or the last neuron of every chain."
        told = f"{when}, the first neuron's gradient is {mean:.3g} times the last one's"
        if self.repeats > 1:
            told += " (geometric mean"
            told += f"; 95 % interval {low:.3g} to {high:.3g})" if np.isfinite(low) else ")"
        verdict = ": smaller" if high < 1 else ": larger" if low > 1 else ": no difference shown"
        told += verdict if np.isfinite(low) else ""
        left = self.repeats - usable
        return told + (f", {left} left out where one is 0 or not finite." if left else ".")


def geometric_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Returns the geometric mean of magnitudes, and the ends of its 95 % interval.

    Args:
        values: One number for each repeat; those that are 0 or not finite have no logarithm to average, and
            are left out.

    Returns:
        NaN where no value is left, and for the ends where one is left.
    """
    magnitudes = np.abs(values)
    logarithms = np.log(magnitudes[np.isfinite(magnitudes) & (magnitudes > 0)])
    if not len(logarithms):
        return np.nan, np.nan, np.nan
    mean, _, ends = mean_interval(logarithms)
    return tuple(float(np.exp(value)) for value in (mean, *(ends or (np.nan, np.nan))))
