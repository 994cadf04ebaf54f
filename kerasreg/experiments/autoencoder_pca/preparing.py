"""What the experiments on autoencoders ask of their arguments, and how they measure."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from sklearn.decomposition import PCA

from kerasreg.checks import InvalidInput, check_ascending, check_takes, shown
from kerasreg.population import evaluate_population
from kerasreg.records import PopulationHistory, Split

ROUNDING = 1e-9  # a share of the variance that single precision alone can make


def as_target(split: Split) -> Split:
    """Returns the data with its inputs as targets.

    Raises:
        InvalidInput: If it is no Split, or has no test rows or fewer than two training rows.
    """
    if not isinstance(split, Split):
        raise InvalidInput(f"The data must be a Split; received {shown(split)}.")
    if not len(split.x_test):
        raise InvalidInput("A Split needs test rows to measure reconstructions on, and this one has none.")
    if len(split.x_train) < 2:
        raise InvalidInput(f"PCA needs at least 2 training rows; received {len(split.x_train)}.")
    return split.as_autoencoder()


def draws_of(splits: Split | Callable[[int], Split], repeats: int) -> list[Split]:
    """Returns the data of each repeat, inputs as targets; of one `Split` the same object each time.

    Raises:
        InvalidInput: If they are no Splits, differ in their numbers of rows or shape, or lack test rows.
    """
    if not callable(splits):
        return [as_target(splits)] * repeats
    check_takes("splits", splits, "splits(0)", 0)
    draws = [as_target(splits(repeat)) for repeat in range(repeats)]
    for draw in draws:
        if _form(draw) != _form(draws[0]):
            raise InvalidInput(
                "Every draw must have inputs of one shape and the same numbers of train, validation and "
                f"test rows; received {_form(draws[0])} and {_form(draw)}."
            )
    return draws


def checked_bottlenecks(bottlenecks: Sequence[int], pca: PCA) -> tuple[int, ...]:
    """Returns the numbers of units, which must be ascending and fewer than PCA needs to lose nothing."""
    numbers = check_ascending("bottlenecks", bottlenecks)
    variances = pca.explained_variance_
    most = int((variances > ROUNDING * variances.sum()).sum()) - 1
    if most < 1:
        raise InvalidInput(
            "One component loses nothing of these training rows, so that there is nothing to compare; give "
            "more of them, or some that differ in more than one direction."
        )
    if numbers[-1] > most:
        raise InvalidInput(
            f"bottlenecks must be at most {most}, as more components lose nothing of these training rows; "
            f"received {numbers[-1]}."
        )
    return numbers


def check_network(model: keras.Model, *, bottleneck: int, split: Split) -> keras.Model:
    """Returns the network if it is an autoencoder of these pictures with such a bottleneck.

    Raises:
        InvalidInput: If it is not, or its metrics lack `mse`.
    """
    layer = next((layer for layer in model.layers if layer.name == "bottleneck"), None)
    found = None if layer is None else layer.output.shape[-1]
    if found != bottleneck or tuple(model.output_shape[1:]) != split.input_shape:
        raise InvalidInput(
            f"build must return an autoencoder of inputs of shape {split.input_shape} with a layer "
            f"'bottleneck' of {bottleneck} units, as build_autoencoder does; received one that gives shape "
            f"{tuple(model.output_shape[1:])} and has {found or 'no such'} units."
        )
    return model


def measured(models: Sequence[keras.Model], data: Sequence[Split], part: str) -> np.ndarray:
    """Returns the mean squared error of each network on a part of its own data, shape (networks,)."""
    return np.array([found["mse"] for found in evaluate_population(models, data, part)])


def whole_only(values: np.ndarray, history: PopulationHistory) -> np.ndarray:
    """Returns values of networks, NaN for those whose training diverged or was interrupted."""
    whole = [member.stop_reason in ("epochs", "patience") for member in history]
    return np.where(whole, values, np.nan)


def _form(split: Split) -> tuple:
    return split.input_shape, len(split.x_train), len(split.x_validation), len(split.x_test)
