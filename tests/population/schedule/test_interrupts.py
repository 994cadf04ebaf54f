"""Ctrl-C in the middle of a training keeps what each model has come to."""

import _thread
import json
import signal
import threading

import keras
import numpy as np
import pytest

from kerasreg.population import fit_population
from kerasreg.population.schedule import dispatch, workers
from kerasreg.records import PopulationHistory
from tests.helpers.networks import evaluated
from tests.helpers.populations import (
    assert_same_weights,
    classes,
    fit_together,
    net,
)


@pytest.fixture
def listening():
    """Python listens to Ctrl-C; in a job in the background the shell has it ignored."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


def test_ctrl_c_keeps_the_best_weights_so_far(monkeypatch, listening):
    """Pressed in the second call for the first of three members; there is one place for all."""
    monkeypatch.setattr(dispatch, "workers_at_once", lambda: 1)
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
    kept = evaluated(models[0], split.x_validation, split.y_validation)
    assert kept["cross_entropy"] == pytest.approx(min(curve), rel=1e-5)
    for model, weights in zip(models[1:], untouched, strict=True):
        assert_same_weights(model.get_weights(), weights, rtol=0, atol=0)
    assert PopulationHistory.from_dict(json.loads(json.dumps(history.to_dict()))).interrupted


def test_the_first_ctrl_c_says_a_word_and_the_second_does_not_wait_for_a_compilation(
    monkeypatch, listening, capsys
):
    """The call stands for a compilation, which hears nothing until it has ended."""
    monkeypatch.setattr(dispatch, "workers_at_once", lambda: 1)
    pressed, ended = threading.Event(), threading.Event()

    def compiles(slots, *arguments, **options):
        for _ in range(2):
            _thread.interrupt_main()
            threading.Event().wait(0.3)  # until the main thread has heard it
        pressed.set()
        ended.wait(30)
        raise RuntimeError("the training is over")

    monkeypatch.setattr(workers.Slots, "run_epochs", compiles)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit_together([net()], classes(), epochs=1000)
        assert not ended.is_set()
    finally:
        pressed.wait(30)
        ended.set()
    assert capsys.readouterr().err == "Finishing the epoch; Ctrl-C again to stop now.\n"


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


def test_ctrl_c_in_a_model_that_keras_trains_keeps_its_best_weights(listening):
    model, split = net(0, rate=0.05), classes()
    model.compile(optimizer="nadam", loss=model.loss, metrics=["accuracy"])
    epochs = []

    class Press(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            epochs.append(logs["val_loss"])
            if epoch == 2:
                _thread.interrupt_main()

    fit = model.fit
    model.fit = lambda *args, callbacks, **options: fit(*args, callbacks=[*callbacks, Press()], **options)
    with pytest.warns(UserWarning, match="1 of 1 models are trained one by one with fit"):
        history = fit_population([model], split, epochs=1000, batch_size=16, fallback=True)
    assert history.interrupted
    assert history[0].stop_reason == "interrupted"
    assert len(history[0].history) == len(epochs) < 10
    measured = evaluated(model, split.x_validation, split.y_validation)
    assert measured["loss"] == pytest.approx(min(epochs), rel=1e-5)
