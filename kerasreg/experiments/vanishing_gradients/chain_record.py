"""Record of the gradients in chains of single neurons, by neuron and iteration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import geometric_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}  # largest derivative of each activation
_ARRAYS = ("bias_gradients", "weight_gradients", "bounds", "weights", "biases")


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainGradients(ExperimentRecord):
    """Gradients in chains of L single neurons, before training and after iterations of gradient descent.

    Arrays have shape (chains, recorded iterations, L), neurons from the input on, unless said otherwise.

    Args:
        activation: Activation of all neurons: `"sigmoid"`, `"tanh"` or `"relu"`.
        x: Input of the only example.
        y: Target of the example.
        learning_rate: Learning rate of gradient descent.
        drawn: `"weights"` and `"biases"`, those that each chain drew at random.
        seed: Seed of the draws.
        iterations: Recorded iterations, 0 first, shape (recorded iterations,).
        bias_gradients: Derivative of the error 1/2 (a_L - y)² with respect to each bias.
        weight_gradients: Derivative of the error with respect to each weight.
        bounds: Upper bounds of the magnitude of the bias gradients: |a_L - y| times the weights after the
            neuron, times the activation's largest derivative for each neuron from there on.
        weights: Weights.
        biases: Biases.
        outputs: Output a_L of the last neuron, shape (chains, recorded iterations).
    """

    activation: str
    x: float
    y: float
    learning_rate: float
    drawn: tuple[str, ...]
    seed: int
    iterations: NDArray[np.int64]
    bias_gradients: NDArray[np.float64]
    weight_gradients: NDArray[np.float64]
    bounds: NDArray[np.float64]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]
    outputs: NDArray[np.float64]

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
        """Number of chains."""
        return len(self.outputs)

    @property
    def errors(self) -> np.ndarray:
        """Error 1/2 (a_L - y)² of each chain, shape (chains, recorded iterations)."""
        return (self.outputs - self.y) ** 2 / 2

    @property
    def ratios(self) -> np.ndarray:
        """Magnitude of the first neuron's bias gradient divided by the last one's.

        Shape (chains, recorded iterations); NaN where both are 0, as in a chain of ReLUs whose last one is
        off.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.abs(self.bias_gradients[..., 0] / self.bias_gradients[..., -1])

    def magnitudes(self, what: str = "bias_gradients") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns mean magnitudes at each iteration in each neuron, and their 95 % intervals.

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

    def plot(self, ax: "Axes | None" = None, *, what: str = "bias_gradients") -> "Axes":
        """Draws the magnitude of the gradient in each neuron against the iteration.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            what: `"bias_gradients"`, with their bounds as dashed lines, or `"weight_gradients"`.

        Returns:
            The Axes: iterations, on an axis that is logarithmic from 1 on, against magnitudes on a
            logarithmic axis. Lines are geometric means over the chains, bands their 95 % intervals.

        Raises:
            InvalidInput: If all gradients are 0 or not finite.
        """
        from kerasreg.experiments.vanishing_gradients.plot import draw_chain

        return draw_chain(self, ax, what=what)

    def to_frame(self) -> Any:
        """Returns one row for each chain, iteration and neuron: a DataFrame with pandas, else plain rows."""
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

    def sentences(self) -> Iterator[str]:
        """Yields the ratio of the first neuron's gradient to the last one's, its bound, and the errors."""
        last = self.iterations[-1]
        after = f"{last:,} {'iteration' if last == 1 else 'iterations'}"
        for column, when in ((0, "before training"), (-1, f"after {after}")):
            yield f"Gradient in the first neuron {when}: {self._ratio_in_words(self.ratios[:, column])}"
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.abs(self.bias_gradients[..., 0]) / self.bounds[..., 0]
        if np.isfinite(shares).any():
            yield f"The gradient in the first neuron is at most {np.nanmax(shares):.2g} of its bound."
        errors = self.errors[:, [0, -1]]
        finite = errors[np.isfinite(errors).all(axis=1)]
        if len(finite):
            first, last = finite.mean(axis=0)
            left = self.repeats - len(finite)
            diverged = f" ({left} diverged and left out)" if left else ""
            yield f"Mean error: {first:.3g} before training, {last:.3g} after {after}{diverged}."
        else:
            yield "No chain has a finite error after training."
        drawn = f"; {' and '.join(self.drawn)} drawn from N(0, 1)" if self.drawn else ""
        means = "; ratios are geometric means over the chains" if self.repeats > 1 else ""
        count = f"{self.repeats} {'chain' if self.repeats == 1 else 'chains'}"
        yield f"{count} of {self.length} {self.activation} neurons{drawn}{means}."

    def _ratio_in_words(self, ratios: np.ndarray) -> str:
        mean, low, high = geometric_interval(ratios)
        if np.isnan(mean):
            return "0 or not finite, or that in the last neuron is, in every chain."
        verdict = ""
        if np.isfinite(low):
            verdict = "smaller, " if high < 1 else "larger, " if low > 1 else "no difference shown, "
        left = self.repeats - int((np.isfinite(ratios) & (ratios > 0)).sum())
        interval = [f"95 % interval {low:.3g} to {high:.3g}"] if np.isfinite(low) else []
        out = [f"{left} left out where one is 0 or not finite"] if left else []
        notes = f" ({'; '.join(interval + out)})" if interval or out else ""
        return f"{verdict}{mean:.3g} times that in the last neuron{notes}."
