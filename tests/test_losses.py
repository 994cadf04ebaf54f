import re

import keras
import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.losses import SmoothedSparseCategoricalCrossentropy

SMOOTHINGS = [0.0, 0.1, 0.5]


@pytest.fixture
def labels():
    return np.random.default_rng(0).integers(0, 4, size=20)


@pytest.fixture
def logits():
    return np.random.default_rng(1).normal(size=(20, 4)).astype("float32")


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_it_equals_the_loss_of_one_hot_labels_on_logits(labels, logits, smoothing):
    oracle = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    loss = SmoothedSparseCategoricalCrossentropy(smoothing)
    np.testing.assert_allclose(loss(labels, logits), oracle(np.eye(4)[labels], logits), rtol=1e-6)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_it_equals_the_loss_of_one_hot_labels_on_probabilities(labels, logits, smoothing):
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    oracle = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    loss = SmoothedSparseCategoricalCrossentropy(smoothing, from_logits=False)
    np.testing.assert_allclose(
        loss(labels, probabilities), oracle(np.eye(4)[labels], probabilities), rtol=1e-6
    )


def test_it_equals_the_definition(labels, logits):
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    softened = 0.8 * np.eye(4)[labels] + 0.2 / 4
    expected = -(softened * log_probabilities).sum(axis=1).mean()
    np.testing.assert_allclose(
        SmoothedSparseCategoricalCrossentropy(0.2)(labels, logits), expected, rtol=1e-5
    )


def test_without_smoothing_it_is_keras_own_sparse_loss(labels, logits):
    oracle = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    loss = SmoothedSparseCategoricalCrossentropy(0.0)
    np.testing.assert_allclose(loss(labels, logits), oracle(labels, logits), rtol=1e-6)


def test_labels_may_stand_in_a_column(labels, logits):
    loss = SmoothedSparseCategoricalCrossentropy(0.1)
    assert float(loss(labels[:, None], logits)) == float(loss(labels, logits))


def test_labels_may_have_further_axes(labels, logits):
    loss = SmoothedSparseCategoricalCrossentropy(0.1)
    np.testing.assert_allclose(
        loss(labels.reshape(5, 4), logits.reshape(5, 4, 4)), loss(labels, logits), rtol=1e-6
    )


def test_its_configuration_makes_the_same_loss_again():
    loss = SmoothedSparseCategoricalCrossentropy(0.2, from_logits=False, reduction="sum", name="mine")
    record = keras.saving.serialize_keras_object(loss)
    assert record["registered_name"] == "kerasreg>SmoothedSparseCategoricalCrossentropy"
    assert keras.saving.deserialize_keras_object(record).get_config() == loss.get_config()
    assert loss.get_config()["label_smoothing"] == 0.2
    assert loss.get_config()["from_logits"] is False


@pytest.mark.parametrize("smoothing", [1.0, -0.1, None])
def test_a_smoothing_outside_its_range_is_refused(smoothing):
    message = f"label_smoothing must be a number of at least 0 and below 1; received {smoothing!r}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        SmoothedSparseCategoricalCrossentropy(smoothing)
