import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.plotting import plot_recolored
from kerasreg.plotting.recolored import axes_of_one_height

BLACK = [np.zeros((2, 2, 3))] * 3


def test_a_recolored_picture_stands_beside_its_source_and_its_palette():
    pictures = [np.full((2, 3, 3), value) for value in (0.1, 0.5, 0.9)]
    axes = plot_recolored(*pictures, list(Figure().subplots(1, 3)))
    assert [ax.get_title() for ax in axes] == ["original", "trained on", "recolored"]
    for ax, picture in zip(axes, pictures, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), picture)


@pytest.mark.parametrize("shapes", [[(2, 3), (4, 1), (3, 3)], [(9, 1), (9, 1), (9, 2)]])
def test_pictures_side_by_side_have_one_height_and_their_own_widths(shapes):
    figure = Figure()
    axes = axes_of_one_height(figure, [np.zeros((*shape, 3)) for shape in shapes])
    boxes = [ax.get_position() for ax in axes]
    ratios = [width / height for height, width in shapes]
    assert [box.width / boxes[0].width for box in boxes] == pytest.approx([r / ratios[0] for r in ratios])
    width, height = figure.get_size_inches()
    assert (width - 0.4) / (height - 0.4) == pytest.approx(sum(ratios))
    assert height <= 5


def test_a_new_figure_is_made_where_no_axes_are_given():
    from matplotlib import pyplot

    assert len(plot_recolored(*BLACK)) == 3
    pyplot.close("all")


def test_three_axes_are_needed():
    message = "axes must hold three Axes; received 1."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        plot_recolored(*BLACK, [None])
