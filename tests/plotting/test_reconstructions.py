import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.plotting import plot_rebuilt_picture, plot_reconstructions
from kerasreg.records import Reconstructions


def axes():
    return Figure().subplots()


def grays(**whole):
    """Two gray pictures of 2 x 3 pixels, and what is half as bright."""
    originals = np.arange(12).reshape(2, 2, 3, 1) / 12
    return Reconstructions(originals=originals, rebuilt=originals / 2, **whole)


def test_originals_stand_above_their_reconstructions_and_their_errors_below():
    found = grays()
    ax = plot_reconstructions(found, axes())
    (image,) = ax.images
    canvas = np.asarray(image.get_array())
    assert canvas.shape == (2 * 2 + 1, 2 * 3 + 1, 3)
    assert canvas[:2, 4:, 0] == pytest.approx(found.originals[1, ..., 0])
    assert canvas[3:, :3, 2] == pytest.approx(found.rebuilt[0, ..., 0])
    assert (canvas[2] == 1).all()
    assert (canvas[:, 3] == 1).all()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["original", "rebuilt"]
    errors = np.mean((found.originals / 2) ** 2, axis=(1, 2, 3))
    assert [float(label.get_text()) for label in ax.get_xticklabels()] == pytest.approx(errors, rel=0.05)
    assert ax.get_xlabel() == "mean squared error"


def test_values_outside_0_to_1_are_scaled_alike_in_all_pictures():
    originals = np.linspace(-1, 3, 24).reshape(2, 2, 2, 3)
    found = Reconstructions(originals=originals, rebuilt=np.zeros_like(originals))
    canvas = np.asarray(plot_reconstructions(found, axes()).images[0].get_array())
    assert canvas[:2, :2] == pytest.approx((originals[0] + 1) / 4)
    assert canvas[3:, :2] == pytest.approx(0.25)


def test_a_whole_picture_stands_beside_its_reconstruction():
    picture = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    ax = plot_rebuilt_picture(grays(picture=picture, picture_rebuilt=picture + 100), axes())
    canvas = np.asarray(ax.images[0].get_array())
    assert np.array_equal(canvas[:, :5], picture)
    assert np.array_equal(canvas[:, 6:], picture + 100)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["original", "rebuilt"]


def test_without_a_whole_picture_there_is_nothing_to_draw():
    message = "There is no whole picture here: the data were not the patches of one."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot_rebuilt_picture(grays(), axes())
