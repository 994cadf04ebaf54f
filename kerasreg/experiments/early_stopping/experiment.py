"""Training, validation and test error of networks that are trained too long."""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import keras
import numpy as np

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_number, check_takes, check_whole_number
from kerasreg.experiments.early_stopping.record import Overtraining
from kerasreg.experiments.running import built
from kerasreg.population import fit_population
from kerasreg.population.member.reported_metrics import modes_of
from kerasreg.records import PopulationHistory, Split
from kerasreg.records.given import check_split
from kerasreg.records.majority import majority_error
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
    """Records training, validation and test error of several networks at every epoch, without stopping.

    Does the test error have a minimum, after which further training fits the noise? The test part stops no
    network and chooses no weights. The epoch that the summary judges is chosen on the test curves of the
    first third of the networks, and judged on the others.

    `fit_population` evaluates one part besides the training part. If there are validation rows, each network
    is therefore trained twice, from the same weights on the same batches: once evaluated on the test rows,
    once on the validation rows, which doubles the time. The two trainings are equal to rounding, and the
    record has the largest difference between them (`twin_difference`).

    Args:
        build: Function `build(seed=...)` that returns a compiled model that `fit_population` supports, always
            of the same architecture, such as `functools.partial(build_mlp, (1,), None, activation="tanh")`.
        data: Function `data(seed=...)` that draws a `Split` for each repeat, as `noisy_parabola` does; or
            one `Split` for all repeats, to which the intervals are then limited. They are for independent
            draws: if draws share many rows, as those of the 1,437 digits do, the intervals are too narrow.
        epochs: Number of epochs. If a batch holds all rows, an epoch is one update.
        repeats: Number of networks, at least 3. The first third chooses the epoch by which the others judge.
        batch_size: Rows per batch.
        irreducible_error: Error that no model can go below on average, such as the variance of the noise for
            squared error: 0.04 for the default parabola. It is only drawn and stated.
        seed: Seed of the data, the initial weights and the order of rows. The first repeats are the same
            for any number of repeats.
        progress: Whether to show a progress bar.

    Returns:
        All curves; NaN from the epoch in which a network diverged, and throughout for a network that was
        interrupted by Ctrl-C. Ten tanh networks on the parabola take about ten seconds for 3,000 epochs.

    Raises:
        InvalidInput: If an argument is not accepted.
        UnstackableModel: If `fit_population` does not support the model.

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
    metric = history.monitor.removeprefix("val_")
    reported = next((member.history.metrics for member in history if member.history.metrics), {})
    names = [name for name in reported if not name.startswith("val_")] or list(modes)
    curves = {"train": _curves(history, range(repeats), epochs, names)}
    twin_difference = None
    for number, part in enumerate(watched):
        rows = range(number * repeats, (number + 1) * repeats)
        curves[part] = _curves(history, rows, epochs, names, prefix="val_")
        if number:
            other = _curves(history, rows, epochs, names)[metric]
            apart = np.abs(np.subtract(other, curves["train"][metric]))
            twin_difference = float(np.max(apart, initial=0.0, where=np.isfinite(apart)))
    return Overtraining(
        name=splits[0].name,
        metric=metric,
        curves=curves,
        modes={name: modes[name] for name in names},
        num_rows={part: len(getattr(splits[0], f"x_{part}")) for part in ("train", "validation", "test")},
        batch_size=batch_size,
        fresh_data=fresh,
        irreducible_error=irreducible_error,
        twin_difference=twin_difference,
        seed=seed,
        seconds=time.perf_counter() - began,
        interrupted=history.interrupted,
        majority_error=majority_error(splits) if metric == "accuracy" else None,
    )


def _watching_test(split: Split) -> Split:
    """Returns the split with its test and validation parts swapped."""
    swapped = {
        f"{kind}{part}{end}": getattr(split, f"{kind}{other}{end}")
        for kind, end in (("x_", ""), ("y_", ""), ("", "_indices"))
        for part, other in (("validation", "test"), ("test", "validation"))
    }
    return replace(split, **swapped)


def _check_alike(splits: list[Split]) -> None:
    """Raises `InvalidInput` if there are no test rows, or repeats differ in their number of rows."""
    sizes = {(len(split.x_train), len(split.x_validation), len(split.x_test)) for split in splits}
    if len(sizes) > 1 or not len(splits[0].x_test):
        raise InvalidInput(
            "All repeats must have the same numbers of training, validation and test rows, and at least one "
            f"test row; received {sorted(sizes)}."
        )


def _curves(
    history: PopulationHistory, members: range, epochs: int, names: list[str], *, prefix: str = ""
) -> dict[str, list[list[float]]]:
    """Returns the curves of some members by metric, NaN where they did not train."""
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    for name, member in product(names, (history[number] for number in members)):
        curve = [] if member.stop_reason == "interrupted" else member.history.metrics[prefix + name]
        found[name].append([*curve, *[float("nan")] * (epochs - len(curve))])
    return found
