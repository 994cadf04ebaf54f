import math
import re

import keras
import numpy as np
import pytest

from kerasreg.builders import build_mlp
from kerasreg.callbacks import MetricRecorder, early_stopping
from kerasreg.checks import InvalidInput
from kerasreg.regularization import Regularization
from tests.helpers.networks import digits


def refusal(message: str):
    return pytest.raises(InvalidInput, match=f"^{re.escape(message)}$")


def first_digits(rows: int):
    x, y = digits()
    return x[:rows], y[:rows]


def still_model(**options) -> keras.Model:
    """A network that `fit` leaves as it is."""
    return build_mlp((8, 8, 1), 10, units=(), optimizer=keras.optimizers.SGD(0.0), **options)


def test_by_itself_the_direction_is_that_of_the_metric_whatever_it_is_called():
    x, y = np.ones((4, 2), "float32"), np.ones(4, "float32")
    model = build_mlp((2,), None, units=())
    model.compile(
        "sgd",
        "mse",
        metrics=[keras.metrics.R2Score(name="r"), keras.metrics.MeanSquaredError(name="accuracy")],
    )
    for monitor, better in (("val_r", keras.ops.greater), ("val_accuracy", keras.ops.less)):
        stopping = early_stopping(3, monitor=monitor)
        model.fit(x, y, validation_data=(x, y), verbose=0, callbacks=[stopping])
        assert stopping.monitor_op is better


def test_a_mode_that_is_given_is_kept():
    assert early_stopping(3, monitor="val_auc", mode="max").mode == "max"


def test_it_watches_the_unpenalized_validation_cross_entropy_and_keeps_the_best_weights():
    callback = early_stopping(4, min_delta=0.01, start_from_epoch=2)
    assert isinstance(callback, keras.callbacks.EarlyStopping)
    assert callback.monitor == "val_cross_entropy"
    assert callback.restore_best_weights
    assert (callback.patience, callback.start_from_epoch) == (4, 2)
    assert abs(callback.min_delta) == 0.01


def test_training_stops_after_the_patience_and_the_best_epochs_weights_come_back():
    x, y = first_digits(60)
    model = build_mlp((8, 8, 1), 10, units=(32,), learning_rate=0.05, seed=1)
    history = model.fit(
        x[:30],
        y[:30],
        validation_data=(x[30:], y[30:]),
        epochs=100,
        verbose=0,
        callbacks=[early_stopping(3)],
    ).history["val_cross_entropy"]
    assert len(history) < 100
    assert np.argmin(history) == len(history) - 1 - 3
    assert min(history) < history[-1]
    restored = model.evaluate(x[30:], y[30:], verbose=0, return_dict=True)["cross_entropy"]
    assert restored == pytest.approx(min(history), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patience": 0}, "patience must be a whole number of at least 1; received 0."),
        ({"min_delta": -1}, "min_delta must be a number of at least 0; received -1."),
        (
            {"start_from_epoch": -1},
            "start_from_epoch must be a whole number of at least 0; received -1.",
        ),
        ({"mode": "best"}, "mode must be one of 'auto', 'min', 'max'; received 'best'."),
        (
            {"monitor": None},
            "monitor must be the name of a metric, such as 'val_cross_entropy'; received None.",
        ),
    ],
)
def test_a_stopping_rule_that_cannot_be_is_refused(options, message):
    with refusal(message):
        early_stopping(**{"patience": 3} | options)


def test_epochs_are_recorded_as_keras_reports_them():
    x, y = first_digits(40)
    recorder = MetricRecorder()
    history = build_mlp((8, 8, 1), 10, units=()).fit(
        x, y, validation_split=0.5, epochs=3, verbose=0, callbacks=[recorder]
    )
    assert recorder.history.unit == "epoch"
    assert recorder.history.metrics == history.history
    assert len(recorder.history) == 3


def test_each_step_is_recorded_with_its_own_value_not_the_mean_so_far():
    x, y = first_digits(40)
    model = still_model(regularization=Regularization(l2=0.1))
    recorder = MetricRecorder("step")
    model.fit(x, y, batch_size=16, shuffle=False, epochs=2, verbose=0, callbacks=[recorder])
    batches = [slice(0, 16), slice(16, 32), slice(32, 40)]  # the last one is smaller
    oracle = [model.evaluate(x[rows], y[rows], verbose=0, return_dict=True) for rows in batches] * 2
    assert recorder.history.unit == "step"
    assert set(recorder.history.metrics) == {"loss", "accuracy", "cross_entropy"}
    for name, values in recorder.history.metrics.items():
        # sums of an epoch are kept in single precision
        np.testing.assert_allclose(values, [step[name] for step in oracle], rtol=1e-5, atol=1e-6)


def test_the_steps_of_an_epoch_owe_nothing_to_those_before():
    x, y = first_digits(40)
    model, recorder = still_model(), MetricRecorder("step")
    for rows in (slice(0, 10), slice(10, 40)):
        model.fit(x[rows], y[rows], batch_size=40, verbose=0, callbacks=[recorder])
    oracle = model.evaluate(x[10:], y[10:], verbose=0, return_dict=True)
    assert recorder.history.metrics["loss"] == pytest.approx([oracle["loss"]], rel=1e-5)


def test_steps_leave_the_validation_metrics_out():
    x, y = first_digits(40)
    recorder = MetricRecorder("step")
    still_model().fit(x, y, validation_split=0.5, verbose=0, callbacks=[recorder])
    assert set(recorder.history.metrics) == {"loss", "accuracy", "cross_entropy"}


def test_a_metric_that_is_no_mean_is_recorded_as_keras_reports_it():
    x, y = np.linspace(0, 1, 40)[:, None], np.linspace(0, 2, 40)[:, None]
    model = build_mlp((1,), None, units=())
    model.compile(model.optimizer, "mse", metrics=[keras.metrics.R2Score(name="r2")])
    recorder = MetricRecorder("step")
    history = model.fit(x, y, batch_size=10, verbose=0, callbacks=[recorder])
    steps = recorder.history.metrics["r2"]
    assert len(set(steps)) == 4
    assert steps[-1] == history.history["r2"][0]


def test_an_epoch_without_a_metric_has_nan_there():
    x, y = first_digits(40)
    recorder = MetricRecorder()
    still_model().fit(
        x[:20],
        y[:20],
        validation_data=(x[20:], y[20:]),
        validation_freq=2,
        epochs=2,
        verbose=0,
        callbacks=[recorder],
    )
    first, second = recorder.history.metrics["val_cross_entropy"]
    assert math.isnan(first)
    assert second > 0


def test_a_second_fit_starts_a_new_record():
    x, y = first_digits(20)
    model, recorder = still_model(), MetricRecorder()
    for epochs in (3, 2):
        model.fit(x, y, epochs=epochs, verbose=0, callbacks=[recorder])
    assert len(recorder.history) == 2


def test_an_unknown_unit_is_refused():
    with refusal("unit must be one of 'epoch', 'step'; received 'batch'."):
        MetricRecorder("batch")
