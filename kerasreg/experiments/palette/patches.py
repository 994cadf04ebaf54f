"""A picture's patches to train autoencoders on, and pictures redrawn by them."""

from collections.abc import Sequence

import keras
import numpy as np

from kerasreg.augmentation import Strategy, augmented
from kerasreg.checks import InvalidInput
from kerasreg.patches import patch_corners, patches_of, picture_of
from kerasreg.population import predict_population, without_retracing_advice
from kerasreg.records import Split
from kerasreg.seeds import derive_seed


def redrawn(models: Sequence[keras.Model], picture: np.ndarray, patch_size: int) -> list[np.ndarray]:
    """Returns what each autoencoder of patches makes of a picture, in the picture's shape.

    Patches start at every half patch, and are averaged where they overlap.

    Args:
        models: Compiled autoencoders of patches of shape (patch_size, patch_size, 3).
        picture: Array of shape (height, width, 3).
        patch_size: Height and width of a patch in pixels.

    Raises:
        InvalidInput: If a patch is larger than the picture.
    """
    stride = max(1, patch_size // 2)
    with without_retracing_advice():
        predicted = predict_population(models, patches_of(picture, patch_size, stride), batch_size=4096)
    # An average of values in [0, 1] may leave it by rounding.
    return [np.clip(picture_of(patches, picture.shape, stride), 0, 1) for patches in predicted]


def split_of_patches(
    picture: np.ndarray,
    patch_size: int,
    train_size: int,
    *,
    rows: int,
    strategy: Strategy | None = None,
    seed: int = 0,
) -> Split:
    """Returns some of a picture's patches to train an autoencoder on, repeated to a number of rows.

    Args:
        picture: The training picture, shape (height, width, 3).
        patch_size: Height and width of a patch in pixels.
        train_size: How many patches to take, at random, of all that overlap in the picture.
        rows: How many rows the training part has, so that an epoch is as many batches for any `train_size`.
        strategy: What changes the second half of the rows, each in its own way; `None` for nothing.
        seed: Seed of the draw and the changes. With one seed a smaller set is part of a larger one.

    Returns:
        A data set with a training part only, each patch its own target.

    Raises:
        InvalidInput: If there are fewer patches than `train_size`, a patch is larger than the picture, or the
            strategy cannot be used.
    """
    count = len(patch_corners(picture.shape, patch_size))
    if train_size > count:
        raise InvalidInput(
            f"{train_size} patches to train on cannot be drawn: the training picture has {count} of "
            f"{patch_size} x {patch_size} pixels. Take fewer of them, or a larger picture."
        )
    order = np.random.default_rng(derive_seed(seed, "patches")).permutation(count)
    indices = np.resize(order[:train_size], rows)
    x = patches_of(picture, patch_size, numbers=indices)
    if strategy is not None:
        half = rows // 2
        x[half:] = augmented(x[half:], strategy, seed=derive_seed(seed, "augmented", train_size))
        indices[half:] = count + np.arange(rows - half)  # each of them is a row of its own
    none, nowhere = x[:0], indices[:0]
    return Split(
        name="patches",
        x_train=x,
        y_train=x,
        x_validation=none,
        y_validation=none,
        x_test=none,
        y_test=none,
        train_indices=indices,
        validation_indices=nowhere,
        test_indices=nowhere,
        num_classes=None,
    )
