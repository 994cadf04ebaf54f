import re

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.experiments import LinearNetworkEquivalence, quadratic_descent
from kerasreg.experiments.early_stopping_theory.record import SMALL_RATE_BOUND
from tests.helpers.drawn import line


@pytest.fixture(scope="module")
def descent():
    return quadratic_descent([[1, 0.4], [0.4, 0.3]], [1, 1.5], learning_rate=0.1, steps=300)


def networks(distance, independent=True):
    """A record of which the picture reads the steps and distances alone."""
    distance = np.array(distance)
    empty = dict.fromkeys(
        (
            "learning_rates",
            "eigenvalues",
            "optima",
            "alphas",
            "network",
            "formula",
            "ridge",
            "formula_error",
            "validation_mse",
            "ridge_validation_mse",
            "test_mse",
            "ridge_test_mse",
        ),
        np.empty(0),
    )
    return LinearNetworkEquivalence(
        steps=10 ** np.arange(distance.shape[1]), distance=distance, independent=independent, **empty
    )


def bands(ax):
    return [each for each in ax.collections if isinstance(each, PolyCollection)]


def test_both_paths_go_from_zero_to_near_the_optimum(ax, descent):
    assert descent.plot_paths(ax) is ax
    for label, path in (("gradient descent", descent.simulated), ("ridge", descent.ridge)):
        drawn = line(ax, label).get_xydata()
        np.testing.assert_array_equal(drawn[0], [0, 0])
        np.testing.assert_array_equal(drawn[1:], path)
    np.testing.assert_array_equal(line(ax, "optimum").get_xydata(), [[1, 1.5]])
    assert ax.get_aspect() == 1


def test_thin_lines_join_the_weights_of_matched_step_and_alpha(ax, descent):
    descent.plot_paths(ax)
    joins = [each.get_xydata() for each in ax.lines if each.get_linewidth() == 0.9]
    assert len(joins) == 9
    for early, ridge in joins:
        row = np.flatnonzero((descent.simulated == early).all(axis=1))
        np.testing.assert_array_equal(descent.ridge[row], [ridge])


def test_only_two_weights_have_a_contour_picture(ax):
    three = quadratic_descent(np.eye(3), [1, 1, 1], learning_rate=0.1, steps=3)
    message = (
        "Only a quadratic of two weights has a contour picture; this one has 3. "
        "plot_shrinkage draws any number."
    )
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        three.plot_paths(ax)


def test_each_eigenvalue_has_three_curves_of_one_color(ax, descent):
    assert descent.plot_shrinkage(ax) is ax
    curves = [each for each in ax.lines if len(each.get_xdata())]
    assert len(curves) == 6
    for column in range(2):
        solid, dashed, dotted = curves[3 * column : 3 * column + 3]
        np.testing.assert_array_equal(solid.get_ydata(), descent.descent_shrinkage[:, column])
        np.testing.assert_array_equal(dashed.get_ydata(), descent.ridge_shrinkage[:, column])
        np.testing.assert_array_equal(dotted.get_ydata(), descent.small_rate_shrinkage[:, column])
        assert len({each.get_color() for each in (solid, dashed, dotted)}) == 1
        assert [each.get_linestyle() for each in (solid, dashed, dotted)] == ["-", "--", ":"]
        assert solid.get_label() == f"λ = {descent.eigenvalues[column]:.3g}"
    assert ax.get_xscale() == "log"


def test_of_many_eigenvalues_the_largest_the_smallest_and_some_between_are_drawn(ax):
    many = quadratic_descent(np.diag(np.arange(1.0, 10)), np.ones(9), learning_rate=0.1, steps=5)
    many.plot_shrinkage(ax, num_eigenvalues=3)
    labels = [each.get_label() for each in ax.lines if each.get_label().startswith("λ")]
    assert labels == ["λ = 9", "λ = 5", "λ = 1"]


def test_more_eigenvalues_than_colors_are_refused(ax, descent):
    message = "num_eigenvalues must be at most 6, as many as there are colors; received 7."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        descent.plot_shrinkage(ax, num_eigenvalues=7)


def test_the_distance_of_a_descent_is_one_line_beside_the_bound(ax, descent):
    assert descent.plot_distance(ax) is ax
    np.testing.assert_array_equal(line(ax, "formula").get_ydata(), descent.distance)
    bound = line(ax, "bound in the limit of small μ λ")
    np.testing.assert_array_equal(bound.get_ydata(), [SMALL_RATE_BOUND] * 2)
    assert not bands(ax)


def test_networks_are_drawn_with_their_mean_and_its_interval(ax):
    distance = [[0.1, 0.3], [0.2, 0.2], [0.15, 0.4]]
    networks(distance).plot(ax)
    np.testing.assert_allclose(line(ax, "mean of the networks").get_ydata(), [0.15, 0.3])
    thin = [list(each.get_ydata()) for each in ax.lines if each.get_linewidth() == 0.6]
    assert thin == distance
    corners = bands(ax)[0].get_paths()[0].vertices
    for step, column in zip((1, 10), np.transpose(distance), strict=True):
        low, high = stats.t.interval(0.95, 2, column.mean(), stats.sem(column))
        at = corners[corners[:, 0] == step, 1]
        assert (at.min(), at.max()) == pytest.approx((low, high))


def test_networks_that_share_rows_are_drawn_without_an_interval(ax):
    networks([[0.1, 0.3], [0.2, 0.2]], independent=False).plot(ax)
    assert not bands(ax)


def test_a_single_network_is_one_line(ax):
    networks([[0.1, 0.3]]).plot(ax)
    np.testing.assert_array_equal(line(ax, "network").get_ydata(), [0.1, 0.3])
    assert ax.get_xlabel() == "epochs n, each one full-batch step"


def test_epochs_that_a_network_did_not_reach_are_left_out_of_the_mean(ax):
    networks([[0.1, 0.3], [0.2, np.nan]]).plot(ax)
    np.testing.assert_allclose(line(ax, "mean of the networks").get_ydata(), [0.15, 0.3])
