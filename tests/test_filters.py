import numpy as np
import pytest
from scipy import ndimage

from kerasreg.filters import BOUNDARIES, box, filter_picture, kernel_of
from tests.helpers.refusing import refused

GRAY = np.random.default_rng(0).uniform(size=(20, 23))


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_named_filters_are_those_that_scipy_has_by_name(boundary):
    oracles = {
        "box_5": ndimage.uniform_filter(GRAY, 5, mode=boundary),
        "laplace": ndimage.laplace(GRAY, mode=boundary),
        "sharpen": GRAY - ndimage.laplace(GRAY, mode=boundary),
        "sobel_x": ndimage.sobel(GRAY, axis=1, mode=boundary),
        "sobel_y": ndimage.sobel(GRAY, axis=0, mode=boundary),
        "sobel_magnitude": np.hypot(*(ndimage.sobel(GRAY, axis, mode=boundary) for axis in (0, 1))),
    }
    for name, expected in oracles.items():
        np.testing.assert_allclose(filter_picture(GRAY, name, boundary), expected, atol=1e-13)


def test_the_laplacian_of_a_paraboloid_is_four_and_its_gradient_is_that_of_sobel():
    y, x = np.mgrid[:9, :9].astype(float)
    inside = (slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(filter_picture(x**2 + y**2, "laplace")[inside], 4, atol=1e-12)
    # Sobel's weights sum to 4 on each side, two pixels apart: eight times the slope.
    np.testing.assert_allclose(filter_picture(3 * x - 4 * y, "sobel_x")[inside], 24, atol=1e-12)
    np.testing.assert_allclose(filter_picture(3 * x - 4 * y, "sobel_magnitude")[inside], 40, atol=1e-12)


def test_colors_are_made_gray_by_the_weights_of_the_course():
    colors = np.random.default_rng(2).uniform(size=(4, 5, 3)).astype(np.float32)
    gray = colors @ np.array([0.2989, 0.5870, 0.1140])
    np.testing.assert_allclose(filter_picture(colors, box(1)), gray, atol=1e-6)
    np.testing.assert_array_equal(filter_picture(GRAY[..., None], "box_3"), filter_picture(GRAY, "box_3"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: filter_picture(GRAY, "blur"),
            "kernel must be 'box_N' with an odd N, 'laplace', 'sharpen', 'sobel_x', 'sobel_y', or an array; "
            "received 'blur'.",
        ),
        (
            lambda: box(4),
            "The size of a box must be an odd number of pixels of at least 1, so that it has a center; "
            "received 4.",
        ),
        (
            lambda: kernel_of(np.ones((2, 3))),
            "A kernel must have shape (height, width), both odd so that it has a center; received "
            "shape (2, 3).",
        ),
        (
            lambda: kernel_of([[np.nan]]),
            "A kernel must hold finite numbers; this one holds NaN or infinity.",
        ),
        (
            lambda: filter_picture(GRAY[None], "laplace"),
            "A picture must have shape (height, width), (height, width, 1) or (height, width, 3), none of "
            "them 0; received shape (1, 20, 23).",
        ),
        (lambda: filter_picture("sea.png", "laplace"), "A picture must hold numbers; received 'sea.png'."),
        (
            lambda: kernel_of([[1], [1, 2]]),
            "A kernel must hold numbers in rows of equal lengths; received [[1], [1, 2]].",
        ),
        (
            lambda: filter_picture(np.full((3, 3), np.inf), "laplace"),
            "A picture must hold finite numbers; this one holds NaN or infinity.",
        ),
        (
            lambda: filter_picture(GRAY, "laplace", "zero"),
            "boundary must be one of 'constant', 'nearest', 'reflect', 'mirror', 'wrap'; received 'zero'.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, message):
    refused(message, call)
