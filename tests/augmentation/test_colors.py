"""Brightness and colors change by what the strength says."""

import colorsys

import numpy as np
import pytest
from scipy import stats

from tests.helpers.changed_pictures import distorted, the_layer


def test_brightness_and_contrast_stay_within_their_ranges_and_reach_them():
    x = np.full((500, 1, 2, 1), 0.4, "float32")
    x[:, :, 1] = 0.6
    brighter = distorted(the_layer("brightness", 0.3), x) - x
    assert abs(brighter).max() <= 0.3 + 1e-6
    assert (brighter.min(), brighter.max()) == pytest.approx((-0.3, 0.3), abs=0.01)
    stretched = np.diff(distorted(the_layer("contrast", 0.4), x)[:, 0, :, 0]) / 0.2
    assert (stretched.min(), stretched.max()) == pytest.approx((0.6, 1.4), abs=0.02)


def test_saturation_1_goes_from_gray_to_the_fullest_colors_and_keeps_the_value():
    """As colorsys has them."""
    x = np.tile(np.float32([0.8, 0.6, 0.5]), (400, 1, 1, 1))
    hsv = np.array(
        [colorsys.rgb_to_hsv(*pixel) for pixel in distorted(the_layer("saturation", 1.0), x)[:, 0, 0]]
    )
    assert hsv[:, 1].min() < 0.01
    assert hsv[:, 1].max() == pytest.approx(1)
    np.testing.assert_allclose(hsv[:, 2], 0.8, atol=1e-6)
    tame = distorted(the_layer("saturation", 0.5), x)[:, 0, 0]
    factor = np.array([colorsys.rgb_to_hsv(*pixel)[1] for pixel in tame]) / 0.375
    assert factor.min() == pytest.approx(1 / 3, abs=0.02)


def test_hue_turns_by_up_to_its_degrees_either_way():
    x = np.tile(np.float32([0.3, 0.8, 0.3]), (500, 1, 1, 1))  # a hue of 120 degrees
    hues = [360 * colorsys.rgb_to_hsv(*pixel)[0] for pixel in distorted(the_layer("hue", 60), x)[:, 0, 0]]
    assert (min(hues), max(hues)) == pytest.approx((60, 180), abs=1)


def test_a_palette_reaches_its_strength_and_not_more():
    """Gray of 1/2 shows the offset b / 2 alone, and red above it a column of M."""
    x = np.full((2000, 1, 2, 3), 0.5, "float32")
    x[:, :, 1, 0] = 0.7
    gray, red = np.moveaxis(distorted(the_layer("palette", 0.4), x)[:, 0], 1, 0)
    for entries in (2 * (gray - 0.5), (red - gray - np.float32([0.2, 0, 0])) / 0.2):
        assert stats.kstest(entries[:, 1], stats.uniform(-0.4, 0.8).cdf).pvalue > 1e-4
        assert abs(entries).max() < 0.4 + 1e-5
        assert abs(np.corrcoef(entries.T) - np.eye(3)).max() < 5 / 2000**0.5


def test_noise_is_normal_with_its_standard_deviation():
    x = np.full((50, 8, 8, 1), 0.5, "float32")
    noise = (distorted(the_layer("noise", 0.05), x) - x).ravel()
    assert stats.kstest(noise, stats.norm(0, 0.05).cdf).pvalue > 1e-4
