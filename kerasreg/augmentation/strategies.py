"""Pictures changed once and for all, by the package's own augmentation or by anyone's."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from kerasreg.augmentation.layers import augmentation_layers
from kerasreg.augmentation.strengths import Augmentation
from kerasreg.checks import InvalidInput, check_takes, check_whole_number, shown
from kerasreg.records import Split
from kerasreg.records.content import duplicate_groups
from kerasreg.seeds import derive_seed

Strategy = Augmentation | keras.Layer | Callable[..., np.ndarray]

BATCH = 1024  # pictures at a time, so that a large data set needs no large memory
ROUNDING = 1e-5  # an interpolation in single precision may leave [0, 1] by 1e-6


def augmented(pictures: np.ndarray, strategy: Strategy, *, seed: int = 0) -> np.ndarray:
    """Returns pictures changed by a strategy, once, each at random in its own way.

    Args:
        pictures: Floating-point array in [0, 1] of shape (n, height, width, channels), or (n, 3), which
            are pixels and taken for pictures of 1 x 1.
        strategy: What changes them. An `Augmentation`; a Keras layer or model, called with
            `training=True`, whose random generators are set by `seed` for this call alone; or any function
            that takes an array of pictures (n, height, width, channels) and returns one. A function with
            a parameter `seed` gets one; without it, whatever it draws is its own affair.
        seed: Seed of the changes, a whole number >= 0.

    Returns:
        Array of the shape and type of `pictures`; those that came in stay as they are.

    Raises:
        InvalidInput: If the pictures or the strategy cannot be used, or what the strategy returns has
            another shape, is not floating-point, not finite, or leaves [0, 1].

    Example:
    >>> pixels = np.array([[0.1, 0.5, 0.9]])
    >>> augmented(pixels, lambda pictures: 1 - pictures).round(1)
    array([[0.9, 0.5, 0.1]])
    """
    check_whole_number("seed", seed, minimum=0)
    check_pictures(pictures)
    if pictures.ndim == 2:
        return augmented(pictures[:, None, None], strategy, seed=seed)[:, 0, 0]
    changed = _function_of(strategy, pictures.shape[1:], seed)(pictures.copy())
    changed = _checked(changed, pictures.shape, _name_of(strategy))
    return np.clip(changed, 0, 1).astype(pictures.dtype)


def augmented_split(split: Split, strategy: Strategy, *, copies: int = 1, seed: int = 0) -> Split:
    """Returns a data set whose training part has changed pictures beside the original ones.

    Unlike the builders' `augmentation`, which draws anew at every step, the changes are drawn once.
    Labels and other targets stay what they were; of a split for autoencoders (`Split.as_autoencoder`) the
    changed picture is its own target. Validation and test parts stay untouched. A changed picture that
    has come out exactly equal to one of theirs is left out, as pixels that were clipped may.

    Args:
        split: Pictures in [0, 1], or pixels of three values.
        strategy: What changes them, as `augmented` takes it.
        copies: How many changed versions of each training picture, at least 1.
        seed: Seed of the changes, a whole number >= 0.

    Returns:
        The original training rows, then the copies one after another, with the source rows they came from.

    Raises:
        InvalidInput: As `augmented` does, or if `split` is none, or `copies` no whole number of at least 1.
    """
    check_whole_number("copies", copies)
    if not isinstance(split, Split):
        raise InvalidInput(f"split must be a Split; received {shown(split)}. augmented takes an array.")
    changed = [
        augmented(split.x_train, strategy, seed=derive_seed(seed, "copy", copy)) for copy in range(copies)
    ]
    rows = np.concatenate(changed)
    kept = ~_stands_in(rows, np.concatenate([split.x_validation, split.x_test]))
    own_target = split.num_classes is None and np.array_equal(split.x_train, split.y_train)
    targets = rows if own_target else np.concatenate([split.y_train] * copies)
    indices = np.concatenate([split.train_indices] * copies)
    return replace(
        split,
        name=f"{split.name}, augmented",
        x_train=np.concatenate([split.x_train, rows[kept]]),
        y_train=np.concatenate([split.y_train, targets[kept]]),
        train_indices=np.concatenate([split.train_indices, indices[kept]]),
    )


def check_pictures(pictures: np.ndarray) -> None:
    """Raises `InvalidInput` unless `pictures` are (n, height, width, channels) or (n, 3), in [0, 1]."""
    if not isinstance(pictures, np.ndarray) or not (
        pictures.ndim == 4 or (pictures.ndim == 2 and pictures.shape[1] == 3)
    ):
        received = f"shape {pictures.shape}" if isinstance(pictures, np.ndarray) else type(pictures).__name__
        raise InvalidInput(
            "pictures must be an array of shape (n, height, width, channels), or of pixels (n, 3); "
            f"received {received}. Pictures of one color have 1 channel: x[..., None] adds it."
        )
    if not np.issubdtype(pictures.dtype, np.floating):
        raise InvalidInput(f"pictures must be floating-point in [0, 1]; received {pictures.dtype}.")
    if pictures.size and not (np.isfinite(pictures).all() and pictures.min() >= 0 and pictures.max() <= 1):
        raise InvalidInput(
            f"pictures must have finite values in [0, 1]; received {pictures.min():g} to {pictures.max():g}."
        )


def _function_of(strategy: Strategy, shape: tuple[int, ...], seed: int) -> Callable[[np.ndarray], Any]:
    """Returns the strategy as a function of pictures alone."""
    if isinstance(strategy, Augmentation):
        strategy.check_suits(shape)
        layers = augmentation_layers(strategy, seed=seed)
        return lambda pictures: _through(layers, pictures)
    if isinstance(strategy, keras.Layer):
        return lambda pictures: _seeded(strategy, pictures, seed)
    if not callable(strategy):
        raise InvalidInput(
            "strategy must be an Augmentation, a Keras layer, or a function from pictures to pictures; "
            f"received {shown(strategy)}."
        )
    try:
        takes_seed = "seed" in inspect.signature(strategy, follow_wrapped=False).parameters
    except (TypeError, ValueError):  # some functions written in C do not say
        return strategy
    options = {"seed": seed} if takes_seed else {}
    call = f"strategy(pictures{', seed=...' * takes_seed})"
    check_takes(f"The strategy {_name_of(strategy)!r}", strategy, call, None, **options)
    return lambda pictures: strategy(pictures, **options)


def _through(layers: list[keras.Layer], pictures: np.ndarray) -> np.ndarray:
    """Returns the pictures after the layers, in batches."""
    changed = np.empty_like(pictures)
    for start in range(0, len(pictures), BATCH):
        batch = slice(start, start + BATCH)
        part = pictures[batch]
        for layer in layers:
            part = _checked(layer(part, training=True), part.shape, layer.name)
        changed[batch] = part
    return changed


def _seeded(layer: keras.Layer, pictures: np.ndarray, seed: int) -> np.ndarray:
    """Returns the pictures after a layer whose random generators start from `seed`, and puts these back."""
    if not layer.built:
        layer.build(pictures.shape)
    generators = [variable for variable in layer.variables if variable.name == "seed_generator_state"]
    before = [keras.ops.convert_to_numpy(variable) for variable in generators]
    for place, variable in enumerate(generators):
        variable.assign(np.array([derive_seed(seed, "generator", place), 0], before[place].dtype))
    try:
        return _through([layer], pictures)
    finally:
        for variable, value in zip(generators, before, strict=True):
            variable.assign(value)


def _name_of(strategy: Strategy) -> str:
    return getattr(strategy, "__name__", None) or getattr(strategy, "name", None) or type(strategy).__name__


def _checked(changed: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Returns what a strategy made as an array, or refuses it."""
    if not isinstance(changed, np.ndarray) and keras.ops.is_tensor(changed):
        changed = keras.ops.convert_to_numpy(changed)
    if not isinstance(changed, np.ndarray):
        raise InvalidInput(
            f"The strategy {name!r} must return an array of pictures; it returned {type(changed).__name__}."
        )
    if changed.shape != shape:
        raise InvalidInput(
            f"The strategy {name!r} must return pictures of the shape it was given, {shape}; it returned "
            f"{changed.shape}."
        )
    if not np.issubdtype(changed.dtype, np.floating):
        raise InvalidInput(
            f"The strategy {name!r} must return floating-point values in [0, 1]; it returned "
            f"{changed.dtype}. Divide 8-bit values by 255."
        )
    if not np.isfinite(changed).all():
        raise InvalidInput(f"The strategy {name!r} returned NaN or infinite values; all must be finite.")
    if changed.size and not -ROUNDING <= changed.min() <= changed.max() <= 1 + ROUNDING:
        raise InvalidInput(
            f"The strategy {name!r} returned values from {changed.min():.3g} to {changed.max():.3g}, and "
            "pictures must stay in [0, 1]. Let it return numpy.clip(pictures, 0, 1)."
        )
    return changed


def _stands_in(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Says which rows hold exactly the same numbers as one of `others`, shape (len(rows),)."""
    found = np.zeros(len(rows), bool)
    for group in duplicate_groups(rows, others):
        if group[-1] >= len(rows):
            found[[row for row in group if row < len(rows)]] = True
    return found
