"""The command cuts a picture into patches."""

import numpy as np
import pytest
from PIL import Image

import kerasreg
from kerasreg.tune.__main__ import main, parser
from kerasreg.tune.loading import load


def noisy_picture(path, shape=(32, 48)):
    """Writes a picture of noise, of whose patches no two are equal."""
    pixels = np.random.default_rng(0).integers(0, 256, size=(*shape, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (
            b"no picture",
            [],
            "wing.png is no picture of a kind that is read here (PNG, JPEG, WEBP, TIFF, BMP, GIF, PPM, AVIF, "
            "JPEG2000); save it as a PNG or JPEG file.",
        ),
        (None, ["--patch-size", "0"], "--patch-size must be a whole number of at least 1; received 0."),
        (
            None,
            ["--train-size", "5000"],
            "train_size must be at most 14, the number of rows to train on; received 5000.",
        ),
    ],
    ids=["no picture", "patches of nothing", "too few patches"],
)
def test_a_picture_that_cannot_be_used_is_one_sentence_and_status_2(
    content, arguments, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if content is None:
        noisy_picture("wing.png")
    else:
        (tmp_path / "wing.png").write_bytes(content)
    assert main(["autoencoder", "--data", "wing.png", *arguments]) == 2
    assert capsys.readouterr().err == f"kerasreg.tune: {message}\n"


def test_a_picture_of_one_color_is_refused_in_words_that_the_command_knows(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (64, 64), "orange").save("sun.png")
    assert main(["autoencoder", "--data", "sun.png"]) == 2
    assert capsys.readouterr().err.startswith(
        "kerasreg.tune: Nothing is left of the validation part: whatever stands in it, 1 in all, stands in "
        "an earlier part too, exactly. Give a more varied picture, or larger patches; in Python also "
    )


def test_the_patches_of_a_picture_are_what_the_code_in_the_report_makes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noisy_picture("wing.png")
    arguments = ["autoencoder", "--data", "wing.png", "--patch-size", "4", "--train-size", "30"]
    split, code, picture = load(parser().parse_args(arguments))
    again = eval(code, {"patches_split": kerasreg.patches_split})
    assert split.input_shape == (4, 4, 3)
    assert len(split.x_train) == 30
    assert split.name == again.name == "wing.png in patches"
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(split, f"x_{part}"), getattr(again, f"x_{part}"))
    assert np.array_equal(picture, np.asarray(Image.open("wing.png"), dtype=np.float32) / 255)


def test_a_large_picture_is_scaled_down_with_a_word_about_it(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noisy_picture("wing.png", (300, 600))
    # What is wrong with the time is said when the data have been read.
    assert main(["autoencoder", "--data", "wing.png", "--time-budget", "0"]) == 2
    printed = capsys.readouterr()
    assert printed.err == (
        "kerasreg.tune: wing.png was scaled down from 300 x 600 to 256 x 512 pixels. In Python, "
        "read_picture(..., largest=None) keeps all of it.\n"
        "kerasreg.tune: time_budget must be a number above 0; received 0.0.\n"
    )
    assert "test rows of shape (8, 8, 3)" in printed.out
