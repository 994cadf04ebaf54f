"""Losses and metrics of a population are those of Keras, for each example."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasreg.losses import SmoothedSparseCategoricalCrossentropy
from kerasreg.population.member.compiled import compiled_of
from kerasreg.population.member.objectives import per_example, read_objective
from kerasreg.population.member.part import UnstackableModel
from tests.helpers.populations import compiled_model

MEMBERS, BATCH = 3, 5
losses, metrics = keras.losses, keras.metrics


def read(model):
    return read_objective(compiled_of(model), model.outputs[0].shape)


def objective(outputs, loss, *, metrics=None, activation=None):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(outputs, activation)])
    model = compiled_model(model, loss=loss, metrics=metrics)
    return read(model)


def random(*shape, low=0.05, high=0.95):
    return np.random.default_rng(0).uniform(low, high, (MEMBERS, BATCH, *shape)).astype(np.float32)


def labels(classes, *shape):
    return np.random.default_rng(1).integers(0, classes, (MEMBERS, BATCH, *shape)).astype(np.int32)


def one_hot(classes):
    return np.eye(classes, dtype=np.float32)[labels(classes)]


def share(classes):
    values = random(classes)
    return values / values.sum(axis=-1, keepdims=True)


CASES = {
    "sparse logits": (losses.SparseCategoricalCrossentropy(from_logits=True), labels(4), random(4)),
    "sparse": (losses.SparseCategoricalCrossentropy(), labels(4), share(4)),
    "sparse in a column": (losses.SparseCategoricalCrossentropy(), labels(4, 1), share(4)),
    "sparse of a sequence": (losses.SparseCategoricalCrossentropy(), labels(4, 3), random(3, 4)),
    "smoothed": (SmoothedSparseCategoricalCrossentropy(0.3), labels(4), random(4)),
    "smoothed in a column": (SmoothedSparseCategoricalCrossentropy(0.3), labels(4, 1), random(4)),
    "categorical": (losses.CategoricalCrossentropy(), one_hot(4), share(4)),
    "categorical smoothed": (losses.CategoricalCrossentropy(label_smoothing=0.3), one_hot(4), share(4)),
    "binary logits": (losses.BinaryCrossentropy(from_logits=True), random(2), random(2, low=-3)),
    "binary": (losses.BinaryCrossentropy(), labels(2, 1), random(1)),
    "binary of a vector": (losses.BinaryCrossentropy(), labels(2), random(1)),
    "binary of a vector smoothed": (losses.BinaryCrossentropy(label_smoothing=0.3), labels(2), random(1)),
    "mse": (losses.MeanSquaredError(), random(2), 1 - random(2)),
    "mse of a vector": (losses.MeanSquaredError(), random(), 1 - random(1) ** 2),
    "mse of pictures": (losses.MeanSquaredError(), random(3, 3, 1), 1 - random(3, 3, 1)),
    "mae": (losses.MeanAbsoluteError(), random(2), 1 - random(2)),
    "mae of a vector": (losses.MeanAbsoluteError(), random(), 1 - random(1) ** 2),
}


@pytest.mark.parametrize("name", CASES)
def test_the_mean_over_the_examples_is_the_loss_of_keras(name):
    loss, y, predictions = CASES[name]
    read = objective(predictions.shape[-1], loss)
    smoothing = tf.fill([MEMBERS], np.float32(read.label_smoothing)) if read.label_smoothing else None
    found = read.losses(tf.constant(y), tf.constant(predictions), smoothing)
    assert found.shape == (MEMBERS, BATCH)
    expected = [float(loss(y[member], predictions[member])) for member in range(MEMBERS)]
    np.testing.assert_allclose(np.mean(found, axis=1), expected, rtol=1e-5)


def test_each_member_smooths_by_its_own_amount():
    y, predictions = labels(4), random(4)
    amounts = np.float32([0.0, 0.1, 0.5])
    read = objective(4, SmoothedSparseCategoricalCrossentropy(0.5))
    found = read.losses(tf.constant(y), tf.constant(predictions), tf.constant(amounts))
    for member, amount in enumerate(amounts):
        loss = SmoothedSparseCategoricalCrossentropy(float(amount))
        expected = float(loss(y[member], predictions[member]))
        np.testing.assert_allclose(np.mean(found[member]), expected, rtol=1e-5)


METRICS = [
    (metrics.SparseCategoricalAccuracy(), 4, labels(4), random(4)),
    (metrics.CategoricalAccuracy(), 4, one_hot(4), random(4)),
    (metrics.BinaryAccuracy(), 1, labels(2), random(1)),
    (metrics.BinaryAccuracy(threshold=0.0), 1, labels(2, 1), random(1, low=-1)),
    (metrics.BinaryAccuracy(threshold=0.7), 1, labels(2, 1), random(1)),
    (metrics.SparseCategoricalCrossentropy(from_logits=True, name="x"), 4, labels(4), random(4)),
    (metrics.CategoricalCrossentropy(label_smoothing=0.2), 4, one_hot(4), share(4)),
    (metrics.BinaryCrossentropy(from_logits=True), 1, labels(2, 1), random(1, low=-3)),
    (metrics.BinaryCrossentropy(label_smoothing=0.2), 2, random(2), random(2)),
    (metrics.MeanSquaredError(name="error"), 1, random(), 1 - random(1)),
    (metrics.MeanAbsoluteError(), 2, random(2), 1 - random(2)),
]
LOSS_FOR = {1: "binary_crossentropy", 2: "mse", 4: losses.SparseCategoricalCrossentropy()}


@pytest.mark.parametrize("place", range(len(METRICS)), ids=[case[0].name for case in METRICS])
def test_metrics_are_those_of_keras(place):
    metric, outputs, y, predictions = METRICS[place]
    read = objective(outputs, LOSS_FOR[outputs], metrics=[metric])
    found = per_example(read.metrics[metric.name], tf.constant(y), tf.constant(predictions))
    for member in range(MEMBERS):
        metric.reset_state()
        metric.update_state(y[member], predictions[member])
        np.testing.assert_allclose(np.mean(found[member]), float(metric.result()), rtol=1e-5)


def test_the_loss_without_penalties_is_always_among_the_metrics():
    assert list(objective(3, "sparse_categorical_crossentropy", metrics=["accuracy"]).metrics) == [
        "accuracy",
        "cross_entropy",
    ]
    assert list(objective(1, "mse", metrics=["mse", "mae"]).metrics) == ["mse", "mae"]
    assert list(objective(1, "mae").metrics) == ["mae"]
    assert list(objective(1, "binary_crossentropy").metrics) == ["binary_cross_entropy"]


def test_smoothing_is_a_number_and_the_rest_is_the_kind():
    smoothed = objective(3, SmoothedSparseCategoricalCrossentropy(0.2))
    plain = objective(3, losses.SparseCategoricalCrossentropy(from_logits=True))
    assert smoothed.kind == plain.kind
    assert (smoothed.label_smoothing, plain.label_smoothing) == (0.2, 0.0)
    assert plain.kind != objective(3, losses.SparseCategoricalCrossentropy()).kind
    assert (
        plain.kind
        != objective(3, losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["acc"]).kind
    )


FAMILY = (
    "binary_crossentropy, categorical_crossentropy, mean_absolute_error, mean_squared_error, "
    "sparse_categorical_crossentropy"
)
ACCURACIES = (
    "binary_accuracy, binary_crossentropy, categorical_accuracy, categorical_crossentropy, "
    "mean_absolute_error, mean_squared_error, sparse_categorical_accuracy, sparse_categorical_crossentropy"
)
ONE_BY_ONE = " Pass fallback=True to train such models one by one."
REFUSED = [
    (
        {"loss": "kl_divergence"},
        "The loss 'kl_divergence' cannot be trained as part of a population; the loss can be Keras' own "
        f"{FAMILY}." + ONE_BY_ONE,
    ),
    (
        {"loss": losses.Huber()},
        f"The loss 'Huber' cannot be trained as part of a population; the loss can be Keras' own {FAMILY}."
        + ONE_BY_ONE,
    ),
    (
        {"loss": losses.MeanSquaredError(reduction="sum")},
        "The loss 'mean_squared_error' has reduction='sum' where a population needs 'sum_over_batch_size'."
        + ONE_BY_ONE,
    ),
    (
        {"loss": losses.SparseCategoricalCrossentropy(ignore_class=0)},
        "The loss 'sparse_categorical_crossentropy' has ignore_class=0 where a population needs None."
        + ONE_BY_ONE,
    ),
    (
        {"loss": losses.SparseCategoricalCrossentropy(axis=1)},  # an option that get_config() leaves out
        "The loss 'sparse_categorical_crossentropy' has axis=1 where a population needs -1." + ONE_BY_ONE,
    ),
    (
        {"loss": losses.MeanSquaredError(dtype="float64")},
        "The loss 'mean_squared_error' has dtype='float64' where a population needs 'float32'." + ONE_BY_ONE,
    ),
    ({"loss": ["mse", "mae"]}, "The model must be compiled with one loss; received ['mse', 'mae']."),
    ({"loss": None}, "The model must be compiled with one loss; received None."),
    (
        {"loss": {"other": "mse"}},
        "The loss is given for the outputs ['other'], and the model's are named None.",
    ),
    (
        {"loss": "mse", "loss_weights": [2.0]},
        "The model is compiled with loss_weights, which a population cannot train.",
    ),
    (
        {"loss": "mse", "weighted_metrics": ["mae"]},
        "The model is compiled with weighted_metrics, which a population cannot train.",
    ),
    (
        {"loss": "binary_crossentropy", "metrics": [metrics.AUC()]},
        "The metric 'AUC' cannot be trained as part of a population; the metric can be Keras' own "
        f"{ACCURACIES}." + ONE_BY_ONE,
    ),
    (
        {"loss": "binary_crossentropy", "metrics": ["crossentropy"]},
        "The metric 'crossentropy' cannot be trained as part of a population; the metric can be Keras' own "
        f"{ACCURACIES}." + ONE_BY_ONE,
    ),
    (
        {"loss": "mse", "metrics": [metrics.MeanSquaredError(name="loss")]},
        "A metric has the name 'loss', which is that of the loss; give it another.",
    ),
]


@pytest.mark.parametrize(
    ("options", "message"), REFUSED, ids=lambda value: value[:40] if isinstance(value, str) else ""
)
def test_what_is_not_covered_is_refused(options, message):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(**options)
    with pytest.raises(UnstackableModel) as error:
        read(model)
    assert str(error.value) == message
