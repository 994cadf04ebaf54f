"""Small data for the tests of populations, and their oracle: `model.fit` on the same batches."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import layers

from kerasreg import Split
from kerasreg.population import batch_order, fit_population
from kerasreg.population.schedule.batches import batches, steps_per_epoch
from kerasreg.proximal import proximal
from kerasreg.records import PopulationHistory

BATCH = 16  # with 40 rows the last batch of an epoch has 8
SEED = 3

# Single precision has 6e-8 of relative error in each sum, and sums of other order have other errors. Adam
# divides by the root of a mean of squares, where 1 - 0.999 alone is off by 1e-5: of a step of 0.01 that is
# 1e-7. Over nine steps of a training that spreads nothing they stay below this.
WEIGHTS = {"rtol": 2e-5, "atol": 3e-6}
METRICS = {"rtol": 2e-5, "atol": 2e-6}


def split_of(x: np.ndarray, y: np.ndarray, *, train: int = 40, validation: int = 12) -> Split:
    """Returns the first rows to train on, the next to validate, the rest to test."""
    ends = (0, train, train + validation, len(x))
    parts = {}
    for name, first, last in zip(("train", "validation", "test"), ends[:-1], ends[1:], strict=True):
        parts |= {f"x_{name}": x[first:last], f"y_{name}": y[first:last]}
        parts[f"{name}_indices"] = np.arange(first, last)
    classes = int(y.max()) + 1 if np.issubdtype(y.dtype, np.integer) else None
    return Split(name="small", num_classes=classes, **parts)


def table(shape: tuple[int, ...] = (8,), rows: int = 56) -> np.ndarray:
    """Returns rows of random features, (rows, *shape)."""
    return np.random.default_rng(0).normal(size=(rows, *shape)).astype(np.float32)


def classes(shape: tuple[int, ...] = (8,), **sizes: int) -> Split:
    """Returns rows of three classes that are told by the sum of the features."""
    x = table(shape)
    score = x.reshape(len(x), -1).sum(axis=1)
    return split_of(x, np.digitize(score, np.quantile(score, [1 / 3, 2 / 3])), **sizes)


def numbers(outputs: tuple[int, ...] = (1,), shape: tuple[int, ...] = (8,), **sizes: int) -> Split:
    """Returns rows with targets in (0, 1) of the shape given."""
    x = table(shape)
    mix = np.random.default_rng(1).normal(size=(x[0].size, int(np.prod(outputs))))
    y = 1 / (1 + np.exp(-x.reshape(len(x), -1) @ mix / x[0].size ** 0.5))
    return split_of(x, y.reshape(len(x), *outputs).astype(np.float32), **sizes)


def sequential(shape: tuple[int, ...], *layers: keras.Layer, loss: object = None, **compiled: object):
    """Returns a compiled Sequential model; by default for classes, with Adam at 0.01."""
    model = keras.Sequential([keras.Input(shape), *layers])
    return compiled_model(model, loss=loss, **compiled)


def compiled_model(model: keras.Model, *, loss: object = None, **compiled: object) -> keras.Model:
    """Compiles as the builders do, with Adam unless told otherwise.

    A bias before a batch normalization has no gradient but rounding, which Adam's usual epsilon of 1e-7 would
    blow up to whole steps, with Keras as well.
    """
    metrics = [
        keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="cross_entropy"),
        "accuracy",
    ]
    model.compile(
        optimizer=compiled.get("optimizer") or proximal(keras.optimizers.Adam(0.01, epsilon=1e-3)),
        loss=loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=compiled.get("metrics", None if loss else metrics),
    )
    return model


def glorot(seed: int) -> keras.initializers.Initializer:
    """Returns the initializer of that seed."""
    return keras.initializers.GlorotUniform(seed)


def net(seed: int = 0, rate: float = 0.3, momentum: float = 0.9, units: int = 6) -> keras.Model:
    """A network that a high rate makes better and worse again."""
    return sequential(
        (8,),
        layers.Dense(units, "tanh", kernel_initializer=glorot(seed)),
        layers.Dense(3, kernel_initializer=glorot(seed + 100)),
        optimizer=keras.optimizers.SGD(rate, momentum=momentum),
    )


def line(rate: float = 0.1, **options: object) -> keras.Model:
    """A linear model for numbers, with plain SGD."""
    return sequential(
        (8,),
        layers.Dense(1, kernel_initializer=glorot(1)),
        loss="mse",
        optimizer=keras.optimizers.SGD(rate),
        **options,
    )


def fit_with_keras(
    model: keras.Model,
    split: Split,
    *,
    epochs: int,
    batch_size: int = BATCH,
    seed: int = SEED,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[dict[str, list[float]], list[list[np.ndarray]]]:
    """Returns Keras' history of the same batches, and the weights after each epoch.

    Eagerly, because tracing takes longer than the few steps.
    """
    x, y = split.x_train, split.y_train
    weights: list[list[np.ndarray]] = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(model.get_weights())
    )
    model.run_eagerly = True
    finished = model.fit(
        batches(x, y, batch_order(len(x), epochs, seed=seed), batch_size),
        epochs=epochs,
        steps_per_epoch=steps_per_epoch(len(x), batch_size),
        shuffle=False,
        validation_data=(split.x_validation, split.y_validation) if len(split.x_validation) else None,
        callbacks=[keep, *callbacks],
        verbose=0,
    )
    return finished.history, weights


def fit_together(models: Sequence[keras.Model], data: object, **options: object) -> PopulationHistory:
    """Trains a population with the settings of these tests, to the last weights."""
    settings = {
        "epochs": 3,
        "batch_size": BATCH,
        "seeds": [SEED] * len(models),
        "restore_best_weights": False,
    }
    return fit_population(models, data, **(settings | options))


def assert_as_keras_trains(make: Callable[[], keras.Model], split: Split, **options: object) -> None:
    """Asserts that a member and a model of its own have equal weights after one epoch and after three.

    Args:
        make: Builds the same model at each call.
        split: The data.
        **options: What to give both ways of training, such as `batch_size`.
    """
    assert_all_as_keras_trains([make], split, **options)


def assert_all_as_keras_trains(
    makers: Sequence[Callable[[], keras.Model]], split: Split, **options: object
) -> PopulationHistory:
    """Asserts the same of several models that train together; returns the history of three epochs."""
    early, late = [[make() for make in makers] for _ in range(2)]
    fit_together(early, split, epochs=1, **options)
    history = fit_together(late, split, epochs=3, **options)
    for index, make in enumerate(makers):
        curves, weights = fit_with_keras(make(), split, epochs=3, **options)
        assert_same_weights(early[index].get_weights(), weights[0])
        assert_same_weights(late[index].get_weights(), weights[2])
        found = history[index].history.metrics
        for name, values in curves.items():
            np.testing.assert_allclose(found[name], values, err_msg=name, **METRICS)
    return history


def assert_same_weights(
    found: Sequence[np.ndarray], expected: Sequence[np.ndarray], **tolerance: float
) -> None:
    """Asserts that two lists of weights are equal to rounding."""
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **(tolerance or WEIGHTS))
