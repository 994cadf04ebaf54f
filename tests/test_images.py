import os
import re
import warnings

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from kerasreg.checks import InvalidInput
from kerasreg.colour import to_lab
from kerasreg.data import read_picture
from kerasreg.data.images import resized, scaled_down

RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (6, 5, 3), dtype=np.uint8)
GREYS = np.array([[0, 51], [204, 255]], dtype=np.uint8)
# Every mode that Pillow makes, and files are read into.
MODES = ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "PA"]
MODES += ["RGBX", "RGBa", "La", "I;16", "I;16L", "I;16B", "I;16N"]


def message_of(source, **options):
    with pytest.raises(InvalidInput) as error:
        read_picture(source, **options)
    return str(error.value)


@pytest.fixture
def saved(tmp_path):
    """Saves a Pillow image under a file's name and returns its path."""

    def save(image, name="picture.png", **options):
        image.save(tmp_path / name, **options)
        return tmp_path / name

    return save


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_becomes_red_green_and_blue_in_0_to_1(mode):
    picture = read_picture(Image.new(mode, (5, 6)))
    assert picture.shape == (6, 5, 3)
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tiff", "a.ppm"])
def test_a_file_without_loss_gives_back_the_bytes_it_was_made_of(saved, name):
    picture = read_picture(saved(Image.fromarray(BYTES), name))
    np.testing.assert_array_equal(picture, BYTES.astype(np.float32) / 255)
    np.testing.assert_array_equal(read_picture(BYTES), picture)
    np.testing.assert_array_equal(read_picture(str(saved(Image.fromarray(BYTES), name))), picture)


def test_grey_levels_become_three_equal_channels(saved):
    expected = np.repeat(GREYS[..., np.newaxis] / np.float32(255), 3, axis=2)
    for source in (GREYS, GREYS[..., np.newaxis], GREYS / 255, saved(Image.fromarray(GREYS))):
        np.testing.assert_array_equal(read_picture(source), expected)


def test_sixteen_bits_keep_their_precision(saved):
    values = np.array([[0, 1, 257], [30_000, 65_534, 65_535]], dtype=np.uint16)
    expected = np.repeat((values / np.float32(65_535))[..., np.newaxis], 3, axis=2)
    np.testing.assert_array_equal(read_picture(values), expected)
    np.testing.assert_array_equal(read_picture(saved(Image.fromarray(values))), expected)
    np.testing.assert_array_equal(read_picture(Image.fromarray(values.astype(np.int32))), expected)


def test_one_bit_is_black_and_white(saved):
    bits = np.array([[True, False], [False, True]])
    for source in (bits, saved(Image.fromarray(bits))):
        np.testing.assert_array_equal(read_picture(source)[..., 1], bits)


def test_a_palette_gives_its_colours(saved):
    image = Image.fromarray(np.array([[0, 1], [2, 1]], dtype=np.uint8))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    levels = np.array([[[10, 20, 30], [40, 50, 60]], [[70, 80, 90], [40, 50, 60]]], dtype=np.uint8)
    expected = levels / np.float32(255)
    np.testing.assert_array_equal(read_picture(saved(image)), expected)
    clear = read_picture(saved(image, transparency=1))
    np.testing.assert_array_equal(clear[0, 1], [1, 1, 1])
    np.testing.assert_array_equal(clear[0, 0], expected[0, 0])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_laid_on_white_as_pillow_lays_it(mode):
    image = Image.fromarray(RANDOM.integers(0, 256, (9, 9, 4), dtype=np.uint8)).convert(mode)
    colours = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    expected = np.asarray(Image.alpha_composite(white, colours).convert("RGB")) / 255
    # Pillow rounds to whole grey levels
    np.testing.assert_allclose(read_picture(image), expected, atol=1 / 255)
    np.testing.assert_allclose(read_picture(np.asarray(colours)), expected, atol=1 / 255)


def test_the_printers_colours_are_converted_as_pillow_converts_them(saved):
    image = Image.fromarray(BYTES).convert("CMYK")
    expected = np.asarray(image.convert("RGB")) / np.float32(255)
    np.testing.assert_array_equal(read_picture(saved(image, "a.tiff")), expected)


def test_lab_keeps_its_lightness():
    image = Image.merge("LAB", [Image.new("L", (1, 1), level) for level in (128, 128, 128)])
    lab = to_lab(read_picture(image))[0, 0]
    # 128 of 255 is 50.2 of 100, grey; a level of RGB is 0.4 of lightness
    np.testing.assert_allclose(lab, [50.2, 0, 0], atol=0.6)


@pytest.mark.parametrize(
    ("orientation", "turn"), [(1, None), (3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_270)]
)
def test_a_photograph_is_turned_upright_as_its_camera_noted(saved, orientation, turn):
    image = Image.fromarray(BYTES)
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = image if turn is None else image.transpose(turn)
    expected = np.asarray(upright) / np.float32(255)
    np.testing.assert_array_equal(read_picture(saved(image, exif=exif)), expected)


def test_a_large_picture_is_scaled_down_with_a_word_about_it(saved):
    path = saved(Image.new("RGB", (90, 60), "#336699"))
    message = (
        f"{path} was scaled down from 60 x 90 to 20 x 30 pixels. In Python, read_picture(..., largest=None) "
        "keeps all of it."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$") as said:
        picture = read_picture(path, largest=30)
    assert said[0].filename == __file__
    assert picture.shape == (20, 30, 3)
    # a flat colour stays what it is, but for the rounding of Lanczos' weights
    np.testing.assert_allclose(picture, np.full((20, 30, 3), [0.2, 0.4, 0.6]), atol=1e-6)
    assert read_picture(path, largest=90).shape == (60, 90, 3)
    assert read_picture(path, largest=None).shape == (60, 90, 3)


def test_scaling_is_pillows_to_a_grey_level():
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


def test_a_missing_file_a_folder_and_an_empty_file_are_refused(tmp_path):
    (tmp_path / "empty.png").touch()
    assert message_of(tmp_path / "no.png") == (
        f"There is no file {tmp_path / 'no.png'}; give a picture, such as a PNG or JPEG file."
    )
    assert message_of(tmp_path) == f"{tmp_path} is a folder; give the picture itself."
    assert message_of(tmp_path / "empty.png") == (
        f"{tmp_path / 'empty.png'} is empty; copy or save the picture again."
    )


def test_names_that_no_file_can_have_are_refused():
    assert message_of("~no-such-user/a.png").startswith("~no-such-user/a.png cannot be read: ")
    assert message_of("a" * 3000).startswith(f"{'a' * 3000} cannot be read: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert message_of(tmp_path / "pipe") == (
        f"{tmp_path / 'pipe'} is no ordinary file; give a picture, such as a PNG or JPEG file."
    )


def test_a_file_that_is_no_picture_is_refused(tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    assert message_of(tmp_path / "notes.png") == (
        f"{tmp_path / 'notes.png'} is no picture that Pillow knows; give a PNG or JPEG file, or save the "
        "picture as one."
    )


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "tiff", "webp"])
@pytest.mark.parametrize("kept", [0.4, 0.9])
def test_a_truncated_file_is_refused(saved, kind, kept):
    path = saved(Image.fromarray(np.kron(BYTES, np.ones((8, 8, 1), dtype=np.uint8))), f"cut.{kind}")
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own words about a damaged TIFF
        assert message_of(path) == (
            f"{path} cannot be decoded to its end: it is truncated, corrupt or of a kind that Pillow reads "
            "in part only; save it again as PNG or JPEG."
        )


@pytest.mark.parametrize("kind", ["gif", "png", "webp", "tiff"])
def test_an_animated_picture_is_refused(saved, kind):
    frames = [Image.new("RGB", (4, 4), shade) for shade in ("red", "green", "blue")]
    path = saved(frames[0], f"moving.{kind}", save_all=True, append_images=frames[1:])
    assert message_of(path) == (
        f"{path} holds 3 pictures, as animations and documents do; save the one that you want as a picture "
        "of its own."
    )


def test_a_telephones_photograph_with_its_preview_is_read(saved):
    whole, preview = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (8, 8), "blue")
    path = saved(whole, "photo.mpo", save_all=True, append_images=[preview])
    picture = read_picture(path)
    assert picture.shape == (16, 16, 3)
    # JPEG loses a little
    np.testing.assert_allclose(picture[8, 8], [1, 0, 0], atol=0.02)


@pytest.mark.parametrize("allowed", [4, 2])
def test_a_picture_of_enormous_size_is_refused_before_it_is_decoded(saved, monkeypatch, allowed):
    path = saved(Image.new("L", (2500, 2500)))  # 6.25 million pixels
    # Pillow warns above this, and fails above twice of it
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", allowed * 10**6)
    assert message_of(path) == (
        f"{path} says that it has more than {allowed} million pixels, which may fill the memory; save it "
        "smaller."
    )


def test_a_picture_without_pixels_is_refused():
    assert message_of(Image.new("RGB", (0, 5))) == "The picture has no pixels: its size is 5 x 0."


def test_numbers_of_more_than_16_bits_are_refused():
    wide = Image.fromarray(np.array([[-1, 70_000]], dtype=np.int32))
    assert message_of(wide) == (
        "The picture holds whole numbers from -1 to 70000, more than 16 bits, and what is white in it cannot "
        "be known; save it with 8 or 16 bits."
    )


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (4, 4, 5), (2, 4, 4, 3), (0, 4, 3)])
def test_arrays_of_another_shape_are_refused(shape):
    assert message_of(np.zeros(shape)) == (
        "A picture must be a file, a Pillow image, or an array of shape (height, width) or (height, width, "
        f"channels) with 1, 3 or 4 channels; received shape {shape} of float64."
    )


def test_rows_of_unequal_length_are_refused():
    assert message_of([[0.1, 0.2], [0.3]]).startswith("A picture's rows must be equally long (")


def test_arrays_of_other_numbers_are_refused():
    assert message_of(np.zeros((2, 2), dtype=int)) == (
        "A picture's numbers must be uint8, uint16, booleans, or floats in [0, 1]; received int64. Whole "
        "numbers up to 255 become one with picture.astype(np.uint8)."
    )


@pytest.mark.parametrize(
    ("value", "said"), [(255.0, "0 to 255"), (-0.5, "-0.5 to 0"), (np.nan, "nan to nan")]
)
def test_floats_outside_0_to_1_are_refused(value, said):
    assert message_of(np.array([[0.0, value]])) == (
        f"A picture of floats must lie in [0, 1]; received {said}. Divide by what white is, or clip with "
        "np.clip(picture, 0, 1)."
    )


def test_the_largest_side_is_a_whole_number():
    assert message_of(GREYS, largest=0) == "largest must be a whole number of at least 1; received 0."


def test_reading_does_not_change_the_source():
    image, array = Image.fromarray(BYTES), (BYTES / 255).astype(np.float32)
    before = array.copy()
    read_picture(image)[:] = 0
    read_picture(array)[:] = 0
    np.testing.assert_array_equal(np.asarray(image), BYTES)
    np.testing.assert_array_equal(array, before)
