import re

import keras
import numpy as np
import pytest

from kerasreg import Augmentation
from kerasreg.augmentation import RandomNoise, augmentation_layers, augmented, augmented_split
from kerasreg.checks import InvalidInput
from kerasreg.records import Split
from tests.helpers.small import small_digits
from tests.helpers.strengths import EVERYTHING

PICTURES = np.random.default_rng(0).random((5, 6, 7, 3), dtype="float32")


def refusal(message: str):
    return pytest.raises(InvalidInput, match=f"^{re.escape(message)}$")


def darker(pictures):
    return pictures / 2


def shuffled(pictures, seed):
    return np.random.default_rng(seed).permuted(pictures, axis=3)


def test_an_augmentation_changes_pictures_as_its_layers_do_while_training():
    strategy = Augmentation(**EVERYTHING)
    expected = PICTURES
    for layer in augmentation_layers(strategy, seed=4):
        expected = layer(expected, training=True)
    changed = augmented(PICTURES, strategy, seed=4)
    np.testing.assert_array_equal(changed, np.clip(expected, 0, 1))
    assert not np.array_equal(changed, augmented(PICTURES, strategy, seed=5))


def test_a_function_of_ones_own_gets_the_pictures_and_a_seed_if_it_takes_one():
    np.testing.assert_array_equal(augmented(PICTURES, darker), PICTURES / 2)
    np.testing.assert_array_equal(augmented(PICTURES, shuffled, seed=3), shuffled(PICTURES, 3))


def test_a_function_that_writes_into_its_pictures_leaves_the_callers_alone():
    before = PICTURES.copy()

    def blackened(pictures):
        pictures[:] = 0
        return pictures

    assert augmented(PICTURES, blackened).max() == 0
    np.testing.assert_array_equal(PICTURES, before)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.RandomBrightness(0.3, value_range=(0, 1), seed=1),
        keras.Sequential([keras.layers.RandomFlip(seed=1), RandomNoise(0.1, seed=1)]),
    ],
    ids=["one layer", "several"],
)
def test_a_layer_draws_by_the_seed_and_is_left_as_it_was(layer):
    states = [variable.numpy() for variable in layer.variables]
    first, again, other = (augmented(PICTURES, layer, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    for variable, state in zip(layer.variables, states, strict=True):
        np.testing.assert_array_equal(variable.numpy(), state)


def test_pixels_are_taken_for_pictures_of_one_pixel_each_with_its_own_change():
    pixels = PICTURES[0, 0].astype(float)
    np.testing.assert_array_equal(augmented(pixels, darker), pixels / 2)
    same = np.tile(pixels[:1], (9, 1))
    changed = augmented(same, Augmentation(palette=0.3, hue=30))
    assert (changed.shape, changed.dtype) == ((9, 3), float)
    assert len(np.unique(changed, axis=0)) == 9


def test_a_rounding_beyond_the_range_is_clipped():
    changed = augmented(PICTURES, lambda pictures: pictures * 0 + np.float32(1 + 1e-6))
    assert changed.max() == 1


@pytest.mark.parametrize(
    ("pictures", "strategy", "message"),
    [
        (
            PICTURES,
            lambda pictures: pictures + 0.5,
            f"The strategy '<lambda>' returned values from {PICTURES.min() + 0.5:.3g} to "
            f"{PICTURES.max() + 0.5:.3g}, and pictures must stay in [0, 1]. Let it return "
            "numpy.clip(pictures, 0, 1).",
        ),
        (
            PICTURES,
            lambda pictures: pictures[:, 1:],
            "The strategy '<lambda>' must return pictures of the shape it was given, (5, 6, 7, 3); it "
            "returned (5, 5, 7, 3).",
        ),
        (
            PICTURES,
            lambda pictures: (255 * pictures).astype("uint8"),
            "The strategy '<lambda>' must return floating-point values in [0, 1]; it returned uint8. Divide "
            "8-bit values by 255.",
        ),
        (
            PICTURES,
            lambda pictures: np.where(pictures > 0.5, np.nan, pictures),
            "The strategy '<lambda>' returned NaN or infinite values; all must be finite.",
        ),
        (
            PICTURES,
            lambda pictures, strength: pictures,
            "The strategy '<lambda>' is called as strategy(pictures), and does not take that: missing a "
            "required argument: 'strength'.",
        ),
        (
            PICTURES,
            lambda seed: seed,
            "The strategy '<lambda>' is called as strategy(pictures, seed=...), and does not take that: "
            "multiple values for argument 'seed'.",
        ),
        (
            PICTURES,
            lambda pictures: None,
            "The strategy '<lambda>' must return an array of pictures; it returned NoneType.",
        ),
        (
            PICTURES,
            keras.layers.Resizing(3, 3, name="small"),
            "The strategy 'small' must return pictures of the shape it was given, (5, 6, 7, 3); it returned "
            "(5, 3, 3, 3).",
        ),
        (
            PICTURES,
            "darker",
            "strategy must be an Augmentation, a Keras layer, or a function from pictures to pictures; "
            "received 'darker'.",
        ),
        (
            PICTURES[..., 0],
            darker,
            "pictures must be an array of shape (n, height, width, channels), or of pixels (n, 3); received "
            "shape (5, 6, 7). Pictures of one color have 1 channel: x[..., None] adds it.",
        ),
        (PICTURES > 0, darker, "pictures must be floating-point in [0, 1]; received bool."),
        (
            PICTURES * 0 + 255,
            darker,
            "pictures must have finite values in [0, 1]; received 255 to 255.",
        ),
        (
            PICTURES[..., :1],
            Augmentation(hue=10),
            "augmentation by hue needs pictures of 3 channels: red, green and blue; received input_shape "
            "(6, 7, 1). Leave it at 0.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(pictures, strategy, message):
    with refusal(message):
        augmented(pictures, strategy)


def test_a_split_gets_copies_of_its_training_part_alone():
    split = small_digits()
    grown = augmented_split(split, Augmentation(translation=0.2), copies=2, seed=1)
    assert grown.name == "small digits, augmented"
    assert len(grown.x_train) == 3 * len(split.x_train)
    np.testing.assert_array_equal(grown.x_train[:140], split.x_train)
    np.testing.assert_array_equal(grown.y_train, np.tile(split.y_train, 3))
    np.testing.assert_array_equal(grown.train_indices, np.tile(split.train_indices, 3))
    assert not np.array_equal(grown.x_train[140:280], grown.x_train[280:])
    for part in ("validation", "test"):
        assert getattr(grown, f"x_{part}") is getattr(split, f"x_{part}")
    again = augmented_split(split, Augmentation(translation=0.2), copies=2, seed=1)
    np.testing.assert_array_equal(grown.x_train, again.x_train)


def test_the_target_of_an_autoencoder_is_the_changed_picture_itself():
    grown = augmented_split(small_digits().as_autoencoder(), darker)
    np.testing.assert_array_equal(grown.y_train, grown.x_train)
    np.testing.assert_array_equal(grown.x_train[140:], grown.x_train[:140] / 2)


def pixel_split() -> Split:
    """Three gray pixels to train on and white to validate on."""
    x = np.tile(np.float32([[0.2], [0.5], [0.7], [1.0], [0.9]]), (1, 3))
    parts = {"train": x[:3], "validation": x[3:4], "test": x[4:]}
    arrays = {f"{letter}_{part}": rows for part, rows in parts.items() for letter in "xy"}
    indices = {
        f"{part}_indices": np.flatnonzero((x[:, None] == rows).all(2).any(1)) for part, rows in parts.items()
    }
    return Split(name="grays", num_classes=None, **arrays, **indices)


def test_a_copy_that_comes_out_equal_to_a_row_held_out_is_left_out():
    grown = augmented_split(pixel_split(), lambda pictures: np.clip(2 * pictures, 0, 1))
    np.testing.assert_allclose(grown.x_train[:, 0], [0.2, 0.5, 0.7, 0.4])
    np.testing.assert_array_equal(grown.train_indices, [0, 1, 2, 0])
    np.testing.assert_array_equal(grown.x_train, grown.y_train)


def test_copies_must_be_a_number():
    with refusal("copies must be a whole number of at least 1; received 0."):
        augmented_split(small_digits(), darker, copies=0)
