"""An autoencoder of one picture's patches, applied to other pictures: whose colours come out?"""

import math
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
    check_whole_number,
    shown,
)
from kerasreg.colour import distance_of_palettes, palette_of
from kerasreg.experiments.palette.patches import redrawn, split_of_patches
from kerasreg.experiments.running import built
from kerasreg.patches import patch_corners
from kerasreg.population import fit_population
from kerasreg.records import PaletteExperiment
from kerasreg.seeds import derive_seed

THUMBNAIL = 64  # pixels of the longer side of the pictures that the record keeps, at most
COLOURS = Augmentation(channel_permutation=0.5, palette=0.7)


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
    """Trains autoencoders on one picture's patches, applies them to others, and measures the colours.

    The question: an autoencoder that has seen one picture only has to give back others. Does it redraw
    them in the palette of its training picture? And what makes it reproduce theirs: more patches, more
    units, or patches whose colours were changed at random?

    Every network is updated equally often, on batches of as many patches: an epoch is twice the
    largest number of patches, and a smaller set stands in it several times. With a strategy, each patch of
    the epoch's second half is changed in its own way, once and for all. Repeat r has the same patches
    (a smaller set is part of the larger ones), initial weights and order of rows for every strategy, so
    that differences are paired. Pictures are taken apart at every half patch, and overlapping patches
    averaged.

    Args:
        build: Makes a compiled autoencoder of patches of shape (patch_size, patch_size, 3) with outputs
            in [0, 1]: `build(units, seed=...)`, called with each of `units`.
        training_picture: Red, green and blue in [0, 1], shape (height, width, 3). About 100 pixels a
            side are enough, here and below: time and memory grow with the pictures' areas.
        others: Pictures that no network sees in training, by name, at least one.
        train_sizes: Numbers of patches to train on, ascending, drawn without replacement from all
            that overlap in the training picture.
        units: What `build` takes for the number of neurons, ascending, such as the size of the bottleneck.
        strategies: How patches are changed, by name, `None` for not at all; the others are compared with
            the first. By default `"no augmentation"` and `"augmented colours"`, which is
            `Augmentation(channel_permutation=0.5, palette=0.7)`.
        patch_size: Height and width of a patch in pixels; 1 for pixels.
        repeats: Networks of each setting, at least 1; an interval takes 2.
        updates: How many batches each network is trained on, rounded up to whole epochs.
        batch_size: Patches in a batch.
        training_name: What the training picture is called in sentences and plots.
        seed: Seed of the patches, their changes, initial weights and orders, a whole number >= 0.
        progress: Whether to show a bar.

    Returns:
        Every network's mean squared error on the training picture and on each other one, and how far the
        palette of what it made of it lies from the source's and from the training picture's. They are
        NaN for a network whose training diverged, or was interrupted by Ctrl-C.

    Raises:
        InvalidInput: If a picture, a strategy or another argument cannot be used.
        UnstackableModel: If `fit_population` does not cover a network.

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
        strategies = {"no augmentation": None, "augmented colours": COLOURS}
    for name, values in (("others", others), ("strategies", strategies)):
        if not isinstance(values, Mapping) or not values:
            raise InvalidInput(
                f"{name} must be one or more by name, such as {{'name': ...}}; received "
                f"{'none' if isinstance(values, Mapping) else f'a {type(values).__name__}'}."
            )
    train_sizes, units = check_ascending("train_sizes", train_sizes), check_ascending("units", units)
    if not isinstance(training_name, str):
        raise InvalidInput(f"training_name must be a text; received {shown(training_name)}.")
    pictures = {training_name: training_picture, **others}
    if len(pictures) == len(others):
        raise InvalidInput(f"One of others has the training picture's name, {training_name!r}; rename one.")
    pictures = {name: _checked(name, picture, patch_size) for name, picture in pictures.items()}
    palettes = {name: palette_of(picture) for name, picture in pictures.items()}
    of_training = palettes[training_name]
    rows = 2 * train_sizes[-1]
    models, data, orders = [], [], []
    splits = {
        (size, name, repeat): split_of_patches(
            pictures[training_name],
            patch_size,
            size,
            rows=rows,
            strategy=strategies[name],
            seed=derive_seed(seed, repeat),
        )
        for size, name, repeat in product(train_sizes, strategies, range(repeats))
    }
    for size, count, name, repeat in product(train_sizes, units, strategies, range(repeats)):
        network = built(build, count, seed=derive_seed(seed, "palette", "weights", repeat))
        models.append(_check_network(network, patch_size))
        data.append(splits[size, name, repeat])
        orders.append(derive_seed(seed, "palette", "order", repeat))
    history = fit_population(
        models,
        data,
        epochs=math.ceil(updates * batch_size / rows),
        batch_size=batch_size,
        seeds=orders,
        progress=progress,
    )
    whole = [member.stop_reason == "epochs" for member in history]
    shape = (len(train_sizes), len(units), len(strategies), repeats)
    measured, small = [], {}
    for name, picture in pictures.items():
        outputs = redrawn(models, picture, patch_size)
        figures = [
            _measured(output, picture, palettes[name], of_training) if complete else (np.nan,) * 3
            for output, complete in zip(outputs, whole, strict=True)
        ]
        measured.append(np.array(figures).reshape(*shape, 3))
        first = np.stack([_thumbnail(output) for output in outputs[::repeats]])
        small[name] = first.reshape(*shape[:3], *first.shape[1:])
    errors, to_source, to_training = np.moveaxis(np.stack(measured, axis=-2), -1, 0)
    return PaletteExperiment(
        training_name=training_name,
        pictures=tuple(others),
        train_sizes=train_sizes,
        units=units,
        strategies=tuple(strategies),
        num_parameters=tuple(
            models[place * len(strategies) * repeats].count_params() for place in range(len(units))
        ),
        palettes_apart=np.array([distance_of_palettes(palettes[name], of_training) for name in others]),
        training_error=errors[..., 0],
        error=errors[..., 1:],
        to_source=to_source[..., 1:],
        to_training=to_training[..., 1:],
        originals={name: _thumbnail(picture) for name, picture in pictures.items()},
        redrawn=small,
        settings={"patch_size": patch_size, "updates": updates, "batch_size": batch_size, "seed": seed},
        seconds=time.perf_counter() - began,
    )


def _checked(name: str, picture: np.ndarray, patch_size: int) -> np.ndarray:
    """Returns a picture in single precision, or refuses it before anything is trained."""
    try:
        picture = check_numbers("picture", picture).astype(np.float32)
    except InvalidInput as error:
        raise InvalidInput(
            f"The picture {name!r} must be an array of numbers; received {shown(picture)}. "
            "kerasreg.read_picture makes one of any picture."
        ) from error
    if picture.ndim != 3 or picture.shape[-1] != 3 or 0 in picture.shape:
        raise InvalidInput(
            f"The picture {name!r} must have shape (height, width, 3); received shape {picture.shape}."
        )
    if not (picture.min() >= 0 and picture.max() <= 1):  # NaN fails too
        raise InvalidInput(
            f"The picture {name!r} must have values in [0, 1]; received {picture.min():g} to "
            f"{picture.max():g}. kerasreg.read_picture makes them of any picture."
        )
    patch_corners(picture.shape, patch_size)  # refuses one that is smaller than a patch
    return picture


def _check_network(model: keras.Model, patch_size: int) -> keras.Model:
    """Returns the network if it takes and gives patches of this size, or refuses it."""
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
    """Returns the mean squared error, and how far the palette lies from the source's and the training one."""
    own = palette_of(output)
    error = float(np.mean((output - picture) ** 2))
    return error, distance_of_palettes(own, palette), distance_of_palettes(own, of_training)


def _thumbnail(picture: np.ndarray) -> np.ndarray:
    """Returns a small version as 8-bit whole numbers; black where there is no number."""
    image = Image.fromarray(np.round(255 * np.nan_to_num(picture)).astype(np.uint8))
    image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return np.asarray(image)
