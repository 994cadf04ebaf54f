import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from scipy.ndimage import map_coordinates

from kerasreg.augmentation import RandomElastic
from kerasreg.population.kernels import geometry
from kerasreg.population.kernels.random_numbers import layer_key

MEMBERS, BATCH = 3, 4
SHAPES = [(8, 8, 1), (28, 28, 1), (9, 12, 3)]
# Positions of up to 28 pixels carry an error of 2e-6 in float32, and neighbors differ by 1 at most
CLOSE = {"atol": 2e-5}
OUTSIDE = {"fill_mode": "constant", "fill_value": 0.0}
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


def some_pictures(shape: tuple[int, ...], members: int = MEMBERS, batch: int = BATCH) -> np.ndarray:
    return np.random.default_rng(0).random((members, batch, *shape), dtype=np.float32)


def amounts(low: float, high: float, seed: int = 1) -> np.ndarray:
    """One number a picture, (P, B), with the two ends and the middle among them."""
    numbers = np.random.default_rng(seed).uniform(low, high, (MEMBERS, BATCH)).astype(np.float32)
    numbers[0, :3] = low, high, (low + high) / 2
    return numbers


def by_layers(make_layer, pictures: np.ndarray, *values: np.ndarray) -> np.ndarray:
    """Each picture through a Keras layer of its own, whose range is a single number."""
    results = np.empty_like(pictures)
    for place in np.ndindex(pictures.shape[:2]):
        ranges = [(float(value[place]),) * 2 for value in values]
        results[place] = keras.ops.convert_to_numpy(
            make_layer(*ranges)(pictures[place][None], training=True)
        )[0]
    return results


def translation_layer(height_factor, width_factor):
    return keras.layers.RandomTranslation(height_factor, width_factor, **OUTSIDE)


def rotation_layer(factor):
    return keras.layers.RandomRotation(factor, **OUTSIDE)


def zoom_layer(height_factor, width_factor=None):
    return keras.layers.RandomZoom(height_factor, width_factor, **OUTSIDE)


@shapes
def test_translation_is_the_one_of_keras(shape):
    pictures, down, across = some_pictures(shape), amounts(-0.5, 0.5), amounts(-1, 1, seed=2)
    moved = geometry.translate(pictures, shape[0] * down, shape[1] * across)
    np.testing.assert_allclose(moved, by_layers(translation_layer, pictures, down, across), **CLOSE)


@shapes
def test_rotation_is_the_one_of_keras(shape):
    pictures, turns = some_pictures(shape), amounts(-0.5, 0.5)
    turned = geometry.rotate(pictures, 2 * np.pi * turns)
    np.testing.assert_allclose(turned, by_layers(rotation_layer, pictures, turns), **CLOSE)


@shapes
def test_zoom_is_the_one_of_keras(shape):
    pictures, down, across = some_pictures(shape), amounts(-0.9, 1), amounts(-0.5, 0.5, seed=2)
    resized = geometry.zoom(pictures, 1 + down, 1 + across)
    np.testing.assert_allclose(resized, by_layers(zoom_layer, pictures, down, across), **CLOSE)


@shapes
def test_bending_is_the_one_of_random_elastic(shape, monkeypatch):
    pictures, strengths = some_pictures(shape), np.float32([0.02, 0.05, 0.3])
    limit = 3**0.5
    noise = (
        np.random.default_rng(1).uniform(-limit, limit, (MEMBERS, BATCH, 2, *shape[:2])).astype(np.float32)
    )
    bent = geometry.bend(pictures, noise, tf.constant(strengths)).numpy()
    for member in range(MEMBERS):
        drawn = np.moveaxis(noise[member], 0, 1)
        monkeypatch.setattr(keras.random, "uniform", lambda *args, drawn=drawn, **options: drawn)
        expected = RandomElastic(float(strengths[member]))(pictures[member], training=True)
        np.testing.assert_allclose(bent[member], expected, **CLOSE)


def test_nothing_changes_where_the_amount_is_nothing():
    pictures = some_pictures((9, 12, 3))
    nothing = np.zeros((MEMBERS, BATCH), np.float32)
    noise = np.ones((MEMBERS, BATCH, 2, 9, 12), np.float32)
    for unchanged in (
        geometry.translate(pictures, nothing, nothing),
        geometry.rotate(pictures, nothing),
        geometry.zoom(pictures, 1 + nothing, 1 + nothing),
        geometry.bend(pictures, noise, tf.zeros(MEMBERS)),
    ):
        np.testing.assert_array_equal(unchanged, pictures)


@shapes
def test_sampling_is_linear_interpolation_with_zeros_outside(shape):
    pictures = some_pictures(shape, members=1, batch=2)
    height, width, channels = shape
    rows, columns = np.random.default_rng(1).uniform(-4, max(shape) + 4, (2, 1, 2, height, width))
    rows[0, 0, 0], columns[0, 0, 0] = np.arange(width) - 1, np.arange(width) - 1  # on pixels, and one outside
    rows[0, 0, 1, 0], columns[0, 0, 1, 0] = 1e30, -1e30
    sampled = geometry.sample(pictures, tf.constant(rows, tf.float32), tf.constant(columns, tf.float32))
    for picture in range(2):
        for channel in range(channels):
            padded = np.pad(pictures[0, picture, ..., channel], 1)  # beyond its border SciPy has no gradual 0
            places = np.clip([rows[0, picture] + 1, columns[0, picture] + 1], -2, max(shape) + 5)
            expected = map_coordinates(padded, places, order=1, mode="constant", cval=0)
            np.testing.assert_allclose(sampled[0, picture, ..., channel], expected, **CLOSE)


def keys_and_steps(members: int = MEMBERS) -> tuple[tf.Tensor, tf.Tensor]:
    keys = tf.constant([layer_key(seed, "random_translation") for seed in range(members)], tf.uint32)
    return keys, tf.range(members) * 3


def single(values) -> tf.Tensor:
    """Ranges that hold one number each, so that the draw is known."""
    return tf.constant(np.repeat(np.float32(values)[:, None], 2, axis=1))


def test_the_random_functions_distort_by_the_amounts_of_the_layers():
    pictures, place = some_pictures((9, 12, 1)), keys_and_steps()
    ones = np.ones((1, BATCH), np.float32)
    first, second = np.float32([0.3, -0.1, 0.0]), np.float32([-0.2, 0.25, 0.1])
    by_picture = first[:, None] * ones, second[:, None] * ones
    ranges = {"height_range": single(first), "width_range": single(second)}
    for distorted, expected in (
        (
            geometry.random_translation(pictures, *place, **ranges),
            by_layers(translation_layer, pictures, *by_picture),
        ),
        (
            geometry.random_rotation(pictures, *place, turn_range=single(first)),
            by_layers(rotation_layer, pictures, by_picture[0]),
        ),
        (geometry.random_zoom(pictures, *place, **ranges), by_layers(zoom_layer, pictures, *by_picture)),
        (
            geometry.random_zoom(pictures, *place, height_range=single(first)),
            by_layers(zoom_layer, pictures, by_picture[0]),
        ),
    ):
        np.testing.assert_allclose(distorted, expected, **CLOSE)


def test_draws_are_even_over_each_members_range_and_independent():
    keys, steps = keys_and_steps()
    one = np.float32([[-0.1, 0.1], [0.0, 0.5], [-0.3, -0.2]])
    other = np.float32([[-1, 1], [-0.25, 0], [0.5, 1]])
    down, across = geometry.draw(keys, steps, tf.constant(one), tf.constant(other), rows=20_000)
    for numbers, ranges in ((down.numpy(), one), (across.numpy(), other)):
        for member in range(MEMBERS):
            low, high = ranges[member]
            assert stats.kstest(numbers[member], stats.uniform(low, high - low).cdf).pvalue > 1e-6
    for member in range(MEMBERS):  # 5 standard errors of a correlation
        assert abs(np.corrcoef(down[member], across[member])[0, 1]) < 5 / 20_000**0.5


def test_the_elastic_field_has_the_members_strength():
    """A slope that rises by 1 a row shows by how much each pixel was read off its row."""
    size, batch = 29, 400
    rows = np.arange(size, dtype=np.float32)
    strengths = np.float32([0.005, 0.01, 0.02])
    for axis, slope in enumerate((np.tile(rows[:, None], (1, size)), np.tile(rows, (size, 1)))):
        pictures = np.broadcast_to(slope[..., None], (MEMBERS, batch, size, size, 1))
        bent = geometry.random_elastic(pictures, *keys_and_steps(), strength=tf.constant(strengths)).numpy()
        shifts = (bent - pictures)[:, :, 5:-5, 5:-5, 0]  # away from the zeros outside
        # Each picture has about (29 / 14)**2 independent shifts: 1,700 in all, and an error of 2 %
        np.testing.assert_allclose(
            shifts.std(axis=(1, 2, 3)), size * strengths, rtol=0.08, err_msg=f"axis {axis}"
        )
        assert (abs(shifts.mean(axis=(1, 2, 3))) < 5 * size * strengths / 1700**0.5).all()


def everything(pictures, keys, steps, ranges, strength):
    """The four distortions in the order of `augmentation_layers`."""
    pictures = geometry.random_translation(pictures, keys, steps, height_range=ranges, width_range=ranges)
    pictures = geometry.random_rotation(pictures, keys, steps, turn_range=ranges)
    pictures = geometry.random_zoom(pictures, keys, steps, height_range=ranges)
    return geometry.random_elastic(pictures, keys, steps, strength=strength)


def arguments(members: int = MEMBERS) -> list[tf.Tensor]:
    ranges = np.float32([0.05, 0.1, 0.2])[:members, None] * np.float32([-1, 1])
    strength = tf.constant(np.float32([0.02, 0.05, 0.1])[:members])
    return [
        tf.constant(some_pictures((9, 12, 1))[:members]),
        *keys_and_steps(members),
        tf.constant(ranges),
        strength,
    ]


def test_a_members_pictures_do_not_depend_on_its_company_or_on_the_batch():
    together = everything(*arguments()).numpy()
    for member in range(MEMBERS):
        alone = everything(*(argument[member : member + 1] for argument in arguments())).numpy()
        np.testing.assert_allclose(alone[0], together[member], **CLOSE)
    pictures, *others = arguments()
    np.testing.assert_allclose(everything(pictures[:, :2], *others), together[:, :2], **CLOSE)


def test_every_picture_and_step_has_its_own_distortion():
    pictures, keys, steps, *others = arguments()
    same = tf.repeat(pictures[:1, :1], MEMBERS, axis=0)
    same = tf.repeat(same, BATCH, axis=1)
    results = [everything(same, keys, steps + later, *others).numpy() for later in (0, 1)]
    flat = np.concatenate(results).reshape(2 * MEMBERS * BATCH, -1)
    assert len(np.unique(flat, axis=0)) == len(flat)


def test_compiled_distortions_are_the_same_to_rounding():
    compiled = tf.function(everything, jit_compile=True)(*arguments())
    np.testing.assert_allclose(compiled, everything(*arguments()), **CLOSE)


def test_a_gradient_passes_through_in_the_compiled_program():
    """Bilinear reading is linear in the pictures: its gradient summed with them is the value itself."""

    @tf.function(jit_compile=True)
    def value_and_gradient(pictures, *others):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            value = tf.reduce_sum(everything(pictures, *others))
        return value, tape.gradient(value, pictures)

    value, gradient = value_and_gradient(*arguments())
    total = np.sum(gradient.numpy() * arguments()[0].numpy())
    assert total == pytest.approx(float(value), rel=1e-5)  # sums of 1,300 float32
