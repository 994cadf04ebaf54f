"""Training of one network with `model.fit`, on batches drawn from its own seed."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from kerasreg.callbacks import early_stopping
from kerasreg.checks import MAX_EPOCHS, InvalidInput, check_one_of, check_whole_number
from kerasreg.population.member.reported_metrics import (
    check_reports,
    mode_for,
    reported_by,
    unpenalized_metric,
)
from kerasreg.population.schedule.batches import batch_order, batches, steps_per_epoch
from kerasreg.population.tensorflow_logging import without_retracing_advice
from kerasreg.records import MemberHistory, Split, TrainingHistory


def fit_one(
    model: keras.Model,
    split: Split,
    *,
    epochs: int,
    batch_size: int,
    patience: int | None = None,
    monitor: str | None = "val_cross_entropy",
    mode: str = "auto",
    min_delta: float = 0.0,
    seed: int = 0,
    initial_epoch: int = 0,
    restore_best_weights: bool = True,
) -> MemberHistory:
    """Trains a compiled model on `split` and leaves it with the weights of its best epoch.

    The history has what `model.fit` reports, and the loss without penalties and smoothing besides, as a
    population reports it, so that networks trained in either way are judged by one metric.

    Args:
        model: A compiled Keras model; it is trained in place.
        split: The data.
        epochs: The epoch to end with at the latest, counted from 1.
        batch_size: Rows in a batch; the last batch of an epoch may be smaller.
        patience: Epochs without improvement after which training stops, or `None` to train them all.
        monitor: The validation metric that decides which epoch is best, or `None` to go by none, as
            must be where the validation part is empty.
        mode: `"min"` if less of it is better, `"max"` if more is, `"auto"` for what Keras says of it.
        min_delta: The smallest change of the metric that counts as an improvement, at least 0.
        seed: Seed of the order of the rows.
        initial_epoch: The epoch to begin with, counted from 0.
        restore_best_weights: Whether the model ends with the weights of its best epoch, or of its last.

    Returns:
        The scores and curves.

    Raises:
        InvalidInput: If an argument cannot be used, or the model has several inputs or outputs.
        UnusableMetric: If the model does not report the metric; where only its own steps can tell, after the
            first epoch.
    """
    began = time.monotonic()
    check_whole_number("epochs", epochs, maximum=MAX_EPOCHS)
    check_whole_number("batch_size", batch_size)
    check_one_of("mode", mode, ("auto", "min", "max"))
    check_single(model)
    x, y = split.x_train, split.y_train
    steps = steps_per_epoch(len(x), batch_size)
    extra = _UnpenalizedLoss(model)
    callbacks: list[keras.callbacks.Callback] = [extra, keras.callbacks.TerminateOnNaN()]
    if monitor is not None:
        reported = reported_by(model, split)
        reported.check(monitor, model)
        mode = mode_for(monitor, mode, [reported])
        waiting = epochs if patience is None else patience
        stopping = early_stopping(waiting, monitor=monitor, mode=mode, min_delta=min_delta)
        stopping.restore_best_weights = restore_best_weights
        callbacks += [_Judged(monitor), stopping]
    with _epochs_in_one_call(model, steps), extra.reported(), without_retracing_advice():
        finished = model.fit(
            batches(x, y, batch_order(len(x), epochs, seed=seed)[initial_epoch:], batch_size),
            epochs=epochs,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps,
            validation_data=_validation_batches(split, batch_size) if len(split.x_validation) else None,
            callbacks=callbacks,
            shuffle=False,  # the batches come shuffled
            verbose=0,
        )
    metrics = {name: [float(value) for value in values] for name, values in finished.history.items()}
    # a run that diverged in its first epoch may have ended before it was validated
    length = min((len(values) for values in metrics.values()), default=0)
    history = TrainingHistory(
        unit="epoch", metrics={name: values[:length] for name, values in metrics.items()}
    )
    score, best_epoch = math.nan, 0
    stop_reason = "patience" if initial_epoch + length < epochs else "epochs"
    loss = metrics.get("loss", [])  # a model with steps of its own may report none
    watched = loss or [0.0] if monitor is None else history.metrics.get(monitor, [])
    if not all(map(math.isfinite, loss)) or not any(map(math.isfinite, watched)):
        stop_reason = "diverged"
    elif monitor is not None:
        best_epoch, score = _best(history.metrics[monitor], mode=mode, min_delta=min_delta)
        best_epoch += initial_epoch
    return MemberHistory(
        score=score,
        best_epoch=best_epoch,
        history=history,
        stop_reason=stop_reason,
        seconds=time.monotonic() - began,
        way="fit",
        initial_epoch=initial_epoch,
    )


def _best(values: list[float], *, mode: str, min_delta: float) -> tuple[int, float]:
    """Returns the epoch, counted from 1, whose weights EarlyStopping keeps, and its score."""
    best_epoch, best = 0, math.inf if mode == "min" else -math.inf
    for epoch, value in enumerate(values, start=1):
        if value + min_delta < best if mode == "min" else value - min_delta > best:
            best_epoch, best = epoch, value
    return best_epoch, best


def check_single(model: keras.Model) -> None:
    """Raises `InvalidInput` if a model has several inputs or outputs, for which a `Split` has no arrays."""
    for what, tensors in (
        ("inputs", getattr(model, "inputs", None)),
        ("outputs", getattr(model, "outputs", None)),
    ):
        if len(tensors or ()) > 1:
            raise InvalidInput(
                f"The model {model.name!r} has {len(tensors)} {what}, and a Split holds one array of inputs "
                "and one of targets. Join them to one array, or train it with Keras' own fit."
            )


class _UnpenalizedLoss(keras.callbacks.Callback):
    """Reports a model's loss without penalties and smoothing while it trains, and leaves it as it was.

    `compute_metrics` is where a model computes what it reports, and Keras' documentation has it replaced for
    that; compiling the model anew could not give everything back.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        self.reporting, self.metric = model, unpenalized_metric(model)

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Reports the metric while the context lasts, unless the model has one of that name."""
        if self.metric is None:
            yield
            return
        computed = self.reporting.compute_metrics

        def compute_metrics(
            x: tf.Tensor, y: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None
        ) -> dict[str, tf.Tensor]:
            results = computed(x, y, y_pred, sample_weight)
            if self.metric.name in results:
                return results
            self.metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {**results, self.metric.name: self.metric.result()}

        vars(self.reporting)["compute_metrics"] = compute_metrics  # Keras would track what is set as usual
        try:
            yield
        finally:
            del vars(self.reporting)["compute_metrics"]

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Begins anew, as Keras' metrics do."""
        if self.metric is not None:
            self.metric.reset_state()

    def on_test_begin(self, logs: dict | None = None) -> None:
        """Begins anew for the validation part."""
        if self.metric is not None:
            self.metric.reset_state()


class _Judged(keras.callbacks.Callback):
    """Ends a training whose model turns out not to report the metric it is to be judged by."""

    def __init__(self, monitor: str) -> None:
        super().__init__()
        self.monitor = monitor

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Looks at what is reported; a training that diverged in its first epoch is not validated."""
        if any(name.startswith("val_") for name in logs or {}):
            check_reports(self.model, self.monitor, logs)


@contextmanager
def _epochs_in_one_call(model: keras.Model, steps: int) -> Iterator[None]:
    """Lets TensorFlow run an epoch without coming back to Python after each step.

    On networks of a few thousand weights that is a third of the time; the numbers stay the same to the
    last bit. A model that makes its training function itself keeps its own number of steps.
    """
    before = model.steps_per_execution
    makers = ("make_train_function", "make_test_function")
    if all(getattr(type(model), name) is getattr(keras.Model, name) for name in makers):
        model.steps_per_execution = steps
    _forget_functions(model)  # what was compiled before does not report what is to be reported
    try:
        yield
    finally:
        model.steps_per_execution = before
        _forget_functions(model)  # those compiled here have the steps in them


def _forget_functions(model: keras.Model) -> None:
    """Has Keras make the functions that train and test a model when they are next needed."""
    model.train_function = model.test_function = None


def _validation_batches(split: Split, batch_size: int) -> tf.data.Dataset:
    rows = (split.x_validation, split.y_validation)
    return tf.data.Dataset.from_tensor_slices(rows).batch(batch_size)
