import re

import keras
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from kerasreg.checks import InvalidInput
from kerasreg.layers import DropConnectDense, Standardization


def layer_of_ones(units: int, inputs: int, *, rate: float, seed: int = 0) -> DropConnectDense:
    """A layer whose output on the identity matrix is its mask, scaled."""
    layer = DropConnectDense(units, rate=rate, seed=seed, kernel_initializer="ones")
    layer.build((None, inputs))
    return layer


def trained_output(layer, x):
    return keras.ops.convert_to_numpy(layer(x, training=True))


def test_it_is_a_dense_layer_at_inference():
    x = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
    options = {"activation": "tanh", "kernel_initializer": keras.initializers.GlorotUniform(3)}
    dense, layer = keras.layers.Dense(4, **options), DropConnectDense(4, rate=0.5, **options)
    np.testing.assert_array_equal(dense(x), layer(x))
    np.testing.assert_array_equal(dense(x), layer(x, training=False))


def test_it_is_a_dense_layer_while_training_at_rate_0():
    x = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
    layer = DropConnectDense(4, rate=0.0)
    np.testing.assert_array_equal(layer(x, training=True), layer(x, training=False))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_it_drops_weights_at_the_rate_and_scales_up_the_others(rate):
    mask = trained_output(layer_of_ones(200, 200, rate=rate), np.eye(200, dtype="float32"))
    kept = mask > 0
    np.testing.assert_allclose(mask[kept], 1 / (1 - rate), rtol=1e-5)
    five_standard_errors = 5 * np.sqrt(rate * (1 - rate) / mask.size)
    assert abs(kept.mean() - (1 - rate)) < five_standard_errors


def test_the_examples_of_a_batch_share_one_mask():
    output = trained_output(layer_of_ones(50, 20, rate=0.5), np.ones((6, 20), "float32"))
    np.testing.assert_array_equal(output, np.tile(output[0], (6, 1)))


def test_each_step_draws_a_new_mask():
    layer, x = layer_of_ones(20, 20, rate=0.5), np.eye(20, dtype="float32")
    assert not np.array_equal(trained_output(layer, x), trained_output(layer, x))


def test_the_mask_depends_on_the_seed_alone():
    x = np.eye(20, dtype="float32")
    outputs = [trained_output(layer_of_ones(20, 20, rate=0.5, seed=seed), x) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


def test_the_bias_is_never_dropped():
    layer = DropConnectDense(500, rate=0.9, kernel_initializer="zeros", bias_initializer="ones", seed=0)
    np.testing.assert_array_equal(layer(np.ones((2, 3), "float32"), training=True), np.ones((2, 500)))


def test_it_works_without_a_bias_and_on_sequences():
    layer = DropConnectDense(3, rate=0.5, use_bias=False, seed=0)
    assert tuple(layer(np.ones((2, 4, 5), "float32"), training=True).shape) == (2, 4, 3)
    assert len(layer.weights) == 1


def test_a_dropped_weight_gets_no_gradient():
    layer = layer_of_ones(5, 5, rate=0.5)
    model = keras.Sequential([keras.Input((5,)), layer])
    model.compile("sgd", "mse", run_eagerly=True)
    before = layer.kernel.numpy()
    twin = layer_of_ones(5, 5, rate=0.5)
    mask = trained_output(twin, np.eye(5, dtype="float32"))
    model.train_on_batch(np.eye(5, dtype="float32"), np.full((5, 5), 9.0, "float32"))
    moved = layer.kernel.numpy() != before
    np.testing.assert_array_equal(moved, mask > 0)


def test_its_configuration_makes_the_same_layer_again():
    layer = DropConnectDense(4, rate=0.25, activation="relu", seed=7, name="hidden_1")
    record = keras.saving.serialize_keras_object(layer)
    assert record["registered_name"] == "kerasreg>DropConnectDense"
    again = keras.saving.deserialize_keras_object(record)
    assert (again.units, again.rate, again.seed, again.name) == (4, 0.25, 7, "hidden_1")
    assert again.activation is keras.activations.relu


@pytest.mark.parametrize("rate", [1.0, -0.1, "half"])
def test_a_rate_outside_its_range_is_refused(rate):
    message = f"rate must be a number of at least 0 and below 1; received {rate!r}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        DropConnectDense(4, rate=rate)


COLUMNS = {
    "ordinary": np.random.default_rng(1).normal(3, 2, 1000),
    "large and close together": 1998 + np.random.default_rng(2).integers(-11, 12, 1000),
    "rare": (np.arange(1000) == 7) * 1.0,
    "zero": np.zeros(1000),
    "constant": np.full(1000, 0.1),
    "constant and large": np.full(1000, 1e9 / 3),
    "tiny": 1e-9 * np.random.default_rng(3).normal(size=1000),
    "constant in single precision": 1e9 + 1e-3 * np.arange(1000),
}


def test_features_are_standardized_as_scikit_learn_standardizes_them():
    x = np.stack(list(COLUMNS.values()), axis=1).astype(np.float32)
    layer, scaler = Standardization(), StandardScaler().fit(x)
    layer.adapt(x)
    np.testing.assert_allclose(np.sqrt(layer.variance[0]), scaler.scale_, rtol=1e-6)
    unseen = np.full((1, x.shape[1]), 2.0, dtype=np.float32)
    ordinary = [name != "tiny" for name in COLUMNS]  # Keras divides by no less than its epsilon
    np.testing.assert_allclose(
        trained_output(layer, unseen)[:, ordinary], scaler.transform(unseen)[:, ordinary], rtol=1e-4
    )


def test_features_that_come_in_batches_are_standardized_alike():
    x = np.stack([COLUMNS["ordinary"], COLUMNS["constant"]], axis=1).astype(np.float32)
    layer = Standardization()
    layer.adapt([x[:300], x[300:]])
    np.testing.assert_allclose(np.sqrt(layer.variance[0]), StandardScaler().fit(x).scale_, rtol=1e-4)


def test_what_was_adapted_is_the_same_after_saving(tmp_path):
    model = keras.Sequential([keras.Input((2,)), Standardization(name="scales")])
    model.get_layer("scales").adapt(np.array([[1, 5], [3, 5]], dtype=np.float32))
    model.save(tmp_path / "scales.keras")
    loaded = keras.saving.load_model(tmp_path / "scales.keras", safe_mode=True)
    assert loaded(np.array([[5, 9]], dtype=np.float32)).numpy().tolist() == [[3, 4]]
