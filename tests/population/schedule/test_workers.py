"""Members stop, diverge and make room, each as it would be alone."""

import keras
import numpy as np
import pytest

from kerasreg.population.schedule import dispatch, workers
from tests.helpers.networks import evaluated
from tests.helpers.populations import (
    assert_same_weights,
    classes,
    fit_together,
    fit_with_keras,
    line,
    net,
    numbers,
)

STOPPING = {
    "patience 1": {"patience": 1},
    "patience 3": {"patience": 3},
    "a margin": {"patience": 2, "min_delta": 0.05},
    "accuracy": {"patience": 2, "monitor": "val_accuracy"},
    "penalized loss": {"patience": 2, "monitor": "val_loss"},
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
    kept = evaluated(model, split.x_validation, split.y_validation)
    assert kept["cross_entropy"] == pytest.approx(min(curve), rel=1e-5)


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


def test_members_who_wait_take_the_places_of_those_who_stopped(seven, monkeypatch):
    seated = []
    seat = workers.Slots.seat
    monkeypatch.setattr(
        workers.Slots, "seat", lambda slots, jobs: (seated.append(len(jobs)), seat(slots, jobs))[1]
    )
    monkeypatch.setattr(dispatch, "workers_at_once", lambda: 1)
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
    shrunk = workers.Slots.shrunk
    monkeypatch.setattr(
        workers.Slots, "shrunk", lambda slots, size: (sizes.append(size), shrunk(slots, size))[1]
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
    return slots.shrunk(active) if 0 < active < len(slots.jobs) else slots
