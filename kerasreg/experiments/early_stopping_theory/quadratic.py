"""Gradient descent on a quadratic, step by step and by its formula, and ridge beside it."""

from collections.abc import Sequence

import numpy as np

from kerasreg.checks import InvalidInput, check_list, check_number, check_numbers, check_whole_number
from kerasreg.records.early_stopping_theory import QuadraticDescent

MOST_STEPS_RECORDED = 200


def quadratic_descent(
    hessian: np.ndarray, optimum: np.ndarray, *, learning_rate: float, steps: int = 1000
) -> QuadraticDescent:
    """Simulates gradient descent from 0 on a quadratic and puts the formula and ridge beside it.

    Args:
        hessian: Symmetric matrix of shape (d, d) whose eigenvalues are all at least 0.
        optimum: The weights w* of least error, shape (d,), not all 0.
        learning_rate: The rate μ, above 0 and below 2 / λ_max, where gradient descent begins to diverge.
        steps: How many steps, at least 1. About 200 of them are recorded, evenly on a logarithmic axis.

    Returns:
        The weights of gradient descent, of the formula and of ridge at alpha = 1/(nμ), and their distance.

    Raises:
        InvalidInput: If the matrix is no Hessian of a minimum, or the descent would diverge or not move.

    Reference:
        See `kerasreg.experiments.early_stopping_theory`.

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
    recorded = np.unique(np.geomspace(1, steps, MOST_STEPS_RECORDED).round().astype(int))
    alphas = 1 / (recorded * rate)
    coordinates = eigenvectors.T @ optimum
    factors = descent_factors(recorded, rate, eigenvalues)
    ridge_factors = eigenvalues / (eigenvalues + alphas[:, np.newaxis])
    formula = factors * coordinates @ eigenvectors.T
    ridge = ridge_factors * coordinates @ eigenvectors.T
    if not np.linalg.norm(ridge, axis=1).all():
        raise InvalidInput(
            "Gradient descent from 0 would not move: the optimum lies where the Hessian has no curvature. "
            "Give an optimum with a part along an eigenvector whose eigenvalue is above 0."
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
        hessian: Symmetric matrix of shape (d, d) whose eigenvalues are all at least 0.
        optimum: The weights w* of least error, shape (d,), not all 0.
        alphas: Penalties, each above 0.

    Returns:
        Array of shape (len(alphas), d).

    Raises:
        InvalidInput: If the matrix is no Hessian of a minimum, or a penalty is not above 0.

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
    """Returns 1 - (1 - μ λ)^n of shape (n, d)."""
    return 1 - (1 - rate * eigenvalues) ** np.asarray(steps)[:, np.newaxis]


def checked_rate(learning_rate: float, largest: float) -> float:
    """Returns the rate, or raises `InvalidInput` where it is too large for the largest eigenvalue."""
    rate = check_number("learning_rate", learning_rate, exclusive_minimum=True)
    if rate * largest >= 2:
        raise InvalidInput(
            f"learning_rate must be below 2 / λ_max = {2 / largest:.4g}, where λ_max = {largest:.4g} is the "
            f"largest eigenvalue of the Hessian; received {rate:g}, with which gradient descent diverges."
        )
    return rate


def eigen(hessian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns eigenvalues, largest first and rounding below 0 taken off, and eigenvectors as columns."""
    eigenvalues, eigenvectors = np.linalg.eigh(hessian)
    return np.maximum(eigenvalues[::-1], 0.0), eigenvectors[:, ::-1]


def share(difference: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Returns the length of each row as a share of the length of the same row of `of`, shape (n,)."""
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
            "hessian must be symmetric, not all 0, and have no eigenvalue below 0, or the error has no "
            f"minimum; received eigenvalues {eigenvalues[0]:.3g} to {eigenvalues[-1]:.3g} and an "
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
