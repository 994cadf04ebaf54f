"""Pictures are moved, turned and bent by what the strength says."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from kerasreg.augmentation import (
    RandomElastic,
    sample_bilinearly,
    smoothing_matrix,
)
from tests.helpers.changed_pictures import distorted, the_layer
from tests.helpers.networks import digits
from tests.helpers.refusing import refused


def spots(*, row: float, column: float, size: int = 41, pictures: int = 300) -> np.ndarray:
    """Pictures of one blurred spot, `row` and `column` pixels from the middle."""
    distance = np.arange(size) - (size - 1) / 2
    profile = np.exp(-0.5 * ((distance[:, None] - row) ** 2 + (distance - column) ** 2) / 2**2)
    return np.tile(profile[None, :, :, None], (pictures, 1, 1, 1)).astype("float32")


def centers(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The center of gravity of each picture, in pixels down and across from the middle."""
    distance = np.arange(pictures.shape[1]) - (pictures.shape[1] - 1) / 2
    weight = pictures[..., 0] / pictures[..., 0].sum(axis=(1, 2), keepdims=True)
    return weight.sum(axis=2) @ distance, weight.sum(axis=1) @ distance


def test_a_translation_moves_down_and_across_by_up_to_its_fraction():
    down, across = centers(distorted(the_layer("translation", 0.2), spots(row=0, column=0)))
    for shift in (down, across):
        assert abs(shift).max() <= 0.2 * 41 + 0.01
        assert shift.min() < -0.18 * 41
        assert shift.max() > 0.18 * 41
    assert abs(np.corrcoef(down, across)[0, 1]) < 0.2


def test_a_rotation_turns_by_up_to_its_degrees():
    down, across = centers(distorted(the_layer("rotation", 30), spots(row=0, column=12)))
    degrees = np.degrees(np.arctan2(down, across))
    assert abs(degrees).max() <= 30.5
    assert degrees.min() < -27
    assert degrees.max() > 27
    np.testing.assert_allclose(np.hypot(down, across), 12, atol=0.1)


def test_a_zoom_resizes_by_up_to_its_fraction_and_keeps_the_shape():
    down, across = centers(distorted(the_layer("zoom", 0.2), spots(row=10, column=10)))
    shown = 10 / down  # as a fraction of the picture
    assert shown.min() == pytest.approx(0.8, abs=0.02)
    assert shown.max() == pytest.approx(1.2, abs=0.02)
    np.testing.assert_allclose(down, across, atol=0.01)


def elastic_shifts(strength: float) -> tuple[np.ndarray, np.ndarray]:
    """How far the pixels in the middle of 2,000 pictures of 29 x 58 are shifted, down and across."""
    ramps = np.stack(np.indices((29, 58), dtype="float32"), axis=-1)[None].repeat(2000, axis=0)
    shifts = distorted(RandomElastic(strength, seed=0), ramps) - ramps
    return shifts[:, 10:19, 24:33, 0], shifts[:, 10:19, 24:33, 1]


def test_an_elastic_deformation_shifts_pixels_with_the_stated_standard_deviation():
    down, across = elastic_shifts(0.05)
    assert down.std() == pytest.approx(0.05 * 29, rel=0.05)
    assert across.std() == pytest.approx(0.05 * 58, rel=0.05)
    assert (down.mean(), across.mean()) == pytest.approx((0, 0), abs=0.2)
    assert np.corrcoef(down.ravel(), across.ravel())[0, 1] == pytest.approx(0, abs=0.1)


def test_an_elastic_deformation_is_smooth_over_4_29ths_of_the_picture():
    def correlation(first, second):
        return np.corrcoef(first.ravel(), second.ravel())[0, 1]

    down, across = elastic_shifts(0.05)
    for distance in (1, 4, 8):
        # of white noise smoothed by a Gaussian: 4 pixels of 29 rows, 8 of 58 columns
        over_rows, over_columns = (np.exp(-(distance**2) / (4 * width**2)) for width in (4, 8))
        for shifts in (down, across):
            assert correlation(shifts[:, 0], shifts[:, distance]) == pytest.approx(over_rows, abs=0.1)
            assert correlation(shifts[..., 0], shifts[..., distance]) == pytest.approx(over_columns, abs=0.1)


@pytest.mark.parametrize("size", [1, 8, 29])
def test_smoothing_keeps_the_standard_deviation_at_the_border_too(size):
    np.testing.assert_allclose((smoothing_matrix(size) ** 2).sum(axis=1), 1)


def test_bilinear_sampling_is_scipys_interpolation_between_pixels():
    random = np.random.default_rng(0)
    pictures = random.random((3, 6, 9, 2)).astype("float32")
    rows, columns = (random.uniform(-2, size + 1, (3, 6, 9)).astype("float32") for size in (6, 9))
    expected = np.empty_like(pictures)
    for number, channel in np.ndindex(3, 2):
        positions = [rows[number], columns[number]]
        expected[number, ..., channel] = map_coordinates(
            pictures[number, ..., channel], positions, order=1, mode="grid-constant"
        )
    # positions are in single precision: off by 1e-6 of a pixel at most
    np.testing.assert_allclose(sample_bilinearly(pictures, rows, columns), expected, atol=1e-5)


def test_a_slant_moves_rows_by_up_to_its_share_of_their_distance_and_holds_the_middle():
    above, across = centers(distorted(the_layer("shear", 0.5), spots(row=-8, column=0)))
    assert abs(across).max() <= 4.01
    assert across.min() < -3.6
    assert across.max() > 3.6
    np.testing.assert_allclose(above, -8, atol=0.01)
    held = centers(distorted(the_layer("shear", 0.5), spots(row=0, column=3)))
    np.testing.assert_allclose(held, np.tile([[0.0], [3.0]], 300), atol=0.01)


def test_an_elastic_deformation_of_strength_0_is_the_identity():
    x = digits()[0][:10]
    np.testing.assert_array_equal(RandomElastic(0.0)(x, training=True), x)


def test_a_strength_of_the_elastic_layer_outside_its_range_is_refused():
    refused("strength must be a number of at least 0 and below 1; received 1.", lambda: RandomElastic(1))
