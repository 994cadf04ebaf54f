"""Records of early stopping against ridge, on a quadratic and in linear networks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.intervals import mean_interval
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Maximum of (1 - exp(-t)) (1 + t) / t - 1 over t = n μ λ, at t = 1.79: in the limit of small μ λ the distance
# of early-stopped weights from the ridge weights is at most this share of the latter's length, whatever the
# Hessian and the optimum. The square of 1 + 0.2985 is the 1.69 of Ali, Kolter and Tibshirani (2019).
SMALL_RATE_BOUND = 0.2985

_ERRORS = ("validation_mse", "ridge_validation_mse", "test_mse", "ridge_test_mse")


@dataclass(frozen=True, eq=False, kw_only=True)
class QuadraticDescent(ExperimentRecord):
    """Gradient descent on a quadratic and ridge, at n recorded steps and along d eigenvectors.

    Args:
        hessian: Hessian, shape (d, d).
        optimum: Weights w* of least error, shape (d,).
        learning_rate: Learning rate μ.
        eigenvalues: Eigenvalues of the Hessian, largest first, shape (d,).
        eigenvectors: Eigenvectors as columns, in the order of `eigenvalues`, shape (d, d).
        steps: Recorded numbers of steps, ascending from 1, shape (n,).
        alphas: Matched ridge penalties, 1 / (steps μ), shape (n,).
        simulated: Weights of gradient descent, computed step by step, shape (n, d).
        formula: The same weights by the formula, shape (n, d).
        ridge: Ridge weights for `alphas`, shape (n, d).
        descent_shrinkage: Factor of gradient descent on w* along each eigenvector, shape (n, d).
        small_rate_shrinkage: Limit n μ λ of this factor for the first steps, shape (n, d).
        ridge_shrinkage: Factor of ridge on w* along each eigenvector, shape (n, d).
        distance: Length of formula - ridge divided by the length of ridge, shape (n,).
    """

    hessian: NDArray[np.float64]
    optimum: NDArray[np.float64]
    learning_rate: float
    eigenvalues: NDArray[np.float64]
    eigenvectors: NDArray[np.float64]
    steps: NDArray[np.int64]
    alphas: NDArray[np.float64]
    simulated: NDArray[np.float64]
    formula: NDArray[np.float64]
    ridge: NDArray[np.float64]
    descent_shrinkage: NDArray[np.float64]
    small_rate_shrinkage: NDArray[np.float64]
    ridge_shrinkage: NDArray[np.float64]
    distance: NDArray[np.float64]

    @property
    def formula_error(self) -> float:
        """Largest distance of the simulated weights from the formula, divided by the latter's length."""
        gaps = np.linalg.norm(self.simulated - self.formula, axis=1)
        return float((gaps / np.linalg.norm(self.formula, axis=1)).max())

    def sentences(self) -> Iterator[str]:
        """Yields the largest distance from ridge, the largest difference of factors, and the rounding."""
        worst = int(self.distance.argmax())
        yield (
            "Early-stopped and ridge weights at alpha = 1/(nμ) differ by at most "
            f"{100 * self.distance[worst]:.1f} % of the ridge weights' length, after "
            f"{_steps(self.steps[worst])}."
        )
        gaps = np.abs(self.descent_shrinkage - self.ridge_shrinkage)
        step, direction = np.unravel_index(gaps.argmax(), gaps.shape)
        progress = self.steps[step] * self.learning_rate * self.eigenvalues[direction]
        yield (
            f"Along one eigenvector the two factors differ by at most {gaps.max():.3f}, where n μ λ is "
            f"{progress:.2g}."
        )
        yield (
            f"Simulated gradient descent is within {self.formula_error:.1e} of the formula, relative to the "
            "length of the weights."
        )

    def plot_paths(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the paths of gradient descent and ridge from 0 to the optimum over contours of the error.

        Thin lines join the weights of gradient descent after n steps and those of ridge at alpha = 1/(nμ).

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: second weight against first, with equal scales.

        Raises:
            InvalidInput: If there are not two weights.
        """
        from kerasreg.experiments.early_stopping_theory.plot import draw_paths

        return draw_paths(self, ax)

    def plot_shrinkage(self, ax: "Axes | None" = None, *, num_eigenvalues: int = 4) -> "Axes":
        """Draws the factor on the optimum's component along each eigenvector against the number of steps.

        Gradient descent is solid, ridge at alpha = 1/(nμ) dashed, the limit n μ λ of the first steps dotted.

        Args:
            ax: Axes to draw in; a new figure if `None`.
            num_eigenvalues: Maximum number of eigenvalues to draw, from the largest to the smallest, 1 to 6.

        Returns:
            The Axes: factors against steps, on a logarithmic axis.

        Raises:
            InvalidInput: If `num_eigenvalues` is not 1 to 6.
        """
        from kerasreg.experiments.early_stopping_theory.plot import draw_shrinkage

        return draw_shrinkage(self, ax, num_eigenvalues=num_eigenvalues)

    def plot_distance(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the distance of early-stopped from ridge weights at alpha = 1/(nμ) against n.

        The dotted line is its upper bound for small μ λ, whatever the Hessian and the optimum.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: distance divided by the length of the ridge weights against steps, on a logarithmic
            axis.
        """
        from kerasreg.experiments.early_stopping_theory.plot import draw_distance

        return draw_distance(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each step and eigenvalue: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "step": int(step),
                    "alpha": float(self.alphas[row]),
                    "eigenvalue": float(eigenvalue),
                    "progress": float(step * self.learning_rate * eigenvalue),
                    "descent_shrinkage": float(self.descent_shrinkage[row, column]),
                    "small_rate_shrinkage": float(self.small_rate_shrinkage[row, column]),
                    "ridge_shrinkage": float(self.ridge_shrinkage[row, column]),
                }
                for row, step in enumerate(self.steps)
                for column, eigenvalue in enumerate(self.eigenvalues)
            ]
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearNetworkEquivalence(ExperimentRecord):
    """Linear networks, the formula and ridge, on s data sets after n numbers of epochs.

    Weights are those of the kernel in the order of the inputs, then the bias if there is one. What is
    measured on a network is NaN for epochs that it did not reach.

    Args:
        steps: Recorded numbers of epochs, one full-batch step each, shape (n,).
        learning_rates: Learning rate μ on each data set, shape (s,).
        eigenvalues: Eigenvalues of the Hessian of each data set, largest first, shape (s, d).
        optima: Weights of least mean squared error, the shortest if there are several, shape (s, d).
        alphas: Matched ridge penalties, 1 / (steps μ), shape (s, n).
        network: Weights of the trained networks, shape (s, n, d).
        formula: Weights of the quadratic model, shape (s, n, d).
        ridge: Ridge weights for `alphas`, shape (s, n, d).
        formula_error: Length of network - formula divided by the length of formula, shape (s, n).
        distance: Length of network - ridge divided by the length of ridge, shape (s, n).
        validation_mse: Mean squared error of the networks on the validation rows, shape (s, n); NaN without
            such rows.
        ridge_validation_mse: Mean squared error of the ridge weights on the validation rows, shape (s, n).
        test_mse: Mean squared error of the networks on the test rows, shape (s, n); NaN without such rows.
        ridge_test_mse: Mean squared error of the ridge weights on the test rows, shape (s, n).
        independent: Whether no two data sets share a training row. If they do, no intervals are given, which
            would be too narrow.
    """

    steps: NDArray[np.int64]
    learning_rates: NDArray[np.float64]
    eigenvalues: NDArray[np.float64]
    optima: NDArray[np.float64]
    alphas: NDArray[np.float64]
    network: NDArray[np.float64]
    formula: NDArray[np.float64]
    ridge: NDArray[np.float64]
    formula_error: NDArray[np.float64]
    distance: NDArray[np.float64]
    validation_mse: NDArray[np.float64]
    ridge_validation_mse: NDArray[np.float64]
    test_mse: NDArray[np.float64]
    ridge_test_mse: NDArray[np.float64]
    independent: bool

    def sentences(self) -> Iterator[str]:
        """Yields the distances from the formula and from ridge, and the difference in test error."""
        reached = np.isfinite(self.distance)
        if not reached.any():
            yield "No network reached a recorded epoch, so there is nothing to compare."
            return
        kept = reached.any(axis=1)
        count, last = int(kept.sum()), self.steps[reached.any(axis=0)][-1]
        sets = f"{count} {'data set' if count == 1 else 'data sets'}"
        yield (
            f"The trained network is within {np.nanmax(self.formula_error):.1e} of the formula, relative to "
            f"the length of the weights, on {sets} and up to {_steps(last, 'epoch')}."
        )
        distance = self.distance[kept]
        at = self.steps[np.nanargmax(distance, axis=1)]
        when = f"{at[0]}" if len(set(at)) == 1 else f"{at.min()} to {at.max()}"
        apart = self._mean(100 * np.nanmax(distance, axis=1), ".1f", " %")
        yield (
            f"At the matched penalty alpha = 1/(nμ), its weights differ from the ridge weights by {apart} of "
            f"the latter's length, at the recorded epoch where they differ most ({when})."
        )
        differences = self.chosen_test_mse() - self.chosen_test_mse(ridge=True)
        if reached.all() and np.isfinite(differences).all():
            yield (
                "Test mean squared error with epoch and alpha chosen on the validation rows, network minus "
                f"ridge: {self._mean(differences, '+.2g')}{self._verdict(differences)}."
            )
            ended = [int((e.argmin(axis=1) == len(self.steps) - 1).sum()) for e in self._scores]
            if any(ended):
                yield (
                    f"The last recorded epoch was chosen for {ended[0]} of {count} networks, and its alpha "
                    f"for {ended[1]} of {count} ridge solutions: more epochs might change this."
                )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the distance of the networks from ridge weights at alpha = 1/(nμ) against epochs n.

        The dotted line is its upper bound for small μ λ, whatever the Hessian and the optimum.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: distance divided by the length of the ridge weights against epochs, on a logarithmic
            axis. Several data sets have a thin line each, their mean, and, if no two of them share rows,
            its 95 % interval at each epoch as a band.
        """
        from kerasreg.experiments.early_stopping_theory.plot import draw_distance

        return draw_distance(self, ax)

    def chosen_test_mse(self, *, ridge: bool = False) -> np.ndarray:
        """Returns the test error at the epoch, or alpha, of least validation error, shape (s,).

        Args:
            ridge: Whether to return the error of ridge, chosen among `alphas`, or that of the network.

        Returns:
            One error for each data set, NaN without validation or test rows.
        """
        scores = self._scores[int(ridge)]
        errors = self.ridge_test_mse if ridge else self.test_mse
        # Without validation rows every score is NaN, and any column will do.
        best = np.where(np.isnan(scores), np.inf, scores).argmin(axis=1)
        rows = np.arange(len(best))
        return np.where(np.isnan(scores[rows, best]), np.nan, errors[rows, best])

    def to_frame(self) -> Any:
        """Returns one row for each data set and epoch: a DataFrame with pandas, plain rows without."""
        names = {"alpha": "alphas"} | {name: name for name in ("formula_error", "distance", *_ERRORS)}
        return as_table(
            [
                {
                    "data_set": number,
                    "epoch": int(step),
                    "learning_rate": float(self.learning_rates[number]),
                    **{name: float(getattr(self, values)[number, column]) for name, values in names.items()},
                }
                for number in range(len(self.distance))
                for column, step in enumerate(self.steps)
            ]
        )

    @property
    def _scores(self) -> tuple[np.ndarray, np.ndarray]:
        return self.validation_mse, self.ridge_validation_mse

    def _mean(self, values: np.ndarray, form: str, unit: str = "") -> str:
        """Returns the mean and its interval, or its range where there is none, in words."""
        mean, _, ends = mean_interval(values)
        if ends is None:
            return f"{mean:{form}}{unit}"
        if not self.independent:
            low, high = values.min(), values.max()
            ends = f"{low:{form}} to {high:{form}}{unit}; the data sets share rows"
        else:
            ends = f"95 % interval {ends[0]:{form}} to {ends[1]:{form}}{unit}"
        return f"{mean:{form}}{unit} on average ({ends})"

    def _verdict(self, differences: np.ndarray) -> str:
        ends = mean_interval(differences)[2]
        if ends is None or not self.independent:
            return ""
        if ends[0] <= 0 <= ends[1]:
            return ": no difference shown"
        return ": the network predicts " + ("worse" if ends[0] > 0 else "better")


def _steps(number: int, what: str = "step") -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
