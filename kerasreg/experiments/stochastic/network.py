"""Does noise in the network help, and which kind?"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasreg.checks import InvalidInput, check_number, check_one_of, check_whole_number
from kerasreg.experiments.running import built
from kerasreg.experiments.stochastic.measuring import errors_by_part
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.stochastic import NoiseComparison, NoiseRun
from kerasreg.regularization import Regularization
from kerasreg.seeds import derive_seed

METHODS = ("dropout", "dropconnect", "noise_std", "label_smoothing")
STRENGTHS = {
    "dropout": (0.1, 0.3, 0.5, 0.7),
    "dropconnect": (0.1, 0.3, 0.5, 0.7),
    "noise_std": (0.1, 0.2, 0.4, 0.8),
    "label_smoothing": (0.05, 0.1, 0.2, 0.4),
}

Case = tuple[str, float, int, int]  # method, strength, size, repeat


def noise_in_the_network(
    build: Callable[..., keras.Model],
    draw: Callable[..., Split],
    *,
    sizes: Sequence[int] = (100, 400),
    strengths: Mapping[str, Sequence[float]] = STRENGTHS,
    repeats: int = 10,
    updates: int = 1500,
    batch_size: int = 32,
    restore_best_weights: bool = False,
    seed: int = 0,
    progress: bool = False,
) -> NoiseComparison:
    """Compares dropout, DropConnect, input noise and label smoothing with none, at several sizes of data.

    The question: which of them lowers the test error, and at which strength? Each size of the data has its
    own answer; effects at two sizes are not compared. In one repeat all networks have the same data, the same
    initial weights and the same batches, so that differences are paired.

    Of several strengths one is the best by luck alone, and it would look better than it is. So there are
    two rounds. The first sweeps over the strengths; the lowest mean validation error decides. The second
    draws data and weights anew and compares the chosen strength with none on the test rows, once.

    Args:
        build: Called as `build(regularization, seed)`; returns a compiled model whose initial weights depend
            on the seed alone, as those of `build_mlp` do.
        draw: Called as `draw(size, seed)`; returns a `Split` with a validation part. If its test rows
            are always the same, the intervals are for those rows.
        sizes: Sizes of the data, as `draw` understands them. Where many draws come from few rows they share
            rows, and the intervals are too narrow.
        strengths: By knob of `Regularization`, the strengths to try, above 0. Label smoothing is for
            classes only.
        repeats: How many networks of each kind, for the sweep and again for the comparison; at least 2
            for an interval.
        updates: How many batches every network is trained on, rounded up to whole epochs: the same for every
            size, as few rows make few batches in an epoch.
        batch_size: Rows in a batch.
        restore_best_weights: Whether each network ends with the weights of its best epoch on validation
            data. That is early stopping, a regularizer of its own, which leaves the others less to do.
        seed: Seed of everything random, a whole number >= 0.
        progress: Whether to show a bar.

    Returns:
        Every network's error on all three parts, and sentences on the differences.

    Raises:
        InvalidInput: If an argument cannot be used, or `build` gives other initial weights with noise
            than without.

    Reference:
        Srivastava et al., Dropout, JMLR 15, 2014; Wan et al., Regularization of Neural Networks using
        DropConnect, ICML 2013; Bishop, Training with Noise is Equivalent to Tikhonov Regularization, Neural
        Computation 7, 1995; Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7.

    Example:
    >>> from kerasreg import build_mlp, load_digits_split
    >>> record = noise_in_the_network(
    ...     lambda regularization, seed: build_mlp(
    ...         (8, 8, 1), 10, units=(8,), regularization=regularization, seed=seed
    ...     ),
    ...     lambda size, seed: load_digits_split(size, seed=seed),
    ...     sizes=(100,),
    ...     strengths={"dropout": (0.3,)},
    ...     repeats=2,
    ...     updates=3,
    ... )
    >>> len(record.runs), record.methods
    (8, ('dropout',))
    """
    began = time.perf_counter()
    sizes = _checked_sizes(sizes)
    tried = _checked_strengths(strengths)
    for name, number in {"repeats": repeats, "updates": updates, "batch_size": batch_size}.items():
        check_whole_number(name, number)
    options = {
        "batch_size": batch_size,
        "restore_best_weights": restore_best_weights,
        "progress": progress,
    }

    def trained(cases: list[Case], *, fresh: bool) -> list[NoiseRun]:
        return _trained(build, draw, cases, fresh=fresh, seed=seed, updates=updates, **options)

    pairs = [(method, strength) for method, values in tried.items() for strength in values]
    places = [(size, repeat) for size in sizes for repeat in range(repeats)]
    everything = [("none", 0.0), *pairs]
    sweep = trained([(*kind, *place) for place in places for kind in everything], fresh=False)
    about = {"repeats": repeats, "updates": updates, "seed": seed}
    about |= {"data": draw(sizes[0], seed).name, "metric": "error" if "error" in sweep[0].test else "mse"}
    found = NoiseComparison(runs=tuple(sweep), seconds=0.0, **about)
    best = {size: [(method, found.chosen(method, size)) for method in tried] for size in sizes}
    fresh = trained(
        [(*kind, *place) for place in places for kind in [("none", 0.0), *best[place[0]]]], fresh=True
    )
    return NoiseComparison(runs=(*sweep, *fresh), seconds=time.perf_counter() - began, **about)


def _trained(
    build: Callable[..., keras.Model],
    draw: Callable[..., Split],
    cases: list[Case],
    *,
    fresh: bool,
    seed: int,
    updates: int,
    **options: Any,
) -> list[NoiseRun]:
    """Trains one network for each case, and measures it without noise on all three parts."""
    purpose = "fresh" if fresh else "sweep"
    drawn: dict[tuple[int, int], Split] = {}
    weights_of: dict[int, list[np.ndarray]] = {}
    models = []
    for method, strength, size, repeat in cases:
        if (size, repeat) not in drawn:
            drawn[size, repeat] = _with_validation(draw(size, derive_seed(seed, purpose, "data", repeat)))
        knobs = {} if method == "none" else {method: strength}
        model = built(build, Regularization(**knobs), derive_seed(seed, purpose, "weights", repeat))
        _check_same_start(model, weights_of, repeat, method)
        models.append(model)
    splits = [drawn[size, repeat] for _, _, size, repeat in cases]
    # The order of the batches must not tell the methods of one repeat apart.
    seeds = [derive_seed(seed, purpose, "batches", repeat) for *_, repeat in cases]
    by_epochs: dict[int, list[int]] = {}
    for index, split in enumerate(splits):
        epochs = -(-updates // -(-len(split.x_train) // options["batch_size"]))
        by_epochs.setdefault(epochs, []).append(index)
    for epochs, members in by_epochs.items():
        company, data = [models[index] for index in members], [splits[index] for index in members]
        history = fit_population(
            company, data, seeds=[seeds[index] for index in members], epochs=epochs, **options
        )
        if history.interrupted:  # networks that were trained for less time are no comparison
            raise KeyboardInterrupt
    measured = errors_by_part(models, splits)
    return [
        NoiseRun(
            method=method,
            strength=strength,
            size=size,
            train_rows=len(drawn[size, repeat].x_train),
            repeat=repeat,
            fresh=fresh,
            **parts,
        )
        for (method, strength, size, repeat), parts in zip(cases, measured, strict=True)
    ]


def _check_same_start(
    model: keras.Model, weights_of: dict[int, list[np.ndarray]], repeat: int, method: str
) -> None:
    weights = [keras.ops.convert_to_numpy(variable) for variable in model.trainable_variables]
    first = weights_of.setdefault(repeat, weights)
    same = len(first) == len(weights) and all(map(np.array_equal, first, weights))
    if not same:
        raise InvalidInput(
            f"build gave other initial weights with {method} than without, for one seed. A paired comparison "
            "needs networks that start alike: let build derive the initial weights from its seed alone."
        )


def _with_validation(split: Split) -> Split:
    if not len(split.x_validation) or not len(split.x_test):
        raise InvalidInput(
            "draw must return a Split with validation rows, to choose the strength by, and test rows; "
            f"received {split!r}."
        )
    return split


def _checked_sizes(sizes: Sequence[int]) -> list[int]:
    checked = [check_whole_number("Each of sizes", size) for size in sizes]
    if not checked or len(set(checked)) < len(checked):
        raise InvalidInput(f"sizes must be one or more different whole numbers; received {sizes!r}.")
    return checked


def _checked_strengths(strengths: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    checked: dict[str, list[float]] = {}
    for method, values in strengths.items():
        check_one_of("The names in strengths", method, METHODS)
        checked[method] = [
            check_number(f"Each strength of {method}", value, exclusive_minimum=True) for value in values
        ]
        if not checked[method] or len(set(checked[method])) < len(checked[method]):
            raise InvalidInput(
                f"strengths must hold one or more different numbers for each method; received {values!r} for "
                f"{method}."
            )
    if not checked:
        raise InvalidInput(
            f"strengths must name at least one method of {', '.join(METHODS)}; received {strengths!r}."
        )
    return checked
