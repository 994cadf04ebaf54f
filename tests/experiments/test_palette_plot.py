import re

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.plotting.axes import GRAY
from tests.helpers.palette_records import palette_record


def axes_of(*shape):
    return Figure(layout="constrained").subplots(*shape, squeeze=False)


@pytest.mark.parametrize("measure", ["shift", "error", "training_error", "to_source", "to_training"])
def test_each_line_is_the_mean_of_its_units_and_its_band_the_interval(measure):
    record = palette_record()
    axes = list(axes_of(1, 2)[0])
    assert record.plot_curves(axes, measure=measure) == axes
    mean, low, high = record.means(measure)
    for place, (ax, strategy) in enumerate(zip(axes, record.strategies, strict=True)):
        assert ax.get_title(loc="right") == strategy
        assert ax.get_xscale() == "log"
        for row, label in enumerate(("1 unit", "4 units")):
            line = next(line for line in ax.lines if line.get_label() == label)
            assert list(line.get_xdata()) == [8, 64]
            assert list(line.get_ydata()) == pytest.approx(mean[:, row, place])
            corners = ax.collections[row].get_paths()[0].vertices
            ends = corners[corners[:, 0] == 64, 1]
            assert (ends.min(), ends.max()) == pytest.approx((low[1, row, place], high[1, row, place]))


def test_the_shift_has_its_ends_named_and_a_line_in_the_middle():
    ax = palette_record().plot_curves(list(axes_of(1, 2)[0]))[0]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["source's  -1", "-0.5", "0", "0.5", "training\npicture's  1"]
    assert any(set(line.get_ydata()) == {0} and same_color(line.get_color(), GRAY) for line in ax.lines)
    labels = [
        palette_record().plot_curves(list(axes_of(1, 2)[0]), measure=measure)[0].get_ylabel()
        for measure in ("shift", "error", "training_error", "to_source", "to_training")
    ]
    assert labels == [
        "palette of the output",
        "mean squared error, unseen pictures",
        "mean squared error, training picture",
        "distance to the source's palette (CIELAB)",
        "distance to the training palette (CIELAB)",
    ]


def test_one_picture_can_be_drawn_by_itself():
    record = palette_record()
    ax = record.plot_curves(list(axes_of(1, 2)[0]), measure="to_source", picture="wood")[0]
    assert list(ax.lines[0].get_ydata()) == pytest.approx(record.to_source[:, 0, 0, :, 1].mean(axis=-1))


def test_the_sheet_shows_the_source_the_training_picture_and_every_setting():
    record = palette_record()
    axes = axes_of(4, 3)
    assert record.plot_sheet(axes, picture="wood") is axes
    shown = [[ax.images[0].get_array() if ax.images else None for ax in row] for row in axes]
    np.testing.assert_array_equal(shown[0][0], record.originals["wood"])
    np.testing.assert_array_equal(shown[1][0], record.originals["beach"])
    assert shown[2][0] is shown[3][0] is None
    for strategy, size, units in np.ndindex(2, 2, 2):
        expected = record.redrawn["wood"][size, units, strategy]
        np.testing.assert_array_equal(shown[2 * strategy + size][1 + units], expected)
    assert [ax.get_title() for ax in axes[0]] == ["source: wood", "1 unit", "4 units"]
    assert axes[1, 0].get_title() == "training picture: beach"
    assert axes[1, 1].texts[0].get_text() == "64 patches"
    assert axes[2, 1].texts[0].get_text() == "augmented\n8 patches"


def test_a_sheet_of_one_setting_has_a_place_for_the_training_picture():
    record = palette_record()
    one = {name: values[:1, :, :1] for name, values in record.redrawn.items()}
    scores = {
        name: getattr(record, name)[:1, :, :1]
        for name in ("error", "training_error", "to_source", "to_training")
    }
    alone = palette_record(train_sizes=(8,), strategies=("plain",), redrawn=one, **scores)
    axes = alone.plot_sheet(axes_of(2, 3))
    assert [ax.get_title() for ax in axes[:, 0]] == ["source: sea", "training picture: beach"]
    assert alone.plot_sheet(axes_of(1, 3), picture="beach").shape == (1, 3)


def test_a_single_patch_is_one_patch():
    axes = palette_record(train_sizes=(1, 64)).plot_sheet(axes_of(4, 3))
    assert axes[0, 1].texts[0].get_text() == "plain\n1 patch"


def test_the_sheet_begins_with_the_first_unseen_picture_and_takes_the_training_picture_too():
    assert palette_record().plot_sheet(axes_of(4, 3))[0, 0].get_title() == "source: sea"
    axes = palette_record().plot_sheet(axes_of(4, 3), picture="beach")
    assert axes[0, 0].get_title() == "training picture: beach"
    assert not axes[1, 0].images


def test_new_figures_are_made_where_no_axes_are_given():
    from matplotlib import pyplot

    record = palette_record()
    assert len(record.plot_curves()) == 2
    assert record.plot_sheet().shape == (4, 3)
    pyplot.close("all")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda record: record.plot_curves(axes_of(1, 1)[0]),
            "axes must hold one Axes for each of 2 strategies; received 1.",
        ),
        (
            lambda record: record.plot_curves(["left", "right"]),
            "axes must hold Axes of matplotlib; received ['left', 'right'].",
        ),
        (
            lambda record: record.plot_sheet(axes_of(2, 2)),
            "axes must be an array of Axes of shape (4, 3); received (2, 2).",
        ),
        (
            lambda record: record.plot_sheet(picture="forest"),
            "picture must be one of 'beach', 'sea', 'wood'; received 'forest'.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        call(palette_record())
