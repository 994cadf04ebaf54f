"""Checks of the data, bottlenecks and networks of experiments on autoencoders."""

from collections.abc import Callable, Sequence

import keras
from sklearn.decomposition import PCA

from kerasreg.checks import InvalidInput, check_ascending, check_takes, shown
from kerasreg.experiments.running import common_metric
from kerasreg.records import Split

ROUNDING = 1e-9  # share of the variance that rounding in single precision can cause


def as_target(split: Split) -> Split:
    """Returns the data with its inputs as targets.

    Raises:
        InvalidInput: If it is not a Split, or has no test rows or fewer than two training rows.
    """
    if not isinstance(split, Split):
        raise InvalidInput(f"The data must be a Split; received {shown(split)}.")
    if not len(split.x_test):
        raise InvalidInput("A Split needs test rows to measure reconstructions on, and this one has none.")
    if len(split.x_train) < 2:
        raise InvalidInput(f"PCA needs at least 2 training rows; received {len(split.x_train)}.")
    return split.as_autoencoder()


def draws_of(splits: Split | Callable[[int], Split], repeats: int) -> list[Split]:
    """Returns the data of each repeat with inputs as targets; for one `Split`, the same object each time.

    Raises:
        InvalidInput: If they are not Splits, differ in numbers of rows or shape, or have no test rows.
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
    """Returns the bottleneck units, which must be ascending and fewer than the components with variance."""
    numbers = check_ascending("bottlenecks", bottlenecks)
    variances = pca.explained_variance_
    most = int((variances > ROUNDING * variances.sum()).sum()) - 1
    if most < 1:
        raise InvalidInput(
            "One component reconstructs these training rows exactly, so there is nothing to compare. Pass "
            "more rows, or rows that vary in more than one direction."
        )
    if numbers[-1] > most:
        raise InvalidInput(
            f"bottlenecks must be at most {most}, as more components reconstruct these training rows "
            f"exactly; received {numbers[-1]}."
        )
    return numbers


def check_network(model: keras.Model, *, bottleneck: int, split: Split) -> keras.Model:
    """Returns the network if it is an autoencoder of these inputs with such a bottleneck.

    Raises:
        InvalidInput: If it is not, or it is compiled without the metric `mse`.
    """
    layer = next((layer for layer in model.layers if layer.name == "bottleneck"), None)
    found = None if layer is None else layer.output.shape[-1]
    if found != bottleneck or tuple(model.output_shape[1:]) != split.input_shape:
        raise InvalidInput(
            f"build must return an autoencoder of inputs of shape {split.input_shape} with a layer "
            f"'bottleneck' of {bottleneck} units, as build_autoencoder does; received one with outputs of "
            f"shape {tuple(model.output_shape[1:])} and {found or 'no such'} units."
        )
    common_metric([model], ["mse"])
    return model


def _form(split: Split) -> tuple:
    return split.input_shape, len(split.x_train), len(split.x_validation), len(split.x_test)
