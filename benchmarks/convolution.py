"""An epoch of a small convolutional network by the population's convolution, against other ways.

The network is 28x28 - 16 filters - pool - 32 filters - pool - 10, on 1,024 pictures in batches of 32, with
plain gradient descent. Every way but the last is one program compiled by XLA; the last is TensorFlow's own
operations.
"""

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from benchmarks.environment import describe_environment
from kerasreg.population.kernels.convolution import convolve
from kerasreg.population.kernels.pooling import pool

STEPS, BATCH_SIZE, RUNS = 32, 32, 9


def pooled(pictures: tf.Tensor) -> tf.Tensor:
    """Pools windows of 2 x 2 as the population does."""
    return pool(pictures, size=(2, 2), strides=(2, 2))


def pooled_by_library(pictures: tf.Tensor) -> tf.Tensor:
    """Pools windows of 2 x 2 by TensorFlow's operation, one member after another."""
    return tf.stack([tf.nn.max_pool2d(one, 2, 2, "VALID") for one in tf.unstack(pictures)])


def by_im2col(pictures: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Convolves by nine shifted pictures and one matrix product."""
    members, batch, height, width, _ = pictures.shape
    padded = tf.pad(pictures, [[0, 0], [0, 0], [1, 1], [1, 1], [0, 0]])
    shifted = [padded[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    columns = tf.reshape(tf.concat(shifted, axis=-1), (members, batch * height * width, -1))
    product = tf.matmul(columns, tf.reshape(kernel, (members, columns.shape[-1], -1)))
    return tf.reshape(product, (members, batch, height, width, -1))


def by_library(pictures: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Convolves by TensorFlow's operation, one member after another."""
    pairs = zip(tf.unstack(pictures), tf.unstack(kernel), strict=True)
    return tf.stack([tf.nn.conv2d(one, own, 1, "SAME") for one, own in pairs])


WAYS = {
    "kerasreg": (convolve, pooled, True),
    "im2col": (by_im2col, pooled, True),
    "XLA's convolution": (by_library, pooled, True),
    "uncompiled": (by_library, pooled_by_library, False),
}


def epoch_of(members: int, convolution: Callable, pooling: Callable, compiled: bool) -> Callable[[], float]:
    """Returns a function that trains for an epoch and returns the loss of the last step."""
    random = np.random.default_rng(0)
    shapes = [(3, 3, 1, 16), (3, 3, 16, 32), (7 * 7 * 32, 10)]
    weights = [tf.constant(0.05 * random.standard_normal((members, *shape)), tf.float32) for shape in shapes]
    pictures = tf.constant(random.random((members, STEPS, BATCH_SIZE, 28, 28, 1)), tf.float32)
    labels = tf.constant(random.integers(0, 10, (members, STEPS, BATCH_SIZE)), tf.int32)

    def step(i: tf.Tensor, _: tf.Tensor, weights: list[tf.Tensor]) -> tuple:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            hidden = pictures[:, i]
            for kernel in weights[:2]:
                hidden = pooling(tf.nn.relu(convolution(hidden, kernel)))
            logits = tf.matmul(tf.reshape(hidden, (members, BATCH_SIZE, -1)), weights[2])
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels[:, i], logits)
            loss = tf.reduce_sum(losses) / BATCH_SIZE
        gradients = tape.gradient(loss, weights)
        return i + 1, loss, [w - 0.01 * g for w, g in zip(weights, gradients, strict=True)]

    @tf.function(jit_compile=compiled, autograph=False)
    def epoch(weights: list[tf.Tensor]) -> tf.Tensor:
        return tf.while_loop(lambda i, *_: i < STEPS, step, (0, 0.0, weights))[1]

    return lambda: float(epoch(weights))


def main() -> None:
    """Runs all ways in turn and prints milliseconds per epoch and network, and the ratios."""
    print(describe_environment())
    for members in (1, 4):
        epochs, seconds = {}, {name: [] for name in WAYS}
        for name, way in WAYS.items():
            began = time.perf_counter()
            epochs[name] = epoch_of(members, *way)
            loss = epochs[name]() / members
            print(
                f"{name:18} {members} members, compiled in {time.perf_counter() - began:.1f} s, {loss=:.5f}"
            )
        for _ in range(RUNS):
            for name, epoch in epochs.items():
                began = time.perf_counter()
                epoch()
                seconds[name].append(time.perf_counter() - began)
        for name in WAYS:
            ratios = [a / b for a, b in zip(seconds[name], seconds["kerasreg"], strict=True)]
            milliseconds = 1e3 * statistics.median(seconds[name]) / members
            print(
                f"{name:18} {members} members: {milliseconds:6.1f} ms per epoch and network, "
                f"{statistics.median(ratios):.1f} times kerasreg's ({min(ratios):.1f} to {max(ratios):.1f})"
            )


if __name__ == "__main__":
    main()
