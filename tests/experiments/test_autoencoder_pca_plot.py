import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.experiments.autoencoder_pca.latent_record import LatentMap
from tests.helpers.pca_records import gain, latent, subspace
from tests.helpers.refusing import refused


def axes():
    return Figure().subplots()


def two_axes():
    return Figure().subplots(1, 2)


def test_networks_are_rings_on_the_lines_of_pca():
    ax = subspace().plot_errors(axes())
    pca, rings = ax.lines[:2]
    assert pca.get_ydata().tolist() == [0.4, 0.1]
    assert rings.get_xdata().tolist() == [1, 1, 1, 2, 2, 2]
    assert rings.get_ydata() == pytest.approx(subspace().train_mse.ravel())
    assert [label.get_text() for label in ax.get_legend().get_texts()] == [
        "PCA, training rows",
        "linear autoencoder, training rows",
        "PCA, test rows",
        "linear autoencoder, test rows",
    ]


def test_the_largest_angle_of_each_network_is_drawn_with_the_ratio_of_variances():
    ax = subspace().plot_angles(axes())
    assert ax.lines[0].get_ydata().tolist() == [1, 2, 6, 0.5, 0.5, 0.5]
    assert [text.get_text() for text in ax.texts] == ["1.50", "4.00"]


def test_autoencoders_stand_over_the_curve_of_pca():
    ax = gain().plot(axes())
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3, 4]
    assert ax.lines[0].get_ydata() == pytest.approx([0.8, 0.4, 0.2, 0.1])
    assert ax.lines[1].get_ydata() == pytest.approx(gain().test_mse.ravel())
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "3"]


def test_a_map_has_each_class_at_its_median():
    left, right = latent().plot_map(two_axes())
    assert [text.get_text() for text in right.texts] == ["0", "1", "2"]
    assert [text.get_position() for text in right.texts] == [(1, 2), (5, 6), (9, 10)]
    assert right.get_title(loc="left") == "autoencoder: nearest-neighbors accuracy 82.0 %"
    assert left.get_title(loc="left") == "PCA: nearest-neighbors accuracy 50.0 %"


@pytest.mark.parametrize("plot", [LatentMap.plot_map, LatentMap.plot_grid])
def test_what_is_no_axes_is_refused_by_a_sentence(plot):
    refused("axes must hold Axes of matplotlib; received 'left'.", lambda: plot(latent(), "left"))


def test_numbers_of_classes_do_not_hide_each_other():
    codes = np.array([[0, 0], [0, 0], [0.1, 0], [0.1, 0], [9, 10], [10, 9]])
    right = latent(codes=codes).plot_map(two_axes())[1]
    (zero, at), (one, beside), (two, far) = (text.get_position() for text in right.texts)
    assert (at, beside) == (0, 0)
    assert (two, far) == (9.5, 9.5)
    assert zero + one == pytest.approx(0.1)
    assert one - zero == pytest.approx(0.055 * np.ptp(right.get_xlim()), rel=1e-3)


def test_decoded_pictures_are_placed_as_on_the_map():
    right = latent().plot_grid(two_axes())[1]
    canvas = np.asarray(right.images[0].get_array())
    assert canvas.shape == (2 * 3, 2 * 4)
    assert canvas[3:5, 4:7] == pytest.approx(latent().decoded[1, 1, ..., 0])


def test_what_holds_nothing_to_draw_is_refused():
    message = "The record has no decoded images with 1 or 3 channels. Map such images, with grid above 0."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        latent(decoded=None, pca_decoded=None).plot_grid(two_axes())
    message = "No network has a finite test error, so there is nothing to draw."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        gain(test_mse=np.full((3, 3), np.nan)).plot(axes())
    message = "No network finished training, so there are no codes to draw."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        latent(codes=np.full((6, 2), np.nan)).plot_map(two_axes())
