import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.plotting.filtering import plot_boundaries, plot_commutation, plot_filtered
from kerasreg.plotting.ships import plot_ship_counting, plot_ships
from kerasreg.records.filtering import Commutation, FilterComparison
from kerasreg.records.ships import ShipCounting

PICTURE = np.random.default_rng(0).uniform(size=(12, 16))


def axes(count):
    return list(Figure(layout="constrained").subplots(1, count, squeeze=False)[0])


def filters():
    results = np.stack([np.stack([PICTURE, PICTURE + 1]), np.stack([PICTURE - 0.5, PICTURE - 2])])
    return FilterComparison(
        data="noise",
        picture=PICTURE,
        kernels=("box_3", "sobel_x"),
        boundaries=("constant", "wrap"),
        reach=(1, 2),
        sums=(1.0, 0.0),
        filtered=results,
        keras_difference=np.zeros((2, 2)),
        rounding=np.ones(2),
    )


def drawn(ax):
    return ax.images[0].get_array()


def test_the_picture_and_each_filtered_one_are_drawn_with_their_names():
    found = plot_filtered(filters(), "wrap", axes(3))
    assert [ax.get_title() for ax in found] == ["noise", "box 3", "sobel x"]
    np.testing.assert_array_equal(drawn(found[1]), PICTURE + 1)
    np.testing.assert_array_equal(drawn(found[2]), PICTURE - 2)
    assert found[1].images[0].get_clim() == (PICTURE.min(), PICTURE.max())  # grey levels as in the picture
    low, high = found[2].images[0].get_clim()
    assert low == -high  # white is 0


def test_the_corners_share_their_grey_levels_and_have_the_frame_of_the_kernels_reach():
    found = plot_boundaries(filters(), axes=axes(2), corner=6)
    assert [ax.get_title() for ax in found] == ["constant", "wrap"]
    np.testing.assert_array_equal(drawn(found[0]), PICTURE[:6, :6] - 0.5)
    assert found[0].images[0].get_clim() == found[1].images[0].get_clim()
    assert found[1].patches[0].get_xy() == (1.5, 1.5)  # between the second and the third pixel
    assert found[0].get_ylabel() == "sobel x"


def test_both_orders_are_drawn_and_their_difference():
    record = Commutation(
        data="noise",
        picture=PICTURE,
        kernels=("box_3", "laplace"),
        boundary="constant",
        margin=2,
        forth=PICTURE,
        back=PICTURE - 0.25,
        joined=PICTURE,
        rounding=1e-9,
    )
    found = plot_commutation(record, axes(3))
    titles = ["box 3, then laplace", "laplace, then box 3", "difference, up to 0.25"]
    assert [ax.get_title() for ax in found] == titles
    np.testing.assert_allclose(drawn(found[2]), 0.25)
    assert found[2].patches[0].get_bbox().bounds == (1.5, 1.5, 12, 8)


def counting():
    slick = PICTURE > 0.8
    right, wrong = np.array([[3.0, 4.0, 1.0]]), np.array([[3.0, 4.0, 1.0], [6.0, 7.0, -1.0]])
    return ShipCounting(
        data="noise",
        picture=PICTURE,
        ships=np.array([[9.0, 2.0], [3.0, 5.0]]),
        slick=slick,
        noise=(0.0, 0.1),
        found={"spots": [[right, right], [right, wrong]], "laplace": [[wrong, wrong], [wrong, wrong]]},
        overlap=np.array([[0.9, 0.9], [0.7, 0.8]]),
        outlines=np.stack([slick, slick]),
        settings={"repeats": 2, "tolerance": 5.0, "seed": 0},
        seconds=1.0,
    )


def test_ships_that_were_found_missed_and_imagined_are_told_apart():
    ax = plot_ships(counting(), "laplace", 0.1, axes(1)[0])
    places = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert places["ship found (1)"] == [[4, 3]]  # column, row
    assert places["found, but no ship (1)"] == [[7, 6]]
    assert places["ship missed (1)"] == [[2, 9]]
    np.testing.assert_array_equal(drawn(ax), PICTURE)


def test_the_scores_are_drawn_against_the_noise_with_bands():
    left, right = plot_ship_counting(counting(), axes(2))
    assert [line.get_label() for line in left.lines] == ["spots", "laplace"]
    # One of two ships found: F1 is 2/3, and 1/2 with a false one beside it.
    np.testing.assert_allclose(left.lines[0].get_ydata(), [2 / 3, (2 / 3 + 1 / 2) / 2])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.9, 0.75])
    low, high = (right.collections[0].get_paths()[0].vertices[:, 1].min(), 0.75 + 12.706 * 0.05)
    assert low == pytest.approx(0.75 - 12.706 * 0.05, abs=1e-4)  # Student's t of two repeats
    assert right.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(high, abs=1e-4)


def test_too_few_axes_are_refused():
    message = "axes must hold one Axes for each of 3 pictures; received 2."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot_filtered(filters(), axes=axes(2))
