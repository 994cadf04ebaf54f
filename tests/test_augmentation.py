import re

import keras
import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from kerasreg.augmentation import (
    Augmentation,
    RandomElastic,
    augmentation_layers,
    sample_bilinearly,
    smoothing_matrix,
)
from kerasreg.checks import InvalidInput
from tests.networks import digits

STRENGTHS = {"translation": 0.2, "rotation": 30.0, "zoom": 0.2, "elastic": 0.05}


def refusal(message: str):
    return pytest.raises(InvalidInput, match=f"^{re.escape(message)}$")


def the_layer(kind: str, strength: float | None = None, *, seed: int = 0) -> keras.Layer:
    strength = STRENGTHS[kind] if strength is None else strength
    (layer,) = augmentation_layers(Augmentation(**{kind: strength}), seed=seed)
    return layer


def distorted(layer: keras.Layer, pictures: np.ndarray) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(pictures, training=True))


def spots(*, row: float, column: float, size: int = 41, pictures: int = 300) -> np.ndarray:
    """Pictures of one blurred spot, `row` and `column` pixels from the middle."""
    distance = np.arange(size) - (size - 1) / 2
    profile = np.exp(-0.5 * ((distance[:, None] - row) ** 2 + (distance - column) ** 2) / 2**2)
    return np.tile(profile[None, :, :, None], (pictures, 1, 1, 1)).astype("float32")


def centres(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The centre of gravity of each picture, in pixels down and across from the middle."""
    distance = np.arange(pictures.shape[1]) - (pictures.shape[1] - 1) / 2
    weight = pictures[..., 0] / pictures[..., 0].sum(axis=(1, 2), keepdims=True)
    return weight.sum(axis=2) @ distance, weight.sum(axis=1) @ distance


def test_a_translation_moves_down_and_across_by_up_to_its_fraction():
    down, across = centres(distorted(the_layer("translation", 0.2), spots(row=0, column=0)))
    for shift in (down, across):
        assert abs(shift).max() <= 0.2 * 41 + 0.01
        assert shift.min() < -0.18 * 41
        assert shift.max() > 0.18 * 41
    assert abs(np.corrcoef(down, across)[0, 1]) < 0.2


def test_a_rotation_turns_by_up_to_its_degrees():
    down, across = centres(distorted(the_layer("rotation", 30), spots(row=0, column=12)))
    degrees = np.degrees(np.arctan2(down, across))
    assert abs(degrees).max() <= 30.5
    assert degrees.min() < -27
    assert degrees.max() > 27
    np.testing.assert_allclose(np.hypot(down, across), 12, atol=0.1)


def test_a_zoom_resizes_by_up_to_its_fraction_and_keeps_the_shape():
    down, across = centres(distorted(the_layer("zoom", 0.2), spots(row=10, column=10)))
    shown = 10 / down  # as a fraction of the picture
    assert shown.min() == pytest.approx(0.8, abs=0.02)
    assert shown.max() == pytest.approx(1.2, abs=0.02)
    np.testing.assert_allclose(down, across, atol=0.01)


def elastic_shifts(strength: float) -> tuple[np.ndarray, np.ndarray]:
    """How far the pixels in the middle of 2,000 pictures of 29 x 58 are shifted, down and across."""
    ramps = np.stack(np.indices((29, 58), dtype="float32"), axis=-1)[None].repeat(2000, axis=0)
    shifts = distorted(RandomElastic(strength, seed=0), ramps) - ramps
    return shifts[:, 10:19, 24:33, 0], shifts[:, 10:19, 24:33, 1]


def test_an_elastic_deformation_shifts_pixels_with_the_stated_standard_deviation():
    down, across = elastic_shifts(0.05)
    assert down.std() == pytest.approx(0.05 * 29, rel=0.05)
    assert across.std() == pytest.approx(0.05 * 58, rel=0.05)
    assert (down.mean(), across.mean()) == pytest.approx((0, 0), abs=0.2)
    assert np.corrcoef(down.ravel(), across.ravel())[0, 1] == pytest.approx(0, abs=0.1)


def test_an_elastic_deformation_is_smooth_over_4_29ths_of_the_picture():
    def correlation(first, second):
        return np.corrcoef(first.ravel(), second.ravel())[0, 1]

    down, across = elastic_shifts(0.05)
    for distance in (1, 4, 8):
        # of white noise smoothed by a Gaussian: 4 pixels of 29 rows, 8 of 58 columns
        over_rows, over_columns = (np.exp(-(distance**2) / (4 * width**2)) for width in (4, 8))
        for shifts in (down, across):
            assert correlation(shifts[:, 0], shifts[:, distance]) == pytest.approx(over_rows, abs=0.1)
            assert correlation(shifts[..., 0], shifts[..., distance]) == pytest.approx(over_columns, abs=0.1)


@pytest.mark.parametrize("size", [1, 8, 29])
def test_smoothing_keeps_the_standard_deviation_at_the_border_too(size):
    np.testing.assert_allclose((smoothing_matrix(size) ** 2).sum(axis=1), 1)


def test_bilinear_sampling_is_scipys_interpolation_between_pixels():
    random = np.random.default_rng(0)
    pictures = random.random((3, 6, 9, 2)).astype("float32")
    rows, columns = (random.uniform(-2, size + 1, (3, 6, 9)).astype("float32") for size in (6, 9))
    expected = np.empty_like(pictures)
    for number, channel in np.ndindex(3, 2):
        positions = [rows[number], columns[number]]
        expected[number, ..., channel] = map_coordinates(
            pictures[number, ..., channel], positions, order=1, mode="grid-constant"
        )
    # positions are in single precision: off by 1e-6 of a pixel at most
    np.testing.assert_allclose(sample_bilinearly(pictures, rows, columns), expected, atol=1e-5)


@pytest.mark.parametrize("kind", STRENGTHS)
def test_every_picture_of_a_batch_gets_its_own_distortion_also_within_fit(kind):
    identity = keras.layers.Dense(64, kernel_initializer="identity")  # fit wants something to train
    model = keras.Sequential([keras.Input((8, 8, 1)), the_layer(kind), keras.layers.Flatten(), identity])
    same = np.tile(digits()[0][:1], (16, 1, 1, 1))

    class SpreadOverTheBatch(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return keras.ops.var(y_pred, axis=0)

    model.compile(keras.optimizers.SGD(0.0), SpreadOverTheBatch())
    assert model.fit(same, same, verbose=0).history["loss"][0] > 1e-4
    assert model.evaluate(same, same, verbose=0) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("kind", STRENGTHS)
def test_pictures_are_left_alone_at_inference(kind):
    x = digits()[0][:10]
    np.testing.assert_array_equal(the_layer(kind)(x, training=False), x)


@pytest.mark.parametrize("kind", STRENGTHS)
def test_pictures_are_distorted_while_training(kind):
    x = digits()[0][:10]
    moved = abs(distorted(the_layer(kind), x) - x).max(axis=(1, 2, 3))
    assert (moved > 0.01).all()


@pytest.mark.parametrize("kind", STRENGTHS)
@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (7, 12, 3)])
def test_values_stay_in_their_range_and_pictures_keep_their_shape(kind, shape):
    x = np.random.default_rng(0).random((20, *shape)).astype("float32")
    result = distorted(the_layer(kind), x)
    assert result.shape == x.shape
    assert result.min() >= 0
    assert result.max() <= 1 + 1e-6


@pytest.mark.parametrize("kind", STRENGTHS)
def test_distortions_depend_on_the_seed_alone(kind):
    x = digits()[0][:10]
    first, again, other = (distorted(the_layer(kind, seed=seed), x) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", STRENGTHS)
def test_each_step_draws_anew(kind):
    x, layer = digits()[0][:10], the_layer(kind)
    assert not np.array_equal(distorted(layer, x), distorted(layer, x))


def test_an_elastic_deformation_of_strength_0_is_the_identity():
    x = digits()[0][:10]
    np.testing.assert_array_equal(RandomElastic(0.0)(x, training=True), x)


def test_only_active_distortions_make_a_layer_in_a_fixed_order():
    assert augmentation_layers(Augmentation(), seed=0) == []
    layers = augmentation_layers(Augmentation(**STRENGTHS), seed=0)
    assert [layer.name for layer in layers] == [
        "random_translation",
        "random_rotation",
        "random_zoom",
        "random_elastic",
    ]
    assert len({layer.seed for layer in layers}) == 4
    elastic_alone = the_layer("elastic")
    assert elastic_alone.seed == layers[-1].seed


def test_the_elastic_layer_is_made_again_from_its_configuration():
    layer = RandomElastic(0.05, seed=3, name="bend")
    record = keras.saving.serialize_keras_object(layer)
    assert record["registered_name"] == "kerasreg>RandomElastic"
    again = keras.saving.deserialize_keras_object(record)
    assert (again.strength, again.seed, again.name) == (0.05, 3, "bend")


def test_scaling_multiplies_every_distortion():
    assert Augmentation(**STRENGTHS).scaled(0.5) == Augmentation(
        translation=0.1, rotation=15.0, zoom=0.1, elastic=0.025
    )
    assert Augmentation(**STRENGTHS).scaled(0) == Augmentation()


def test_it_survives_a_round_trip_through_a_dict():
    augmentation = Augmentation(**STRENGTHS)
    assert augmentation.to_dict() == STRENGTHS
    assert Augmentation.from_dict(augmentation.to_dict()) == augmentation


@pytest.mark.parametrize("name", ["translation", "zoom", "elastic"])
def test_a_fraction_outside_its_range_is_refused(name):
    for value in (1.0, -0.1):
        with refusal(f"{name} must be a number of at least 0 and below 1; received {value}."):
            Augmentation(**{name: value})


def test_a_rotation_outside_its_range_is_refused():
    with refusal("rotation must be a number of at least 0; received -1."):
        Augmentation(rotation=-1)
    with refusal("rotation must be a number of degrees from 0 to 180; received 190."):
        Augmentation(rotation=190)


def test_a_scale_that_cannot_be_is_refused():
    with refusal("strength must be a number of at least 0; received -1."):
        Augmentation().scaled(-1)
    with refusal("zoom must be a number of at least 0 and below 1; received 1.5."):
        Augmentation(zoom=0.5).scaled(3)


def test_an_unknown_distortion_is_refused():
    names = (
        "translation, rotation, shear, zoom, elastic, brightness, contrast, saturation, hue, "
        "channel_permutation, palette, noise, erasing"
    )
    with refusal(f"Augmentation has no flip; it has {names}."):
        Augmentation.from_dict({"flip": 0.1, "zoom": 0.1})


def test_a_strength_of_the_elastic_layer_outside_its_range_is_refused():
    with refusal("strength must be a number of at least 0 and below 1; received 1."):
        RandomElastic(1)
