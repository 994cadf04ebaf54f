import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.experiments import (
    Commutation,
    FeatureMaps,
    FilterComparison,
    ParameterTable,
    PoolingExample,
)
from kerasreg.experiments.convolution.layers_record import LayerRow

PICTURE = np.random.default_rng(0).uniform(size=(12, 16))


def axes(count):
    return list(Figure(layout="constrained").subplots(1, count, squeeze=False)[0])


def filters():
    results = np.stack([np.stack([PICTURE, PICTURE + 1]), np.stack([PICTURE - 0.5, PICTURE - 2])])
    return FilterComparison(
        data="noise",
        picture=PICTURE,
        kernels=("box_3", "sobel_x"),
        boundaries=("constant", "wrap"),
        weights=(np.full((1, 3, 3), 1 / 9), np.array([[[1, 0, 0, 0, -1]] * 5], dtype=float)),
        filtered=results,
        keras_difference=np.zeros((2, 2)),
        rounding=np.ones(2),
    )


def drawn(ax):
    return ax.images[0].get_array()


def test_the_picture_and_each_filtered_one_are_drawn_with_their_names():
    found = filters().plot_filtered(axes(3), boundary="wrap")
    assert [ax.get_title() for ax in found] == ["noise", "box 3", "sobel x"]
    np.testing.assert_array_equal(drawn(found[1]), PICTURE + 1)
    np.testing.assert_array_equal(drawn(found[2]), PICTURE - 2)
    assert found[1].images[0].get_clim() == (PICTURE.min(), PICTURE.max())  # gray levels as in the picture
    low, high = found[2].images[0].get_clim()
    assert low == -high  # white is 0


def test_the_corners_share_their_gray_levels_and_have_the_frame_of_the_kernels_reach():
    found = filters().plot_boundaries(axes(2), corner=6)
    assert [ax.get_title() for ax in found] == ["constant", "wrap"]
    np.testing.assert_array_equal(drawn(found[0]), PICTURE[:6, :6] - 0.5)
    assert found[0].images[0].get_clim() == found[1].images[0].get_clim()
    assert found[1].patches[0].get_xy() == (1.5, 1.5)  # between the second and the third pixel
    assert found[0].get_ylabel() == "sobel x"


def test_both_orders_are_drawn_and_their_difference():
    record = Commutation(
        data="noise",
        picture=PICTURE,
        kernels=("box_3", "laplace"),
        boundary="constant",
        margin=2,
        forth=PICTURE,
        back=PICTURE - 0.25,
        joined=PICTURE,
        rounding=1e-9,
    )
    found = record.plot(axes(3))
    titles = ["box 3, then laplace", "laplace, then box 3", "difference, up to 0.25"]
    assert [ax.get_title() for ax in found] == titles
    assert found[0].images[0].get_clim() == found[1].images[0].get_clim()
    np.testing.assert_allclose(drawn(found[2]), 0.25)
    assert drawn(found[2]).shape == (12, 12)
    assert found[2].patches[0].get_bbox().bounds == (1.5, 1.5, 12, 12)


def test_too_few_axes_are_refused():
    message = "axes must hold one Axes for each of 3 pictures; received 2."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        filters().plot_filtered(axes(2))


def test_a_corner_has_at_least_a_pixel():
    with pytest.raises(InvalidInput, match=r"^corner must be a whole number of at least 1; received 0\.$"):
        filters().plot_boundaries(corner=0)


def maps():
    values = np.random.default_rng(1).normal(size=(2, 6, 4, 3)).astype(np.float32)
    return FeatureMaps(
        model="cnn",
        pictures=values[..., :1],
        labels=("seven", "two"),
        kernels=np.arange(54.0).reshape(3, 3, 2, 3) - 20,
        maps={"conv_1": values, "conv_1_pooling": values[:, ::2, ::2, :2]},
    )


def test_kernels_share_their_colors_and_lie_as_on_the_picture():
    record = maps()
    found = record.plot_kernels(axes(3), channel=1)
    assert [ax.get_title() for ax in found] == ["0", "1", "2"]
    for number, ax in enumerate(found):
        np.testing.assert_array_equal(drawn(ax), record.kernels[:, :, 1, number])
        largest = np.abs(record.kernels[:, :, 1]).max()
        assert ax.images[0].get_clim() == (-largest, largest)


def test_each_stage_has_a_row_of_its_maps():
    record = maps()
    grid = Figure(layout="constrained").subplots(2, 3)
    assert record.plot_maps(grid, picture=1) is grid
    np.testing.assert_array_equal(drawn(grid[0, 2]), record.maps["conv_1"][1, :, :, 2])
    np.testing.assert_array_equal(drawn(grid[1, 1]), record.maps["conv_1_pooling"][1, :, :, 1])
    assert not grid[1, 2].images
    assert grid[1, 0].get_ylabel() == "conv_1\npooling\n3 x 2"
    assert grid[0, 0].figure.get_suptitle() == "feature maps of two"
    message = "axes must have shape (2, columns); received shape (1, 3)."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        record.plot_maps(grid[:1])


def test_pooled_pictures_have_the_gray_levels_of_the_picture():
    record = PoolingExample(picture=PICTURE, size=2, maximum=PICTURE[::2, ::2] + 1, average=PICTURE[::2, ::2])
    found = record.plot(axes(3))
    assert [ax.get_title() for ax in found] == [
        "picture, 12 x 16",
        "max pooling, 6 x 8",
        "average pooling, 6 x 8",
    ]
    assert {ax.images[0].get_clim() for ax in found} == {(PICTURE.min(), PICTURE.max())}
    np.testing.assert_array_equal(drawn(found[1]), PICTURE[::2, ::2] + 1)


def test_layers_with_parameters_have_bars_and_the_others_none():
    rows = (
        LayerRow(layer="conv_1", kind="Conv2D", output_shape=(8, 8, 4), parameters=40),
        LayerRow(layer="flatten", kind="Flatten", output_shape=(256,), parameters=0),
        LayerRow(layer="output", kind="Dense", output_shape=(10,), parameters=2570),
    )
    ax = ParameterTable(model="small", layers=rows, trainable=2610).plot(axes(1)[0])
    assert [bar.get_width() for bar in ax.patches] == [40, 2570]
    assert [text.get_text() for text in ax.texts] == ["40", "2,570"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["conv_1\n8 x 8 x 4", "output\n10"]
    assert ax.get_title(loc="left") == "small: 2,610 parameters"
    message = "none has no parameters, so there is nothing to draw."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        ParameterTable(model="none", layers=rows[1:2], trainable=0).plot()
