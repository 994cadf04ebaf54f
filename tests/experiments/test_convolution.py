import json

import numpy as np
import pytest
from scipy import ndimage

from kerasreg.experiments import (
    Commutation,
    FilterComparison,
    commute,
    compare_filters,
    filter_with_keras,
)
from kerasreg.filters import BOUNDARIES, filter_picture
from tests.helpers.refusing import refused

GRAY = np.random.default_rng(0).uniform(size=(20, 23))
LOPSIDED = np.array([[0.0, 1.0, 5.0], [-2.0, 0.5, 3.0], [0.0, 0.0, 7.0]])


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("size", [(1, 5), (7, 3)])
def test_keras_pads_as_scipy_does_for_kernels_that_are_no_squares(boundary, size):
    kernel = np.random.default_rng(1).normal(size=size)
    # Single precision: 21 products of about 1.
    np.testing.assert_allclose(
        filter_with_keras(GRAY, kernel, boundary), filter_picture(GRAY, kernel, boundary), atol=1e-5
    )


@pytest.fixture(scope="module")
def compared():
    return compare_filters(
        GRAY, {"box_3": "box_3", "lopsided": LOPSIDED, "sobel_magnitude": "sobel_magnitude"}
    )


def test_scipy_and_keras_agree_within_rounding_whose_bound_is_no_wider_than_single_precision(compared):
    for row, kernel in enumerate(compared.kernels):
        assert compared.equal(kernel)
        # Dozens of roundings at the most, on the scale of the largest result.
        assert compared.rounding[row] < 200 * np.finfo(np.float32).eps * np.abs(compared.filtered[row]).max()
    unflipped = np.abs(ndimage.correlate(GRAY, LOPSIDED) - compared.result("lopsided")).max()
    assert unflipped > 1e5 * compared.rounding[1]


def test_boundaries_matter_within_the_reach_of_a_kernel_and_no_further(compared):
    for kernel in compared.kernels:
        near = compared.boundary_difference(kernel, interior=False)
        assert near[0] == 0
        assert (near[1:] > 0.1).all()
        assert (compared.boundary_difference(kernel, interior=True) == 0).all()


def test_the_record_of_a_comparison_survives_json_and_says_what_it_holds(compared):
    again = FilterComparison.from_dict(json.loads(json.dumps(compared.to_dict())))
    assert again.to_dict() == compared.to_dict()
    assert again.summary() == compared.summary()
    np.testing.assert_array_equal(again.filtered, compared.filtered)
    np.testing.assert_array_equal(compared.result("lopsided", "wrap"), compared.filtered[1, 4])
    frame = compared.to_frame()
    assert len(frame) == 15
    first = compared.summary().split("\n")[0]
    assert first.startswith("box_3: SciPy and Keras agree up to rounding: the largest difference is ")
    assert first.endswith(" within 1 pixel of the border and by up to 0 further in.")


def test_json_holds_the_picture_and_the_kernels_but_no_filtered_picture(compared):
    written = json.dumps(compared.to_dict())
    assert len(written) < 20 * compared.picture.size + 2000  # a number has up to 20 characters
    np.testing.assert_array_equal(compared.weights[1], [LOPSIDED])


def test_a_difference_beyond_rounding_is_said_to_be_one():
    record = compare_filters(GRAY, ["box_3"], ["wrap"])
    worse = FilterComparison.from_dict(record.to_dict() | {"keras_difference": [[0.5]]})
    assert not worse.equal("box_3")
    expected = (
        "box_3: SciPy and Keras differ by more than rounding: the largest difference is 5.0e-01, and single "
        f"precision explains {record.rounding[0]:.1e}."
    )
    assert worse.summary() == expected


def test_a_kernel_of_one_pixel_knows_no_border():
    summary = compare_filters(GRAY, ["box_1"]).summary()
    assert summary.endswith(". The boundaries differ by up to 0 further in.")


def test_a_picture_without_an_interior_has_no_interior_difference():
    record = compare_filters(GRAY[:4, :4], ["box_7"])
    assert np.isnan(record.boundary_difference("box_7", interior=True)).all()
    assert record.summary().endswith(" within 3 pixels of the border.")


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_filters_commute_in_the_interior_and_with_wrap_everywhere(boundary):
    record = commute(GRAY, "box_5", "sobel_x", boundary)
    assert record.equal
    assert record.margin == 3
    everywhere = max(record.differences(interior=False).values())
    if boundary == "wrap":  # on a torus there is no border
        assert everywhere <= record.rounding
    else:
        assert everywhere > 1e-3


def test_a_box_over_a_box_is_a_pyramid():
    point = np.zeros((9, 9))
    point[4, 4] = 1
    record = commute(point, "box_3", "box_3")
    np.testing.assert_allclose(81 * record.joined[4], [0, 0, 3, 6, 9, 6, 3, 0, 0], atol=1e-13)


def test_the_record_of_both_orders_survives_json_and_tells_when_they_differ():
    record = commute(GRAY, LOPSIDED, "laplace", "nearest")
    again = Commutation.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again.to_dict() == record.to_dict()
    assert record.summary().startswith(
        "a kernel of 3 x 3 and laplace give the same in both orders in the interior, 2 pixels from the border"
    )
    other = Commutation.from_dict(record.to_dict() | {"back": (record.back + 1).tolist()})
    assert not other.equal
    assert other.summary().startswith("a kernel of 3 x 3 and laplace differ by their order in the interior")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: compare_filters(GRAY, []),
            "kernels must be a list of one or more names, or arrays in a dict; received [].",
        ),
        (
            lambda: compare_filters(GRAY, [[[1]]]),
            "kernels must be a list of one or more names, or arrays in a dict; received [[[1]]].",
        ),
        (
            lambda: compare_filters(GRAY, boundaries="wrap"),
            "boundaries must be a list of one or more names; received 'wrap'.",
        ),
        (
            lambda: commute(GRAY[:6], "box_5", "laplace"),
            "The kernels extend 3 pixels together, and a picture of 6 x 23 has no pixel that far from its "
            "border; give one of at least 7 pixels a side.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, message):
    refused(message, call)
