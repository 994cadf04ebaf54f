import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation, distance_transform_edt, label
from sklearn.datasets import load_sample_image

from images import make_images, stripes
from images.painting import clouds, color, ellipse, inside, noise, paint, ramp
from kerasreg.checks import InvalidInput
from kerasreg.data import own_picture, photograph, sea_truth
from kerasreg.data.own_pictures import OWN_PICTURES

FOLDER = Path(make_images.__file__).parent


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The folder that the script draws into, run from elsewhere."""
    folder = tmp_path_factory.mktemp("drawn")
    subprocess.run([sys.executable, FOLDER / "make_images.py", folder], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("name", OWN_PICTURES)
def test_the_script_draws_each_picture_as_it_is_kept(drawn, name):
    again, kept = (np.asarray(Image.open(where / f"{name}.png")).astype(int) for where in (drawn, FOLDER))
    # SciPy's filters may round the last bit otherwise elsewhere, and with it a level of 255 here and there
    assert np.abs(again - kept).max() <= 1
    assert (again != kept).mean() < 0.001


def test_the_script_writes_the_truth_of_the_sea_that_is_kept(drawn):
    assert (drawn / "sea.json").read_text() == (FOLDER / "sea.json").read_text()
    again, kept = (np.asarray(Image.open(where / "sea_slick.png")) for where in (drawn, FOLDER))
    np.testing.assert_array_equal(kept, sea_truth()[1])
    assert (again != kept).mean() < 0.0001  # a pixel of its border, for the same reason


@pytest.mark.parametrize("name", OWN_PICTURES)
def test_own_pictures_are_rgb_in_0_to_1_of_at_most_150_kb(name):
    picture = own_picture(name)
    assert picture.shape == ((256, 384, 3) if name in ("beach", "sea") else (256, 256, 3))
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert (FOLDER / f"{name}.png").stat().st_size < 150_000


def test_an_own_picture_is_made_smaller_as_pillow_does_and_never_larger():
    small = own_picture("beach", largest=96)
    pillows = Image.open(FOLDER / "beach.png").convert("RGB").resize((96, 64), Image.Resampling.LANCZOS)
    # Pillow rounds and clips to 8 bits after each of its two passes: up to 5 levels apart, at a few pixels
    np.testing.assert_allclose(small, np.asarray(pillows) / 255, atol=6 / 255)
    np.testing.assert_array_equal(own_picture("beach", largest=999), own_picture("beach"))


def test_the_folder_holds_these_pictures_and_no_others():
    names = {path.stem for path in FOLDER.glob("*.png")}
    assert names == {*OWN_PICTURES, "sea_slick", "search"}
    assert {*make_images.PICTURES, "sea"} == set(OWN_PICTURES)


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(InvalidInput) as error:
        own_picture("cat")
    assert str(error.value) == (
        "name must be one of 'beach', 'butterfly', 'crowd', 'knitting', 'sea', 'stripes'; received 'cat'."
    )


def test_every_ship_is_brighter_than_its_surroundings():
    gray = own_picture("sea").mean(axis=2)
    ships, _ = sea_truth()
    rows, columns = np.indices(gray.shape)
    for row, column in ships:
        distance = np.hypot(rows - row, columns - column)
        assert gray[row, column] > gray[(distance > 5) & (distance < 9)].max()
        assert gray[row, column] > 0.95


def test_nothing_but_the_ships_is_as_bright_as_a_ship():
    ships, _ = sea_truth()
    places, found = label(own_picture("sea").mean(axis=2) > 0.9)
    assert found == len(ships) == 17
    assert sorted(places[tuple(ships.T)]) == list(range(1, 18))


def test_some_ships_are_on_the_slick_some_near_it_and_some_far_away():
    ships, slick = sea_truth()
    away = distance_transform_edt(~slick)[tuple(ships.T)]
    assert (away == 0).sum() == 2
    assert ((away > 4) & (away < 13)).sum() == 6
    assert (away > 22).sum() == 9
    apart = np.hypot(*(ships[:, np.newaxis] - ships).transpose(2, 0, 1)) + 1000 * np.eye(17)
    assert apart.min() >= 16


def test_the_slick_is_one_piece_and_lighter_than_the_sea():
    gray = own_picture("sea").mean(axis=2)
    _, slick = sea_truth()
    assert label(slick)[1] == 1
    assert 0.05 < slick.mean() < 0.2
    sea_alone = gray[~binary_dilation(slick, iterations=3)]
    assert np.quantile(gray[slick], 0.05) > np.quantile(sea_alone, 0.95)


def test_the_truth_says_in_the_file_what_its_numbers_are():
    truth = json.loads((FOLDER / "sea.json").read_text())
    assert truth["meaning"] == "row and column of each ship's center, in pixels from 0"


def test_the_stripes_are_flat_and_of_ten_known_colors():
    levels = np.round(own_picture("stripes") * 255).astype(int)
    assert (levels == levels[0]).all()
    known = np.round([color(code) * 255 for code in stripes.COLORS]).astype(int)
    assert {tuple(pixel) for pixel in levels[0]} == {tuple(shade) for shade in known}


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_is_scikit_learns_scaled_down_without_a_word(name):
    picture = photograph(name)
    assert picture.shape == (342, 512, 3)
    whole = photograph(name, largest=1000)
    np.testing.assert_array_equal(np.round(whole * 255), load_sample_image(f"{name}.jpg"))
    # Lanczos keeps the mean color but for the edges
    np.testing.assert_allclose(picture.mean(axis=(0, 1)), whole.mean(axis=(0, 1)), atol=0.002)


def test_there_are_two_photographs():
    with pytest.raises(InvalidInput) as error:
        photograph("cat")
    assert str(error.value) == "name must be one of 'china', 'flower'; received 'cat'."


def test_what_is_painted_with_does_what_it_says():
    for values in (noise((40, 50), 3, 1), noise((40, 50), (1, 4), 1)):
        np.testing.assert_allclose([values.mean(), values.std()], [0, 1], atol=1e-12)
    assert clouds((40, 50), 8, 1).shape == (40, 50)
    np.testing.assert_allclose(ramp(np.array([0, 0.5, 1]), {0: "#000000", 1: "#ff0000"})[:, 0], [0, 0.5, 1])
    rows, columns = np.indices((9, 9)).astype(float)
    edge = ellipse(rows, columns, (4, 4), (2, 3))
    np.testing.assert_allclose([edge[4, 4], edge[6, 4], edge[4, 7]], [-2, 0, 0], atol=1e-12)
    picture = np.zeros((9, 9, 3))
    paint(picture, "#ffffff", inside(edge))
    assert picture[4, 4].tolist() == [1, 1, 1]
    assert picture[0, 0].tolist() == [0, 0, 0]
