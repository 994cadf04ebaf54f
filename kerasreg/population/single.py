"""One network trained with `model.fit`, its batches drawn from its own seed."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from kerasreg.callbacks import early_stopping
from kerasreg.checks import check_whole_number
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
    monitor: str = "val_cross_entropy",
    mode: str = "min",
    seed: int = 0,
) -> MemberHistory:
    """Trains a compiled model on `split` and leaves it with the weights of its best epoch.

    Args:
        model: A compiled Keras model; it is trained in place.
        split: The data; its validation part must not be empty.
        epochs: The most epochs to train.
        batch_size: Rows in a batch; the last batch of an epoch may be smaller.
        patience: Epochs without improvement after which training stops, or `None` to train them all.
        monitor: The validation metric that decides which epoch is best.
        mode: `"min"` if less of it is better, `"max"` if more is.
        seed: Seed of the order of the rows.

    Returns:
        The scores and curves.
    """
    began = time.monotonic()
    check_whole_number("epochs", epochs)
    check_whole_number("batch_size", batch_size)
    x, y = split.x_train, split.y_train
    steps = steps_per_epoch(len(x), batch_size)
    with _epochs_in_one_call(model, steps), without_retracing_advice():
        finished = model.fit(
            batches(x, y, batch_order(len(x), epochs, seed=seed), batch_size),
            epochs=epochs,
            steps_per_epoch=steps,
            validation_data=_validation_batches(split),
            callbacks=[
                keras.callbacks.TerminateOnNaN(),
                early_stopping(epochs if patience is None else patience, monitor=monitor, mode=mode),
            ],
            shuffle=False,  # the batches come shuffled
            verbose=0,
        )
    metrics = {name: [float(value) for value in values] for name, values in finished.history.items()}
    diverged = not all(math.isfinite(value) for value in metrics["loss"])
    # a run that diverged in its first epoch may have ended before it was validated
    length = min(len(values) for values in metrics.values())
    history = TrainingHistory(
        unit="epoch", metrics={name: values[:length] for name, values in metrics.items()}
    )
    score, best_epoch = math.nan, 0
    if diverged or not any(map(math.isfinite, history.metrics.get(monitor, []))):
        stop_reason = "diverged"
    else:
        best_epoch, score = history.best(monitor, mode=mode)
        stop_reason = "patience" if length < epochs else "epochs"
    return MemberHistory(
        score=score,
        best_epoch=best_epoch,
        history=history,
        stop_reason=stop_reason,
        seconds=time.monotonic() - began,
        way="fit",
    )


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
