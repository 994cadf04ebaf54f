"""The population trainer's random numbers against TensorFlow's own, in one compiled loop."""

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from benchmarks.environment import describe_environment
from kerasreg.population.kernels.random_numbers import keep_mask, layer_key, normal, uniform

MEMBERS, ROWS, ELEMENTS, STEPS, RUNS, RATE = 16, 32, 128, 300, 7, 0.3
SHAPE = (MEMBERS, ROWS, ELEMENTS)


def every_way() -> dict[str, Callable[[tf.Tensor], tf.Tensor]]:
    """Returns functions of the step that give a float32 tensor of shape (MEMBERS, ROWS, ELEMENTS)."""
    keys = tf.constant([layer_key(seed, "dropout") for seed in range(MEMBERS)], tf.uint32)
    rates = tf.fill((MEMBERS,), RATE)
    size = {"rows": ROWS, "elements": ELEMENTS}

    def steps(step: tf.Tensor) -> tf.Tensor:
        return tf.fill((MEMBERS,), step)

    def of_tensorflow(draw: Callable[..., tf.Tensor]) -> Callable[[tf.Tensor], tf.Tensor]:
        return lambda step: draw(SHAPE, tf.stack([step, 1]))

    def mask_of_tensorflow(step: tf.Tensor) -> tf.Tensor:
        return tf.cast(of_tensorflow(tf.random.stateless_uniform)(step) >= RATE, tf.float32)

    return {
        "nothing": lambda step: tf.fill(SHAPE, tf.cast(step, tf.float32)),
        "uniform": lambda step: uniform(keys, steps(step), **size),
        "keep_mask": lambda step: tf.cast(keep_mask(keys, steps(step), rates, **size), tf.float32),
        "normal": lambda step: normal(keys, steps(step), **size),
        "stateless_uniform": of_tensorflow(tf.random.stateless_uniform),
        "mask of stateless_uniform": mask_of_tensorflow,
        "stateless_normal": of_tensorflow(tf.random.stateless_normal),
    }


def compiled_loop(draw: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns a compiled function that multiplies a tensor by each of `STEPS` draws and adds them up."""

    def run(values: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
        def body(step: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return step + 1, total + draw(step) * values

        return tf.while_loop(lambda step, _: step < first + STEPS, body, (first, tf.zeros(SHAPE)))[1]

    return tf.function(run, jit_compile=True, autograph=False)


def main() -> None:
    """Runs all ways in turn and prints microseconds and ratios."""
    loops = {name: compiled_loop(draw) for name, draw in every_way().items()}
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    values = tf.random.stateless_uniform(SHAPE, (0, 0))
    for run in range(RUNS + 1):
        for name, loop in loops.items():
            began = time.perf_counter()
            loop(values, tf.constant(run * STEPS)).numpy()
            if run:  # the first run compiles
                seconds[name].append(time.perf_counter() - began)
    print(describe_environment())
    print(
        f"{ROWS} x {ELEMENTS} numbers for {MEMBERS} members, multiplied and added, {STEPS} steps, {RUNS} runs"
    )
    for name, times in seconds.items():
        print(
            f"{name:26} median {statistics.median(times) / STEPS / MEMBERS * 1e6:7.2f} us a member and step"
        )
    for ours, theirs in (
        ("uniform", "stateless_uniform"),
        ("keep_mask", "mask of stateless_uniform"),
        ("normal", "stateless_normal"),
    ):
        ratios = [b / a for a, b in zip(seconds[ours], seconds[theirs], strict=True)]
        print(
            f"{ours} is {statistics.median(ratios):.0f} times faster than {theirs} "
            f"({min(ratios):.0f} to {max(ratios):.0f})"
        )


if __name__ == "__main__":
    main()
