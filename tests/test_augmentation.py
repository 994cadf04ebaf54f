import colorsys
import re

import keras
import numpy as np
import pytest
from scipy import stats
from scipy.ndimage import map_coordinates

from kerasreg import build_cnn
from kerasreg.augmentation import (
    Augmentation,
    RandomElastic,
    augmentation_layers,
    sample_bilinearly,
    smoothing_matrix,
)
from kerasreg.checks import InvalidInput
from tests.networks import digits
from tests.strengths import COLOURS, EVERYTHING, GEOMETRY, VALUES

COLOURED = np.random.default_rng(3).random((10, 8, 8, 3), dtype="float32")


def refusal(message: str):
    return pytest.raises(InvalidInput, match=f"^{re.escape(message)}$")


def the_layer(kind: str, strength: float | None = None, *, seed: int = 0) -> keras.Layer:
    strength = EVERYTHING[kind] if strength is None else strength
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


def test_every_picture_of_a_batch_gets_its_own_changes_also_within_fit():
    """One network with all layers side by side, as each fit costs a second of tracing."""
    inputs = keras.Input((8, 8, 3))
    rows = [keras.layers.Reshape((1, 192))(the_layer(kind)(inputs)) for kind in EVERYTHING]
    rows = keras.layers.Concatenate(axis=1)(rows)
    passed = keras.layers.PReLU(shared_axes=[1, 2])(rows)  # fit wants something to train
    model = keras.Model(inputs, passed)
    same = np.tile(COLOURED[:1], (16, 1, 1, 1))

    class LeastSpreadOverTheBatch(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return keras.ops.min(keras.ops.mean(keras.ops.var(y_pred, axis=0), axis=-1))

    model.compile(keras.optimizers.SGD(0.0), LeastSpreadOverTheBatch())
    assert model.fit(same, same, verbose=0).history["loss"][0] > 1e-4
    assert model.evaluate(same, same, verbose=0) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("kind", EVERYTHING)
def test_pictures_are_left_alone_at_inference(kind):
    np.testing.assert_array_equal(the_layer(kind)(COLOURED, training=False), COLOURED)


@pytest.mark.parametrize("kind", EVERYTHING)
def test_pictures_are_changed_while_training(kind):
    moved = abs(distorted(the_layer(kind), COLOURED) - COLOURED).max(axis=(1, 2, 3))
    # Of the six orders of channels one is the old one.
    assert (moved > 0.01).mean() >= (0.5 if kind == "channel_permutation" else 1)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (kind, shape)
        for kind in EVERYTHING
        for shape in [(8, 8, 1), (7, 12, 3)]
        if kind not in COLOURS or shape[2] == 3
    ],
)
def test_values_stay_in_their_range_and_pictures_keep_their_shape(kind, shape):
    x = np.random.default_rng(0).random((20, *shape)).astype("float32")
    result = distorted(the_layer(kind), x)
    assert result.shape == x.shape
    assert result.min() >= 0
    assert result.max() <= 1 + 1e-6


@pytest.mark.parametrize("kind", EVERYTHING)
def test_changes_depend_on_the_seed_alone_and_each_step_draws_anew(kind):
    layer = the_layer(kind, seed=3)
    first, again, other = (
        distorted(one, COLOURED) for one in (layer, the_layer(kind, seed=3), the_layer(kind, seed=4))
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, distorted(layer, COLOURED))


def test_a_slant_moves_rows_by_up_to_its_share_of_their_distance_and_holds_the_middle():
    above, across = centres(distorted(the_layer("shear", 0.5), spots(row=-8, column=0)))
    assert abs(across).max() <= 4.01
    assert across.min() < -3.6
    assert across.max() > 3.6
    np.testing.assert_allclose(above, -8, atol=0.01)
    held = centres(distorted(the_layer("shear", 0.5), spots(row=0, column=3)))
    np.testing.assert_allclose(held, np.tile([[0.0], [3.0]], 300), atol=0.01)


def test_brightness_and_contrast_stay_within_their_ranges_and_reach_them():
    x = np.full((500, 1, 2, 1), 0.4, "float32")
    x[:, :, 1] = 0.6
    brighter = distorted(the_layer("brightness", 0.3), x) - x
    assert abs(brighter).max() <= 0.3 + 1e-6
    assert (brighter.min(), brighter.max()) == pytest.approx((-0.3, 0.3), abs=0.01)
    stretched = np.diff(distorted(the_layer("contrast", 0.4), x)[:, 0, :, 0]) / 0.2
    assert (stretched.min(), stretched.max()) == pytest.approx((0.6, 1.4), abs=0.02)


def test_saturation_1_goes_from_grey_to_the_fullest_colours_and_keeps_the_value():
    """As colorsys has them."""
    x = np.tile(np.float32([0.8, 0.6, 0.5]), (400, 1, 1, 1))
    hsv = np.array(
        [colorsys.rgb_to_hsv(*pixel) for pixel in distorted(the_layer("saturation", 1.0), x)[:, 0, 0]]
    )
    assert hsv[:, 1].min() < 0.01
    assert hsv[:, 1].max() == pytest.approx(1)
    np.testing.assert_allclose(hsv[:, 2], 0.8, atol=1e-6)
    tame = distorted(the_layer("saturation", 0.5), x)[:, 0, 0]
    factor = np.array([colorsys.rgb_to_hsv(*pixel)[1] for pixel in tame]) / 0.375
    assert factor.min() == pytest.approx(1 / 3, abs=0.02)


def test_hue_turns_by_up_to_its_degrees_either_way():
    x = np.tile(np.float32([0.3, 0.8, 0.3]), (500, 1, 1, 1))  # a hue of 120 degrees
    hues = [360 * colorsys.rgb_to_hsv(*pixel)[0] for pixel in distorted(the_layer("hue", 60), x)[:, 0, 0]]
    assert (min(hues), max(hues)) == pytest.approx((60, 180), abs=1)


def test_a_palette_reaches_its_strength_and_not_more():
    """Grey of 1/2 shows the offset b / 2 alone, and red above it a column of M."""
    x = np.full((2000, 1, 2, 3), 0.5, "float32")
    x[:, :, 1, 0] = 0.7
    grey, red = np.moveaxis(distorted(the_layer("palette", 0.4), x)[:, 0], 1, 0)
    for entries in (2 * (grey - 0.5), (red - grey - np.float32([0.2, 0, 0])) / 0.2):
        assert stats.kstest(entries[:, 1], "uniform", (-0.4, 0.8)).pvalue > 1e-4
        assert abs(entries).max() < 0.4 + 1e-5
        assert abs(np.corrcoef(entries.T) - np.eye(3)).max() < 5 / 2000**0.5


def test_noise_is_normal_with_its_standard_deviation():
    x = np.full((50, 8, 8, 1), 0.5, "float32")
    noise = (distorted(the_layer("noise", 0.05), x) - x).ravel()
    assert stats.kstest(noise, "norm", (0, 0.05)).pvalue > 1e-4


def test_an_elastic_deformation_of_strength_0_is_the_identity():
    x = digits()[0][:10]
    np.testing.assert_array_equal(RandomElastic(0.0)(x, training=True), x)


def test_only_active_distortions_make_a_layer_in_a_fixed_order():
    assert augmentation_layers(Augmentation(), seed=0) == []
    layers = augmentation_layers(Augmentation(**EVERYTHING), seed=0)
    order = (
        "translation rotation shear zoom elastic brightness contrast saturation hue channel_permutation "
        "palette noise erasing"
    )
    assert [layer.name for layer in layers] == [f"random_{knob}" for knob in order.split()]
    assert len({layer.seed for layer in layers}) == 13
    assert the_layer("elastic").seed == layers[4].seed


@pytest.mark.parametrize("kind", EVERYTHING)
def test_layers_are_made_again_from_their_configuration(kind):
    layer = the_layer(kind)
    record = keras.saving.serialize_keras_object(layer)
    own = kind in ("shear", "elastic", "channel_permutation", "palette", "noise")
    assert str(record["registered_name"]).startswith("kerasreg>") == own
    again = keras.saving.deserialize_keras_object(record)
    assert (type(again), again.name) == (type(layer), f"random_{kind}")
    np.testing.assert_array_equal(distorted(again, COLOURED), distorted(layer, COLOURED))


def test_scaling_multiplies_every_strength():
    half = Augmentation(**EVERYTHING | {"erasing": 0.8}).scaled(0.5)
    assert half.to_dict() == pytest.approx(
        {name: value / 2 for name, value in EVERYTHING.items()} | {"erasing": 0.4}
    )
    assert Augmentation(**EVERYTHING).scaled(0) == Augmentation()


def test_it_survives_a_round_trip_through_a_dict_of_what_is_switched_on():
    augmentation = Augmentation(**GEOMETRY)
    assert augmentation.to_dict() == GEOMETRY
    assert Augmentation.from_dict(augmentation.to_dict()) == augmentation
    assert Augmentation().to_dict() == {}
    assert repr(Augmentation(zoom=0.1, hue=5)) == "Augmentation(zoom=0.1, hue=5.0)"


@pytest.mark.parametrize("name", ["translation", "shear", "zoom", "elastic"])
def test_a_fraction_outside_its_range_is_refused(name):
    for value in (1.0, -0.1):
        with refusal(f"{name} must be a number of at least 0 and below 1; received {value}."):
            Augmentation(**{name: value})


@pytest.mark.parametrize("name", ["rotation", "hue"])
def test_degrees_outside_their_range_are_refused(name):
    with refusal(f"{name} must be a number of at least 0; received -1."):
        Augmentation(**{name: -1})
    with refusal(f"{name} must be a number of degrees from 0 to 180; received 190."):
        Augmentation(**{name: 190})


@pytest.mark.parametrize("name", [*VALUES, "saturation", "channel_permutation", "palette"])
def test_numbers_above_1_are_refused(name):
    assert getattr(Augmentation(**{name: 1}), name) == 1
    with refusal(f"{name} must be a number from 0 to 1; received 1.5."):
        Augmentation(**{name: 1.5})


def test_colours_need_three_channels_and_all_of_it_needs_pictures():
    Augmentation(**EVERYTHING).check_suits((8, 8, 3))
    Augmentation(**GEOMETRY | VALUES).check_suits((8, 8, 1))
    Augmentation().check_suits((64,))
    with refusal(
        "augmentation by hue and palette needs pictures of 3 channels: red, green and blue; received "
        "input_shape (8, 8, 1). Leave it at 0."
    ):
        build_cnn((8, 8, 1), 10, augmentation=Augmentation(hue=10, palette=0.1, noise=0.1))
    with refusal(
        "augmentation needs pictures of shape (height, width, channels); received input_shape (64,). "
        "Leave it at None."
    ):
        Augmentation(noise=0.1).check_suits((64,))


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
