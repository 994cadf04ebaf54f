"""What holds for every layer that changes pictures."""

import keras
import numpy as np
import pytest

from kerasreg.augmentation import (
    Augmentation,
    augmentation_layers,
)
from tests.helpers.changed_pictures import distorted, the_layer
from tests.helpers.strengths import COLORS, EVERYTHING

COLORED = np.random.default_rng(3).random((10, 8, 8, 3), dtype="float32")


def test_every_picture_of_a_batch_gets_its_own_changes_also_within_fit():
    """One network with all layers side by side, as each fit costs a second of tracing."""
    inputs = keras.Input((8, 8, 3))
    rows = [keras.layers.Reshape((1, 192))(the_layer(kind)(inputs)) for kind in EVERYTHING]
    rows = keras.layers.Concatenate(axis=1)(rows)
    passed = keras.layers.PReLU(shared_axes=[1, 2])(rows)  # fit wants something to train
    model = keras.Model(inputs, passed)
    same = np.tile(COLORED[:1], (16, 1, 1, 1))

    class LeastSpreadOverTheBatch(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return keras.ops.min(keras.ops.mean(keras.ops.var(y_pred, axis=0), axis=-1))

    model.compile(keras.optimizers.SGD(0.0), LeastSpreadOverTheBatch())
    assert model.fit(same, same, verbose=0).history["loss"][0] > 1e-4
    assert model.evaluate(same, same, verbose=0) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("kind", EVERYTHING)
def test_pictures_are_left_alone_at_inference(kind):
    np.testing.assert_array_equal(the_layer(kind)(COLORED, training=False), COLORED)


@pytest.mark.parametrize("kind", EVERYTHING)
def test_pictures_are_changed_while_training(kind):
    moved = abs(distorted(the_layer(kind), COLORED) - COLORED).max(axis=(1, 2, 3))
    # Of the six orders of channels one is the old one.
    assert (moved > 0.01).mean() >= (0.5 if kind == "channel_permutation" else 1)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (kind, shape)
        for kind in EVERYTHING
        for shape in [(8, 8, 1), (7, 12, 3)]
        if kind not in COLORS or shape[2] == 3
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
        distorted(one, COLORED) for one in (layer, the_layer(kind, seed=3), the_layer(kind, seed=4))
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, distorted(layer, COLORED))


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
    np.testing.assert_array_equal(distorted(again, COLORED), distorted(layer, COLORED))
