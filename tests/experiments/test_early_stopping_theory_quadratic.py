"""Gradient descent on a quadratic is the formula of the course, and ridge is scikit-learn's."""

import re

import numpy as np
import pytest
from scipy import optimize
from sklearn.linear_model import Ridge

from kerasreg.checks import InvalidInput
from kerasreg.experiments import least_squares_quadratic, quadratic_descent, ridge_path
from kerasreg.experiments.early_stopping_theory.record import SMALL_RATE_BOUND


def hessian_with(eigenvalues, seed=0):
    """A Hessian of these eigenvalues in random directions."""
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(eigenvalues),) * 2))[0]
    hessian = rotation * eigenvalues @ rotation.T
    return (hessian + hessian.T) / 2


def test_simulation_and_formula_are_the_power_of_a_matrix():
    hessian, optimum = hessian_with([3.0, 1.0, 0.2, 0.01]), np.array([1.0, -2.0, 0.5, 3.0])
    descent = quadratic_descent(hessian, optimum, learning_rate=0.5, steps=60)
    for row, step in enumerate(descent.steps):
        left = np.linalg.matrix_power(np.eye(4) - 0.5 * hessian, int(step)) @ optimum
        np.testing.assert_allclose(descent.simulated[row], optimum - left, atol=1e-12)  # rounding, 60 steps
        np.testing.assert_allclose(descent.formula[row], optimum - left, atol=1e-12)
    assert descent.formula_error < 1e-12


def test_along_the_axes_a_weight_is_the_formula_of_the_course():
    descent = quadratic_descent(np.diag([2.0, 0.1]), [5.0, -3.0], learning_rate=0.3, steps=7)
    np.testing.assert_array_equal(descent.steps, range(1, 8))
    for weight, eigenvalue, best in ((0, 2.0, 5.0), (1, 0.1, -3.0)):
        course = [(1 - (1 - 0.3 * eigenvalue) ** n) * best for n in range(1, 8)]
        np.testing.assert_allclose(descent.simulated[:, weight], course, rtol=1e-12)


def test_the_first_steps_are_the_limit_of_small_rates():
    descent = quadratic_descent(np.eye(1), [1.0], learning_rate=1e-4, steps=100)
    limit = descent.steps * 1e-4
    np.testing.assert_allclose(descent.small_rate_shrinkage[:, 0], limit)
    # The next term of the series is n²μ²λ²/2: half of the limit, itself at most 0.01, as a share of it.
    np.testing.assert_allclose(descent.descent_shrinkage[:, 0], limit, rtol=0.005)
    np.testing.assert_allclose(descent.ridge_shrinkage[:, 0], limit, rtol=0.01)


def test_steps_are_recorded_from_the_first_to_the_last():
    steps = quadratic_descent(np.eye(2), [1, 1], learning_rate=0.1, steps=5000).steps
    assert (steps[0], steps[-1]) == (1, 5000)
    assert (np.diff(steps) > 0).all()
    assert 100 < len(steps) <= 200


def test_ridge_is_the_ridge_of_scikit_learn():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(40, 3)) * [3, 1, 0.1], rng.normal(size=40)
    with_ones = np.column_stack([x, np.ones(40)])
    hessian, optimum = least_squares_quadratic(x, y)
    alphas = [0.01, 0.3, 20.0]
    for alpha, weights in zip(alphas, ridge_path(hessian, optimum, alphas), strict=True):
        oracle = Ridge(alpha=40 * alpha / 2, fit_intercept=False).fit(with_ones, y)
        np.testing.assert_allclose(weights, oracle.coef_, rtol=1e-8)


def test_along_one_eigenvector_the_factors_differ_most_where_n_mu_lambda_is_two_and_a_half():
    worst = optimize.minimize_scalar(lambda t: np.exp(-t) - 1 / (1 + t), bounds=(0.1, 10), method="bounded")
    assert worst.x == pytest.approx(2.513, abs=1e-3)
    descent = quadratic_descent(np.eye(1), [1.0], learning_rate=1e-3, steps=20_000)
    gap = (descent.descent_shrinkage - descent.ridge_shrinkage)[:, 0]
    # A rate of 0.001 is off the limit by about as much; recorded steps are 5 % apart.
    assert gap.max() == pytest.approx(-worst.fun, abs=5e-4)
    assert descent.steps[gap.argmax()] * 1e-3 == pytest.approx(worst.x, rel=0.06)
    assert f"differ by at most {gap.max():.3f}, where n μ λ is 2.5." in descent.summary()


def test_the_bound_for_small_rates_is_the_largest_ratio_of_the_factors():
    found = optimize.minimize_scalar(
        lambda t: np.expm1(-t) * (1 + t) / t, bounds=(0.1, 10), method="bounded", options={"xatol": 1e-9}
    )
    assert pytest.approx(-found.fun - 1, abs=1e-4) == SMALL_RATE_BOUND
    assert -found.fun - 1 <= SMALL_RATE_BOUND


@pytest.mark.parametrize("seed", range(5))
def test_no_quadratic_exceeds_the_bound_by_more_than_its_rate(seed):
    rng = np.random.default_rng(seed)
    hessian = hessian_with(rng.uniform(0.001, 1, 5), seed)
    descent = quadratic_descent(hessian, rng.normal(size=5), learning_rate=0.005, steps=30_000)
    assert 0 < descent.distance.max() < SMALL_RATE_BOUND + 0.005
    # Bernoulli's inequality: ridge at the matched alpha shrinks more in every direction.
    assert (descent.descent_shrinkage >= descent.ridge_shrinkage).all()


def test_the_distance_is_between_formula_and_ridge():
    descent = quadratic_descent(hessian_with([1.0, 0.1]), [1.0, 2.0], learning_rate=0.2, steps=50)
    np.testing.assert_allclose(descent.alphas, 1 / (0.2 * descent.steps))
    ridge = ridge_path(descent.hessian, descent.optimum, descent.alphas)
    np.testing.assert_allclose(descent.ridge, ridge)
    expected = [
        np.linalg.norm(w - r) / np.linalg.norm(r) for w, r in zip(descent.simulated, ridge, strict=True)
    ]
    np.testing.assert_allclose(descent.distance, expected, rtol=1e-9)


def test_where_there_is_no_curvature_weights_stay_at_zero():
    descent = quadratic_descent(np.diag([1.0, 0.0]), [1.0, 7.0], learning_rate=0.1, steps=20)
    for path in (descent.simulated, descent.formula, descent.ridge):
        assert not path[:, 1].any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"learning_rate": 0.5},
            "learning_rate must be below 2 / λ_max = 0.5, where λ_max = 4 is the largest eigenvalue of the "
            "Hessian; received 0.5, with which gradient descent diverges.",
        ),
        ({"learning_rate": 0}, "learning_rate must be a number above 0; received 0."),
        ({"steps": 0}, "steps must be a whole number of at least 1; received 0."),
        (
            {"optimum": [1, 2, 3]},
            "hessian must have shape (d, d) and optimum shape (d,); received (2, 2) and (3,).",
        ),
        (
            {"optimum": [0, 0]},
            "hessian and optimum must be finite, and optimum not all 0: descent begins at 0.",
        ),
        (
            {"hessian": [[1, 0], [0, -1]]},
            "hessian must be symmetric, not all 0, and have no eigenvalue below 0: otherwise the error "
            "has no minimum; received eigenvalues -1 to 1 and an asymmetry of 0.",
        ),
        (
            {"hessian": [[1, 0], [0, 0]], "optimum": [0, 3]},
            "Gradient descent from 0 would not move: the optimum lies where the Hessian has no curvature. "
            "Give an optimum with a component along an eigenvector whose eigenvalue is above 0.",
        ),
    ],
)
def test_what_is_no_stable_descent_is_refused(arguments, message):
    given = {"hessian": [[4, 0], [0, 1]], "optimum": [1, 1], "learning_rate": 0.1, "steps": 5} | arguments
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        quadratic_descent(**given)


def test_the_limit_of_stability_is_where_the_simulation_diverges():
    hessian = hessian_with([2.0, 0.5])
    stable = quadratic_descent(hessian, [1, 1], learning_rate=0.99, steps=2000)
    np.testing.assert_allclose(stable.simulated[-1], [1, 1], atol=1e-6)
    with pytest.raises(InvalidInput, match="diverges"):
        quadratic_descent(hessian, [1, 1], learning_rate=1.01, steps=2000)


def test_penalties_that_are_not_above_zero_are_refused():
    message = re.escape("Each of alphas must be a number above 0; received 0.0.")
    with pytest.raises(InvalidInput, match=f"^{message}$"):
        ridge_path(np.eye(1), [1.0], [1.0, 0.0])


def test_several_targets_a_row_are_refused():
    message = re.escape(
        "A linear network of one output needs one target for each row, at least one row; received "
        "x of shape (4, 2) and y of shape (4, 2)."
    )
    with pytest.raises(InvalidInput, match=f"^{message}$"):
        least_squares_quadratic(np.ones((4, 2)), np.ones((4, 2)))


def test_tables_have_a_row_for_each_number():
    descent = quadratic_descent(np.diag([1.0, 0.5]), [1, 1], learning_rate=0.1, steps=3)
    rows = descent.to_frame().to_dict("records")
    assert [(row["step"], row["eigenvalue"]) for row in rows] == [
        (step, eigenvalue) for step in (1, 2, 3) for eigenvalue in (1.0, 0.5)
    ]
    assert rows[3]["progress"] == pytest.approx(2 * 0.1 * 0.5)
    assert rows[3]["descent_shrinkage"] == pytest.approx(1 - 0.95**2)
