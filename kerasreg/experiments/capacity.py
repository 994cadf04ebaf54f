"""Capacity against data: how large a network, for how many training rows?"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any

import keras
import numpy as np

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_list, check_takes, check_whole_number
from kerasreg.population import evaluate_population, fit_population, without_retracing_advice
from kerasreg.population.building import built
from kerasreg.records import CapacityGrid, MemberHistory, Split
from kerasreg.records.given import check_splits
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
    """Trains networks of several sizes on several numbers of training rows, several times each.

    The question: a large network can fit few rows by heart. Does that make its error on new rows larger
    than a smaller network's? And how many rows does a network of some size need?

    Repeat r of every size and number of rows has the same seeds and, where the data are drawn afresh,
    the same draw, so that sizes are compared in pairs. All train for equally many epochs, so that few rows
    mean few updates: where the training error is not low, more of them or a higher learning rate may
    change the answer.

    The default sizes, six numbers of MNIST's rows (50, 100, 200, 500, 1,000 and 2,000) and 5 repeats are 180
    networks of one hidden layer: 67 seconds on two cores.

    Args:
        build: Makes a compiled network: `build(size, seed=...)`, called with each of `sizes`, a new
            seed each repeat, and the same seed for all sizes.
        splits: One `Split` for each number of training rows, in ascending order, such as
            `kerasreg.data.nested_subsets` gives; each repeat then differs by its initial weights and
            order of rows alone. Or a function that draws such a list for repeat 0, 1, …; the
            intervals then cover the luck of the draw too. Draws that share many rows make them
            too narrow: draw from many more rows than the largest subset has.
        sizes: What `build` takes for a size, by ascending number of parameters: units of a hidden layer,
            as a number, or of several, as a list of numbers.
        repeats: How many networks of each size for each number of rows, at least 1; an interval
            takes 2.
        epochs: Epochs to train for, at most, at least 1.
        batch_size: Rows in a batch.
        patience: `None` to train all the epochs and measure the networks as they are then. A number to
            stop after so many epochs without improvement of the validation loss (without penalties) and
            go back to the best epoch's weights; this is a regularizer by itself.
        seed: Seed of the initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a bar.

    Returns:
        Error rates (1 - accuracy) for classes, mean squared errors for numbers, of every network. They
        are NaN for a network whose training diverged, or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument cannot be used; sizes or numbers of rows are not in ascending
            order; a test part is empty; or `patience` is given and a validation part is empty.
        UnstackableModel: If `fit_population` does not cover a network.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague).
        Deremble & Tantet, Neural network regularization and deep learning, course notes (LMD/IPSL, Paris).
        Baum and Haussler, What Size Net Gives Valid Generalization?, Neural Computation 1, 1989: see
        `kerasreg.records.capacity_bounds`.

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
    name = "accuracy" if first[0].num_classes is not None else "mse"

    cells = list(product(range(len(sizes)), range(len(first)), range(repeats)))
    models, data, seeds = [], [], []
    for size, rows, repeat in cells:
        models.append(built(build, sizes[size], seed=derive_seed(seed, "capacity", "weights", repeat)))
        data.append(draws[repeat][rows])
        seeds.append(derive_seed(seed, "capacity", "order", repeat))
    num_parameters = _parameters(models[:: len(first) * repeats], sizes)
    # A metric that is missing is better noticed before the training than after.
    _measured(models[:1], [(first[0].x_test[:1], first[0].y_test[:1])], name)
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
    whole = np.array([member.stop_reason in ("epochs", "patience") for member in history])
    train = _measured(models, [(split.x_train, split.y_train) for split in data], name)
    test = _measured(models, [(split.x_test, split.y_test) for split in data], name)
    validation = np.array([_at_the_end(member, f"val_{name}", patience) for member in history])

    def as_errors(values: np.ndarray) -> np.ndarray:
        errors = 1 - values if name == "accuracy" else values
        return np.where(whole, errors, np.nan).reshape(shape)

    return CapacityGrid(
        data=first[0].name,
        metric="error_rate" if name == "accuracy" else "mse",
        sizes=sizes,
        num_parameters=num_parameters,
        train_rows=tuple(len(split.x_train) for split in first),
        validation_rows=tuple(len(split.x_validation) for split in first),
        test_rows=tuple(len(split.x_test) for split in first),
        fresh_data=fresh_data,
        train_error=as_errors(train),
        validation_error=as_errors(validation),
        test_error=as_errors(test),
        best_epoch=np.array([member.best_epoch for member in history]).reshape(shape),
        stop_reason=np.array([member.stop_reason for member in history]).reshape(shape),
        settings={"epochs": epochs, "batch_size": batch_size, "patience": patience, "seed": seed},
        seconds=history.seconds,
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


def _parameters(models: Sequence[keras.Model], sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Returns the number of weights that are trained, biases included, of a model of each size."""
    counts = [sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) for model in models]
    if any(after <= before for before, after in pairwise(counts)):
        raise InvalidInput(
            f"The sizes must be in ascending order of their number of parameters; received {list(sizes)} "
            f"with {counts} parameters."
        )
    return tuple(counts)


def _at_the_end(member: MemberHistory, metric: str, patience: int | None) -> float:
    """Returns a validation metric as the network ended: at its best epoch if it went back there."""
    values = member.history.metrics.get(metric, [])
    if not values:  # no validation part, or not begun before Ctrl-C
        return np.nan
    return values[member.best_epoch - 1 if patience is not None and member.best_epoch else -1]


def _measured(
    models: Sequence[keras.Model], data: Sequence[tuple[np.ndarray, np.ndarray]], name: str
) -> np.ndarray:
    """Returns a metric of each model on its own rows, shape (models,)."""
    shared: dict = defaultdict(list)  # the models that are measured on the same arrays, which is one call
    for place, (x, _) in enumerate(data):
        shared[id(x)].append(place)
    values = np.full(len(models), np.nan)
    for places in shared.values():
        with without_retracing_advice():
            results = evaluate_population([models[place] for place in places], *data[places[0]])
        for place, result in zip(places, results, strict=True):
            if name not in result:
                raise InvalidInput(
                    f"The networks must be compiled with the metric {name!r}; they have {', '.join(result)}."
                )
            values[place] = result[name]
    return values
