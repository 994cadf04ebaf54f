"""Training with and without data augmentation, on several numbers of training rows."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import keras
import numpy as np

from kerasreg.augmentation import Augmentation, augmented_split
from kerasreg.checks import InvalidInput, check_ascending, check_takes, check_whole_number, shown
from kerasreg.experiments.augmentation.record import NONE, AugmentationGain
from kerasreg.experiments.running import built, check_same_start, common_metric, epochs_for, final_errors
from kerasreg.population import fit_population
from kerasreg.records import PopulationHistory, Split
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed

# Handwritten digits remain recognizable under it
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

    How much does augmentation lower the test error, and for how many rows? In each repeat all networks of
    a size have the same rows, initial weights and seed of the order of rows, so that augmentations are
    compared in pairs; all make the same number of updates. Nothing is chosen here, so rows that a draw
    keeps for validation are trained on too. Do not choose the strengths by these test rows.

    Args:
        build: Function `build(augmentation, seed=...)` that returns a compiled network whose initial weights
            depend on the seed alone, as those of `build_cnn` do. `augmentation` is `None` for networks
            without.
        draw: Function `draw(size, seed=...)` that returns a `Split` with `size` rows in addition to its test
            part. Draws from few rows share many of them, which makes the intervals too narrow.
        sizes: Numbers of rows, ascending.
        augmentations: What `build` is called with, by name: an `Augmentation`, its dict, or a Keras layer
            that a population can train. Or your own function from images to images; the network then
            trains on `copies` augmented versions of each row beside the original (`augmented_split`).
        repeats: Networks of each kind, at least 1; an interval needs 2.
        updates: Batches that each network is trained on, rounded up to whole epochs.
        batch_size: Rows per batch.
        copies: Augmented versions of each row, for functions only.
        seed: Seed of data, weights and the order of rows, a whole number >= 0.
        progress: Whether to show a progress bar.

    Returns:
        Error rates (1 - accuracy) for classification or mean squared errors for regression of every
        network; NaN for a network that diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or `build` gives other initial weights with an
            augmentation than without.
        UnstackableModel: If `fit_population` does not support a network.

    Reference:
        Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to
        Visual Document Analysis", ICDAR 2003.
        Bruna and Mallat, Invariant Scattering Convolution Networks, PAMI 2013, Table 4, for errors
        without augmentation: `kerasreg.experiments.augmentation.record.MNIST_MARKS`.

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
            f"augmentations must hold one or more by name, none of them called {NONE!r}; received "
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
    models, data, seeds, repeat_of, names = [], [], [], [], []
    for strategy, size, repeat in product(strategies, range(len(sizes)), range(repeats)):
        change, split = strategies[strategy], draws[size][repeat]
        if callable(change) and not isinstance(change, keras.Layer):
            changes = derive_seed(seed, "gain", "copies", strategy, repeat)
            change, split = None, augmented_split(split, change, copies=copies, seed=changes)
        models.append(built(build, change, seed=derive_seed(seed, "gain", "weights", repeat)))
        data.append(split)
        seeds.append(derive_seed(seed, "gain", "order", repeat))
        repeat_of.append(repeat)
        names.append(strategy)
    check_same_start(models, repeat_of, names)
    metric = common_metric(models[:1], ["accuracy" if draws[0][0].num_classes is not None else "mse"])
    history = fit_population(
        models,
        data,
        seeds=seeds,
        epochs=epochs_for(updates, data, batch_size),
        batch_size=batch_size,
        progress=progress,
    )
    errors = _test_errors(build, models, data, metric, history)
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
        interrupted=history.interrupted,
        majority_error=majority_error(split for of_size in draws for split in of_size),
    )


def _with_all_rows(split: Split, size: int) -> Split:
    """Returns the split with its validation rows in the training part."""
    if not isinstance(split, Split) or not len(split.x_test):
        raise InvalidInput(
            f"draw must return a Split with test rows; received {shown(split)} for size {size}."
        )
    return split.redrawn(np.arange(len(split.x_development)), np.arange(0))


def _test_errors(
    build: Callable[..., keras.Model],
    models: Sequence[keras.Model],
    data: Sequence[Split],
    metric: str,
    history: PopulationHistory,
) -> np.ndarray:
    """Returns each network's error on its test rows, shape (models,).

    The weights are copied into networks without augmentation, which does nothing at inference: these share
    one architecture, and so one compiled program.
    """
    plain = [build(None, seed=0) for _ in models]
    for network, model in zip(plain, models, strict=True):
        network.set_weights(model.get_weights())
    return final_errors(plain, data, "test", metric, history)


def _described(strategy: Any) -> Any:
    """Returns a strategy as JSON can hold it."""
    if strategy is None or isinstance(strategy, dict):
        return strategy or {}
    if isinstance(strategy, Augmentation):
        return strategy.to_dict()
    return getattr(strategy, "__name__", None) or type(strategy).__name__
