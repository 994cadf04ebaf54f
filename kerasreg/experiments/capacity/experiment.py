"""Capacity against training-set size: errors of networks of several sizes on several numbers of rows."""

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any

import keras
import numpy as np

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_list, check_takes, check_whole_number
from kerasreg.experiments.capacity.record import CapacityGrid
from kerasreg.experiments.running import built, common_metric, final_errors, num_parameters
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.given import check_splits
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed


def capacity_grid(
    build: Callable[..., keras.Model],
    splits: Sequence[Split] | Callable[[int], Sequence[Split]],
    sizes: Sequence[Any] = (2, 4, 8, 16, 32, 128),
    *,
    repeats: int = 5,
    epochs: int = 50,
    batch_size: int = 32,
    patience: int | None = None,
    seed: int = 0,
    progress: bool = False,
) -> CapacityGrid:
    """Measures the errors of networks of several sizes on several numbers of training rows.

    Can a large network memorize a small training set, and is its error on new rows then larger than a
    smaller network's? How many rows does a network of a given size need?

    Repeat r has the same seeds at every size and number of rows, and the same draw of the data where these
    are drawn afresh, so that sizes are compared in pairs. All networks train for the same number of epochs,
    so few rows mean few updates: where the training error is still high, more epochs or a higher
    learning rate may change the answer.

    The default sizes with six numbers of MNIST rows (50, 100, 200, 500, 1,000 and 2,000) and 5 repeats are
    180 networks with one hidden layer: 67 seconds on two cores.

    Args:
        build: Function `build(size, seed=...)` that returns a compiled network. It is called with each of
            `sizes` and, in each repeat, with one seed for all sizes.
        splits: One `Split` for each number of training rows, in ascending order, as from
            `kerasreg.data.nested_subsets`; repeats then differ by initial weights and order of rows only.
            Or a function that draws such a list for repeat 0, 1, ...: intervals then include the luck of
            the draw. Draws that share many rows make intervals too narrow: draw from many more rows than
            the largest subset has.
        sizes: Network sizes to pass to `build`, by ascending number of parameters: hidden units as a
            number, or as a list of numbers for several layers.
        repeats: Networks of each size for each number of rows, at least 1; an interval needs 2.
        epochs: Maximum number of epochs, at least 1.
        batch_size: Rows per batch.
        patience: Epochs without improvement of the unpenalized validation loss after which a network stops
            and restores its best epoch. `None` trains all epochs and measures the last weights; early
            stopping is itself a regularizer.
        seed: Seed of the initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a progress bar.

    Returns:
        Error rates (1 - accuracy) for classification or mean squared errors for regression of every
        network; NaN for a network that diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, sizes or numbers of rows are not in ascending order,
            a test part is empty, or `patience` is given and a validation part is empty.
        UnstackableModel: If `fit_population` does not support a network.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague).
        Deremble & Tantet, Neural network regularization and deep learning, course notes (LMD/IPSL, Paris).
        Baum and Haussler, What Size Net Gives Valid Generalization?, Neural Computation 1, 1989: see
        `kerasreg.experiments.capacity.bounds`.

    Example:
    >>> from kerasreg import build_mlp, load_digits_split
    >>> from kerasreg.data import nested_subsets
    >>> def build(size, seed):
    ...     return build_mlp((8, 8, 1), 10, units=(size,), seed=seed)
    >>> splits = nested_subsets(load_digits_split(), (50, 100))
    >>> grid = capacity_grid(build, splits, (4,), repeats=2, epochs=2)
    >>> grid.test_error.shape, grid.num_parameters
    ((1, 2, 2), (310,))
    """
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_whole_number("seed", seed, minimum=0)
    sizes = _checked_sizes(sizes)
    fresh_data = callable(splits)
    if fresh_data:
        check_takes("splits", splits, "splits(repeat)", 0)
        draws = [check_splits("What splits returns", splits(repeat)) for repeat in range(repeats)]
    else:
        draws = [check_splits("splits", splits)] * repeats
    for draw in draws if fresh_data else draws[:1]:
        _check_draw(draw, like=draws[0])
    first = draws[0]
    metric = "accuracy" if first[0].num_classes is not None else "mse"

    models, data, seeds = [], [], []
    for size, rows, repeat in product(sizes, range(len(first)), range(repeats)):
        models.append(built(build, size, seed=derive_seed(seed, "capacity", "weights", repeat)))
        data.append(draws[repeat][rows])
        seeds.append(derive_seed(seed, "capacity", "order", repeat))
    one_of_each = models[:: len(first) * repeats]
    counts = _ascending_parameters(one_of_each, sizes)
    common_metric(one_of_each, [metric])
    history = fit_population(
        models,
        data,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        seeds=seeds,
        restore_best_weights=patience is not None,
        progress=progress,
    )
    shape = (len(sizes), len(first), repeats)
    validation = history.final(f"val_{metric}", at_best=patience is not None)
    return CapacityGrid(
        data=first[0].name,
        metric="error_rate" if metric == "accuracy" else "mse",
        sizes=sizes,
        num_parameters=counts,
        train_rows=tuple(len(split.x_train) for split in first),
        validation_rows=tuple(len(split.x_validation) for split in first),
        test_rows=tuple(len(split.x_test) for split in first),
        fresh_data=fresh_data,
        train_error=final_errors(models, data, "train", metric, history).reshape(shape),
        validation_error=(1 - validation if metric == "accuracy" else validation).reshape(shape),
        test_error=final_errors(models, data, "test", metric, history).reshape(shape),
        best_epoch=history.best_epoch.reshape(shape),
        stop_reason=history.stop_reason.reshape(shape),
        settings={"epochs": epochs, "batch_size": batch_size, "patience": patience, "seed": seed},
        seconds=history.seconds,
        interrupted=history.interrupted,
        majority_error=majority_error(split for draw in draws for split in draw),
    )


def _checked_sizes(sizes: Sequence[Any]) -> tuple[Any, ...]:
    plain = [
        size.item() if isinstance(size, np.generic) else size
        for size in check_list("sizes", sizes, "sizes of network")
    ]
    sizes = tuple(tuple(size) if isinstance(size, list) else size for size in plain)
    if not sizes:
        raise InvalidInput("sizes must hold at least one size of network; received none.")
    return sizes


def _check_draw(draw: list[Split], *, like: list[Split]) -> None:
    if not draw:
        raise InvalidInput("splits must hold at least one Split; received none.")
    rows = [len(split.x_train) for split in draw]
    if any(after <= before for before, after in pairwise(rows)):
        raise InvalidInput(f"The splits must be in ascending order of their training rows; received {rows}.")
    expected = [len(split.x_train) for split in like]
    if rows != expected:
        raise InvalidInput(
            f"Every draw must have the same numbers of training rows; received {expected} and {rows}."
        )
    if not all(len(split.x_test) for split in draw):
        raise InvalidInput("Every split needs test rows to measure its networks on, and one has none.")


def _ascending_parameters(models: Sequence[keras.Model], sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Returns the number of trainable weights of a model of each size."""
    counts = tuple(map(num_parameters, models))
    if any(after <= before for before, after in pairwise(counts)):
        raise InvalidInput(
            f"The sizes must be in ascending order of their number of parameters; received {list(sizes)} "
            f"with {list(counts)} parameters."
        )
    return counts
