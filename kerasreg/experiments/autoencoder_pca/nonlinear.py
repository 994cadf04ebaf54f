"""Nonlinear autoencoders against PCA with as many components as bottleneck units."""

from collections.abc import Callable, Sequence

import keras
import numpy as np

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_whole_number
from kerasreg.experiments.autoencoder_pca.components import components_of, error_within, errors_by_number
from kerasreg.experiments.autoencoder_pca.nonlinear_record import PARTS, NonlinearGain
from kerasreg.experiments.autoencoder_pca.preparing import (
    check_network,
    checked_bottlenecks,
    draws_of,
)
from kerasreg.experiments.running import built, final_errors, num_parameters
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.seeds import derive_seed


def nonlinear_gain(
    build: Callable[..., keras.Model],
    splits: Split | Callable[[int], Split],
    bottlenecks: Sequence[int] = (2, 4, 8, 16, 32),
    *,
    repeats: int = 4,
    epochs: int = 200,
    batch_size: int = 32,
    patience: int = 15,
    seed: int = 0,
    progress: bool = False,
) -> NonlinearGain:
    """Trains autoencoders of several bottlenecks and compares their test error with PCA's.

    PCA finds the best linear subspace. How much lower is the reconstruction error of an autoencoder with
    hidden layers on new rows, with the same latent dimension? Both are fitted to the training rows; only
    the network uses the validation rows, for early stopping.

    Args:
        build: Function `build(bottleneck, seed=...)` that returns a compiled autoencoder with a layer
            `bottleneck` and the metric `mse`, as `build_autoencoder` does.
        splits: The data, for all repeats; these then differ by initial weights and order of rows only. Or
            a function that draws them for repeat 0, 1, ...: intervals then include the luck of the draw, for
            PCA too. Draws that share many rows make intervals too narrow. Labels are not used.
        bottlenecks: Bottleneck units, ascending; fewer than the components with nonzero variance.
        repeats: Networks of each bottleneck, at least 1; an interval needs 2. A repeat has the same data and
            seeds at every bottleneck.
        epochs: Maximum number of epochs.
        batch_size: Rows per batch.
        patience: Epochs without improvement of the validation error after which a network stops and
            restores its best epoch.
        seed: Seed of the initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a progress bar.

    Returns:
        Mean squared errors of every network, and of PCA with every number of components; NaN for a network
        that diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, or `build` returns another kind of network.
        UnstackableModel: If `fit_population` does not support a network.

    Reference:
        Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, Science 313,
        2006.

    Example:
    >>> from kerasreg import build_autoencoder, load_digits_split
    >>> def build(bottleneck, seed):
    ...     return build_autoencoder((8, 8, 1), units=(32,), bottleneck=bottleneck, seed=seed)
    >>> gain = nonlinear_gain(build, load_digits_split(), (2, 8), repeats=2, epochs=2)
    >>> gain.test_mse.shape, gain.pca_test_mse.shape
    ((2, 2), (2, 2))
    """
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_whole_number("seed", seed, minimum=0)
    draws = draws_of(splits, repeats)
    if not len(draws[0].x_validation):
        raise InvalidInput("Early stopping needs validation rows, and the data have none.")
    components = {id(draw): components_of(draw) for draw in draws}
    numbers = checked_bottlenecks(bottlenecks, components[id(draws[0])])
    models = [
        check_network(
            built(build, number, seed=derive_seed(seed, "nonlinear gain", "weights", repeat)),
            bottleneck=number,
            split=draws[0],
        )
        for number in numbers
        for repeat in range(repeats)
    ]
    data = draws * len(numbers)
    history = fit_population(
        models,
        data,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        monitor="val_mse",
        seeds=[
            derive_seed(seed, "nonlinear gain", "order", repeat) for _ in numbers for repeat in range(repeats)
        ],
        progress=progress,
    )
    shape = (len(numbers), repeats)
    errors = {
        f"{part}_mse": final_errors(models, data, part, "mse", history).reshape(shape) for part in PARTS
    }
    of_pca, within = {}, {}
    for draw in {id(draw): draw for draw in draws}.values():
        pca = components[id(draw)]
        low, high = float(draw.x_train.min()), float(draw.x_train.max())
        of_pca[id(draw)] = errors_by_number(pca, draw.x_test)
        within[id(draw)] = [error_within(pca, draw.x_test, number, low, high) for number in numbers]
    return NonlinearGain(
        data=draws[0].name,
        bottlenecks=numbers,
        num_parameters=tuple(map(num_parameters, models[::repeats])),
        train_rows=len(draws[0].x_train),
        validation_rows=len(draws[0].x_validation),
        test_rows=len(draws[0].x_test),
        fresh_data=callable(splits),
        **errors,
        pca_by_number=np.array([of_pca[id(draw)] for draw in draws]),
        pca_within_range=np.array([within[id(draw)] for draw in draws]).T,
        best_epoch=history.best_epoch.reshape(shape),
        stop_reason=history.stop_reason.reshape(shape),
        settings={"epochs": epochs, "batch_size": batch_size, "patience": patience, "seed": seed},
        seconds=history.seconds,
        interrupted=history.interrupted,
    )
