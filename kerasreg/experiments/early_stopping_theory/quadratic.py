"""Gradient descent on a quadratic, simulated and by its formula, and the matched ridge solution.

Near its minimum w* the error is E(w) = 1/2 (w - w*)ᵀ H (w - w*). Gradient descent from 0 with rate μ has,
along the eigenvector of H with eigenvalue λ_j, after n steps the weight

    w_j(n) = [1 - (1 - μ λ_j)^n] w_j*,   for the first steps about n μ λ_j w_j*,

and ridge, which minimizes E(w) + alpha/2 |w|², has λ_j / (λ_j + alpha) w_j*. Both leave directions of
large λ_j nearly unchanged and shrink those of small λ_j. With alpha = 1/(nμ) the two factors agree where
n μ λ_j is far below or far above 1, and differ in between: for small μ λ_j by at most 0.204, at n μ λ_j =
2.51. At this alpha ridge shrinks more, as long as no μ λ_j is above 1.

The letters differ between the sources:

| meaning | here | the course | Goodfellow et al. |
|---|---|---|---|
| eigenvalue of the Hessian | λ_j | μ_j | λ_i |
| learning rate | μ | λ | ε |
| number of steps | n | n | τ |
| matched penalty | alpha = 1/(nμ) | alpha = 1/(nλ) | alpha = 1/(τε) |

In the course's letters the weight is [1 - (1 - μ_j λ)^n] w_j*, with the limit n μ_j λ w_j*.

Reference:
    Deremble and Tantet, Neural network regularization and deep learning, course notes (LMD/IPSL, Paris).
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 7.8.
    Ali, Kolter and Tibshirani, A Continuous-Time View of Early Stopping for Least Squares, AISTATS 2019: at
    this alpha and for infinitesimal steps the risk is at most 1.69 times that of ridge.
"""

from collections.abc import Sequence

import numpy as np

from kerasreg.checks import InvalidInput, check_list, check_number, check_numbers, check_whole_number
from kerasreg.experiments.early_stopping_theory.record import QuadraticDescent

MAX_RECORDED_STEPS = 200


def quadratic_descent(
    hessian: np.ndarray, optimum: np.ndarray, *, learning_rate: float, steps: int = 1000
) -> QuadraticDescent:
    """Simulates gradient descent from 0 on a quadratic and compares it with its formula and with ridge.

    Args:
        hessian: Symmetric matrix, shape (d, d), with no eigenvalue below 0.
        optimum: Weights w* of least error, shape (d,), not all 0.
        learning_rate: Learning rate μ, above 0 and below 2 / λ_max, where gradient descent begins to diverge.
        steps: Number of steps, at least 1. About 200 of them are recorded, evenly on a logarithmic axis.

    Returns:
        Weights of gradient descent, of the formula and of ridge at alpha = 1/(nμ), and their distance.

    Raises:
        InvalidInput: If the matrix is not the Hessian of a minimum, or the descent would diverge or not move.

    Reference:
        See `kerasreg.experiments.early_stopping_theory.quadratic`.

    Example:
    >>> descent = quadratic_descent([[1, 0], [0, 0.05]], [1, 1], learning_rate=0.1, steps=300)
    >>> bool(descent.formula_error < 1e-12)
    True
    >>> round(float(descent.distance.max()), 2)
    0.32
    """
    hessian, optimum = _checked_quadratic(hessian, optimum)
    steps = check_whole_number("steps", steps)
    eigenvalues, eigenvectors = eigen(hessian)
    rate = checked_rate(learning_rate, eigenvalues[0])
    recorded = np.unique(np.geomspace(1, steps, MAX_RECORDED_STEPS).round().astype(int))
    alphas = 1 / (recorded * rate)
    coordinates = eigenvectors.T @ optimum
    factors = descent_factors(recorded, rate, eigenvalues)
    ridge_factors = eigenvalues / (eigenvalues + alphas[:, np.newaxis])
    formula = factors * coordinates @ eigenvectors.T
    ridge = ridge_factors * coordinates @ eigenvectors.T
    if not np.linalg.norm(ridge, axis=1).all():
        raise InvalidInput(
            "Gradient descent from 0 would not move: the optimum lies where the Hessian has no curvature. "
            "Give an optimum with a component along an eigenvector whose eigenvalue is above 0."
        )
    return QuadraticDescent(
        hessian=hessian,
        optimum=optimum,
        learning_rate=rate,
        eigenvalues=eigenvalues,
        eigenvectors=eigenvectors,
        steps=recorded,
        alphas=alphas,
        simulated=_simulated(hessian, optimum, rate, recorded),
        formula=formula,
        ridge=ridge,
        descent_shrinkage=factors,
        small_rate_shrinkage=recorded[:, np.newaxis] * rate * eigenvalues,
        ridge_shrinkage=ridge_factors,
        distance=share(formula - ridge, ridge),
    )


def ridge_path(hessian: np.ndarray, optimum: np.ndarray, alphas: Sequence[float]) -> np.ndarray:
    """Returns the weights that minimize 1/2 (w - w*)ᵀ H (w - w*) + alpha/2 |w|² for each alpha.

    For the mean squared error of n rows, alpha is twice the `l2` of Keras and of `Regularization`, and the
    `alpha` of scikit-learn's `Ridge` is n alpha / 2.

    Args:
        hessian: Symmetric matrix, shape (d, d), with no eigenvalue below 0.
        optimum: Weights w* of least error, shape (d,), not all 0.
        alphas: Penalties, each above 0.

    Returns:
        Weights, shape (len(alphas), d).

    Raises:
        InvalidInput: If the matrix is not the Hessian of a minimum, or a penalty is not above 0.

    Reference:
        Hoerl and Kennard, Ridge Regression, Technometrics 12, 1970.

    Example:
    >>> ridge_path([[2, 0], [0, 1]], [3, 4], [1.0]).tolist()
    [[2.0, 2.0]]
    """
    hessian, optimum = _checked_quadratic(hessian, optimum)
    alphas = check_list("alphas", alphas, "numbers above 0")
    alphas = np.array([check_number("Each of alphas", alpha, exclusive_minimum=True) for alpha in alphas])
    eigenvalues, eigenvectors = eigen(hessian)
    factors = eigenvalues / (eigenvalues + alphas[:, np.newaxis])
    return factors * (eigenvectors.T @ optimum) @ eigenvectors.T


def descent_factors(steps: np.ndarray, rate: float, eigenvalues: np.ndarray) -> np.ndarray:
    """Returns the factors 1 - (1 - μ λ)^n, shape (n, d)."""
    return 1 - (1 - rate * eigenvalues) ** np.asarray(steps)[:, np.newaxis]


def checked_rate(learning_rate: float, largest: float) -> float:
    """Returns the learning rate, or raises `InvalidInput` if it is too large for the largest eigenvalue."""
    rate = check_number("learning_rate", learning_rate, exclusive_minimum=True)
    if rate * largest >= 2:
        raise InvalidInput(
            f"learning_rate must be below 2 / λ_max = {2 / largest:.4g}, where λ_max = {largest:.4g} is the "
            f"largest eigenvalue of the Hessian; received {rate:g}, with which gradient descent diverges."
        )
    return rate


def eigen(hessian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the eigenvalues, largest first and clipped at 0, and the eigenvectors as columns."""
    eigenvalues, eigenvectors = np.linalg.eigh(hessian)
    return np.maximum(eigenvalues[::-1], 0.0), eigenvectors[:, ::-1]


def share(difference: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Returns the length of each row divided by the length of the same row of `of`, shape (n,)."""
    return np.linalg.norm(difference, axis=1) / np.linalg.norm(of, axis=1)


def _checked_quadratic(hessian: np.ndarray, optimum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hessian, optimum = (
        check_numbers(name, values).astype(float)
        for name, values in {"hessian": hessian, "optimum": optimum}.items()
    )
    if optimum.ndim != 1 or hessian.shape != (len(optimum), len(optimum)) or not len(optimum):
        raise InvalidInput(
            f"hessian must have shape (d, d) and optimum shape (d,); received {hessian.shape} and "
            f"{optimum.shape}."
        )
    if not (np.isfinite(hessian).all() and np.isfinite(optimum).all() and optimum.any()):
        raise InvalidInput("hessian and optimum must be finite, and optimum not all 0: descent begins at 0.")
    scale = np.abs(hessian).max()
    eigenvalues = np.linalg.eigvalsh(hessian)
    rounding = 1e-12 * len(optimum) * scale
    if scale == 0 or np.abs(hessian - hessian.T).max() > rounding or eigenvalues[0] < -rounding:
        raise InvalidInput(
            "hessian must be symmetric, not all 0, and have no eigenvalue below 0: otherwise the error has "
            f"no minimum; received eigenvalues {eigenvalues[0]:.3g} to {eigenvalues[-1]:.3g} and an "
            f"asymmetry of {np.abs(hessian - hessian.T).max():.3g}."
        )
    return hessian, optimum


def _simulated(hessian: np.ndarray, optimum: np.ndarray, rate: float, recorded: np.ndarray) -> np.ndarray:
    weights, path, wanted = np.zeros_like(optimum), [], set(recorded.tolist())
    for step in range(1, recorded[-1] + 1):
        weights = weights - rate * (hessian @ (weights - optimum))
        if step in wanted:
            path.append(weights)
    return np.array(path)
