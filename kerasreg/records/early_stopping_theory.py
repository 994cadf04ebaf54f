"""How near early stopping comes to a squared weight penalty, in a quadratic and in a linear network."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kerasreg.intervals import mean_interval
from kerasreg.records.table import as_json, as_table

# The largest (1 - exp(-t)) (1 + t) / t - 1 over t = n μ λ, reached at t = 1.79: in the limit of small μ λ
# early-stopped weights are at most this share of the ridge weights' length away from them, whatever the
# Hessian and the optimum. Its square, of 1 + 0.2985, is the 1.69 of Ali, Kolter and Tibshirani (2019).
SMALL_RATE_BOUND = 0.2985

_ERRORS = ("validation_mse", "ridge_validation_mse", "test_mse", "ridge_test_mse")


class _Arrays:
    """What both records share: arrays that travel through JSON as nested lists."""

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Any:
        """Makes the record that `to_dict` wrote, NaN where it has None."""
        kinds = {"steps": int, "learning_rate": None, "independent": None}
        values = {field.name: record[field.name] for field in fields(cls)}
        return cls(
            **{
                name: value if kinds.get(name, float) is None else np.array(value, kinds.get(name, float))
                for name, value in values.items()
            }
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class QuadraticDescent(_Arrays):
    """Gradient descent on a quadratic beside ridge, at n recorded steps and along d eigenvectors.

    Args:
        hessian: Shape (d, d).
        optimum: The weights w* of least error, shape (d,).
        learning_rate: The rate μ.
        eigenvalues: Of the Hessian, largest first, shape (d,).
        eigenvectors: One in each column, in the order of `eigenvalues`, shape (d, d).
        steps: The recorded numbers of steps, from 1 up, shape (n,).
        alphas: The ridge penalty matched to each, 1 / (steps μ), shape (n,).
        simulated: Weights after so many steps of gradient descent, computed step by step, shape (n, d).
        formula: The same weights by the formula, shape (n, d).
        ridge: Ridge weights for `alphas`, shape (n, d).
        descent_shrinkage: What the formula multiplies w* by along each eigenvector, shape (n, d).
        small_rate_shrinkage: Its limit n μ λ for the first steps, shape (n, d).
        ridge_shrinkage: What ridge multiplies w* by along each eigenvector, shape (n, d).
        distance: Length of formula - ridge as a share of the length of ridge, shape (n,).
    """

    hessian: np.ndarray
    optimum: np.ndarray
    learning_rate: float
    eigenvalues: np.ndarray
    eigenvectors: np.ndarray
    steps: np.ndarray
    alphas: np.ndarray
    simulated: np.ndarray
    formula: np.ndarray
    ridge: np.ndarray
    descent_shrinkage: np.ndarray
    small_rate_shrinkage: np.ndarray
    ridge_shrinkage: np.ndarray
    distance: np.ndarray

    @property
    def formula_error(self) -> float:
        """The largest distance of simulated weights from the formula, as a share of the latter's length."""
        gaps = np.linalg.norm(self.simulated - self.formula, axis=1)
        return float((gaps / np.linalg.norm(self.formula, axis=1)).max())

    def summary(self) -> str:
        """Returns in sentences what the numbers say."""
        worst = int(self.distance.argmax())
        gaps = np.abs(self.descent_shrinkage - self.ridge_shrinkage)
        step, direction = np.unravel_index(gaps.argmax(), gaps.shape)
        progress = self.steps[step] * self.learning_rate * self.eigenvalues[direction]
        return (
            f"Simulated gradient descent is within {self.formula_error:.1e} of the formula, as a share of "
            f"the weights' length. At the recorded steps and alpha = 1/(nμ), early-stopped and ridge weights "
            f"differ by at most {100 * self.distance[worst]:.1f} % of the ridge weights' length, after "
            f"{_steps(self.steps[worst])}. Along one eigenvector the two factors differ by at most "
            f"{gaps.max():.3f}, where n μ λ is {progress:.2g}."
        )

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
class LinearNetworkEquivalence(_Arrays):
    """A trained linear network beside the formula and ridge, on s data sets, after n numbers of epochs.

    Weights are those of the kernel in the order of the inputs, then the bias where there is one.

    Args:
        steps: The recorded numbers of epochs, one full-batch step each, shape (n,).
        learning_rates: The rate μ on each data set, shape (s,).
        eigenvalues: Of the Hessian of each data set, largest first, shape (s, d).
        optima: Weights of least mean squared error, the shortest if there are several, shape (s, d).
        alphas: The ridge penalty matched to each epoch, 1 / (steps μ), shape (s, n).
        network: Weights of the trained network, shape (s, n, d).
        formula: What the quadratic model says they are, shape (s, n, d).
        ridge: Ridge weights for `alphas`, shape (s, n, d).
        formula_error: Length of network - formula as a share of the length of formula, shape (s, n).
        distance: Length of network - ridge as a share of the length of ridge, shape (s, n).
        validation_mse: Mean squared error of the network on the validation rows, shape (s, n); NaN where
            there are none.
        ridge_validation_mse: The same of the ridge weights.
        test_mse: Mean squared error of the network on the test rows, shape (s, n); NaN where there are none.
        ridge_test_mse: The same of the ridge weights.
        independent: Whether no two data sets share a training row. Where they do there are no intervals,
            which would be too narrow.
    """

    steps: np.ndarray
    learning_rates: np.ndarray
    eigenvalues: np.ndarray
    optima: np.ndarray
    alphas: np.ndarray
    network: np.ndarray
    formula: np.ndarray
    ridge: np.ndarray
    formula_error: np.ndarray
    distance: np.ndarray
    validation_mse: np.ndarray
    ridge_validation_mse: np.ndarray
    test_mse: np.ndarray
    ridge_test_mse: np.ndarray
    independent: bool

    def summary(self) -> str:
        """Returns in sentences what the numbers say."""
        count = len(self.distance)
        at, last = self.steps[self.distance.argmax(axis=1)], self.steps[-1]
        when = (
            f"after {_steps(at[0], 'epoch')}"
            if len(set(at)) == 1
            else f"after {at.min()} to {at.max()} epochs"
        )
        apart = self._mean(100 * self.distance.max(axis=1), ".1f", " %")
        sentences = [
            f"On {count} {'data set' if count == 1 else 'data sets'} and up to {_steps(last, 'epoch')} the "
            f"trained network is within {self.formula_error.max():.1e} of the formula, as a share of the "
            "weights' length.",
            "At the matched penalty alpha = 1/(nμ), and the recorded epoch where they differ most, "
            f"the network's weights differ from the ridge weights by {apart} of the latter's length, {when}.",
        ]
        differences = self.chosen_test_mse() - self.chosen_test_mse(ridge=True)
        if np.isfinite(differences).all():
            sentences.append(
                "With the epoch and alpha each chosen on the validation rows, the network's test mean "
                f"squared error minus that of ridge is {self._mean(differences, '+.2g')}"
                f"{self._verdict(differences)}."
            )
            ended = [int((e.argmin(axis=1) == len(self.steps) - 1).sum()) for e in self._scores]
            if any(ended):
                sentences.append(
                    f"The last recorded epoch was chosen for {ended[0]} of {count} networks, and its alpha "
                    f"for {ended[1]} of {count} ridge solutions: more epochs might change this."
                )
        return " ".join(sentences)

    def chosen_test_mse(self, *, ridge: bool = False) -> np.ndarray:
        """Returns each data set's test error at the epoch, or alpha, of least validation error, shape (s,).

        Args:
            ridge: Whether that of ridge, chosen among `alphas`, is wanted, in the place of the network's.

        Returns:
            NaN for a data set without validation rows or test rows.
        """
        scores = self._scores[int(ridge)]
        errors = self.ridge_test_mse if ridge else self.test_mse
        # Without validation rows every score is NaN; which column argmin takes then is of no matter.
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
        """Returns the mean and what is known of its precision, in words."""
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
