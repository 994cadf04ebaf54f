"""Order of the training rows in each epoch, and batches of them, from a seed."""

import numpy as np
import tensorflow as tf

from kerasreg.checks import check_whole_number
from kerasreg.seeds import derive_seed


def batch_order(num_rows: int, epochs: int, *, seed: int) -> np.ndarray:
    """Returns the order in which the training rows are visited.

    Args:
        num_rows: Number of training rows.
        epochs: Number of epochs.
        seed: The member's seed. The order of an epoch depends on it and on the epoch's number only,
            so a longer training begins as the shorter one did.

    Returns:
        int32 array of shape (epochs, num_rows), each row a permutation of `range(num_rows)`.
    """
    check_whole_number("num_rows", num_rows)
    check_whole_number("epochs", epochs)
    return np.stack([epoch_order(num_rows, epoch, seed=seed) for epoch in range(epochs)]).astype(np.int32)


def epoch_order(num_rows: int, epoch: int, *, seed: int) -> np.ndarray:
    """Returns the order of one epoch, counted from 0: a permutation of `range(num_rows)`."""
    return np.random.default_rng([derive_seed(seed, "batch order"), epoch]).permutation(num_rows)


def batches(x: np.ndarray, y: np.ndarray, order: np.ndarray, batch_size: int) -> tf.data.Dataset:
    """Returns the batches of all epochs in sequence, the last of each epoch the smaller one.

    Args:
        x: Inputs of shape (n, ...).
        y: Labels or targets of shape (n, ...).
        order: What `batch_order` returned, shape (epochs, n).
        batch_size: Rows in a batch.
    """
    steps = steps_per_epoch(len(x), batch_size)
    x, y, order = tf.constant(x), tf.constant(y), tf.constant(order)

    def pick(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        first = (step % steps) * batch_size
        rows = order[step // steps, first : first + batch_size]
        return tf.gather(x, rows), tf.gather(y, rows)

    options = tf.data.Options()  # the defaults start more threads than a gather of a few rows is worth
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    return tf.data.Dataset.range(len(order) * steps).map(pick).with_options(options)


def steps_per_epoch(num_rows: int, batch_size: int) -> int:
    """Returns the number of batches that `num_rows` rows make."""
    return -(-num_rows // batch_size)
