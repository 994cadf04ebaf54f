import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg import Augmentation, plot_augmentations
from kerasreg.augmentation import augmented, preview_augmentations
from kerasreg.plotting import plot_augmentation_preview
from kerasreg.records import AugmentationPreview
from kerasreg.seeds import derive_seed
from tests.helpers.refusing import refused
from tests.helpers.small import small_digits, small_table

COLORED = np.random.default_rng(0).random((6, 8, 3), dtype="float32")
DIGIT_ROWS = (
    "translation 0.1",
    "rotation 15",
    "shear 0.25",
    "zoom 0.15",
    "elastic 0.05",
    "noise 0.1",
    "erasing 1",
    "all together",
)


def darker(pictures):
    return pictures / 2


@pytest.fixture(scope="module")
def preview() -> AugmentationPreview:
    return preview_augmentations(small_digits(), draws=3, row=5, seed=2)


def test_each_change_is_shown_alone_and_all_together_on_the_chosen_picture(preview):
    assert preview.names == DIGIT_ROWS
    np.testing.assert_array_equal(preview.original, small_digits().x_train[5])
    assert preview.pictures.shape == (8, 3, 8, 8, 1)
    same = np.repeat(preview.original[None], 3, axis=0)
    expected = augmented(same, Augmentation(rotation=15), seed=derive_seed(2, "rotation 15"))
    np.testing.assert_array_equal(preview.pictures[1], expected)
    assert (preview.pictures[:, 0] != preview.pictures[:, 1]).any(axis=(1, 2, 3)).all()


def test_a_color_picture_is_shown_with_the_changes_of_colors_too():
    names = preview_augmentations(COLORED, draws=1).names
    assert len(names) == 14
    assert set(DIGIT_ROWS) < set(names)
    assert {"hue 60", "palette 0.5", "channel permutation 1"} < set(names)


def test_strategies_of_ones_own_are_shown_by_name():
    preview = preview_augmentations(COLORED, {"mine": darker}, draws=2)
    assert preview.names == ("mine",)
    np.testing.assert_array_equal(preview.pictures, np.stack([COLORED, COLORED])[None] / 2)


def test_a_large_picture_is_shown_smaller_by_the_means_of_its_blocks():
    large = np.kron(np.random.default_rng(1).random((65, 100)), np.ones((3, 3)))
    preview = preview_augmentations(large[:194], {"mine": darker}, draws=1)
    np.testing.assert_allclose(preview.original[..., 0], large[::3, ::3][:64])


def test_the_record_survives_json(preview):
    again = AugmentationPreview.from_dict(json.loads(json.dumps(preview.to_dict())))
    assert (again.names, again.seed) == (preview.names, 2)
    np.testing.assert_array_equal(again.pictures, preview.pictures)
    np.testing.assert_array_equal(again.original, preview.original)


def test_a_record_whose_shapes_disagree_is_refused(preview):
    refused(
        "pictures must have shape (strategies, draws, height, width, channels), for 8 strategies and an "
        "original of shape (8, 8, 1); received (7, 3, 8, 8, 1).",
        lambda: replace(preview, pictures=preview.pictures[1:]),
    )


def test_the_figure_has_the_original_and_then_the_draws_in_each_row(preview):
    axes = np.reshape(plot_augmentation_preview(preview, Figure()).axes, (8, 4))
    for line, name, pictures in zip(axes, preview.names, preview.pictures, strict=True):
        assert line[0].get_ylabel() == name
        shown = [ax.images[0].get_array() for ax in line]
        np.testing.assert_array_equal(shown, [preview.original[..., 0], *pictures[..., 0]])
    assert [axes[0, 0].get_title(), axes[0, 1].get_title(loc="left")] == ["original", "3 draws"]


def test_one_call_computes_and_draws():
    figure = plot_augmentations(COLORED, {"mine": darker}, draws=2, figure=Figure())
    assert len(figure.axes) == 3
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), COLORED / 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"split": small_table()},
            "A preview needs pictures of shape (height, width) or (height, width, channels), with 1 or 3 "
            "channels, none of them 0; received (3,).",
        ),
        ({"split": "sea.png"}, "A picture must hold numbers; received 'sea.png'."),
        (
            {"strategies": {}},
            'strategies must be one or more strategies by name, such as {"mine": function}; received {}.',
        ),
        (
            {"strategies": darker},
            'strategies must be one or more strategies by name, such as {"mine": function}; received '
            f"{darker!r}.",
        ),
        ({"draws": 0}, "draws must be a whole number of at least 1; received 0."),
        ({"row": 140}, "row must be below 140, the training rows; received 140."),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, message):
    refused(message, lambda: preview_augmentations(**{"split": small_digits()} | arguments))


def test_what_is_no_figure_is_refused_by_a_sentence(preview):
    message = "figure must be a Figure of matplotlib; received 'left'."
    refused(message, lambda: plot_augmentation_preview(preview, "left"))
