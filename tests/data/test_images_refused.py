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
    assert message_of(tmp_path) == f"{tmp_path} is a folder; give a picture, such as a PNG or JPEG file."
    assert message_of(tmp_path / "empty.png") == (
        f"{tmp_path / 'empty.png'} is empty; copy or save it again."
    )


def test_an_address_on_the_web_is_no_file():
    assert message_of("https://example.org/sea.png") == (
        "https://example.org/sea.png is an address on the web; download the picture and give its file."
    )


def test_names_that_no_file_can_have_are_refused():
    assert message_of("~no-such-user/a.png") == (
        "~no-such-user/a.png names the home folder of a user that this computer lacks."
    )
    assert message_of("a" * 3000).startswith(f"'{'a' * 100}…' cannot be read (")
    assert "cannot be read (embedded null byte)" in message_of("a\0.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert message_of(tmp_path / "pipe") == (
        f"{tmp_path / 'pipe'} is no ordinary file; give a picture, such as a PNG or JPEG file."
    )


def test_a_file_that_is_no_picture_is_refused(tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    assert message_of(tmp_path / "notes.png") == (
        f"{tmp_path / 'notes.png'} is no picture of a kind that is read here (PNG, JPEG, WEBP, TIFF, BMP, "
        "GIF, PPM, AVIF, JPEG2000); save it as a PNG or JPEG file."
    )


def test_no_other_program_is_started_for_a_file_whatever_it_is_called(tmp_path, monkeypatch):
    """Pillow opens PostScript by Ghostscript."""
    postscript = Image.new("RGB", (4, 4))
    postscript.save(tmp_path / "drawing.png", "EPS")
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", None)
    assert "is no picture of a kind that is read here" in message_of(tmp_path / "drawing.png")


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


def test_a_picture_of_enormous_size_is_refused_before_it_is_decoded(saved_picture, monkeypatch):
    path = saved_picture(Image.new("L", (2500, 2000)))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", lambda _: pytest.fail("it was decoded"))
    assert message_of(path, max_pixels=4_000_000) == (
        f"{path} has 2,000 x 2,500 pixels, more than the limit of 4,000,000. Save it smaller; or, if the "
        "memory has room for 20 bytes a pixel, raise the limit: max_pixels=5000000, in the command "
        "--max-pixels 5000000."
    )


def test_what_even_pillow_refuses_is_told_and_can_be_allowed(saved_picture, monkeypatch):
    path = saved_picture(Image.new("L", (300, 200)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20_000)
    assert "far more pixels than the limit of 10,000" in message_of(path, max_pixels=10_000)
    assert read_picture(path, max_pixels=60_000).shape == (200, 300, 3)
    assert Image.MAX_IMAGE_PIXELS == 20_000


def test_a_file_larger_than_any_picture_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "enormous.png"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)  # takes up no room on the disk
    assert message_of(path) == (
        f"{path} is a file of 5 GB, more than a picture within the limit of 50,000,000 pixels takes up. Save "
        "it smaller; or, if the memory has room for it, raise the limit: max_pixels=625000001, in the "
        "command --max-pixels 625000001."
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


def test_channels_that_come_first_are_told():
    assert message_of(np.zeros((3, 8, 9))) == (
        "A picture's channels come last; received shape (3, 8, 9), where they come first. Move them with "
        "np.moveaxis(picture, 0, -1)."
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
