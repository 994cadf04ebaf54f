"""One network trained with `model.fit`, its batches drawn from its own seed."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from kerasreg.callbacks import early_stopping
from kerasreg.checks import MAX_EPOCHS, check_whole_number
from kerasreg.population.batches import batch_order, batches, steps_per_epoch
from kerasreg.population.quiet import without_retracing_advice
from kerasreg.records import MemberHistory, Split, TrainingHistory


def fit_one(
    model: keras.Model,
    split: Split,
    *,
    epochs: int,
    batch_size: int,
    patience: int | None = None,
    monitor: str | None = "val_cross_entropy",
    mode: str = "min",
    min_delta: float = 0.0,
    seed: int = 0,
    initial_epoch: int = 0,
    restore_best_weights: bool = True,
) -> MemberHistory:
    """Trains a compiled model on `split` and leaves it with the weights of its best epoch.

    Args:
        model: A compiled Keras model; it is trained in place.
        split: The data.
        epochs: The epoch to end with at the latest, counted from 1.
        batch_size: Rows in a batch; the last batch of an epoch may be smaller.
        patience: Epochs without improvement after which training stops, or `None` to train them all.
        monitor: The validation metric that decides which epoch is best, or `None` to go by none, as
            must be where the validation part is empty.
        mode: `"min"` if less of it is better, `"max"` if more is.
        min_delta: The smallest change of the metric that counts as an improvement, at least 0.
        seed: Seed of the order of the rows.
        initial_epoch: The epoch to begin with, counted from 0.
        restore_best_weights: Whether the model ends with the weights of its best epoch, or of its last.

    Returns:
        The scores and curves.
    """
    began = time.monotonic()
    check_whole_number("epochs", epochs, maximum=MAX_EPOCHS)
    check_whole_number("batch_size", batch_size)
    x, y = split.x_train, split.y_train
    steps = steps_per_epoch(len(x), batch_size)
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.TerminateOnNaN()]
    if monitor is not None:
        waiting = epochs if patience is None else patience
        stopping = early_stopping(waiting, monitor=monitor, mode=mode, min_delta=min_delta)
        stopping.restore_best_weights = restore_best_weights
        callbacks.append(stopping)
    with _epochs_in_one_call(model, steps), without_retracing_advice():
        finished = model.fit(
            batches(x, y, batch_order(len(x), epochs, seed=seed)[initial_epoch:], batch_size),
            epochs=epochs,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps,
            validation_data=_validation_batches(split) if len(split.x_validation) else None,
            callbacks=callbacks,
            shuffle=False,  # the batches come shuffled
            verbose=0,
        )
    metrics = {name: [float(value) for value in values] for name, values in finished.history.items()}
    # a run that diverged in its first epoch may have ended before it was validated
    length = min(len(values) for values in metrics.values())
    history = TrainingHistory(
        unit="epoch", metrics={name: values[:length] for name, values in metrics.items()}
    )
    score, best_epoch = math.nan, 0
    stop_reason = "patience" if initial_epoch + length < epochs else "epochs"
    watched = history.metrics["loss"] if monitor is None else history.metrics.get(monitor, [])
    if not all(map(math.isfinite, metrics["loss"])) or not any(map(math.isfinite, watched)):
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


@contextmanager
def _epochs_in_one_call(model: keras.Model, steps: int) -> Iterator[None]:
    """Lets TensorFlow run an epoch without coming back to Python after each step.

    On networks of a few thousand weights that is a third of the time; the numbers stay the same to the
    last bit.
    """
    before = model.steps_per_execution
    model.steps_per_execution = steps
    try:
        yield
    finally:
        model.steps_per_execution = before
        model.make_train_function(force=True)  # the compiled ones still have the steps in them
        model.make_test_function(force=True)


def _validation_batches(split: Split) -> tf.data.Dataset:
    rows = (split.x_validation, split.y_validation)
    return tf.data.Dataset.from_tensor_slices(rows).batch(1024)
