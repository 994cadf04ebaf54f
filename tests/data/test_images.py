"""Pictures of every kind become red, green and blue in [0, 1]."""

import re

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from kerasreg.color import to_lab
from kerasreg.data import read_picture
from kerasreg.data.images import resized, scaled_down

RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (6, 5, 3), dtype=np.uint8)
GRAYS = np.array([[0, 51], [204, 255]], dtype=np.uint8)
# Every mode that Pillow makes, and files are read into.
MODES = ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "PA"]
MODES += ["RGBX", "RGBa", "La", "I;16", "I;16L", "I;16B", "I;16N"]


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_becomes_red_green_and_blue_in_0_to_1(mode):
    picture = read_picture(Image.new(mode, (5, 6)))
    assert picture.shape == (6, 5, 3)
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tiff", "a.ppm"])
def test_a_file_without_loss_gives_back_the_bytes_it_was_made_of(saved_picture, name):
    picture = read_picture(saved_picture(Image.fromarray(BYTES), name))
    np.testing.assert_array_equal(picture, BYTES.astype(np.float32) / 255)
    np.testing.assert_array_equal(read_picture(BYTES), picture)
    np.testing.assert_array_equal(read_picture(str(saved_picture(Image.fromarray(BYTES), name))), picture)


def test_gray_levels_become_three_equal_channels(saved_picture):
    expected = np.repeat(GRAYS[..., np.newaxis] / np.float32(255), 3, axis=2)
    for source in (GRAYS, GRAYS[..., np.newaxis], GRAYS / 255, saved_picture(Image.fromarray(GRAYS))):
        np.testing.assert_array_equal(read_picture(source), expected)


def test_sixteen_bits_keep_their_precision(saved_picture):
    values = np.array([[0, 1, 257], [30_000, 65_534, 65_535]], dtype=np.uint16)
    expected = np.repeat((values / np.float32(65_535))[..., np.newaxis], 3, axis=2)
    np.testing.assert_array_equal(read_picture(values), expected)
    np.testing.assert_array_equal(read_picture(saved_picture(Image.fromarray(values))), expected)
    np.testing.assert_array_equal(read_picture(Image.fromarray(values.astype(np.int32))), expected)


def test_one_bit_is_black_and_white(saved_picture):
    bits = np.array([[True, False], [False, True]])
    for source in (bits, saved_picture(Image.fromarray(bits))):
        np.testing.assert_array_equal(read_picture(source)[..., 1], bits)


def test_a_palette_gives_its_colors(saved_picture):
    image = Image.fromarray(np.array([[0, 1], [2, 1]], dtype=np.uint8))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    levels = np.array([[[10, 20, 30], [40, 50, 60]], [[70, 80, 90], [40, 50, 60]]], dtype=np.uint8)
    expected = levels / np.float32(255)
    np.testing.assert_array_equal(read_picture(saved_picture(image)), expected)
    clear = read_picture(saved_picture(image, transparency=1))
    np.testing.assert_array_equal(clear[0, 1], [1, 1, 1])
    np.testing.assert_array_equal(clear[0, 0], expected[0, 0])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_laid_on_white_as_pillow_lays_it(mode):
    image = Image.fromarray(RANDOM.integers(0, 256, (9, 9, 4), dtype=np.uint8)).convert(mode)
    colors = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    expected = np.asarray(Image.alpha_composite(white, colors).convert("RGB")) / 255
    # Pillow rounds to whole gray levels
    np.testing.assert_allclose(read_picture(image), expected, atol=1 / 255)
    np.testing.assert_allclose(read_picture(np.asarray(colors)), expected, atol=1 / 255)


def test_the_printers_colors_are_converted_as_pillow_converts_them(saved_picture):
    image = Image.fromarray(BYTES).convert("CMYK")
    expected = np.asarray(image.convert("RGB")) / np.float32(255)
    np.testing.assert_array_equal(read_picture(saved_picture(image, "a.tiff")), expected)


def test_lab_keeps_its_lightness():
    image = Image.merge("LAB", [Image.new("L", (1, 1), level) for level in (128, 128, 128)])
    lab = to_lab(read_picture(image))[0, 0]
    # 128 of 255 is 50.2 of 100, gray; a level of RGB is 0.4 of lightness
    np.testing.assert_allclose(lab, [50.2, 0, 0], atol=0.6)


@pytest.mark.parametrize(
    ("orientation", "turn"), [(1, None), (3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_270)]
)
def test_a_photograph_is_turned_upright_as_its_camera_noted(saved_picture, orientation, turn):
    image = Image.fromarray(BYTES)
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = image if turn is None else image.transpose(turn)
    expected = np.asarray(upright) / np.float32(255)
    np.testing.assert_array_equal(read_picture(saved_picture(image, exif=exif)), expected)


def test_a_large_picture_is_scaled_down_with_a_word_about_it(saved_picture):
    path = saved_picture(Image.new("RGB", (90, 60), "#336699"))
    message = (
        f"{path} was scaled down from 60 x 90 to 20 x 30 pixels. In Python, read_picture(..., largest=None) "
        "keeps all of it."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$") as said:
        picture = read_picture(path, largest=30)
    assert said[0].filename == __file__
    assert picture.shape == (20, 30, 3)
    # a flat color stays what it is, but for the rounding of Lanczos' weights
    np.testing.assert_allclose(picture, np.full((20, 30, 3), [0.2, 0.4, 0.6]), atol=1e-6)
    assert read_picture(path, largest=90).shape == (60, 90, 3)
    assert read_picture(path, largest=None).shape == (60, 90, 3)


def test_scaling_is_pillows_to_a_gray_level():
    photo = load_sample_image("flower.jpg") // 2 + 60  # so that nothing is clipped on the way
    expected = Image.fromarray(photo).resize((96, 64), Image.Resampling.LANCZOS)
    small = scaled_down(read_picture(photo, largest=None), 96)
    # Pillow rounds 8-bit pictures to whole levels twice, after rows and after columns
    np.testing.assert_allclose(small, np.asarray(expected) / 255, atol=2 / 255)


def test_scaling_never_leaves_0_to_1_though_its_filter_overshoots():
    sharp = np.kron(RANDOM.integers(0, 2, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.float32)
    small = scaled_down(sharp, 20)
    assert (small.min(), small.max()) == (0, 1)


def test_a_narrow_picture_keeps_at_least_one_pixel():
    assert scaled_down(np.zeros((300, 2, 3), dtype=np.float32), 10).shape == (10, 1, 3)
    assert resized(np.zeros((3, 4, 3), dtype=np.float32), (6, 2)).shape == (6, 2, 3)


def test_a_telephones_photograph_with_its_preview_is_read(saved_picture):
    whole, preview = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (8, 8), "blue")
    path = saved_picture(whole, "photo.mpo", save_all=True, append_images=[preview])
    picture = read_picture(path)
    assert picture.shape == (16, 16, 3)
    # JPEG loses a little
    np.testing.assert_allclose(picture[8, 8], [1, 0, 0], atol=0.02)


def test_reading_does_not_change_the_source():
    image, array = Image.fromarray(BYTES), (BYTES / 255).astype(np.float32)
    before = array.copy()
    read_picture(image)[:] = 0
    read_picture(array)[:] = 0
    np.testing.assert_array_equal(np.asarray(image), BYTES)
    np.testing.assert_array_equal(array, before)
