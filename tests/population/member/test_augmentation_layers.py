import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from kerasreg import Augmentation, build_cnn
from kerasreg.population import UnstackableModel
from kerasreg.population.kernels import color, geometry
from kerasreg.population.kernels.random_numbers import layer_key, normal, uniform
from kerasreg.population.member.augmentation_layers import read_brightness, read_contrast, read_erasing
from kerasreg.population.member.member import read_member
from tests.helpers.strengths import EVERYTHING

MEMBERS, BATCH = 3, 4
SHAPE = (9, 12, 3)
CLOSE = {"atol": 3e-6}  # a few operations in single precision on numbers up to 2
UNIT = {"value_range": (0, 1)}


def some_pictures(members: int = MEMBERS, batch: int = BATCH, shape=SHAPE) -> np.ndarray:
    return np.random.default_rng(0).random((members, batch, *shape), dtype=np.float32)


def place(members: int = MEMBERS) -> tuple[tf.Tensor, tf.Tensor]:
    keys = tf.constant([layer_key(seed, "colors") for seed in range(members)], tf.uint32)
    return keys, tf.range(members) * 3


def single(values) -> tf.Tensor:
    """Ranges that hold one number each, so that the draw is known."""
    return tf.constant(np.repeat(np.float32(values)[:, None], 2, axis=1))


def by_layer(make_layer, pictures: np.ndarray, values) -> np.ndarray:
    """Each member's pictures through a Keras layer whose range is a single number."""
    return np.stack(
        [
            keras.ops.convert_to_numpy(
                make_layer((float(value), float(value)), **UNIT)(of_one, training=True)
            )
            for of_one, value in zip(pictures, values, strict=True)
        ]
    )


@pytest.mark.parametrize(
    ("ours", "layer", "name", "values"),
    [
        (color.random_brightness, keras.layers.RandomBrightness, "delta_range", [-0.3, 0.0, 0.6]),
        (color.random_saturation, keras.layers.RandomSaturation, "factor_range", [0.0, 0.5, 0.8]),
    ],
)
def test_a_known_change_of_colors_is_the_one_of_keras(ours, layer, name, values):
    pictures = some_pictures()
    changed = ours(pictures, *place(), **{name: single(values)})
    np.testing.assert_allclose(changed, by_layer(layer, pictures, values), **CLOSE)


def test_hue_turns_by_the_amount_of_keras_either_way():
    pictures, values = some_pictures(batch=10), [0.1, 0.5, 0.9]
    changed = color.random_hue(pictures, *place(), factor_range=single(values)).numpy()
    # Keras draws the sign itself: of 12 draws of one picture, all have one sign once in 2,048
    of_keras = by_layer(keras.layers.RandomHue, np.repeat(pictures, 12, axis=1), values)
    of_keras = of_keras.reshape(MEMBERS, 10, 12, *SHAPE)
    differences = abs(of_keras - changed[:, :, None]).max(axis=(3, 4, 5))
    assert (differences.min(axis=2) < 1e-4).all()  # values of six branches, each steep in the hue
    assert (differences.max(axis=2) > 0.01).all()


def test_contrast_stretches_each_channel_about_its_mean():
    pictures, values = some_pictures(), np.float32([0.0, 0.5, 1.5])
    changed = color.random_contrast(pictures, *place(), factor_range=single(values))
    mean = pictures.mean(axis=(2, 3), keepdims=True)
    expected = np.clip(mean + values[:, None, None, None, None] * (pictures - mean), 0, 1)
    np.testing.assert_allclose(changed, expected, **CLOSE)


def test_the_range_of_contrast_is_read_as_keras_draws_it():
    """A picture of two values shows the factor as their distance."""
    layer = keras.layers.RandomContrast((0.4, 0.4), **UNIT, seed=0)
    part = read_contrast(layer)
    assert part.hyperparameters == pytest.approx({"factor from": 0.6, "factor to": 1.4})
    pictures = np.full((1000, 1, 2, 1), 0.4, np.float32)
    pictures[:, :, 1] = 0.6
    changed = keras.ops.convert_to_numpy(layer(pictures, training=True))
    factors = (changed[:, 0, 1, 0] - changed[:, 0, 0, 0]) / 0.2
    assert stats.kstest(factors, stats.uniform(0.6, 0.8).cdf).pvalue > 1e-4


def test_channels_are_permuted_with_the_members_probability_and_all_orders_alike():
    batch, probabilities = 6000, (0.0, 0.5, 1.0)
    pixel = np.float32([0.1, 0.5, 0.9])
    pictures = np.broadcast_to(pixel, (MEMBERS, batch, 1, 1, 3)).astype(np.float32)
    changed = color.random_channel_permutation(pictures, *place(), strength=tf.constant(probabilities))
    changed = changed.numpy()[:, :, 0, 0]
    np.testing.assert_array_equal(np.sort(changed), np.broadcast_to(pixel, changed.shape))
    np.testing.assert_array_equal(changed[0], np.broadcast_to(pixel, changed[0].shape))
    for member in (1, 2):
        orders, counts = np.unique(changed[member], axis=0, return_counts=True)
        kept = (orders == pixel).all(axis=1)
        expected = np.where(kept, 1 - probabilities[member] * 5 / 6, probabilities[member] / 6)
        assert len(orders) == 6
        assert stats.chisquare(counts, batch * expected).pvalue > 1e-4


def test_the_palette_is_the_affine_map_of_its_draws():
    pictures, strength = some_pictures(), np.float32([0.0, 0.2, 1.0])
    changed = color.random_palette(pictures, *place(), strength=tf.constant(strength)).numpy()
    numbers = 2 * uniform(*place(), rows=BATCH, elements=12).numpy().reshape(MEMBERS, BATCH, 4, 3) - 1
    for member, picture in np.ndindex(MEMBERS, BATCH):
        entries = strength[member] * numbers[member, picture]
        pixels = pictures[member, picture]
        expected = pixels + (pixels - 0.5) @ entries[:3] + entries[3] / 2
        np.testing.assert_allclose(changed[member, picture], np.clip(expected, 0, 1), **CLOSE)


def test_noise_has_the_members_standard_deviation_and_is_clipped():
    pictures, strength = some_pictures(shape=(8, 8, 2)), np.float32([0.0, 0.1, 0.5])
    changed = color.random_noise(pictures, *place(), strength=tf.constant(strength))
    noise = normal(*place(), rows=BATCH, elements=128).numpy().reshape(pictures.shape)
    expected = np.clip(pictures + strength[:, None, None, None, None] * noise, 0, 1)
    np.testing.assert_allclose(changed, expected, **CLOSE)


def sides_and_places(erased: np.ndarray) -> np.ndarray:
    """The rows, columns, first row and first column of each rectangle of zeros in (n, height, width)."""
    rows, columns = erased.any(axis=2), erased.any(axis=1)
    assert (erased == rows[:, :, None] & columns[:, None, :]).all()  # they are rectangles
    return np.stack([rows.sum(1), columns.sum(1), rows.argmax(1), columns.argmax(1)])


def test_erasing_has_the_law_of_keras():
    batch, probabilities = 4000, [0.0, 0.3, 1.0]
    pictures = np.ones((MEMBERS, batch, 28, 28, 1), np.float32)
    area = single([0, 0, 0]) + tf.constant([[0.02, 0.33]])
    ranges = {"probability_range": single(probabilities), "area_range": area}
    erased = color.random_erasing(pictures, *place(), **ranges).numpy()[..., 0] == 0
    share = erased.any(axis=(2, 3)).mean(axis=1)
    np.testing.assert_allclose(share, probabilities, atol=5 * (0.3 * 0.7 / batch) ** 0.5)
    layer = keras.layers.RandomErasing((1.0, 1.0), fill_value=0.0, **UNIT, seed=1)
    keras_erased = keras.ops.convert_to_numpy(layer(pictures[0], training=True))[..., 0] == 0
    for ours, theirs in zip(sides_and_places(erased[2]), sides_and_places(keras_erased), strict=True):
        assert stats.ks_2samp(ours, theirs).pvalue > 1e-4


def test_a_slant_moves_each_row_by_its_distance_from_the_middle():
    pictures = np.zeros((1, 2, 9, 21, 1), np.float32)
    pictures[:, :, :, 10] = 1
    slanted = geometry.slant(pictures, tf.constant([[1.0, -0.5]])).numpy()[0, ..., 0]
    middles = slanted @ np.arange(21)
    np.testing.assert_allclose(middles[0], 10 - (np.arange(9) - 4), atol=1e-5)
    np.testing.assert_allclose(middles[1], 10 + 0.5 * (np.arange(9) - 4), atol=1e-5)


def everything(pictures, keys, steps, strength):
    """All changes of values, and the slant, in the order of `augmentation_layers`."""
    ends = tf.stack([-strength, strength], axis=1)
    place = (keys, steps)
    pictures = geometry.random_slant(pictures, *place, strength=strength)
    pictures = color.random_brightness(pictures, *place, delta_range=ends)
    pictures = color.random_contrast(pictures, *place, factor_range=1 + ends)
    pictures = color.random_saturation(pictures, *place, factor_range=0.5 + ends / 2)
    pictures = color.random_hue(pictures, *place, factor_range=abs(ends))
    pictures = color.random_channel_permutation(pictures, *place, strength=strength)
    pictures = color.random_palette(pictures, *place, strength=strength)
    pictures = color.random_noise(pictures, *place, strength=strength)
    return color.random_erasing(pictures, *place, probability_range=abs(ends), area_range=abs(ends))


@pytest.mark.slow
def test_a_members_pictures_depend_neither_on_its_company_nor_on_compilation():
    strength = tf.constant(np.float32([0.1, 0.3, 0.6]))
    pictures = tf.constant(some_pictures())
    together = everything(pictures, *place(), strength).numpy()
    keys, steps = place()
    for member in range(MEMBERS):
        one = slice(member, member + 1)
        alone = everything(pictures[one, :2], keys[one], steps[one], strength[one]).numpy()
        np.testing.assert_allclose(alone[0], together[member, :2], atol=1e-5)
    compiled = tf.function(everything, jit_compile=True)(pictures, *place(), strength)
    np.testing.assert_allclose(compiled, together, atol=1e-4)
    flat = together.reshape(MEMBERS * BATCH, -1)
    assert len(np.unique(flat, axis=0)) == len(flat)
    later = everything(pictures, keys, steps + 1, strength).numpy()
    assert (abs(later - together).max(axis=(2, 3, 4)) > 1e-3).all()


@pytest.mark.parametrize(
    ("read", "layer", "what"),
    [
        (
            read_brightness,
            keras.layers.RandomBrightness(0.1, name="light"),
            "The layer 'light' (RandomBrightness) has value_range=[0, 255] where a population needs (0, 1)",
        ),
        (
            read_erasing,
            keras.layers.RandomErasing(0.5, value_range=(0, 1), name="hole"),
            "The layer 'hole' (RandomErasing) has fill_value=None where a population needs 0.0",
        ),
    ],
)
def test_what_a_population_lacks_is_refused(read, layer, what):
    end = (
        ", which a population cannot train. Change it, or pass fallback=True to train such models one by one."
    )
    with pytest.raises(UnstackableModel, match=f"^{re.escape(what + end)}$"):
        read(layer)


def test_networks_with_every_change_of_pictures_at_other_strengths_share_a_program():
    first, second = (
        read_member(
            build_cnn((8, 8, 3), 2, blocks=[(2,)], augmentation=Augmentation(**EVERYTHING).scaled(by))
        )
        for by in (0.5, 1)
    )
    assert first.architecture == second.architecture
    assert first.hyperparameters != second.hyperparameters
