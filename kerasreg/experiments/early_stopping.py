"""Does training too long do harm?"""

import time
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_number, check_takes, check_whole_number
from kerasreg.experiments.running import built
from kerasreg.population import fit_population
from kerasreg.population.reported import modes_of
from kerasreg.records import PopulationHistory, Split
from kerasreg.records.early_stopping import Overtraining
from kerasreg.records.given import check_split
from kerasreg.seeds import derive_seed


def overtraining(
    build: Callable[..., keras.Model],
    data: Split | Callable[..., Split],
    *,
    epochs: int,
    repeats: int = 10,
    batch_size: int = 32,
    irreducible_error: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Overtraining:
    """Records train, validation and test error of several networks at every epoch, and stops none of them.

    The question: does the test error have a minimum, after which training on fits the noise? No network is
    stopped or kept by the test part. The epoch that the summary judges is chosen on the test curves of the
    first third of the networks, and judged on the others.

    `fit_population` measures one part besides the train part. Where there are validation rows, each network
    is therefore trained twice, from the same weights through the same batches: once the test rows are
    watched, once the validation rows. The two trainings are equal to rounding, and the record has the
    largest difference that came of it (`twin_difference`). It costs twice the time.

    Args:
        build: Called with `seed=`; returns a compiled model that `fit_population` takes, always of
            the same architecture, such as `functools.partial(build_mlp, (1,), None, activation="tanh")`.
        data: Called with `seed=` for each repeat, it returns a `Split` drawn afresh, as
            `noisy_parabola` does; or one `Split` for all repeats, and then the intervals hold for that
            one alone. They are for independent draws: where draws share many rows, as those of the 1,437
            digits do, the intervals are too narrow.
        epochs: How many epochs to train. With a batch that holds all rows, an epoch is one iteration.
        repeats: How many networks, at least 3. The first third chooses the epoch by which the others judge.
        batch_size: Rows in a batch.
        irreducible_error: The error no model can go below on average; the noise's variance for squared
            error, 0.04 for the parabola as it comes. Only drawn and told.
        seed: Seed of the data, the initial weights and the order of rows. The first repeats are the same
            however many there are.
        progress: Whether to show a bar.

    Returns:
        Every curve. Ten tanh networks on the parabola, 3,000 epochs, take about ten seconds.

    Raises:
        InvalidInput: If an argument cannot be used.
        UnstackableModel: If `fit_population` does not cover the model.
        KeyboardInterrupt: After Ctrl-C, because half of a curve answers nothing.

    Reference:
        Deremble & Tantet, Neural network regularization and deep learning, course notes (LMD/IPSL, Paris);
        Goodfellow, Bengio and Courville, Deep Learning, 2016, section 7.8.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_mlp, noisy_parabola
    >>> from kerasreg.data import hold_out
    >>> network = partial(build_mlp, (1,), None, units=(20,), activation="tanh", learning_rate=0.01)
    >>> draw = lambda seed: hold_out(noisy_parabola(20, seed=seed), validation_fraction=0.5, seed=seed)
    >>> record = overtraining(network, draw, epochs=20, repeats=3, irreducible_error=0.04)
    >>> record.curve("test").shape
    (3, 20)
    """
    began = time.perf_counter()
    check_whole_number("repeats", repeats, minimum=3, maximum=MAX_REPEATS)
    if irreducible_error is not None:
        check_number("irreducible_error", irreducible_error)
    seeds = [derive_seed(seed, "overtraining", repeat) for repeat in range(repeats)]
    fresh = not isinstance(data, Split)
    if fresh:
        check_takes("data", data, "data(seed=...), unless it is a Split", seed=seed)
        drawn = [data(seed=derive_seed(each, "data")) for each in seeds]
        splits = [check_split("What data returns", split) for split in drawn]
    else:
        splits = [data] * repeats
    _check_alike(splits)
    watched = {"test": [_watching_test(split) for split in (splits if fresh else splits[:1])]}
    if not fresh:
        watched["test"] *= repeats  # one object, so that its rows are held once
    if len(splits[0].x_validation):
        watched["validation"] = splits
    models = [built(build, seed=derive_seed(each, "network")) for _ in watched for each in seeds]
    modes = modes_of(models[0], splits[0])
    history = fit_population(
        models,
        [split for parts in watched.values() for split in parts],
        epochs=epochs,
        batch_size=batch_size,
        restore_best_weights=False,
        seeds=[derive_seed(each, "order") for _ in watched for each in seeds],
        progress=progress,
    )
    if history.interrupted:
        raise KeyboardInterrupt
    metric = history.monitor.removeprefix("val_")
    curves = {"train": _curves(history, range(repeats), epochs, validation=False)}
    twin_difference = None
    for number, part in enumerate(watched):
        rows = range(number * repeats, (number + 1) * repeats)
        curves[part] = _curves(history, rows, epochs, validation=True)
        if number:
            other = _curves(history, rows, epochs, validation=False)[metric]
            apart = np.abs(np.subtract(other, curves["train"][metric]))
            twin_difference = float(np.max(apart, initial=0.0, where=np.isfinite(apart)))
    return Overtraining(
        name=splits[0].name,
        metric=metric,
        curves=curves,
        modes={name: modes[name] for name in curves["test"]},
        num_rows={part: len(getattr(splits[0], f"x_{part}")) for part in ("train", "validation", "test")},
        batch_size=batch_size,
        fresh_data=fresh,
        irreducible_error=irreducible_error,
        twin_difference=twin_difference,
        seed=seed,
        seconds=time.perf_counter() - began,
    )


def _watching_test(split: Split) -> Split:
    """Returns the split with its test and validation parts in each other's place."""
    swapped = {
        f"{kind}{part}{end}": getattr(split, f"{kind}{other}{end}")
        for kind, end in (("x_", ""), ("y_", ""), ("", "_indices"))
        for part, other in (("validation", "test"), ("test", "validation"))
    }
    return replace(split, **swapped)


def _check_alike(splits: list[Split]) -> None:
    """Raises `InvalidInput` where there is nothing to watch, or repeats differ in their number of rows."""
    sizes = {(len(split.x_train), len(split.x_validation), len(split.x_test)) for split in splits}
    if len(sizes) > 1 or not len(splits[0].x_test):
        raise InvalidInput(
            "Every repeat needs equally many train, validation and test rows, and at least one test row; "
            f"received {sorted(sizes)}."
        )


def _curves(
    history: PopulationHistory, members: range, epochs: int, *, validation: bool
) -> dict[str, list[list[float]]]:
    """Returns the curves of some members by metric, NaN from where a training that diverged ended."""
    found: dict[str, list[list[float]]] = {}
    for name in history[members[0]].history.metrics:
        if name.startswith("val_") is validation:
            curves = [history[member].history.metrics.get(name, []) for member in members]
            padded = [[*curve, *[float("nan")] * (epochs - len(curve))] for curve in curves]
            found[name.removeprefix("val_")] = padded
    return found
