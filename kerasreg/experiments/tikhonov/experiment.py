"""Training with noise on the input, and with a penalty on the gradient instead."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from kerasreg.checks import InvalidInput, check_number, check_whole_number
from kerasreg.experiments.running import built
from kerasreg.experiments.tikhonov.dense_stack import DenseStack
from kerasreg.experiments.tikhonov.record import METHODS, TikhonovComparison, TikhonovRun
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.regularization import Regularization
from kerasreg.seeds import derive_seed

NOISE_DRAWS = 512  # half of them the negatives of the others


def tikhonov_equivalence(
    build: Callable[..., keras.Model],
    draw: Callable[..., Split],
    *,
    noise_stds: Sequence[float] = (0.05, 0.1, 0.2, 0.4),
    repeats: int = 8,
    epochs: int = 3000,
    copies: int = 32,
    seed: int = 0,
    progress: bool = False,
) -> TikhonovComparison:
    """Trains networks with noise on their inputs, and again with a penalty on the gradient instead.

    Are both the same? Let f be the network, t the target and e noise of variance s² on each input. Then, to
    order s²,

        mean (f(x + e) - t)² = mean (f(x) - t)² + s² mean |∇f(x)|² + s² mean (f(x) - t) Δf(x).

    For a model that is linear in its inputs this is exact, the last term is 0, and the penalty is s² |w|²:
    training with noise is ridge regression. For a network Bishop drops the last term, because it vanishes
    where f is the mean of the targets. With few training points, as here, it need not, and the terms of
    higher order grow with s.

    Both methods make full-batch steps with the same optimizer, from the same initial weights, on the same
    data; at s = 0 they are the same up to rounding. Networks with noise are trained by `fit_population`,
    with `copies` copies of each row in the batch, each with noise of its own. They are trained twice, with
    different random numbers. Each deviates from the penalty's function systematically, if at all, and by
    chance. The mean product of the two deviations is an unbiased estimate of the squared systematic one,
    because chance is independent.

    Args:
        build: Function `build(regularization, seed)` that returns a compiled regressor with one output, made
            of dense layers, whose initial weights depend on the seed alone, as those of `build_mlp` do.
            Its activations must be smooth (tanh) for the theory to hold.
        draw: Function `draw(seed)` that returns a `Split` for regression whose rows are vectors.
        noise_stds: Standard deviations s of the noise, above 0, in the units of the input; 0 is always
            added.
        repeats: Draws of data and weights; at least 2 for intervals.
        epochs: Number of full-batch steps.
        copies: Copies of each row in a batch; more make the steps less random.
        seed: Seed of data, weights and noise, a whole number >= 0.
        progress: Whether to show a progress bar for the networks with noise.

    Returns:
        Functions and errors of every network; NaN for a network that diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or the network has other layers.

    Reference:
        Bishop, Training with Noise is Equivalent to Tikhonov Regularization, Neural Computation 7, 1995.

    Example:
    >>> from kerasreg import build_mlp
    >>> from kerasreg.data import noisy_parabola
    >>> record = tikhonov_equivalence(
    ...     lambda regularization, seed: build_mlp(
    ...         (1,), None, units=(4,), activation="tanh", regularization=regularization, seed=seed
    ...     ),
    ...     lambda seed: noisy_parabola(10, seed=seed),
    ...     noise_stds=(0.1,),
    ...     repeats=2,
    ...     epochs=2,
    ... )
    >>> record.noise_stds, len(record.runs)
    ((0.0, 0.1), 12)
    """
    began = time.perf_counter()
    for name, number in {"repeats": repeats, "epochs": epochs, "copies": copies}.items():
        check_whole_number(name, number)
    strengths = [0.0, *(check_number("Each of noise_stds", s, exclusive_minimum=True) for s in noise_stds)]
    if len(strengths) == 1 or len(set(strengths)) < len(strengths):
        raise InvalidInput(f"noise_stds must hold one or more different numbers; received {noise_stds!r}.")
    drawn = [_checked(draw(derive_seed(seed, "data", repeat))) for repeat in range(repeats)]
    if len({(split.x_train.shape, split.x_test.shape) for split in drawn}) > 1:
        raise InvalidInput("draw must return splits of one size, whatever the seed; their sizes differ.")

    cases = [(noise_std, repeat) for noise_std in strengths for repeat in range(repeats)]
    splits = [drawn[repeat] for _, repeat in cases]
    s = np.array([noise_std for noise_std, _ in cases], dtype=np.float32)
    models = {
        method: [
            built(
                build,
                Regularization(noise_std=0.0 if method == "penalty" else noise_std),
                derive_seed(seed, "other noise" if method == "other noise" else "weights", repeat),
            )
            for noise_std, repeat in cases
        ]
        for method in METHODS
    }
    for model, other in zip(models["noise"], models["other noise"], strict=True):
        for variable, same in zip(other.trainable_variables, model.trainable_variables, strict=True):
            variable.assign(same)
    penalized = DenseStack(models["penalty"])
    history = fit_population(
        models["noise"] + models["other noise"],
        [_repeated(split, copies) for split in splits] * 2,
        epochs=epochs,
        batch_size=copies * len(drawn[0].x_train),
        progress=progress,
    )
    complete = not history.interrupted and penalized.fit(splits, s, steps=epochs)
    finished = dict(zip(METHODS[:2], np.split(history.finished, 2), strict=True))
    finished["penalty"] = np.full(len(cases), complete)
    networks = {method: DenseStack(models[method]) for method in METHODS[:2]} | {"penalty": penalized}
    runs = [
        TikhonovRun(method=method, noise_std=noise_std, repeat=repeat, **numbers)
        for method, stack in networks.items()
        for (noise_std, repeat), numbers in zip(
            cases, _measured(stack, splits, s, seed, finished[method]), strict=True
        )
    ]
    return TikhonovComparison(
        data=drawn[0].name,
        epochs=epochs,
        copies=copies,
        seed=seed,
        seconds=time.perf_counter() - began,
        x_train=[split.x_train.tolist() for split in drawn],
        y_train=[split.y_train.tolist() for split in drawn],
        x_test=[split.x_test.tolist() for split in drawn],
        runs=tuple(runs),
        interrupted=not complete,
    )


def _measured(
    stack: DenseStack, splits: list[Split], noise_stds: np.ndarray, seed: int, finished: np.ndarray
) -> list[dict]:
    """Returns the fields of each network's `TikhonovRun`, NaN for those that did not finish."""
    x, x_test = (np.stack([getattr(split, name) for split in splits]) for name in ("x_train", "x_test"))
    y, y_test = (np.stack([getattr(split, name) for split in splits]) for name in ("y_train", "y_test"))
    outputs, squared = (tensor.numpy().astype(float) for tensor in stack.with_gradient(tf.constant(x)))
    predictions = stack(tf.constant(x_test)).numpy().astype(float)
    for values in (outputs, squared, predictions):
        values[~finished] = np.nan
    members, rows, inputs = x.shape
    noise = _noise(inputs, derive_seed(seed, "noise cost")).astype(np.float32)
    noisy = x[:, :, None] + noise_stds[:, None, None, None] * noise  # (P, rows, draws, inputs)
    disturbed = stack(tf.constant(noisy.reshape(members, -1, inputs))).numpy().astype(float)
    errors = (disturbed.reshape(members, rows, -1) - y[:, :, None]) ** 2
    plain = np.mean((outputs - y) ** 2, axis=1)
    return [
        {
            "train_mse": float(plain[place]),
            "test_mse": float(np.mean((predictions[place] - y_test[place]) ** 2)),
            "squared_gradient": float(squared[place].mean()),
            "noise_cost": float(errors[place].mean() - plain[place]),
            "predictions": predictions[place].tolist(),
        }
        for place in range(members)
    ]


def _noise(inputs: int, seed: int) -> np.ndarray:
    """Draws noise with a mean of exactly 0 and a covariance of exactly the identity, (draws, inputs).

    The cost of noise is then exact for a linear model, and nearly so where terms of third order are small.
    """
    half = np.random.default_rng(seed).normal(size=(NOISE_DRAWS // 2, inputs))
    factor = np.linalg.cholesky(np.linalg.inv(half.T @ half / len(half)))
    half = half @ factor
    return np.concatenate([half, -half])


def _repeated(split: Split, copies: int) -> Split:
    """Returns the split with several copies of each training row and no validation part."""
    rows = np.tile(np.arange(len(split.x_train)), copies)
    return split.redrawn(rows, np.empty(0, dtype=int))


def _checked(split: Split) -> Split:
    if split.num_classes is not None or split.x_train.ndim != 2 or split.y_train.ndim != 1:
        raise InvalidInput(
            "draw must return a Split for regression with vectors as rows and one target each; received "
            f"{split!r}."
        )
    return (
        split
        if len(split.x_validation) == 0
        else replace(
            split,
            x_validation=split.x_validation[:0],
            y_validation=split.y_validation[:0],
            validation_indices=split.validation_indices[:0],
        )
    )
