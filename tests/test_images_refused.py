"""Files and arrays that are no pictures are refused in one sentence."""

import os
import warnings

import numpy as np
import pytest
from PIL import Image

from kerasreg.checks import InvalidInput
from kerasreg.data import read_picture


def message_of(source, **options):
    with pytest.raises(InvalidInput) as error:
        read_picture(source, **options)
    return str(error.value)


def test_a_missing_file_a_folder_and_an_empty_file_are_refused(tmp_path):
    (tmp_path / "empty.png").touch()
    assert message_of(tmp_path / "no.png") == (
        f"There is no file {tmp_path / 'no.png'}; give a picture, such as a PNG or JPEG file."
    )
    assert message_of(tmp_path) == f"{tmp_path} is a folder; give the picture itself."
    assert message_of(tmp_path / "empty.png") == (
        f"{tmp_path / 'empty.png'} is empty; copy or save the picture again."
    )


def test_an_address_on_the_web_is_no_file():
    assert message_of("https://example.org/sea.png") == (
        "https://example.org/sea.png is an address on the web; download the picture and give its file."
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
def test_a_truncated_file_is_refused(saved_picture, kind, kept):
    noise = np.random.default_rng(0).integers(0, 256, (48, 40, 3), dtype=np.uint8)
    path = saved_picture(Image.fromarray(noise), f"cut.{kind}")
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own words about a damaged TIFF
        assert message_of(path) == (
            f"{path} cannot be decoded to its end: it is truncated, corrupt or of a kind that Pillow reads "
            "in part only; save it again as PNG or JPEG."
        )


@pytest.mark.parametrize("kind", ["gif", "png", "webp", "tiff"])
def test_an_animated_picture_is_refused(saved_picture, kind):
    frames = [Image.new("RGB", (4, 4), shade) for shade in ("red", "green", "blue")]
    path = saved_picture(frames[0], f"moving.{kind}", save_all=True, append_images=frames[1:])
    assert message_of(path) == (
        f"{path} holds 3 pictures, as animations and documents do; save the one that you want as a picture "
        "of its own."
    )


@pytest.mark.parametrize("allowed", [4, 2])
def test_a_picture_of_enormous_size_is_refused_before_it_is_decoded(saved_picture, monkeypatch, allowed):
    path = saved_picture(Image.new("L", (2500, 2500)))  # 6.25 million pixels
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
    assert message_of([[0.1, 0.2], [0.3]]) == (
        "A picture's rows must be equally long; received [[0.1, 0.2], [0.3]]."
    )


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
    assert (
        message_of(np.zeros((2, 2)), largest=0) == "largest must be a whole number of at least 1; received 0."
    )
