"""One network by `fit_one` is what Keras itself makes of the same batches."""

import keras
import numpy as np
import pytest

from kerasreg import Regularization, build_mlp
from kerasreg.population import batch_order, fit_one
from tests.helpers.small import small_regression


def small_mlp(split, **options):
    return build_mlp(split.input_shape, split.num_classes, units=(16,), seed=0, **options)


def test_weights_equal_training_batch_by_batch(split):
    """The oracle is `train_on_batch` in the same order; equal but for the rounding of other kernels."""
    model, oracle = small_mlp(split), small_mlp(split)
    fit_one(model, split, epochs=1, batch_size=32, seed=5)
    order = batch_order(len(split.x_train), 1, seed=5)[0]
    for first in range(0, len(order), 32):
        rows = order[first : first + 32]
        oracle.train_on_batch(split.x_train[rows], split.y_train[rows])
    for ours, theirs in zip(model.get_weights(), oracle.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_network_is_left_with_the_weights_of_its_best_epoch(split):
    # a high rate makes the validation loss go up and down, so that the best epoch is not the last
    model = small_mlp(split, learning_rate=0.1)
    member = fit_one(model, split, epochs=12, batch_size=32, seed=0)
    assert member.best_epoch < 12
    assert member.score == min(member.history.metrics["val_cross_entropy"])
    again = model.evaluate(split.x_validation, split.y_validation, verbose=0, return_dict=True)
    assert again["cross_entropy"] == pytest.approx(member.score, rel=1e-5)


def test_patience_ends_training_that_many_epochs_after_the_best(split):
    member = fit_one(small_mlp(split, learning_rate=0.3), split, epochs=60, batch_size=32, patience=3, seed=0)
    assert len(member.history) == member.best_epoch + 3
    assert member.stop_reason == "patience"


def test_the_same_seed_gives_the_same_weights_to_the_last_bit(split):
    regularization = Regularization(l2=1e-3, dropout=0.4, noise_std=0.1)
    weights = []
    for _ in range(2):
        model = small_mlp(split, regularization=regularization)
        fit_one(model, split, epochs=3, batch_size=32, seed=1)
        weights.append(model.get_weights())
    for first, second in zip(*weights, strict=True):
        assert np.array_equal(first, second)


def test_accuracy_is_maximized(split):
    member = fit_one(
        small_mlp(split), split, epochs=4, batch_size=16, monitor="val_accuracy", mode="max", seed=0
    )
    assert member.score == max(member.history.metrics["val_accuracy"])
    assert (member.stop_reason, member.way) == ("epochs", "fit")


def test_a_regression_learns_the_line():
    split = small_regression()
    model = build_mlp(split.input_shape, None, units=(), learning_rate=0.05)
    member = fit_one(model, split, epochs=100, batch_size=16, monitor="val_mse", seed=0)
    assert member.score < 0.02  # the noise alone has 0.01
    np.testing.assert_allclose(model.get_layer("output").kernel[:, 0], [1.0, -2.0], atol=0.1)


def test_a_divergence_is_told(split):
    model = small_mlp(split, optimizer=keras.optimizers.SGD(1e30))
    member = fit_one(model, split, epochs=5, batch_size=32, seed=0)
    assert member.diverged
    assert np.isnan(member.score)
    assert len(member.history) < 5


def test_afterwards_it_is_an_ordinary_model_again(split):
    """Training goes on by `fit`, step by step, with as many steps as Keras would make."""
    model = small_mlp(split)
    fit_one(model, split, epochs=2, batch_size=32, seed=0)
    assert model.steps_per_execution == 1
    steps = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: steps.append(step))
    model.fit(split.x_train, split.y_train, batch_size=32, epochs=2, callbacks=[watch], verbose=0)
    assert steps == [0, 1, 2, 3, 4] * 2  # 140 rows
    few = model.evaluate(split.x_test, split.y_test, batch_size=7, verbose=0, return_dict=True)
    whole = model.evaluate(split.x_test, split.y_test, batch_size=50, verbose=0, return_dict=True)
    assert few["cross_entropy"] == pytest.approx(whole["cross_entropy"], rel=1e-5)
