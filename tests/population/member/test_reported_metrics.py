"""What a model will report is known before it trains, and which way it is better is what Keras says."""

import keras
import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.population.member.member import read_member
from kerasreg.population.member.reported_metrics import (
    direction_of,
    mode_for,
    modes_of,
    reported_by,
    unpenalized_name,
)
from tests.helpers.populations import classes, net, sequential, split_of, table

SMOOTHED = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)


def hits(y, predictions):
    return keras.ops.cast(keras.ops.argmax(predictions, axis=-1) == keras.ops.cast(y, "int32"), "float32")


def named_out(metrics):
    inputs = keras.Input((8,))
    model = keras.Model(inputs, keras.layers.Dense(3, "softmax", name="out")(inputs))
    model.compile("sgd", {"out": "sparse_categorical_crossentropy"}, metrics={"out": metrics})
    return model


@pytest.mark.parametrize(
    "metrics",
    [
        ["acc", keras.metrics.SparseCategoricalCrossentropy(name="nats")],
        [keras.metrics.sparse_categorical_accuracy, hits],
        ["sparse_top_k_categorical_accuracy"],
    ],
    ids=["names and objects", "functions", "a name of a class"],
)
def test_the_names_are_those_of_a_training_and_the_directions_those_of_early_stopping(metrics):
    """The oracle is Keras: a history, and `EarlyStopping` with mode="auto" where it knows the metric."""
    split, model = classes(), named_out(metrics)
    reported = reported_by(model, split)
    assert model.optimizer.built is False
    finished = model.fit(split.x_train, split.y_train, epochs=1, verbose=0)
    assert reported.complete
    assert {"loss", *reported.metrics} == {*finished.history, "cross_entropy"}
    for name, metric in reported.metrics.items():
        stopping = keras.callbacks.EarlyStopping(monitor=name)
        stopping.set_model(model)
        try:
            stopping._set_monitor_op()
        except ValueError:  # Keras does not know
            continue
        assert direction_of(metric) == ("max" if stopping.monitor_op is keras.ops.greater else "min")


def test_the_direction_of_each_kind_of_metric_is_known_or_asked_for():
    directions = {
        keras.metrics.F1Score(): "max",
        keras.metrics.R2Score(): "max",
        keras.metrics.AUC(): "max",
        keras.metrics.CosineSimilarity(): "max",
        keras.metrics.MeanSquaredError(name="accuracy"): "min",  # whatever it is called
        keras.metrics.MeanMetricWrapper(keras.metrics.binary_accuracy): "max",
        keras.metrics.MeanMetricWrapper(keras.losses.huber): "min",
        keras.metrics.MeanMetricWrapper(hits): None,
        keras.metrics.FalsePositives(): None,
    }
    assert {metric: direction_of(metric) for metric in directions} == directions


def test_where_keras_does_not_say_the_mode_is_asked_for():
    model = named_out([hits])
    reported = [reported_by(model, classes())]
    with pytest.raises(InvalidInput) as error:
        mode_for("val_hits", "auto", reported)
    assert str(error.value) == (
        "Keras does not say whether less or more of the metric 'val_hits' is better; give mode as 'min' or "
        "'max'."
    )
    assert mode_for("val_hits", "max", reported) == "max"
    assert mode_for("val_loss", "auto", []) == "min"


def test_what_only_training_can_show_is_not_claimed():
    class Own(keras.Model):
        def train_step(self, data):
            return {}

    model = Own()
    model.compile("sgd")
    assert not reported_by(model, classes()).complete


def test_every_loss_that_populations_know_is_reported_without_its_smoothing():
    y = np.eye(3)[np.arange(56) % 3]
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
    model.compile("sgd", SMOOTHED)
    metric = reported_by(model, split_of(table(), y)).metrics["cross_entropy"]
    logits = model.predict(table(), verbose=0)
    metric.update_state(y, logits)
    expected = np.mean(np.log(np.exp(logits).sum(1)) - (logits * y).sum(1))
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)
    assert "mae" in reported_by(sequential((8,), keras.layers.Dense(1), loss="mae"), classes()).metrics
    assert reported_by(net(), classes()).metrics.keys() == {"accuracy", "cross_entropy"}


def test_the_loss_is_called_by_training_and_by_reporting_alike():
    """Whatever `compile` takes: text, function, class, object; one table serves both."""
    for given in ("mse", keras.losses.mean_absolute_error, keras.losses.BinaryCrossentropy, SMOOTHED):
        model = sequential((8,), keras.layers.Dense(1 + 2 * (given is SMOOTHED)), loss=given)
        members = read_member(model).objective.metrics
        assert unpenalized_name(model) in members
    masked = keras.losses.SparseCategoricalCrossentropy(ignore_class=2)  # no population, but the same name
    assert unpenalized_name(sequential((8,), keras.layers.Dense(3), loss=masked)) == "cross_entropy"
    assert unpenalized_name(sequential((8,), keras.layers.Dense(3), loss="huber")) is None


def test_the_modes_of_a_model_are_those_of_all_that_it_reports():
    assert modes_of(named_out(["acc"]), classes()) == {"loss": "min", "acc": "max", "cross_entropy": "min"}
