"""What does a penalty on the weights do, as it gets stronger?"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import keras
import numpy as np

from kerasreg.checks import (
    MAX_REPEATS,
    InvalidInput,
    check_flag,
    check_fraction,
    check_list,
    check_number,
    check_one_of,
    check_whole_number,
    shown,
)
from kerasreg.experiments.running import built
from kerasreg.population import evaluate_population, fit_population
from kerasreg.proximal import ProximalL1
from kerasreg.records import Split
from kerasreg.records.fingerprints import split_fingerprint
from kerasreg.records.given import check_split
from kerasreg.records.penalties import MAGNITUDE_EDGES, PENALTIES, PenaltyPath, PenaltyRun
from kerasreg.regularization import Regularization
from kerasreg.seeds import derive_seed

Build = Callable[..., keras.Model]


def penalty_path(
    build: Build,
    split: Split,
    strengths: Sequence[float] = (1e-5, 1e-4, 1e-3, 1e-2),
    *,
    penalty: str = "l2",
    units: Sequence[int] = (32,),
    repeats: int = 5,
    epochs: int = 200,
    batch_size: int = 32,
    near_zero: float = 1e-3,
    penalise_biases: bool = False,
    seed: int = 0,
    progress: bool = False,
) -> PenaltyPath:
    """Trains networks with a penalty of several strengths, and looks at their errors and their weights.

    How do the errors on training, validation and test data change with the strength? How large are the
    weights, how many of them are zero, and how many hidden units are left? L2 shrinks all weights and
    makes none zero. L1 followed by its gradient should make many zero, but steps over zero and back; the
    proximal step of `proximal_l1` makes them exactly zero.

    Every strength begins with the same weights and sees the same batches, repeat by repeat, so that
    differences between strengths are paired. Networks are trained for `epochs`, without early stopping, which
    would be a second regularizer. One strength of `l1` and of `proximal_l1` means the same objective under
    every optimizer (see `Regularization`).

    Where validation chooses a strength above 0, `repeats` networks of it and as many without a penalty are
    then trained from fresh seeds, so that it is judged on networks that had no part in the choice.

    scikit-learn's `alpha` is another scale of `l2`: with n training rows in one batch, `MLPRegressor` has the
    minimum of strength alpha / n (its error is half the mean square), `MLPClassifier` that of alpha / (2 n).

    Args:
        build: Called as `build(units=..., regularization=..., seed=...)`; returns a compiled network of dense
            layers that penalises its kernels, such as `build_mlp` with its shapes given.
        split: The data set.
        strengths: Factors of the penalty, above 0, at least one; no penalty is always trained beside them.
        penalty: `"l2"`, `"l1"` or `"proximal_l1"`.
        units: Units of each hidden layer, at least one layer.
        repeats: Networks for each strength, at least 1; an interval needs 2.
        epochs: Epochs that each is trained.
        batch_size: Rows in a batch.
        near_zero: The magnitude up to which a weight counts as near zero, in its own units. Above 0. Weights
            under `l1` step to and fro over zero by learning rate * strength, and want at least that.
        penalise_biases: Whether biases are penalised as the kernels are.
        seed: Seed of initial weights and orders of rows.
        progress: Whether to show a bar.

    Returns:
        Every run, of the path and fresh, with its errors, the norm of its weights, how many are zero, the
        largest weights into and out of each hidden unit, and how many weights of each layer are of
        which magnitude.

    Raises:
        InvalidInput: If an argument cannot be used, or the networks have other weights than dense layers'.
        KeyboardInterrupt: After Ctrl-C.

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
    check_flag("penalise_biases", penalise_biases)
    units = check_list("units", units, "numbers of units, one for each layer")
    units = tuple(check_whole_number("Each number of units", count) for count in units)
    strengths = check_list("strengths", strengths, "numbers above 0")
    above = sorted({check_number("Each strength", one, exclusive_minimum=True) for one in strengths})
    if not above or not units:
        what = "strengths" if not above else "units"
        raise InvalidInput(f"{what} must have at least one entry; received none.")
    metric = "mse" if split.num_classes is None else "cross_entropy"

    def trained(strengths: Sequence[float], *purpose: str) -> tuple[PenaltyRun, ...]:
        """Returns the runs of each strength, from seeds that are derived for the purpose."""
        plan = [(strength, repeat) for strength in strengths for repeat in range(repeats)]
        seeds = [derive_seed(seed, "penalties", *purpose, repeat) for _, repeat in plan]
        models = [
            built(build, units=units, regularization=Regularization(**{penalty: strength}), seed=own)
            for (strength, _), own in zip(plan, seeds, strict=True)
        ]
        if penalise_biases:
            for model in models:
                with_penalised_biases(model)
        dense = [_dense_layers(model) for model in models]
        options = {"epochs": epochs, "batch_size": batch_size, "progress": progress}
        history = fit_population(models, split, seeds=seeds, restore_best_weights=False, **options)
        if history.interrupted:  # networks that were trained for less time are no comparison
            raise KeyboardInterrupt
        return tuple(
            PenaltyRun(
                strength=strength,
                repeat=repeat,
                seed=own,
                errors={part: values[metric] for part, values in of_parts.items()},
                accuracies={
                    part: values["accuracy"] for part, values in of_parts.items() if "accuracy" in values
                },
                **_of_weights(layers, near_zero),
            )
            for (strength, repeat), own, of_parts, layers in zip(
                plan, seeds, _results(models, split), dense, strict=True
            )
        )

    path = PenaltyPath(
        penalty=penalty,
        metric=metric,
        units=units,
        near_zero=near_zero,
        biases=penalise_biases,
        data=split.describe(),
        fingerprint=split_fingerprint(split),
        epochs=epochs,
        batch_size=batch_size,
        seconds=0.0,
        runs=trained((0.0, *above)),
        fresh=(),
    )
    best = path.best() if path.can_choose else 0.0
    fresh = trained((0.0, best), "fresh") if best else ()
    return replace(path, fresh=fresh, seconds=time.perf_counter() - began)


def strength_of_beta(beta: float, *, error_factor: float = 1.0, penalty_factor: float = 1.0) -> float:
    """Returns the strength of Keras' penalty that has the minimum of beta * E + (1 - beta) * penalty.

    The lecture weighs the error E against the penalty by beta. Divided by beta and by what E is
    in units of Keras' loss, this is loss + strength * sum over the weights, with

        strength = (1 - beta) / beta * penalty_factor / error_factor,

    a loss with the same minimiser but 1 / (beta * error_factor) times as steep: the learning rate of the
    lecture's loss has to be multiplied by beta * error_factor to take the same steps. The lecture penalises
    the biases too, which `Regularization` does not: `penalty_path` does it with `penalise_biases=True`.

    Args:
        beta: The weight of the error, in (0, 1).
        error_factor: What E is, in units of the mean loss of Keras: 1 for the mean over rows, n / 2 for half
            the sum of squares over n rows with one output. Above 0.
        penalty_factor: What stands before the sum of squares (l2) or magnitudes (l1): 1 for the sum itself,
            1/2 for half of it, 1 / W for the mean over W weights. Above 0.

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        Petříčková, Neural Networks 1, lecture 9.

    Example:
    >>> strength_of_beta(0.9, error_factor=5, penalty_factor=0.5)  # ten rows, halves on both sides
    0.011111111111111108
    """
    check_fraction("beta", beta)
    check_number("error_factor", error_factor, exclusive_minimum=True)
    check_number("penalty_factor", penalty_factor, exclusive_minimum=True)
    return (1 - beta) / beta * penalty_factor / error_factor


def with_penalised_biases(model: keras.Model) -> keras.Model:
    """Penalises the biases of each layer as its kernel is, before any training; returns the model."""
    if not isinstance(model, keras.Model):
        raise InvalidInput(f"model must be a Keras model; received {shown(model)}.")
    for layer in model.layers:
        if getattr(layer, "bias", None) is None:
            continue
        layer.bias_regularizer = layer.bias.regularizer = layer.kernel_regularizer
        if isinstance(layer.kernel_constraint, ProximalL1):
            layer.bias_constraint = ProximalL1(layer.kernel_constraint.strength)
            layer.bias.constraint = layer.bias_constraint
    return model


def _dense_layers(model: keras.Model) -> list[keras.layers.Dense]:
    layers = [layer for layer in model.layers if layer.trainable_weights]
    for layer in layers:
        if not isinstance(layer, keras.layers.Dense):
            raise InvalidInput(
                "The networks must have dense layers alone, whose weights into and out of each unit can be "
                f"told; received the layer {layer.name!r} ({type(layer).__name__})."
            )
    return layers


def _results(models: list[keras.Model], split: Split) -> list[dict[str, dict[str, float]]]:
    """Returns what `evaluate_population` gives for each model, by part that has rows."""
    parts = [part for part in ("train", "validation", "test") if len(getattr(split, f"x_{part}"))]
    of_parts = {part: evaluate_population(models, split, part) for part in parts}
    return [{part: found[place] for part, found in of_parts.items()} for place in range(len(models))]


def _of_weights(layers: Sequence[keras.layers.Dense], near_zero: float) -> dict[str, object]:
    kernels = [np.abs(keras.ops.convert_to_numpy(layer.kernel)) for layer in layers]
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
