"""Two-dimensional codes of PCA and of an autoencoder, and how well they separate the classes."""

from collections.abc import Callable

import keras
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_whole_number
from kerasreg.experiments.autoencoder_pca.components import components_of, errors_by_number
from kerasreg.experiments.autoencoder_pca.latent_record import LatentMap
from kerasreg.experiments.autoencoder_pca.preparing import as_target, check_network
from kerasreg.experiments.running import built, final_errors
from kerasreg.population import fit_population
from kerasreg.records import Split
from kerasreg.records.majority import majority_error
from kerasreg.seeds import derive_seed


def latent_map(
    build: Callable[..., keras.Model],
    split: Split,
    *,
    repeats: int = 5,
    neighbors: int = 10,
    grid: int = 10,
    epochs: int = 300,
    batch_size: int = 32,
    patience: int = 30,
    seed: int = 0,
    progress: bool = False,
) -> LatentMap:
    """Maps images to two-dimensional codes, by PCA and by an autoencoder that never sees their classes.

    How well do the codes separate the classes? The measure is the accuracy of a k-nearest-neighbors
    classifier of the codes, fitted to the training images and scored on the test images. The codes drawn
    are those of the network with the lowest validation error among the repeats.

    Args:
        build: Function `build(seed=...)` that returns a compiled autoencoder with two units in the layer
            `bottleneck`.
        split: Images with classes, which are used for the measure only.
        repeats: Number of networks, at least 1; an interval needs 2.
        neighbors: Training images that vote on a class; all of them if there are fewer.
        grid: Images on each side of the grid of decoded codes; 0 for no grid.
        epochs: Maximum number of epochs.
        batch_size: Rows per batch.
        patience: Epochs without improvement of the validation error after which a network stops and
            restores its best epoch.
        seed: Seed of the initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a progress bar.

    Returns:
        The codes of the test images, their classes, and the accuracies; NaN for a network that diverged or
        was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If an argument is not accepted, every training diverged, or `build` returns another
            kind of network.
        UnstackableModel: If `fit_population` does not support the network.

    Reference:
        Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, Science 313,
        2006, figure 3.

    Example:
    >>> from functools import partial
    >>> from kerasreg import build_autoencoder, load_digits_split
    >>> build = partial(build_autoencoder, (8, 8, 1), units=(32,), bottleneck=2)
    >>> found = latent_map(build, load_digits_split(), repeats=2, epochs=2, grid=3)
    >>> found.codes.shape, found.decoded.shape
    ((360, 2), (3, 3, 8, 8, 1))
    """
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_whole_number("seed", seed, minimum=0)
    check_whole_number("grid", grid, minimum=0)
    data = as_target(split)
    if split.num_classes is None or not len(split.x_validation):
        raise InvalidInput("A latent map needs images with classes, and validation rows for early stopping.")
    neighbors = min(check_whole_number("neighbors", neighbors), len(data.x_train))
    models = [
        check_network(
            built(build, seed=derive_seed(seed, "latent map", "weights", repeat)), bottleneck=2, split=data
        )
        for repeat in range(repeats)
    ]
    history = fit_population(
        models,
        data,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        monitor="val_mse",
        seeds=[derive_seed(seed, "latent map", "order", repeat) for repeat in range(repeats)],
        progress=progress,
    )
    validation, test = (final_errors(models, data, part, "mse", history) for part in ("validation", "test"))
    finished = np.isfinite(validation)
    if not finished.any() and not history.interrupted:
        raise InvalidInput("Every training diverged, so there is no map. Try a lower learning rate.")
    pca = components_of(data)
    of_pca = {part: pca.transform(_flat(getattr(data, f"x_{part}")))[:, :2] for part in ("train", "test")}
    codes = [
        {
            part: _encoded(model, getattr(data, f"x_{part}")) if own else np.full_like(of_pca[part], np.nan)
            for part in of_pca
        }
        for model, own in zip(models, finished, strict=True)
    ]

    def separation(mapped: dict[str, np.ndarray]) -> float:
        if not all(np.isfinite(values).all() for values in mapped.values()):
            return np.nan
        rule = KNeighborsClassifier(neighbors)
        return float(rule.fit(mapped["train"], split.y_train).score(mapped["test"], split.y_test))

    shown = int(np.nanargmin(validation)) if finished.any() else 0
    return LatentMap(
        data=split.name,
        labels=split.y_test,
        codes=codes[shown]["test"],
        pca_codes=of_pca["test"],
        shown=shown,
        test_mse=test,
        validation_mse=validation,
        pca_test_mse=float(errors_by_number(pca, data.x_test)[1]),
        accuracy=np.array([separation(mapped) for mapped in codes]),
        pca_accuracy=separation(of_pca),
        decoded=(
            _decoded(models[shown], _grid(codes[shown]["test"], grid)) if grid and finished.any() else None
        ),
        pca_decoded=(
            (pca.mean_ + _grid(of_pca["test"], grid) @ pca.components_[:2]).reshape(
                grid, grid, *data.input_shape
            )
            if grid
            else None
        ),
        settings={
            "neighbors": neighbors,
            "epochs": epochs,
            "batch_size": batch_size,
            "patience": patience,
            "seed": seed,
        },
        seconds=history.seconds,
        interrupted=history.interrupted,
        majority_error=majority_error([split]),
    )


def _encoded(model: keras.Model, x: np.ndarray) -> np.ndarray:
    encoder = keras.Model(model.inputs[0], model.get_layer("bottleneck").output)
    return keras.ops.convert_to_numpy(encoder(x))


def _decoded(model: keras.Model, codes: np.ndarray) -> np.ndarray:
    """Returns the images that the decoder makes of codes of shape (rows, columns, 2)."""
    place = [layer.name for layer in model.layers].index("bottleneck")
    decoder = keras.Sequential([keras.Input((2,)), *model.layers[place + 1 :]])
    pictures = keras.ops.convert_to_numpy(decoder(codes.reshape(-1, 2).astype("float32")))
    return pictures.reshape(*codes.shape[:2], *pictures.shape[1:])


def _grid(codes: np.ndarray, size: int) -> np.ndarray:
    """Returns evenly spaced codes over the middle 90 % of each axis, shape (size, size, 2), top row first."""
    low, high = np.quantile(codes, (0.05, 0.95), axis=0)
    across, up = (np.linspace(low[axis], high[axis], size) for axis in (0, 1))
    return np.stack(np.meshgrid(across, up[::-1]), axis=-1)


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1).astype(float)
