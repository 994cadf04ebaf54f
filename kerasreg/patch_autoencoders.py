"""Autoencoders of the patches of one picture: their training data, and pictures that they redraw."""

from collections.abc import Sequence
from functools import partial

import keras
import numpy as np

from kerasreg.augmentation import Strategy, augmented
from kerasreg.checks import InvalidInput
from kerasreg.patches import patch_corners, patches_of, redraw
from kerasreg.population import predict_population
from kerasreg.records import Split
from kerasreg.seeds import derive_seed


def redrawn(models: Sequence[keras.Model], picture: np.ndarray, patch_size: int) -> list[np.ndarray]:
    """Returns a picture as each of several autoencoders of patches redraws it.

    Args:
        models: Compiled autoencoders of patches, shape (patch_size, patch_size, 3).
        picture: Array of shape (height, width, 3).
        patch_size: Height and width of a patch in pixels.

    Returns:
        One array for each network, with the shape of the picture and values in [0, 1].

    Raises:
        InvalidInput: If a patch is larger than the picture.
    """
    return redraw(picture, patch_size, partial(predict_population, models, batch_size=4096))


def split_of_patches(
    picture: np.ndarray,
    patch_size: int,
    train_size: int,
    *,
    rows: int,
    strategy: Strategy | None = None,
    seed: int = 0,
) -> Split:
    """Returns patches of a picture to train an autoencoder on, repeated to a number of rows.

    Args:
        picture: Training picture, shape (height, width, 3).
        patch_size: Height and width of a patch in pixels.
        train_size: Number of patches, drawn at random from all that overlap in the picture.
        rows: Number of training rows, so that an epoch has the same number of batches for any `train_size`.
        strategy: Augmentation of the second half of the rows, each in its own way; `None` for none.
        seed: Seed of the draw and of the augmentation. With the same seed a smaller set is part of a larger
            one.

    Returns:
        A data set with a training part only; each patch is its own target.

    Raises:
        InvalidInput: If there are fewer patches than `train_size`, a patch is larger than the picture, or the
            strategy is not accepted.
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
