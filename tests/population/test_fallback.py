"""A model that is trained by itself is trained as Keras' fit trains it, and judged as its company is."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kerasreg.checks import InvalidInput
from kerasreg.population import FitFailed, UnusableMetric, batch_order, fit_one, fit_population
from tests.helpers.populations import classes, fit_together, glorot, net, numbers

pytestmark = pytest.mark.filterwarnings("ignore:.*one by one")


def penalized(optimizer):
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(4, "tanh", kernel_initializer=glorot(1), kernel_regularizer="l2"),
            layers.Dense(3, kernel_initializer=glorot(2)),
        ]
    )
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def cross_entropy(model, x, y):
    logits = model.predict(x, verbose=0)
    return np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(len(y)), y])


def test_all_are_judged_by_one_metric_whoever_trains_them():
    """The score of a member and of a model trained by fit is the same function of its predictions."""
    split = classes()
    models = [penalized(keras.optimizers.SGD(0.1)), penalized(keras.optimizers.Lion(0.01))]
    compiled = models[1].get_compile_config()
    with pytest.warns(UserWarning, match=r"^1 of 2 models are trained one by one with fit: Lion . 1\."):
        history = fit_together(models, split, fallback=True, restore_best_weights=True)
    assert history.monitor == "val_cross_entropy"
    for model, member in zip(models, history, strict=True):
        expected = cross_entropy(model, split.x_validation, split.y_validation)
        assert member.score == pytest.approx(expected, rel=1e-5)
    names = [list(member.history.metrics) for member in history]
    assert sorted(names[0]) == sorted(names[1])
    assert models[1].get_compile_config() == compiled
    assert set(models[1].evaluate(split.x_test, split.y_test, verbose=0, return_dict=True)) == {"loss"}
    assert (models[1].steps_per_execution, models[1].run_eagerly) == (1, False)


def test_the_training_metric_is_that_of_keras_own_metric():
    """The oracle is the same model compiled with Keras' metric of that name."""
    curves = []
    for metrics in (
        None,
        [keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="cross_entropy")],
    ):
        model = penalized(keras.optimizers.Nadam(0.01))
        model.compile(model.optimizer, model.loss, metrics=metrics, run_eagerly=True)
        member = fit_one(model, classes(), epochs=2, batch_size=8)
        curves.append(member.history.metrics)
    assert curves[0].keys() == curves[1].keys()
    for name, values in curves[0].items():
        np.testing.assert_allclose(values, curves[1][name], rtol=1e-6)


class Rebuilding(keras.Model):
    """As in Keras' guide to one's own training: steps and a metric of its own, and no loss."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(8, kernel_initializer=glorot(1))
        self.total = keras.metrics.Mean(name="total_loss")

    def call(self, x):
        return self.dense(x)

    @property
    def metrics(self):
        return [self.total]

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(data[0], training=True) - data[0]) ** 2)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.total.update_state(loss)
        return {"total_loss": self.total.result()}

    def test_step(self, data):
        self.total.update_state(tf.reduce_mean((self(data[0]) - data[0]) ** 2))
        return {"total_loss": self.total.result()}


def rebuilding():
    model = Rebuilding()
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    return model


def test_a_model_with_steps_of_its_own_trains_by_its_own_metric():
    split, model = numbers(), rebuilding()
    history = fit_population(
        [model], split, epochs=2, monitor="val_total_loss", mode="min", fallback=True, batch_size=4
    )
    measured = float(np.mean((model.predict(split.x_validation, verbose=0) - split.x_validation) ** 2))
    assert history[0].score == pytest.approx(measured, rel=1e-5)
    assert history[0].stop_reason == "epochs"


def test_what_such_a_model_does_not_report_is_told_after_its_first_epoch():
    model = rebuilding()
    with pytest.raises(UnusableMetric) as error:
        fit_population([model], numbers(), epochs=2, fallback=True)
    assert str(error.value) == (
        f"'val_loss' is no validation metric of the model {model.name!r}, which reports val_total_loss. "
        "Choose by one of these, or compile the model with the metric."
    )


def test_a_stateful_network_is_validated_in_its_own_batches():
    def stateful():
        keras.utils.set_random_seed(0)
        parts = [keras.Input(batch_shape=(4, 8)), layers.Reshape((8, 1)), layers.SimpleRNN(2, stateful=True)]
        model = keras.Sequential([*parts, layers.Dense(3)])
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model

    split, ours, theirs = classes(train=40, validation=12), stateful(), stateful()
    history = fit_population([ours], split, batch_size=4, epochs=1, seeds=[5], fallback=True)
    order = batch_order(len(split.x_train), 1, seed=5)[0]
    finished = theirs.fit(
        split.x_train[order],
        split.y_train[order],
        batch_size=4,
        shuffle=False,
        verbose=0,
        validation_data=(split.x_validation, split.y_validation),
    )
    assert history[0].history.metrics["val_loss"] == pytest.approx(finished.history["val_loss"], rel=1e-4)


class Failing(keras.Model):
    def call(self, x):
        raise ValueError("no such layer\nat all")


def test_what_fails_in_fit_is_told_in_a_sentence_after_all_others_are_trained():
    broken, done = Failing(), []
    broken.compile("sgd", "sparse_categorical_crossentropy")
    models = [broken, net(), penalized("nadam")]
    models[2].run_eagerly = True
    with pytest.raises(FitFailed, match=r"cannot be trained with fit \(ValueError: .*no such layer") as error:
        fit_together(
            models, classes(), epochs=1, fallback=True, member_done=lambda index, member: done.append(index)
        )
    assert sorted(done) == [1, 2]
    assert list(error.value.causes) == [0]


def test_a_model_with_two_inputs_is_refused():
    inputs = [keras.Input((8,)), keras.Input((8,))]
    model = keras.Model(inputs, layers.Dense(3)(layers.add(inputs)))
    model.compile("sgd", "mse")
    with pytest.raises(InvalidInput) as error:
        fit_population([model], classes(), epochs=1, fallback=True)
    assert str(error.value) == (
        f"The model {model.name!r} has 2 inputs, and a Split holds one array of inputs and one of targets. "
        "Join them to one array, or train it with Keras' own fit."
    )


def test_a_metric_without_a_name_is_one_metric_in_all_models():
    """Keras calls it precision in one model and precision_1 in the next, whoever made metrics before."""
    models = [penalized("nadam"), penalized("nadam")]
    for model in models:
        metrics = [keras.metrics.Precision(class_id=1), keras.metrics.Precision(class_id=2)]
        model.compile(model.optimizer, model.loss, metrics=metrics)
    history = fit_together(models, classes(), epochs=2, monitor="val_precision_1", fallback=True)
    assert history.mode == "max"
    for member in history:
        assert member.score == max(member.history.metrics["val_precision_1"])
        assert {"precision", "val_precision"} <= set(member.history.metrics)


def test_the_best_epoch_of_an_accuracy_by_any_name_is_the_highest():
    models = [net(), penalized("nadam")]
    for model in models:
        model.compile(model.optimizer, model.loss, metrics=["acc"])
    history = fit_together(models, classes(), epochs=4, monitor="val_acc", fallback=True)
    assert history.mode == "max"
    for member in history:
        assert member.score == max(member.history.metrics["val_acc"])
