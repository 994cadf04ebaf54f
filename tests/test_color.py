import re

import numpy as np
import pytest
from PIL import Image, ImageCms
from scipy.optimize import linear_sum_assignment
from sklearn.datasets import load_sample_image

from kerasreg.checks import InvalidInput
from kerasreg.color import GRAY_WEIGHTS, palette_distance, to_gray, to_lab

CHINA = load_sample_image("china.jpg")[::20, ::20]
FLOWER = load_sample_image("flower.jpg")[::20, ::20]


def cheapest_transport(first, second):
    """Returns the Wasserstein distance of order 2 of equally many colors, by the best assignment."""
    costs = ((to_lab(first)[:, None].astype(float) - to_lab(second)) ** 2).sum(axis=-1)
    rows, columns = linear_sum_assignment(costs)
    return np.sqrt(costs[rows, columns].mean())


def test_gray_levels_are_the_weighted_sum_that_pillow_makes():
    expected = np.asarray(Image.fromarray(CHINA).convert("L")) / 255
    # Pillow's weights have one digit less, sum to 1, and are rounded to whole levels.
    np.testing.assert_allclose(to_gray(CHINA / 255), expected, atol=0.6 / 255)
    assert GRAY_WEIGHTS == (0.2989, 0.5870, 0.1140)


@pytest.mark.parametrize(
    ("color", "lab"),
    [
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((1, 1, 0), (97.14, -21.55, 94.48)),
        ((0, 1, 1), (91.11, -48.09, -14.13)),
        ((1, 0, 1), (60.32, 98.23, -60.82)),
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_the_corners_of_srgb_are_where_published_tables_have_them(color, lab):
    # Tables differ in the second digit by how many digits of sRGB's matrix they take.
    np.testing.assert_allclose(to_lab(np.array(color)), lab, atol=0.03)


def test_a_photograph_has_nearly_the_colors_that_pillows_color_management_finds():
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    pixels = np.asarray(ImageCms.profileToProfile(Image.fromarray(FLOWER), *profiles, outputMode="LAB"))
    lightness, hue = pixels[..., 0] / 2.55, pixels[..., 1:].copy().view(np.int8)
    ours = to_lab(FLOWER / 255)
    # Pillow rounds, and its white is D50: up to 4 of a and b between them, as published for the corners.
    np.testing.assert_allclose(ours[..., 0], lightness, atol=1.5)
    np.testing.assert_allclose(ours[..., 1:], hue, atol=4)


def test_the_distance_of_single_colors_is_their_distance_in_cielab():
    for first, second in zip(CHINA[0] / 255, FLOWER[0] / 255, strict=True):
        expected = np.linalg.norm(to_lab(first) - to_lab(second))
        assert palette_distance(first, second) == pytest.approx(expected, rel=1e-5)  # single precision


def test_the_distance_of_grays_is_that_of_the_cheapest_transport():
    generator = np.random.default_rng(0)
    first, second = (np.repeat(generator.random((40, 1)) ** power, 3, axis=1) for power in (1, 3))
    # Single precision, and grays are gray to the fourth digit of sRGB's matrix.
    assert palette_distance(first, second) == pytest.approx(cheapest_transport(first, second), rel=1e-4)


def test_the_distance_of_palettes_is_a_little_below_that_of_the_cheapest_transport():
    first, second = CHINA.reshape(-1, 3)[:600] / 255, FLOWER.reshape(-1, 3)[:600] / 255
    cheapest = cheapest_transport(first, second)
    assert 0.8 * cheapest < palette_distance(first, second) <= cheapest


def test_only_how_frequent_each_color_is_counts():
    first, second = CHINA[:3] / 255, FLOWER[:4] / 255
    expected = palette_distance(first, second)
    repeated = np.concatenate([second, second[::-1], second])
    assert palette_distance(first.reshape(-1, 3)[::-1], repeated) == pytest.approx(expected, rel=1e-6)
    assert palette_distance(second, first) == pytest.approx(expected, rel=1e-6)
    assert palette_distance(first, first) == 0


def test_other_directions_change_the_distance_little():
    distances = [palette_distance(CHINA / 255, FLOWER / 255, seed=seed) for seed in range(5)]
    assert np.std(distances) < 0.05 * np.mean(distances)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: to_lab(np.zeros((4, 4))),
            "Colors must have a last axis of 3, for red, green and blue; received shape (4, 4).",
        ),
        (
            lambda: to_gray(np.full((2, 2, 3), 255)),
            "Colors must lie in [0, 1]; received values from 255 to 255. "
            "Divide whole numbers up to 255 by 255.",
        ),
        (
            lambda: palette_distance(np.zeros((0, 3)), np.zeros((1, 3))),
            "A picture must hold at least one pixel; received shape (0, 3).",
        ),
        (
            lambda: palette_distance(np.zeros(3), np.zeros(3), seed=-1),
            "seed must be a whole number of at least 0; received -1.",
        ),
    ],
)
def test_what_is_no_picture_is_refused(call, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        call()
