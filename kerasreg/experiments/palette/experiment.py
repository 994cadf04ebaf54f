"""Palettes of pictures that autoencoders of the patches of one picture redraw."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import product

import keras
import numpy as np
from PIL import Image

from kerasreg.augmentation import Augmentation, Strategy
from kerasreg.checks import (
    MAX_REPEATS,
    InvalidInput,
    check_ascending,
    check_numbers,
    check_text,
    check_whole_number,
    shown,
)
from kerasreg.color import distance_of_palettes, palette_of
from kerasreg.experiments.palette.record import PaletteExperiment
from kerasreg.experiments.running import built, epochs_for
from kerasreg.patch_autoencoders import redrawn, split_of_patches
from kerasreg.patches import patch_corners
from kerasreg.population import fit_population
from kerasreg.seeds import derive_seed

THUMBNAIL = 64  # maximum height and width in pixels of the pictures that the record keeps
COLORS = Augmentation(channel_permutation=0.5, palette=0.7)


def palette_experiment(
    build: Callable[..., keras.Model],
    training_picture: np.ndarray,
    others: Mapping[str, np.ndarray],
    *,
    train_sizes: Sequence[int] = (8, 64, 512),
    units: Sequence[int] = (1, 2, 4, 16),
    strategies: Mapping[str, Strategy | None] | None = None,
    patch_size: int = 4,
    repeats: int = 5,
    updates: int = 1500,
    batch_size: int = 32,
    training_name: str = "training picture",
    seed: int = 0,
    progress: bool = False,
) -> PaletteExperiment:
    """Trains autoencoders on patches of one picture and measures the palettes of others that they redraw.

    Does an autoencoder that has seen only one picture redraw others in the palette of its training picture?
    What makes it reproduce theirs: more patches, more units, or patches whose colors were changed at random?

    Every network gets the same number of updates on batches of the same size: an epoch has twice the largest
    number of patches, and a smaller set is repeated in it. With a strategy, each patch in the second half
    of the epoch is augmented in its own way, once. Repeat r has the same patches (a smaller set is part of
    the larger ones), initial weights and order of rows for every strategy, so that differences are
    paired. Pictures are cut at every half patch, and overlapping patches averaged.

    Args:
        build: Function `build(units, seed=...)` that returns a compiled autoencoder of patches of shape
            (patch_size, patch_size, 3) with outputs in [0, 1]. It is called with each of `units`.
        training_picture: Red, green and blue in [0, 1], shape (height, width, 3). A height and width of about
            100 pixels are enough, here and below: time and memory grow with the area.
        others: Pictures that no network is trained on, by name, at least one.
        train_sizes: Numbers of training patches, ascending, drawn without replacement from all that overlap
            in the training picture.
        units: Numbers of units to pass to `build`, ascending, such as the size of the bottleneck.
        strategies: Augmentations of the patches by name, `None` for none; the others are compared with the
            first. By default `"no augmentation"` and `"augmented colors"`, which is
            `Augmentation(channel_permutation=0.5, palette=0.7)`.
        patch_size: Height and width of a patch in pixels; 1 for pixels.
        repeats: Networks of each setting, at least 1; an interval needs 2.
        updates: Batches that each network is trained on, rounded up to whole epochs.
        batch_size: Patches per batch.
        training_name: Name of the training picture in sentences and figures.
        seed: Seed of the patches, their augmentation, initial weights and orders, a whole number >= 0.
        progress: Whether to show a progress bar.

    Returns:
        Every network's mean squared error on the training picture and on each other one, and the distances of
        the output's palette from the source's and from the training picture's. NaN for a network that
        diverged or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If a picture, a strategy or another argument is not accepted.
        UnstackableModel: If `fit_population` does not support a network.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague), the practical
        example images_simple_mlp_autoencoder.

    Example:
    >>> from kerasreg import build_autoencoder
    >>> def build(units, seed):
    ...     return build_autoencoder((1, 1, 3), bottleneck=units, units=(), seed=seed)
    >>> sand, sea = np.full((4, 4, 3), (0.9, 0.8, 0.6)), np.full((4, 4, 3), (0.1, 0.4, 0.6))
    >>> options = {"train_sizes": [2], "units": [1], "patch_size": 1, "repeats": 1, "updates": 1}
    >>> palette_experiment(build, sand, {"sea": sea}, **options).to_source.shape
    (1, 1, 2, 1, 1)
    """
    began = time.perf_counter()
    check_whole_number("repeats", repeats, maximum=MAX_REPEATS)
    check_whole_number("updates", updates)
    check_whole_number("batch_size", batch_size)
    if strategies is None:
        strategies = {"no augmentation": None, "augmented colors": COLORS}
    _check_named("others", others)
    _check_named("strategies", strategies)
    train_sizes, units = check_ascending("train_sizes", train_sizes), check_ascending("units", units)
    pictures = _checked_pictures(training_picture, others, training_name, patch_size)
    splits = {
        (size, name, repeat): split_of_patches(
            pictures[training_name],
            patch_size,
            size,
            rows=2 * train_sizes[-1],
            strategy=strategies[name],
            seed=derive_seed(seed, repeat),
        )
        for size, name, repeat in product(train_sizes, strategies, range(repeats))
    }
    models, data, orders = [], [], []
    for size, count, name, repeat in product(train_sizes, units, strategies, range(repeats)):
        network = built(build, count, seed=derive_seed(seed, "palette", "weights", repeat))
        models.append(_check_network(network, patch_size))
        data.append(splits[size, name, repeat])
        orders.append(derive_seed(seed, "palette", "order", repeat))
    history = fit_population(
        models,
        data,
        epochs=epochs_for(updates, data, batch_size),
        batch_size=batch_size,
        seeds=orders,
        progress=progress,
    )
    palettes = {name: palette_of(picture) for name, picture in pictures.items()}
    of_training = palettes[training_name]
    shape = (len(train_sizes), len(units), len(strategies), repeats)
    measured, small = [], {}
    for name, picture in pictures.items():
        outputs = [
            output if finished else np.full_like(output, np.nan)
            for output, finished in zip(redrawn(models, picture, patch_size), history.finished, strict=True)
        ]
        figures = [_measured(output, picture, palettes[name], of_training) for output in outputs]
        measured.append(np.array(figures).reshape(*shape, 3))
        first = np.stack([_thumbnail(output) for output in outputs[::repeats]])
        small[name] = first.reshape(*shape[:3], *first.shape[1:])
    errors, to_source, to_training = np.moveaxis(np.stack(measured, axis=-2), -1, 0)
    one_of_each = models[: len(units) * len(strategies) * repeats : len(strategies) * repeats]
    return PaletteExperiment(
        training_name=training_name,
        pictures=tuple(others),
        train_sizes=train_sizes,
        units=units,
        strategies=tuple(strategies),
        num_parameters=tuple(model.count_params() for model in one_of_each),
        palettes_apart=np.array([distance_of_palettes(palettes[name], of_training) for name in others]),
        training_error=errors[..., 0],
        error=errors[..., 1:],
        to_source=to_source[..., 1:],
        to_training=to_training[..., 1:],
        originals={name: _thumbnail(picture) for name, picture in pictures.items()},
        redrawn=small,
        settings={"patch_size": patch_size, "updates": updates, "batch_size": batch_size, "seed": seed},
        seconds=time.perf_counter() - began,
        interrupted=history.interrupted,
    )


def _check_named(name: str, values: object) -> None:
    if not isinstance(values, Mapping) or not values:
        received = "none" if isinstance(values, Mapping) else f"a {type(values).__name__}"
        raise InvalidInput(
            f"{name} must be a dict of one or more by name, such as {{'name': ...}}; received {received}."
        )


def _checked_pictures(
    training_picture: np.ndarray, others: Mapping[str, np.ndarray], training_name: str, patch_size: int
) -> dict[str, np.ndarray]:
    """Returns the training picture and the others by name, in single precision."""
    check_text("training_name", training_name)
    if training_name in others:
        raise InvalidInput(f"One of others has the training picture's name, {training_name!r}; rename one.")
    pictures = {training_name: training_picture, **others}
    return {name: _checked(name, picture, patch_size) for name, picture in pictures.items()}


def _checked(name: str, picture: np.ndarray, patch_size: int) -> np.ndarray:
    """Returns a picture in single precision, or raises `InvalidInput`."""
    try:
        picture = check_numbers("picture", picture).astype(np.float32)
    except InvalidInput as error:
        raise InvalidInput(
            f"The picture {name!r} must be an array of numbers; received {shown(picture)}. "
            "kerasreg.read_picture reads one from any picture file."
        ) from error
    if picture.ndim != 3 or picture.shape[-1] != 3 or 0 in picture.shape:
        raise InvalidInput(
            f"The picture {name!r} must have shape (height, width, 3); received shape {picture.shape}."
        )
    if not (picture.min() >= 0 and picture.max() <= 1):  # NaN fails too
        raise InvalidInput(
            f"The picture {name!r} must have values in [0, 1]; received {picture.min():g} to "
            f"{picture.max():g}. kerasreg.read_picture reads one from any picture file."
        )
    patch_corners(picture.shape, patch_size)  # raises if it is smaller than a patch
    return picture


def _check_network(model: keras.Model, patch_size: int) -> keras.Model:
    """Returns the network, or raises `InvalidInput` unless it maps patches of this size to patches."""
    shape = (patch_size, patch_size, 3)
    found = [tuple(each[1:]) for each in (model.input_shape, model.output_shape)]
    if found != [shape, shape]:
        raise InvalidInput(
            f"build must return an autoencoder of patches of shape {shape}; received one from shape "
            f"{found[0]} to {found[1]}. Let it take the patch_size of the experiment, {patch_size}."
        )
    return model


def _measured(
    output: np.ndarray, picture: np.ndarray, palette: np.ndarray, of_training: np.ndarray
) -> tuple[float, float, float]:
    """Returns the mean squared error, and the palette's distance from the source's and the training one."""
    if np.isnan(output).all():
        return np.nan, np.nan, np.nan
    own = palette_of(output)
    error = float(np.mean((output - picture) ** 2))
    return error, distance_of_palettes(own, palette), distance_of_palettes(own, of_training)


def _thumbnail(picture: np.ndarray) -> np.ndarray:
    """Returns a thumbnail as 8-bit whole numbers; black where the picture is NaN."""
    image = Image.fromarray(np.round(255 * np.nan_to_num(picture)).astype(np.uint8))
    image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return np.asarray(image)
