"""Populations are trained as Keras' callbacks would have it, and every member is a Keras model again."""

import _thread
import json
import re
import threading

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg.checks import InvalidInput
from kerasreg.population import (
    UnstackableModel,
    architecture,
    fit_population,
    predict_population,
    running,
    workers,
)
from kerasreg.records import PopulationHistory
from tests.populations import (
    BATCH,
    assert_same_weights,
    classes,
    fit_together,
    fit_with_keras,
    numbers,
    sequential,
    split_of,
    table,
)


def glorot(seed):
    return keras.initializers.GlorotUniform(seed)


def net(seed=0, rate=0.3, momentum=0.9, units=6):
    """A network that a high rate makes better and worse again."""
    return sequential(
        (8,),
        layers.Dense(units, "tanh", kernel_initializer=glorot(seed)),
        layers.Dense(3, kernel_initializer=glorot(seed + 100)),
        optimizer=keras.optimizers.SGD(rate, momentum=momentum),
    )


def line(rate=0.1, **options):
    return sequential(
        (8,),
        layers.Dense(1, kernel_initializer=glorot(1)),
        loss="mse",
        optimizer=keras.optimizers.SGD(rate),
        **options,
    )


STOPPING = {
    "patience 1": {"patience": 1},
    "patience 3": {"patience": 3},
    "a margin": {"patience": 2, "min_delta": 0.05},
    "accuracy": {"patience": 2, "monitor": "val_accuracy"},
    "penalised loss": {"patience": 2, "monitor": "val_loss"},
}


@pytest.mark.parametrize("name", STOPPING)
def test_members_stop_and_restore_as_early_stopping_of_keras_does(name):
    options, split, epochs = STOPPING[name], classes(), 12
    settings = [(0, 0.5), (1, 0.1)]
    models = [net(*setting) for setting in settings]
    history = fit_together(models, split, epochs=epochs, restore_best_weights=True, **options)
    lengths = []
    for setting, model, member in zip(settings, models, history, strict=True):
        oracle = net(*setting)
        stopping = keras.callbacks.EarlyStopping(
            **({"monitor": "val_cross_entropy"} | options),
            mode="max" if "accuracy" in name else "min",
            restore_best_weights=True,
        )
        curves, _ = fit_with_keras(oracle, split, epochs=epochs, callbacks=[stopping])
        assert len(member.history) == len(curves["loss"])
        assert member.best_epoch == stopping.best_epoch + 1
        assert member.score == pytest.approx(stopping.best, rel=1e-4)
        assert member.stop_reason == ("epochs" if len(curves["loss"]) == epochs else "patience")
        # ten epochs at a high rate spread what rounding began
        assert_same_weights(model.get_weights(), oracle.get_weights(), rtol=1e-3, atol=1e-4)
        lengths.append(len(member.history))
    assert min(lengths) < epochs


def test_without_patience_the_best_weights_are_restored_too():
    model, split = net(rate=1.0), classes()
    history = fit_together([model], split, epochs=8, restore_best_weights=True)
    curve = history[0].history.metrics["val_cross_entropy"]
    assert history[0].best_epoch == int(np.argmin(curve)) + 1 < 8
    model.run_eagerly = True
    kept = model.evaluate(split.x_validation, split.y_validation, verbose=0, return_dict=True)
    assert kept["cross_entropy"] == pytest.approx(min(curve), rel=1e-5)


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


def test_a_member_that_diverges_stops_alone():
    rates = (0.01, 1e6, 0.02)
    models = [line(rate) for rate in rates]
    split = numbers()
    history = fit_together(models, split, epochs=10, members_per_program=3)
    assert [member.stop_reason for member in history] == ["epochs", "diverged", "epochs"]
    assert np.isnan(history[1].score)
    assert len(history[1].history) < 10
    for place in (0, 2):
        alone = line(rates[place])
        fit_together([alone], split, epochs=10)
        assert_same_weights(models[place].get_weights(), alone.get_weights())


def test_a_diverged_member_keeps_its_best_weights():
    model = line(20.0)
    start = model.get_weights()
    history = fit_together([model], numbers(), epochs=30, restore_best_weights=True)
    assert history[0].diverged
    kept = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in kept)
    if history[0].best_epoch == 0:
        assert_same_weights(kept, start, rtol=0, atol=0)


@pytest.mark.parametrize(("epochs", "patience"), [(1, None), (3, 1)])
def test_a_score_that_never_was_a_number_is_a_divergence(epochs, patience):
    """One step takes the weights to infinity after the loss was taken."""
    history = fit_together([line(1e38)], numbers(), epochs=epochs, patience=patience, batch_size=64)
    assert np.isfinite(history[0].history.metrics["loss"][0])
    assert history[0].diverged


def settings_of_seven():
    return [(member, 0.1 + 0.1 * member) for member in range(7)]


@pytest.fixture(scope="module")
def seven():
    """Weights and epochs of seven members that stop at different times, all trained at once."""
    models = [net(*setting) for setting in settings_of_seven()]
    history = fit_together(
        models, classes(), epochs=15, patience=2, members_per_program=7, restore_best_weights=True
    )
    return [model.get_weights() for model in models], [len(member.history) for member in history]


def assert_as_the_seven(seven, models, history):
    assert [len(member.history) for member in history] == seven[1]
    for model, weights in zip(models, seven[0], strict=True):
        assert_same_weights(model.get_weights(), weights, rtol=1e-3, atol=1e-4)


def counted(monkeypatch, method, *, count):
    """Returns the list that will have an entry for each call of a method of `Slots`."""
    calls, original = [], getattr(workers.Slots, method)

    def wrapped(slots, argument):
        calls.append(count(argument))
        return original(slots, argument)

    monkeypatch.setattr(workers.Slots, method, wrapped)
    return calls


def test_members_who_wait_take_the_places_of_those_who_stopped(seven, monkeypatch):
    seated = []
    seat = workers.Slots.seat
    monkeypatch.setattr(
        workers.Slots, "seat", lambda slots, jobs: (seated.append(len(jobs)), seat(slots, jobs))[1]
    )
    monkeypatch.setattr(running, "workers_at_once", lambda: 1)
    models = [net(*setting) for setting in settings_of_seven()]
    history = fit_together(
        models, classes(), epochs=15, patience=2, members_per_program=2, restore_best_weights=True
    )
    assert len(set(seven[1])) > 2
    assert seated[0] == 2
    assert 1 in seated[1:]  # one place taken while the other's member went on
    assert_as_the_seven(seven, models, history)


def test_a_program_that_has_become_too_large_is_changed_for_a_smaller_one(seven, monkeypatch):
    sizes = []
    halved = workers.Slots.halved
    monkeypatch.setattr(
        workers.Slots, "halved", lambda slots, size: (sizes.append(size), halved(slots, size))[1]
    )
    monkeypatch.setattr(workers.Workers, "_compacted", always_compacted)
    models = [net(*setting) for setting in settings_of_seven()]
    history = fit_together(
        models, classes(), epochs=15, patience=2, members_per_program=7, restore_best_weights=True
    )
    assert sizes
    assert_as_the_seven(seven, models, history)


def always_compacted(self, slots, seconds):
    """Compacts at the first chance, whatever it costs."""
    active = len(slots.active)
    return slots.halved(active) if 0 < active < len(slots.jobs) else slots


def test_ctrl_c_keeps_the_best_weights_so_far(monkeypatch):
    """Pressed in the second call for the first of three members; there is one place for all."""
    monkeypatch.setattr(running, "workers_at_once", lambda: 1)
    run_epochs, calls = workers.Slots.run_epochs, []

    def watched(slots, *arguments, **options):
        seconds = run_epochs(slots, *arguments, **options)
        calls.append(len(slots.jobs[0].curves["loss"]))
        if len(calls) == 2:
            _thread.interrupt_main()
            threading.Event().wait(0.5)  # until the main thread has heard it
        return seconds

    monkeypatch.setattr(workers.Slots, "run_epochs", watched)
    models, split, done = [net(seed, rate=1.0) for seed in range(3)], classes(), []
    untouched = [model.get_weights() for model in models[1:]]
    history = fit_together(
        models,
        split,
        epochs=1000,
        members_per_program=1,
        restore_best_weights=True,
        member_done=lambda index, record: done.append(index),
    )
    assert history.interrupted
    assert done == [0]
    assert [member.stop_reason for member in history] == ["interrupted"] * 3
    assert [len(member.history) for member in history] == [calls[1], 0, 0]
    assert len(calls) == 2
    curve = history[0].history.metrics["val_cross_entropy"]
    assert (history[0].score, history[0].best_epoch) == (min(curve), int(np.argmin(curve)) + 1)
    models[0].run_eagerly = True
    kept = models[0].evaluate(split.x_validation, split.y_validation, verbose=0, return_dict=True)
    assert kept["cross_entropy"] == pytest.approx(min(curve), rel=1e-5)
    for model, weights in zip(models[1:], untouched, strict=True):
        assert_same_weights(model.get_weights(), weights, rtol=0, atol=0)
    assert PopulationHistory.from_dict(json.loads(json.dumps(history.to_dict()))).interrupted


def test_ctrl_c_while_the_results_are_handed_on_loses_none():
    models, calls = [net(seed) for seed in range(3)], []

    def press(index, record):
        calls.append(index)
        if len(calls) == 1:
            raise KeyboardInterrupt

    history = fit_together(models, classes(), epochs=2, member_done=press)
    assert history.interrupted
    for seed, (model, member) in enumerate(zip(models, history, strict=True)):
        if member.stop_reason == "epochs":
            alone = net(seed)
            fit_together([alone], classes(), epochs=2)
            assert_same_weights(model.get_weights(), alone.get_weights())


def test_an_error_in_member_done_is_the_callers():
    def fails(index, record):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fit_together([net()], classes(), epochs=2, member_done=fails)


def refused_net():
    return sequential(
        (8,),
        layers.Dense(4, "tanh", kernel_initializer=glorot(1)),
        layers.UnitNormalization(),
        layers.Dense(3, kernel_initializer=glorot(2)),
        metrics=["accuracy"],
    )


WHY = (
    "The layer {name!r} (UnitNormalization) is of a kind, which a population cannot train. "
    "Change it, or pass fallback=True to train such models one by one."
)


def test_a_model_that_cannot_be_stacked_is_refused_before_any_training():
    models = [net(), refused_net()]
    before = models[0].get_weights()
    with pytest.raises(UnstackableModel) as error:
        fit_together(models, classes())
    assert str(error.value) == WHY.format(name=models[1].layers[1].name)
    assert_same_weights(models[0].get_weights(), before, rtol=0, atol=0)


def test_the_fallback_trains_it_with_fit_and_says_so():
    models, split = [net(), refused_net(), net(1)], classes()
    message = "1 of 3 models are trained one by one with fit: " + WHY.format(name=models[1].layers[1].name)
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$"):
        history = fit_together(models, split, fallback=True, restore_best_weights=True)
    assert [member.way for member in history] == ["population", "fit", "population"]
    assert [len(member.history) for member in history] == [3, 3, 3]
    oracle = refused_net()
    curves, weights = fit_with_keras(oracle, split, epochs=3)
    np.testing.assert_allclose(history[1].history.metrics["val_loss"], curves["val_loss"], rtol=1e-4)
    assert history[1].stop_reason == "epochs"
    best = int(np.argmin(curves["val_loss"]))  # neither penalties nor smoothing, so this is its cross-entropy
    assert_same_weights(models[1].get_weights(), weights[best])


def test_the_fallback_trains_without_a_validation_part():
    with pytest.warns(UserWarning, match="one by one"):
        history = fit_together([refused_net()], classes(train=40, validation=0), fallback=True)
    assert (history.monitor, history[0].stop_reason) == (None, "epochs")


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
    assert architecture(net()) == architecture(net(1, rate=0.7, units=9))
    assert architecture(net()) != architecture(line())


def two(options):
    return [net(), net(1)], classes(), options


WRONG = [
    (lambda: ([], classes(), {}), "fit_population needs at least one model; received none."),
    (
        lambda: ([net()], [classes(), classes()], {}),
        "data must be one Split or one for each of the 1 models; received 2 of ['Split'].",
    ),
    (
        lambda: ([net(), net()], (table(), table()), {}),
        "data must be one Split or one for each of the 2 models; received 2 of ['ndarray'].",
    ),
    (
        lambda: ([net(), net()], [classes(), classes((4, 2))], {}),
        "All splits must have rows of one shape; received ['((4, 2), ())', '((8,), ())'].",
    ),
    (lambda: two({"epochs": 0}), "epochs must be a whole number of at least 1; received 0."),
    (lambda: two({"batch_size": 0}), "batch_size must be a whole number of at least 1; received 0."),
    (lambda: two({"patience": 0}), "patience must be a whole number of at least 1; received 0."),
    (
        lambda: two({"members_per_program": 0}),
        "members_per_program must be a whole number of at least 1; received 0.",
    ),
    (lambda: two({"initial_epoch": -1}), "initial_epoch must be a whole number of at least 0; received -1."),
    (
        lambda: two({"initial_epoch": 3}),
        "epochs must be above initial_epoch; received 3 and 3.",
    ),
    (lambda: two({"min_delta": -0.1}), "min_delta must be a number of at least 0; received -0.1."),
    (lambda: two({"mode": "least"}), "mode must be one of 'auto', 'min', 'max'; received 'least'."),
    (lambda: two({"seeds": [1]}), "seeds must hold one seed for each of 2 models; received 1."),
    (lambda: two({"seeds": [1, -2]}), "seeds must be a whole number of at least 0; received -2."),
    (
        lambda: ([net()], classes(train=40, validation=0), {"patience": 2, "seeds": None}),
        "patience needs a validation part in every split, and one has none.",
    ),
    (
        lambda: ([net(), line()], classes(), {}),
        "The models have losses of different kinds; name the metric to choose by as monitor.",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_what_cannot_be_used_is_refused_in_words(make, message):
    models, data, options = make()
    with pytest.raises(InvalidInput) as error:
        fit_together(models, data, **options)
    assert str(error.value) == message


def test_a_model_is_no_two_members():
    model = net()
    with pytest.raises(InvalidInput) as error:
        fit_together([model, model], classes())
    assert (
        str(error.value) == "The same model stands several times among the models; build one for each member."
    )


def assert_refused(message, *arguments, **options):
    with pytest.raises(InvalidInput) as error:
        fit_together(*arguments, **options)
    assert str(error.value) == message


def test_a_monitor_that_no_member_has_is_refused():
    assert_refused(
        "monitor must be a validation metric of every model: val_loss, val_cross_entropy, val_accuracy; "
        "received 'val_f1'.",
        [net()],
        classes(),
        monitor="val_f1",
    )


def test_data_that_the_model_does_not_take_is_refused():
    model = net()
    assert_refused(
        f"The model {model.name!r} takes inputs of shape (8,), but the data 'small' has rows of shape (4,).",
        [model],
        classes((4,)),
    )


def test_targets_that_the_model_does_not_give_are_refused():
    given = (
        f"The model {(model := net()).name!r} gives outputs of shape (3,) with a loss of the kind 'sparse'"
    )
    assert_refused(f"{given}, but the data 'small' has numbers of shape ().", [model], numbers(()))
    four = split_of(table(), np.arange(56) % 4)
    assert_refused(f"{given}, but the data 'small' has labels of 4 classes of shape ().", [model], four)


def test_the_fallback_takes_metrics_in_every_form_that_keras_does():
    accuracy = keras.metrics.sparse_categorical_accuracy
    for metrics in ([accuracy], ["accuracy", accuracy]):
        model = refused_net()
        model.compile(model.optimizer, model.loss, metrics=metrics)
        with pytest.warns(UserWarning, match="one by one"):
            history = fit_together([model], classes(), epochs=1, fallback=True)
        assert history[0].stop_reason == "epochs"
