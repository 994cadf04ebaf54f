"""Targets are standardized while a network trains, and predicted in their own units."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.preprocessing import StandardScaler

from kerasreg import Regularization, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.losses import StandardizedMeanSquaredError, StandardizedMSE
from kerasreg.population import (
    UnstackableModel,
    differentiate_population,
    evaluate_population,
    fit_population,
)
from kerasreg.population.member.member import read_member
from kerasreg.population.trainer_arguments import default_monitor
from tests.helpers.populations import BATCH, assert_all_as_keras_trains, fit_with_keras, numbers, split_of

SCALES, MEANS = np.float32([11.0, 0.02]), np.float32([1998.0, -3.0])


def in_units(outputs=2):
    """Rows whose targets are years and hundredths."""
    split = numbers((2,))
    y = (np.concatenate([split.y_train, split.y_validation, split.y_test]) * SCALES + MEANS)[:, :outputs]
    x = np.concatenate([split.x_train, split.x_validation, split.x_test])
    return split_of(x, y[:, 0] if outputs == 1 else y)


def network(split, *, l2=1e-2, seed=0):
    outputs = 1 if split.y_train.ndim == 1 else split.y_train.shape[1]
    model = build_mlp(
        (8,),
        None,
        units=(6,),
        activation="tanh",
        output_units=outputs,
        standardize_target=True,
        regularization=Regularization(l2=l2),
        optimizer=keras.optimizers.SGD(0.05),
        seed=seed,
    )
    model.get_layer("standardize_target").adapt(split.y_train.reshape(len(split.y_train), -1))
    return model


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 2])
def test_it_trains_as_a_network_of_targets_that_scikit_learn_standardized(outputs):
    split = in_units(outputs)
    scaler = StandardScaler().fit(split.y_train.reshape(len(split.y_train), -1))
    scaled = split_of(
        np.concatenate([split.x_train, split.x_validation, split.x_test]),
        scaler.transform(
            np.concatenate([split.y_train, split.y_validation, split.y_test]).reshape(56, -1)
        ).astype(np.float32),
    )
    ours = network(split)
    plain = build_mlp(
        (8,),
        None,
        units=(6,),
        activation="tanh",
        output_units=outputs,
        regularization=Regularization(l2=1e-2),
        optimizer=keras.optimizers.SGD(0.05),
    )
    curves, _ = fit_with_keras(ours, split, epochs=5)
    expected, _ = fit_with_keras(plain, scaled, epochs=5)
    # A year in single precision is known to 1e-4, which is 1e-5 of its standard deviation of 11.
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(curves[name], expected[name], rtol=1e-4)
    predicted = scaler.inverse_transform(plain.predict(split.x_test, verbose=0))
    deviations = (ours.predict(split.x_test, verbose=0) - predicted) / scaler.scale_
    np.testing.assert_allclose(deviations, 0, atol=1e-4)
    true = split.y_validation.reshape(len(predicted_on(ours, split)), -1)
    mse = np.mean((predicted_on(ours, split) - true) ** 2)
    np.testing.assert_allclose(curves["val_mse"][-1], mse, rtol=1e-5)


def predicted_on(model, split):
    return model.predict(split.x_validation, verbose=0)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_member_comes_to_what_fit_makes_of_the_same_batches(outputs):
    """Members of different variances, as folds have them, share a program."""
    split = in_units(outputs)
    fewer = split_of(np.flip(split.x_train, 0), np.flip(split.y_train, 0), train=12, validation=4)

    def other():
        model = network(split, seed=1)
        model.get_layer("standardize_target").adapt(fewer.y_train.reshape(len(fewer.y_train), -1))
        return model

    makers = [partial(network, split), partial(network, split, l2=0.0), other]
    assert len({read_member(make()).architecture for make in makers}) == 1
    assert_all_as_keras_trains(makers, split)


@pytest.mark.filterwarnings("ignore:1 of 1 models are trained one by one with fit")
def test_of_several_targets_the_epoch_is_chosen_by_the_standardized_error_whatever_trains():
    """A target of 1998 ± 11 would decide alone by mse; scikit-learn's scaler has the oracle's scale."""
    split = in_units()
    for fallback in (False, True):
        model = network(split)
        if fallback:
            model.optimizer = keras.optimizers.Lion(0.01)
            model.compile(model.optimizer, model.loss, metrics=["mae"])
        history = fit_population([model], [split], epochs=6, batch_size=BATCH, fallback=fallback)
        assert history.monitor == "val_standardized_mse"
        curve = history[0].history.metrics["val_standardized_mse"]
        assert history[0].best_epoch == 1 + int(np.argmin(curve))
        scaler = StandardScaler().fit(split.y_train)
        predicted = scaler.transform(model.predict(split.x_validation, verbose=0))
        expected = np.mean((predicted - scaler.transform(split.y_validation)) ** 2)
        assert history[0].score == pytest.approx(expected, rel=1e-4)
    assert default_monitor([network(in_units(1))]) == "val_mse"


def test_a_metric_of_another_variance_than_the_loss_is_no_part_of_a_population():
    model = network(in_units())
    model.compile("sgd", model.loss, metrics=[StandardizedMSE([1.0, 2.0])])
    with pytest.raises(UnstackableModel, match="'standardized_mse' has another variance than the loss"):
        read_member(model)


def test_population_evaluation_and_gradients_are_those_of_keras():
    split = in_units()
    model = network(split)
    found = evaluate_population([model], split)[0]
    expected = model.evaluate(split.x_test, split.y_test, verbose=0, return_dict=True, batch_size=BATCH)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-4)
    with tf.GradientTape() as tape:
        loss = model.loss(split.y_train, model(split.x_train, training=True)) + sum(model.losses)
    gradients = differentiate_population([model], split.x_train, split.y_train)[0]
    for ours, theirs in zip(gradients, tape.gradient(loss, model.trainable_variables), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_saved_network_predicts_in_the_same_units(tmp_path, outputs):
    split = in_units(outputs)
    model = network(split)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(
        loaded.predict(split.x_test, verbose=0), model.predict(split.x_test, verbose=0)
    )
    assert loaded.get_compile_config() == model.get_compile_config()
    assert loaded.evaluate(split.x_test, split.y_test, verbose=0) == pytest.approx(
        model.evaluate(split.x_test, split.y_test, verbose=0)
    )


def test_a_target_that_does_not_vary_in_the_training_rows_keeps_its_scale():
    """As with scikit-learn's scaler: a validation row that differs by 1 has an error of 1, not of 1e14."""
    split = numbers()
    y = np.full((56,), 1998.1, np.float32)
    y[-1], y[len(split.y_train)] = 2000, 1997
    x = np.concatenate([split.x_train, split.x_validation, split.x_test])
    constant = split_of(x, y)
    model = network(constant, l2=0.0)
    assert model.loss.scale.tolist() == StandardScaler().fit(constant.y_train[:, None]).scale_.tolist() == [1]
    curves, _ = fit_with_keras(model, constant, epochs=2)
    np.testing.assert_allclose(curves["val_loss"], curves["val_mse"], rtol=1e-5)
    assert curves["loss"][1] < curves["loss"][0] < 10
    assert_all_as_keras_trains([partial(network, constant, l2=0.0)], constant)


def test_the_loss_of_the_mean_is_1_in_any_units():
    y = np.random.default_rng(0).normal(MEANS, SCALES, size=(200, 2)).astype(np.float32)
    loss = StandardizedMeanSquaredError(y.var(axis=0))
    assert float(loss(y, np.broadcast_to(y.mean(axis=0), y.shape))) == pytest.approx(1.0, rel=1e-4)


def test_classes_have_no_target_to_standardize():
    with pytest.raises(InvalidInput) as refusal:
        build_mlp((4,), 3, standardize_target=True)
    assert str(refusal.value) == (
        "standardize_target is for regression, and this network tells 3 classes apart. Leave it out."
    )


@pytest.mark.parametrize("variance", [[-1.0], [np.inf], "much", [[1.0]]])
def test_the_loss_refuses_what_is_no_variance(variance):
    with pytest.raises(InvalidInput, match="variance must be the variance of each column"):
        StandardizedMeanSquaredError(variance)
