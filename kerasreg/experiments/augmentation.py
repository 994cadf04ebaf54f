"""What does augmentation buy, for how many training rows?"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import keras
import numpy as np

from kerasreg.augmentation import Augmentation, augmented_split
from kerasreg.checks import InvalidInput, check_ascending, check_takes, check_whole_number, shown
from kerasreg.experiments.running import built, measured
from kerasreg.population import fit_population
from kerasreg.population.stack import read_member
from kerasreg.records import AugmentationGain, Split
from kerasreg.records.augmentation_gain import NONE
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed

# Handwritten digits keep their meaning under it
AUGMENTATIONS = {"affine": Augmentation(translation=0.08, rotation=10, shear=0.15, zoom=0.1)}


def augmentation_gain(
    build: Callable[..., keras.Model],
    draw: Callable[..., Split],
    sizes: Sequence[int] = (300, 1000),
    augmentations: Mapping[str, Any] = AUGMENTATIONS,
    *,
    repeats: int = 5,
    updates: int = 1000,
    batch_size: int = 32,
    copies: int = 10,
    seed: int = 0,
    progress: bool = False,
) -> AugmentationGain:
    """Trains networks with and without augmentation on several numbers of training rows, several times each.

    The question: how much lower is the test error with changed pictures, and for how many rows? In one
    repeat all networks of a size have the same rows, initial weights and seed of their order, so that
    differences are paired; all make equally many updates. Nothing is chosen here, so the rows that a draw
    keeps for validation are trained on too. The strengths must come from elsewhere than the test rows.

    Args:
        build: Called as `build(augmentation, seed=...)`, with `None` for the networks without; returns a
            compiled model whose initial weights depend on the seed alone, as those of `build_cnn` do.
        draw: Called as `draw(size, seed=...)`; returns a `Split` of so many rows besides its test part. Where
            many draws come from few rows they share rows, and the intervals are too narrow.
        sizes: Numbers of rows, ascending.
        augmentations: By name, what `build` gets: an `Augmentation`, its dict, or a Keras layer that a
            population can train; or a function of your own from pictures to pictures, of which the network
            gets `copies` changed versions of each row beside the original (`augmented_split`).
        repeats: How many networks of each kind, at least 1; an interval takes 2.
        updates: How many batches every network is trained on, rounded up to whole epochs.
        batch_size: Rows in a batch.
        copies: Changed versions of each row, for functions alone.
        seed: Seed of everything random, a whole number >= 0.
        progress: Whether to show a bar.

    Returns:
        Error rates (1 - accuracy) for classes, mean squared errors for numbers, of every network.

    Raises:
        InvalidInput: If an argument cannot be used, or `build` gives other initial weights with an
            augmentation than without.
        UnstackableModel: If `fit_population` does not cover a network.

    Reference:
        Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to
        Visual Document Analysis", ICDAR 2003.
        Bruna and Mallat, Invariant Scattering Convolution Networks, PAMI 2013, Table 4, for errors
        without augmentation: `kerasreg.records.augmentation_gain.MNIST_MARKS`.

    Example:
        def build(augmentation, seed):
            return build_cnn((28, 28, 1), 10, augmentation=augmentation, seed=seed)

        record = augmentation_gain(build, lambda size, seed: load_mnist_subset(size, seed=seed))
        print(record.summary())
    """
    for name, number in {"repeats": repeats, "updates": updates, "copies": copies}.items():
        check_whole_number(name, number)
    check_whole_number("batch_size", batch_size)
    sizes = check_ascending("sizes", sizes)
    if not isinstance(augmentations, Mapping) or not augmentations or NONE in augmentations:
        raise InvalidInput(
            f"augmentations must be one or more by name, none of them called {NONE!r}; received "
            f"{shown(augmentations)}."
        )
    if not callable(draw):
        raise InvalidInput(
            f"draw must be a function that returns a Split, draw(size, seed=...); received {shown(draw)}."
        )
    check_takes("draw", draw, f"draw({sizes[0]}, seed=...)", sizes[0], seed=seed)
    began = time.perf_counter()
    strategies = {NONE: None, **augmentations}
    draws = [
        [
            _with_all_rows(draw(size, seed=derive_seed(seed, "gain", "draw", repeat)), size)
            for repeat in range(repeats)
        ]
        for size in sizes
    ]
    shape = (len(strategies), len(sizes), repeats)
    models, data, seeds = [], [], []
    for strategy, size, repeat in product(strategies, range(len(sizes)), range(repeats)):
        change, split = strategies[strategy], draws[size][repeat]
        if callable(change) and not isinstance(change, keras.Layer):
            changes = derive_seed(seed, "gain", "copies", strategy, repeat)
            change, split = None, augmented_split(split, change, copies=copies, seed=changes)
        models.append(built(build, change, seed=derive_seed(seed, "gain", "weights", repeat)))
        data.append(split)
        seeds.append(derive_seed(seed, "gain", "order", repeat))
    places = np.arange(len(models)).reshape(shape)
    _check_same_start(models, places, list(strategies))
    metric = "accuracy" if draws[0][0].num_classes is not None else "mse"
    had = sorted(read_member(models[0]).objective.metrics)
    if metric not in had:
        raise InvalidInput(
            f"The networks must be compiled with the metric {metric!r}; they have {', '.join(had)}."
        )
    whole = _trained(models, data, seeds, updates=updates, batch_size=batch_size, progress=progress)
    errors = np.where(whole, _test_errors(build, models, data, metric), np.nan)
    return AugmentationGain(
        data=draws[0][0].name,
        metric="error_rate" if metric == "accuracy" else "mse",
        strategies=tuple(strategies),
        strengths={name: _described(strategy) for name, strategy in strategies.items()},
        train_rows=tuple(len(of_size[0].x_train) for of_size in draws),
        test_rows=tuple(len(of_size[0].x_test) for of_size in draws),
        test_error=errors.reshape(shape),
        settings={"updates": updates, "batch_size": batch_size, "copies": copies, "seed": seed},
        seconds=time.perf_counter() - began,
        majority_error=majority_error(split for of_size in draws for split in of_size),
    )


def _with_all_rows(split: Split, size: int) -> Split:
    """Returns the split with its validation rows in the training part."""
    if not isinstance(split, Split) or not len(split.x_test):
        raise InvalidInput(
            f"draw must return a Split with test rows; received {shown(split)} for size {size}."
        )
    return split.redrawn(np.arange(len(split.x_development)), np.arange(0))


def _check_same_start(models: Sequence[keras.Model], places: np.ndarray, names: list[str]) -> None:
    """Raises `InvalidInput` unless the networks of one size and repeat have the same initial weights."""
    for place in np.ndindex(places.shape):
        own = models[places[place]].trainable_variables
        first = models[places[0, place[1], place[2]]].trainable_variables
        if len(own) != len(first) or not all(map(np.array_equal, own, first)):
            raise InvalidInput(
                f"build gave other initial weights with {names[place[0]]!r} than without, for one seed. A "
                "paired comparison needs networks that start alike: let build derive the initial weights "
                "from its seed alone."
            )


def _trained(
    models: Sequence[keras.Model],
    data: Sequence[Split],
    seeds: Sequence[int],
    *,
    updates: int,
    **options: Any,
) -> np.ndarray:
    """Trains the networks for equally many updates, and says which training came to its end."""
    whole = np.zeros(len(models), bool)
    by_epochs = defaultdict(list)
    for place, split in enumerate(data):
        by_epochs[-(-updates // -(-len(split.x_train) // options["batch_size"]))].append(place)
    for epochs, together in by_epochs.items():
        history = fit_population(
            [models[place] for place in together],
            [data[place] for place in together],
            seeds=[seeds[place] for place in together],
            epochs=epochs,
            **options,
        )
        whole[together] = [member.stop_reason == "epochs" for member in history]
        if history.interrupted:
            break
    return whole


def _test_errors(
    build: Callable[..., keras.Model], models: Sequence[keras.Model], data: Sequence[Split], metric: str
) -> np.ndarray:
    """Returns each network's error on its test rows, shape (models,).

    The weights are measured in networks without augmentation, which does nothing there: those are alike, and
    share one compiled program.
    """
    plain = [build(None, seed=0) for _ in models]
    for network, model in zip(plain, models, strict=True):
        network.set_weights(model.get_weights())
    return measured(plain, data, "test", metric)


def _described(strategy: Any) -> Any:
    """Returns what a strategy was, as JSON can hold it."""
    if strategy is None or isinstance(strategy, dict):
        return strategy or {}
    if isinstance(strategy, Augmentation):
        return strategy.to_dict()
    return getattr(strategy, "__name__", None) or type(strategy).__name__
