"""Populations learn what they should, of data of every size, and every member is a Keras model again."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg.population import fit_population, predict_population
from kerasreg.population.member.member import read_member
from kerasreg.records import PopulationHistory
from tests.helpers.populations import (
    BATCH,
    assert_same_weights,
    classes,
    fit_together,
    fit_with_keras,
    glorot,
    line,
    net,
    numbers,
    sequential,
    split_of,
    table,
)


def divided(count=5):
    """A regression in as many folds, with a huge row in the first one's validation part."""
    x = table(rows=60)
    x[0] = 1e4
    whole = split_of(x, x[:, :1] - x[:, 1:2], train=40, validation=10)
    rows = np.arange(50)
    return [whole.redrawn(rows[rows % count != fold], rows[rows % count == fold]) for fold in range(count)]


def test_a_member_never_sees_a_row_it_is_validated_by():
    """Plain SGD on a row of 10,000 makes weights of thousands at once; only the first member is spared it."""
    folds = divided()
    models = [line(0.01) for _ in folds]
    history = fit_together(models, folds, epochs=2, batch_size=BATCH)
    sizes = [np.abs(model.get_weights()[0]).max() for model in models]
    assert sizes[0] < 3
    assert min(sizes[1:]) > 1e3
    assert history[0].history.metrics["val_loss"][0] > 1e5  # and it is in the validation part
    alone = line(0.01)
    fit_together([alone], folds[0], epochs=2)
    assert_same_weights(models[0].get_weights(), alone.get_weights())


def test_members_train_on_beyond_the_epochs_they_have():
    """An earlier epoch is not counted again, and the curves begin where they go on."""
    model = net(momentum=0.0)
    fit_together([model], classes(), epochs=2)
    history = fit_together([model], classes(), epochs=4, initial_epoch=2, restore_best_weights=True)
    member = history[0]
    assert (len(member.history), member.initial_epoch) == (2, 2)
    assert member.to_row()["val_cross_entropy"] == member.score


# Keras says so of every saved model that its own fit has not trained
@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")
def test_afterwards_it_is_a_keras_model(tmp_path):
    split = classes()
    models = [
        sequential(
            (8,),
            layers.Dense(units, kernel_initializer=glorot(1)),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dropout(0.2, seed=1),
            layers.Dense(3, kernel_initializer=glorot(2)),
        )
        for units in (5, 8)
    ]
    history = fit_together(models, split, epochs=2)
    stacked = predict_population(models, split.x_test)
    for model, member, ours in zip(models, history, stacked, strict=True):
        predictions = model.predict(split.x_test, verbose=0)
        np.testing.assert_allclose(ours, predictions, rtol=1e-5, atol=1e-6)
        model.save(tmp_path / "member.keras")
        loaded = keras.models.load_model(tmp_path / "member.keras")
        np.testing.assert_array_equal(loaded.predict(split.x_test, verbose=0), predictions)
        before = member.history.metrics["loss"][-1]
        finished = loaded.fit(split.x_train, split.y_train, epochs=5, verbose=0)
        assert finished.history["loss"][-1] < before


def test_a_history_comes_back_from_json():
    history = fit_together([net(), net(1)], classes(), epochs=2)
    again = PopulationHistory.from_dict(json.loads(json.dumps(history.to_dict())))
    assert again == history
    assert history.seconds >= max(member.seconds for member in history) > 0
    assert [row["epochs"] for row in history.to_frame().to_dict("records")] == [2, 2]


EDGES = {
    "one row": lambda: classes(train=1, validation=1),
    "fewer rows than a batch": lambda: classes(train=5, validation=3),
    "full batches": lambda: classes(train=32, validation=12),
    "no validation part": lambda: classes(train=40, validation=0),
    "wide numbers": lambda: split_of(table().astype(np.float64), np.arange(56) % 3),
}


@pytest.mark.parametrize("name", EDGES)
def test_data_of_every_size_trains_as_keras_trains(name):
    split = EDGES[name]()
    model, oracle = net(momentum=0.0), net(momentum=0.0)
    history = fit_together([model], split)
    curves, weights = fit_with_keras(oracle, split, epochs=3)
    assert_same_weights(model.get_weights(), weights[-1])
    for metric, values in curves.items():
        np.testing.assert_allclose(history[0].history.metrics[metric], values, rtol=1e-4, atol=1e-6)
    assert (history.monitor is None) == (len(split.x_validation) == 0)


def test_splits_of_unequal_size_share_a_call():
    splits = [
        classes(train=train, validation=validation) for train, validation in ((40, 12), (33, 10), (17, 4))
    ]
    models = [net(momentum=0.0) for _ in splits]
    fit_together(models, splits)
    for model, split in zip(models, splits, strict=True):
        oracle = net(momentum=0.0)
        _, weights = fit_with_keras(oracle, split, epochs=3)
        assert_same_weights(model.get_weights(), weights[-1])


def deep_line():
    layer = layers.Dense(6, "relu", kernel_initializer=glorot(2))
    return sequential(
        (8,),
        layer,
        layers.Dense(1, kernel_initializer=glorot(1)),
        loss="mse",
        optimizer=keras.optimizers.SGD(0.01),
    )


def test_the_rows_that_fill_up_a_batch_do_no_harm():
    """The first row of all the data would make the second member's hidden units infinite."""
    x = table()
    x[0] = 3e38
    poisoned = split_of(x, numbers().y_train[:1].repeat(56, axis=0))
    models = [deep_line(), deep_line()]
    history = fit_together(models, [poisoned, numbers()])
    assert [member.stop_reason for member in history] == ["diverged", "epochs"]
    alone = deep_line()
    fit_together([alone], numbers())
    assert_same_weights(models[1].get_weights(), alone.get_weights())


def test_equal_models_have_equal_seeds_by_default():
    models = [net(), net(), net(1)]
    fit_population(models, classes(), epochs=1, batch_size=BATCH)
    assert_same_weights(models[0].get_weights(), models[1].get_weights(), rtol=0, atol=0)
    assert np.abs(models[0].get_weights()[0] - models[2].get_weights()[0]).max() > 0


def test_architecture_tells_what_shares_a_program():
    first, second, other = (
        read_member(model).architecture for model in (net(), net(1, rate=0.7, units=9), line())
    )
    assert first == second != other
