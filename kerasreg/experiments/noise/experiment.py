"""Training with noise in the network: dropout, DropConnect, input noise and label smoothing."""

import time
from collections.abc import Callable, Mapping, Sequence

import keras

from kerasreg.checks import InvalidInput, check_number, check_one_of, check_whole_number
from kerasreg.experiments.noise.record import PARTS, NoiseComparison, NoiseRun
from kerasreg.experiments.running import (
    built,
    check_same_start,
    common_metric,
    epochs_for,
    metrics_by_part,
)
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.majority import majority_error
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

    Which of them lowers the test error, and at which strength? Each size of the data has an answer of its
    own; effects at two sizes are not compared. In each repeat all networks have the same data, initial
    weights and batches, so that methods are compared in pairs.

    The best of several strengths looks better than it is, so there are two rounds. The first trains all
    strengths and chooses the one with the lowest mean validation error. The second draws data and weights
    anew and compares the chosen strength with none on the test rows, once.

    Args:
        build: Function `build(regularization, seed)` that returns a compiled network whose initial weights
            depend on the seed alone, as those of `build_mlp` do.
        draw: Function `draw(size, seed)` that returns a `Split` with a validation part. If its test rows
            are always the same, the intervals are for those rows.
        sizes: Sizes of the data, as `draw` understands them. Draws from few rows share many of them, which
            makes the intervals too narrow.
        strengths: Strengths to try, above 0, by field of `Regularization`. Label smoothing is for
            classification only.
        repeats: Networks of each kind in each round; at least 2 for an interval.
        updates: Batches that each network is trained on, rounded up to whole epochs: the same for every
            size, as few rows make few batches per epoch.
        batch_size: Rows per batch.
        restore_best_weights: Whether each network ends with the weights of its best epoch on validation
            data. That is early stopping, itself a regularizer, which leaves the others less to do.
        seed: Seed of data, weights and batches, a whole number >= 0.
        progress: Whether to show a progress bar.

    Returns:
        Every network's errors on all three parts; NaN for a network that diverged or was interrupted by
        Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, the networks are compiled without `accuracy` (for
            classes) or `mse`, or `build` gives other initial weights with noise than without.

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

    data: list[Split] = []

    def trained(cases: list[Case], *, fresh: bool) -> tuple[tuple[NoiseRun, ...], bool]:
        """Returns the run of each case, and whether their training was interrupted."""
        purpose = "fresh" if fresh else "sweep"
        drawn = {
            (size, repeat): _with_validation(draw(size, derive_seed(seed, purpose, "data", repeat)))
            for size, repeat in dict.fromkeys(case[2:] for case in cases)
        }
        data.extend(drawn.values())
        models = [
            built(
                build,
                Regularization(**({} if method == "none" else {method: strength})),
                derive_seed(seed, purpose, "weights", repeat),
            )
            for method, strength, _, repeat in cases
        ]
        repeat_of = [repeat for *_, repeat in cases]
        names = [method if method == "none" else f"{method} {strength:g}" for method, strength, *_ in cases]
        check_same_start(models, repeat_of, names)
        splits = [drawn[size, repeat] for *_, size, repeat in cases]
        metric = common_metric(models[:1], ["mse" if splits[0].num_classes is None else "accuracy"])
        history = fit_population(
            models,
            splits,
            # In each repeat all methods see the same batches.
            seeds=[derive_seed(seed, purpose, "batches", repeat) for repeat in repeat_of],
            epochs=epochs_for(updates, splits, batch_size),
            batch_size=batch_size,
            restore_best_weights=restore_best_weights,
            progress=progress,
        )
        measured = metrics_by_part(models, splits, PARTS, history)
        runs = tuple(
            NoiseRun(
                method=method,
                strength=strength,
                size=size,
                train_rows=len(split.x_train),
                repeat=repeat,
                fresh=fresh,
                **{part: _errors(values, metric) for part, values in of_parts.items()},
            )
            for (method, strength, size, repeat), split, of_parts in zip(cases, splits, measured, strict=True)
        )
        return runs, history.interrupted

    pairs = [("none", 0.0), *((method, each) for method, values in tried.items() for each in values)]
    places = [(size, repeat) for size in sizes for repeat in range(repeats)]
    runs, interrupted = trained([(*kind, *place) for place in places for kind in pairs], fresh=False)
    about = {
        "data": draw(sizes[0], seed).name,
        "metric": "error" if "error" in runs[0].test else "mse",
        "repeats": repeats,
        "updates": updates,
        "seed": seed,
    }
    if not interrupted:
        found = NoiseComparison(runs=runs, seconds=0.0, **about)
        chosen = {
            size: [("none", 0.0), *((each, found.chosen(each, size)) for each in tried)] for size in sizes
        }
        fresh, interrupted = trained(
            [(*kind, *place) for place in places for kind in chosen[place[0]]], fresh=True
        )
        runs += fresh
    return NoiseComparison(
        runs=runs,
        seconds=time.perf_counter() - began,
        interrupted=interrupted,
        majority_error=majority_error(data),
        **about,
    )


def _errors(values: dict[str, float], metric: str) -> dict[str, float]:
    """Returns the metrics that are compared, lower being better."""
    if metric == "mse":
        return {"mse": values["mse"]}
    compared = {"error": 1 - values["accuracy"]}
    if "cross_entropy" in values:  # a binary cross-entropy has another name
        compared["cross_entropy"] = values["cross_entropy"]
    return compared


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
