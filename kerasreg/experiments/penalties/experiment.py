"""Training with a penalty on the weights, at several strengths."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import keras
import numpy as np

from kerasreg.checks import (
    MAX_REPEATS,
    InvalidInput,
    check_flag,
    check_list,
    check_number,
    check_one_of,
    check_whole_number,
)
from kerasreg.experiments.penalties.objective import with_penalized_biases
from kerasreg.experiments.penalties.record import MAGNITUDE_EDGES, PARTS, PENALTIES, PenaltyPath, PenaltyRun
from kerasreg.experiments.running import built, common_metric, metrics_by_part
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.fingerprints import split_fingerprint
from kerasreg.records.given import check_split
from kerasreg.regularization import Regularization
from kerasreg.seeds import derive_seed


def penalty_path(
    build: Callable[..., keras.Model],
    split: Split,
    strengths: Sequence[float] = (1e-5, 1e-4, 1e-3, 1e-2),
    *,
    penalty: str = "l2",
    units: Sequence[int] = (32,),
    repeats: int = 5,
    epochs: int = 200,
    batch_size: int = 32,
    near_zero: float = 1e-3,
    penalize_biases: bool = False,
    seed: int = 0,
    progress: bool = False,
) -> PenaltyPath:
    """Trains networks with a penalty of several strengths and measures their errors and weights.

    How do the errors on training, validation and test data change with the strength? How large are the
    weights, how many are zero, and how many hidden units are left? L2 shrinks all weights and makes none
    zero. L1 should make many zero, but steps along its gradient jump over zero and back; the proximal step of
    `proximal_l1` makes them exactly zero.

    In each repeat, all strengths start from the same weights and see the same batches, so that strengths
    are compared in pairs. Networks train for `epochs` without early stopping, which would be a second
    regularizer. A strength of `l1` and of `proximal_l1` means the same objective under every optimizer (see
    `Regularization`).

    If validation chooses a strength above 0, `repeats` networks with it and as many without a penalty are
    then trained from fresh seeds, so that the strength is tested on networks that had no part in the choice.

    scikit-learn's `alpha` has another scale than `l2`: with n training rows in one batch, `MLPRegressor`
    has the minimum of `l2` = alpha / n (its error is half the mean square), `MLPClassifier` that of
    alpha / (2 n).

    Args:
        build: Function `build(units=..., regularization=..., seed=...)` that returns a compiled network of
            dense layers with penalized kernels, such as `build_mlp` with its shapes given.
        split: The data set.
        strengths: Factors of the penalty, above 0, at least one; networks without a penalty are always
            trained too.
        penalty: `"l2"`, `"l1"` or `"proximal_l1"`.
        units: Units of each hidden layer, at least one layer.
        repeats: Networks for each strength, at least 1; an interval needs 2.
        epochs: Training epochs of each network.
        batch_size: Rows per batch.
        near_zero: Magnitude up to which a weight counts as near zero, above 0. Under `l1` weights oscillate
            around zero by learning rate * strength; take at least that.
        penalize_biases: Whether to penalize biases as well as kernels.
        seed: Seed of the initial weights and of the order of rows.
        progress: Whether to show a progress bar.

    Returns:
        Every run, of the path and fresh: its errors, the norm of its weights, the number of zeros, the
        largest weights into and out of each hidden unit, and a histogram of each layer's magnitudes. NaN for
        a network that diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or the networks have other weights than dense layers'
            or are compiled without `cross_entropy` (for classes) or `mse`.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague). Deremble &
        Tantet, Neural network regularization and deep learning, course notes (LMD/IPSL, Paris). Krogh &
        Hertz, A Simple Weight Decay Can Improve Generalization, 1991.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_mlp, load_digits_split
    >>> split = load_digits_split(200)
    >>> build = partial(build_mlp, split.input_shape, split.num_classes, optimizer="sgd", learning_rate=0.3)
    >>> path = penalty_path(build, split, [0.01], penalty="proximal_l1", units=(8,), repeats=2, epochs=3)
    >>> path.strengths, len(path.runs)
    ((0.0, 0.01), 4)
    """
    began = time.perf_counter()
    check_one_of("penalty", penalty, PENALTIES)
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_number("near_zero", near_zero, exclusive_minimum=True)
    check_split("split", split)
    check_flag("penalize_biases", penalize_biases)
    units = check_list("units", units, "numbers of units, one for each layer")
    units = tuple(check_whole_number("Each number of units", count) for count in units)
    strengths = check_list("strengths", strengths, "numbers above 0")
    above = sorted({check_number("Each strength", one, exclusive_minimum=True) for one in strengths})
    if not above or not units:
        what = "strengths" if not above else "units"
        raise InvalidInput(f"{what} must have at least one entry; received none.")
    metric = "mse" if split.num_classes is None else "cross_entropy"

    def trained(strengths: Sequence[float], *purpose: str) -> tuple[tuple[PenaltyRun, ...], bool]:
        """Returns the runs of each strength, and whether their training was interrupted."""
        plan = [(strength, repeat) for strength in strengths for repeat in range(repeats)]
        seeds = [derive_seed(seed, "penalties", *purpose, repeat) for _, repeat in plan]
        models = [
            built(build, units=units, regularization=Regularization(**{penalty: strength}), seed=own)
            for (strength, _), own in zip(plan, seeds, strict=True)
        ]
        if penalize_biases:
            for model in models:
                with_penalized_biases(model)
        dense = [_dense_layers(model) for model in models]
        common_metric(models[:1], [metric])
        options = {"epochs": epochs, "batch_size": batch_size, "progress": progress}
        history = fit_population(models, split, seeds=seeds, restore_best_weights=False, **options)
        parts = [part for part in PARTS if len(getattr(split, f"x_{part}"))]
        measured = metrics_by_part(models, split, parts, history)
        runs = []
        for place, ((strength, repeat), of_parts) in enumerate(zip(plan, measured, strict=True)):
            errors, accuracies = (
                {part: values[name] for part, values in of_parts.items() if name in values}
                for name in (metric, "accuracy")
            )
            of_weights = _of_weights(dense[place], near_zero, finished=history.finished[place])
            runs.append(
                PenaltyRun(
                    strength=strength,
                    repeat=repeat,
                    seed=seeds[place],
                    errors=errors,
                    accuracies=accuracies,
                    **of_weights,
                )
            )
        return tuple(runs), history.interrupted

    runs, interrupted = trained((0.0, *above))
    path = PenaltyPath(
        penalty=penalty,
        metric=metric,
        units=units,
        near_zero=near_zero,
        biases=penalize_biases,
        data=split.describe(),
        fingerprint=split_fingerprint(split),
        epochs=epochs,
        batch_size=batch_size,
        seconds=0.0,
        runs=runs,
        fresh=(),
        interrupted=interrupted,
    )
    if path.can_choose and not interrupted and (best := path.best()):
        fresh, interrupted = trained((0.0, best), "fresh")
        path = replace(path, fresh=fresh, interrupted=interrupted)
    return replace(path, seconds=time.perf_counter() - began)


def _dense_layers(model: keras.Model) -> list[keras.layers.Dense]:
    layers = [layer for layer in model.layers if layer.trainable_weights]
    for layer in layers:
        if not isinstance(layer, keras.layers.Dense):
            raise InvalidInput(
                "The networks must have dense layers only, whose weights into and out of each unit can be "
                f"counted; received the layer {layer.name!r} ({type(layer).__name__})."
            )
    return layers


def _of_weights(
    layers: Sequence[keras.layers.Dense], near_zero: float, *, finished: bool
) -> dict[str, object]:
    """Returns the fields of a `PenaltyRun` that describe its kernels, which are NaN if it did not finish."""
    kernels = [np.abs(keras.ops.convert_to_numpy(layer.kernel)) for layer in layers]
    if not finished:
        kernels = [np.full_like(kernel, np.nan) for kernel in kernels]
    everything = np.concatenate([kernel.ravel() for kernel in kernels]).astype(float)
    return {
        "norm": float(np.sqrt((everything**2).sum())),
        "num_weights": len(everything),
        "zeros": {
            layer.name: int((kernel == 0).sum()) for layer, kernel in zip(layers, kernels, strict=True)
        },
        "num_near_zero": int((everything <= near_zero).sum()),
        "incoming": tuple(tuple(kernel.max(axis=0).tolist()) for kernel in kernels[:-1]),
        "outgoing": tuple(tuple(kernel.max(axis=1).tolist()) for kernel in kernels[1:]),
        "magnitudes": {layer.name: _counts(kernel) for layer, kernel in zip(layers, kernels, strict=True)},
    }


def _counts(magnitudes: np.ndarray) -> tuple[int, ...]:
    inside = magnitudes[np.isfinite(magnitudes) & (magnitudes > 0)].astype(float)
    inside = inside.clip(MAGNITUDE_EDGES[0], MAGNITUDE_EDGES[-1])
    return tuple(np.histogram(inside, MAGNITUDE_EDGES)[0].tolist())
