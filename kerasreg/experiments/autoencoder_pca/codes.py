"""Codes of two numbers a picture, which can be drawn: PCA's and an autoencoder's."""

from collections.abc import Callable

import keras
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from kerasreg.checks import MAX_REPEATS, InvalidInput, check_whole_number
from kerasreg.experiments.autoencoder_pca.components import components_of, errors_by_number
from kerasreg.experiments.autoencoder_pca.preparing import as_target, check_network, measured, whole_only
from kerasreg.experiments.running import built
from kerasreg.population import fit_population
from kerasreg.records import LatentMap, Split
from kerasreg.seeds import derive_seed


def latent_map(
    build: Callable[..., keras.Model],
    split: Split,
    *,
    repeats: int = 5,
    neighbours: int = 10,
    grid: int = 10,
    epochs: int = 300,
    batch_size: int = 32,
    patience: int = 30,
    seed: int = 0,
    progress: bool = False,
) -> LatentMap:
    """Maps pictures to two numbers each, by PCA and by an autoencoder that never sees their classes.

    The question: how well do the two numbers keep the classes apart? It is measured by how
    many test pictures have the class that most of the nearest training pictures on the map have. Of the
    repeats, the network with the least validation error has its codes drawn.

    Args:
        build: Makes a compiled autoencoder with two units in the layer `bottleneck`: `build(seed=...)`.
        split: Pictures with classes, which are used for the measure alone.
        repeats: How many networks, at least 1; an interval takes 2.
        neighbours: How many training pictures decide on a class; all where there are fewer.
        grid: Pictures on each side of the grid of decoded codes; 0 for none.
        epochs: Epochs to train for, at most.
        batch_size: Rows in a batch.
        patience: Epochs without improvement of the validation error after which a network stops.
        seed: Seed of the initial weights and of the order of rows, a whole number >= 0.
        progress: Whether to show a bar.

    Returns:
        The codes of the test pictures, their classes, and how well the codes keep these apart.

    Raises:
        InvalidInput: If an argument cannot be used, no training came to its end, or `build` gives another
            kind of network.
        UnstackableModel: If `fit_population` does not cover the network.

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
        raise InvalidInput("A latent map needs pictures with classes, and validation rows to stop by.")
    neighbours = min(check_whole_number("neighbours", neighbours), len(data.x_train))
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
    validation = whole_only(measured(models, [data] * repeats, "validation"), history)
    if not np.isfinite(validation).any():
        raise InvalidInput(
            "No training came to its end, so there is no map: they diverged or were interrupted. Try a "
            "smaller learning rate."
        )
    pca = components_of(data)
    of_pca = {part: pca.transform(_flat(getattr(data, f"x_{part}")))[:, :2] for part in ("train", "test")}
    codes = [{part: _encoded(model, getattr(data, f"x_{part}")) for part in of_pca} for model in models]

    def apart(mapped: dict[str, np.ndarray]) -> float:
        if not all(np.isfinite(values).all() for values in mapped.values()):  # the training diverged
            return np.nan
        rule = KNeighborsClassifier(neighbours)
        return float(rule.fit(mapped["train"], split.y_train).score(mapped["test"], split.y_test))

    shown = int(np.nanargmin(validation))
    test = whole_only(measured(models, [data] * repeats, "test"), history)
    return LatentMap(
        data=split.name,
        labels=split.y_test,
        codes=codes[shown]["test"],
        pca_codes=of_pca["test"],
        shown=shown,
        test_mse=test,
        validation_mse=validation,
        pca_test_mse=float(errors_by_number(pca, data.x_test)[1]),
        accuracy=whole_only(np.array([apart(mapped) for mapped in codes]), history),
        pca_accuracy=apart(of_pca),
        decoded=_decoded(models[shown], _grid(codes[shown]["test"], grid)) if grid else None,
        pca_decoded=(
            (pca.mean_ + _grid(of_pca["test"], grid) @ pca.components_[:2]).reshape(
                grid, grid, *data.input_shape
            )
            if grid
            else None
        ),
        settings={
            "neighbours": neighbours,
            "epochs": epochs,
            "batch_size": batch_size,
            "patience": patience,
            "seed": seed,
        },
        seconds=history.seconds,
    )


def _encoded(model: keras.Model, x: np.ndarray) -> np.ndarray:
    encoder = keras.Model(model.inputs[0], model.get_layer("bottleneck").output)
    return keras.ops.convert_to_numpy(encoder(x))


def _decoded(model: keras.Model, codes: np.ndarray) -> np.ndarray:
    """Returns what the layers after the bottleneck make of codes of shape (rows, columns, 2)."""
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
