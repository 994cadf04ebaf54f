import re

import numpy as np
import pytest
from PIL import Image

from kerasreg import Augmentation, recolor
from kerasreg.checks import InvalidInput
from kerasreg.color import palette_distance, to_gray
from kerasreg.data import photograph, read_picture

# From a dark blue over a green to a light yellow, as a picture of 20 x 30 pixels.
SHADES = np.stack([np.linspace(*ends, 600) for ends in ((0.0, 1.0), (0.1, 0.9), (0.4, 0.3))], axis=-1)
SUNRISE = SHADES.reshape(20, 30, 3)
CHINA = photograph("china", largest=48)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """One picture recolored, and the folder where it was saved."""
    folder = tmp_path_factory.mktemp("recolored") / "new" / "folder"
    return recolor(CHINA, SUNRISE, directory=folder), folder


def test_a_photograph_gets_the_palette_of_the_training_picture_and_keeps_its_light_and_dark(saved):
    image = saved[0]
    found = np.asarray(image) / 255
    assert (image.mode, image.size) == ("RGB", (48, 32))
    assert palette_distance(found, SUNRISE) < 0.7 * palette_distance(found, CHINA)
    assert np.corrcoef(to_gray(found).ravel(), to_gray(CHINA).ravel())[0, 1] > 0.9


def test_one_seed_gives_one_picture_from_an_array_and_from_a_file(saved, tmp_path):
    Image.fromarray(np.round(255 * CHINA).astype(np.uint8)).save(tmp_path / "china.png")
    again = recolor(tmp_path / "china.png", SUNRISE)
    # The file has 8 bits, and so has the result.
    np.testing.assert_allclose(np.asarray(again, int), np.asarray(saved[0], int), atol=2)


def test_the_original_the_result_and_the_figure_are_saved(saved):
    found, folder = saved
    assert sorted(path.name for path in folder.iterdir()) == ["figure.png", "original.png", "recolored.png"]
    kept = {name: read_picture(folder / f"{name}.png", largest=None) for name in ("original", "recolored")}
    np.testing.assert_allclose(kept["original"], CHINA, atol=0.6 / 255)  # rounded to 8 bits
    np.testing.assert_allclose(kept["recolored"], np.asarray(found) / 255, atol=1e-6)
    figure = read_picture(folder / "figure.png", largest=None)
    assert figure.shape[1] > 1000
    assert figure.std() > 0.05


@pytest.mark.parametrize(("patch_size", "units", "expected"), [(1, None, 2), (4, None, 7), (4, 2, 2)])
def test_the_hidden_layer_has_the_root_of_the_patchs_numbers_of_units_or_as_many_as_asked_for(
    monkeypatch, patch_size, units, expected
):
    seen = []

    def spy(models, split, **options):
        seen.append((models[0].get_layer("bottleneck").units, split, options))

    monkeypatch.setattr("kerasreg.recoloring.fit_population", spy)
    assert recolor(CHINA, SUNRISE, patch_size=patch_size, units=units, epochs=7).size == (48, 32)
    found, split, options = seen[0]
    assert (found, options["epochs"]) == (expected, 7)
    assert split.x_train.shape == (1024, patch_size, patch_size, 3)


def test_augmentation_by_a_layer_or_ones_own_function_changes_the_training_patches(monkeypatch):
    seen = []
    monkeypatch.setattr("kerasreg.recoloring.fit_population", lambda models, split, **_: seen.append(split))
    for augmentation in (None, Augmentation(hue=90), lambda pixels: pixels[..., ::-1]):
        recolor(CHINA, SUNRISE, augmentation=augmentation)
    plain, hue, swapped = (split.x_train for split in seen)
    np.testing.assert_array_equal(swapped[:512], plain[:512])
    np.testing.assert_array_equal(swapped[512:], plain[512:, ..., ::-1])
    assert (hue[512:] != plain[512:]).any()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"image": "nowhere.png"},
            "There is no file nowhere.png; give a picture, such as a PNG or JPEG file.",
        ),
        (
            {"patch_size": 40},
            "Patches of 40 x 40 pixels do not fit into a picture of 32 x 48; take a smaller patch or a "
            "larger picture.",
        ),
        (
            {"patch_size": 21},
            "Patches of 21 x 21 pixels do not fit into a picture of 20 x 30; take a smaller patch or a "
            "larger picture.",
        ),
        (
            {"train_size": 601},
            "601 patches to train on cannot be drawn: the training picture has 600 of 1 x 1 pixels. Take "
            "fewer of them, or a larger picture.",
        ),
        (
            {"augmentation": lambda pixels: 2 + pixels},
            "The strategy '<lambda>' returned values from 2 to 3, and pictures must stay in [0, 1]. Let it "
            "return numpy.clip(pictures, 0, 1).",
        ),
        ({"directory": 3}, "directory must be the name of a folder or None; received 3."),
        ({"units": 0}, "units must be a whole number of at least 1; received 0."),
        ({"patch_size": 0}, "patch_size must be a whole number of at least 1; received 0."),
        ({"train_size": 0}, "train_size must be a whole number of at least 1; received 0."),
        ({"epochs": 0}, "epochs must be a whole number of at least 1; received 0."),
    ],
)
def test_what_cannot_be_used_is_refused(changed, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        recolor(**{"image": CHINA, "training_image": SUNRISE} | changed)


def test_a_file_is_no_folder_and_that_is_said_before_any_training(tmp_path):
    path = tmp_path / "notes"
    path.write_text("mine")
    for directory, reason in ((path, "File exists"), (path / "new", "Not a directory")):
        message = (
            f"directory must be a folder, or where one can be made; {directory} is none: {reason}. Give "
            "another name."
        )
        with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
            recolor(CHINA, SUNRISE, directory=directory)
    assert path.read_text() == "mine"
