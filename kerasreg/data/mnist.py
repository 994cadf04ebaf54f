"""A subset of MNIST, with the official test images whole."""

import os
from pathlib import Path

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_whole_number
from kerasreg.data.labeled_images import split_around_test
from kerasreg.data.npz import names_in_npz, read_npz
from kerasreg.files import expanded, readable_file
from kerasreg.records import Split

FILE = "mnist.npz"
SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
NUM_TRAIN = SHAPES["x_train"][0]
# As keras.datasets.mnist has them. Its load_data is not called, because in some versions it unpickles.
ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_mnist_subset(
    train_size: int | None = 1000,
    *,
    validation_fraction: float = 0.3,
    seed: int = 0,
    path: str | os.PathLike | None = None,
) -> Split:
    """Returns handwritten digits of 28x28 pixels: some of MNIST's training images, all its test images.

    The file is `path`; without it `mnist.npz` in the folder `$KERASREG_DATA_DIR`; without that the one
    in Keras' cache, where Keras downloads it the first time. Nothing in it is ever unpickled.

    Args:
        train_size: How many images the train and the validation part hold together, at most 60,000, or
            `None` for all of them. For one seed the images of a smaller size are among those of a
            larger one.
        validation_fraction: Fraction of these that becomes the validation part, in (0, 1).
        seed: Seed of the draws, which are stratified.
        path: The file `mnist.npz`, or the folder that holds it.

    Returns:
        A `Split` named "mnist": x of shape (n, 28, 28, 1), single precision, in [0, 1]; labels 0 to 9.
        Its indices are 0 to 59,999 for MNIST's training images and 60,000 to 69,999 for its test images.

    Raises:
        InvalidInput: If an argument is outside its range, or the file is not found or not MNIST.

    Reference:
        LeCun, Bottou, Bengio & Haffner, Gradient-Based Learning Applied to Document Recognition,
        Proceedings of the IEEE 86, 1998.
    """
    check_fraction("validation_fraction", validation_fraction)  # before minutes of downloading
    if train_size is not None:
        check_whole_number("train_size", train_size)
    arrays = _checked(_find(path))
    return split_around_test(
        "mnist",
        np.concatenate([arrays["x_train"], arrays["x_test"]]),
        np.concatenate([arrays["y_train"], arrays["y_test"]]),
        development=np.arange(NUM_TRAIN),
        test=np.arange(NUM_TRAIN, NUM_TRAIN + SHAPES["x_test"][0]),
        train_size=train_size,
        validation_fraction=validation_fraction,
        seed=seed,
        scale=255,
    )


def _find(path: str | os.PathLike | None) -> Path:
    if path is not None:
        path = expanded(path)
        file = path / FILE if path.is_dir() else path
        return readable_file(file, f"the file {FILE} that Keras downloads, or the folder that holds it")
    folder = os.environ.get("KERASREG_DATA_DIR")
    if folder and (expanded(folder) / FILE).exists():
        return expanded(folder) / FILE
    home = expanded(os.environ.get("KERAS_HOME") or "~/.keras")
    cached = home / "datasets" / FILE
    return cached if cached.exists() else _download(home)


def _download(home: Path) -> Path:
    import keras

    try:
        return Path(keras.utils.get_file(FILE, origin=ORIGIN, file_hash=SHA256, cache_dir=str(home)))
    except Exception as error:  # Keras raises a bare Exception when there is no network
        raise InvalidInput(
            f"MNIST was found nowhere, and downloading it failed ({error}). There are three ways: give "
            f"path=, the file {FILE} or the folder that holds it; set KERASREG_DATA_DIR to that folder; "
            f"or load it once with a network, and Keras keeps it in {home / 'datasets'}."
        ) from error


def _checked(file: Path) -> dict[str, np.ndarray]:
    in_file = names_in_npz(file)
    missing = [key for key in SHAPES if key not in in_file]
    if missing:
        found = ", ".join(sorted(in_file)) or "no array"
        raise InvalidInput(
            f"{file} is not MNIST: it misses {', '.join(missing)}; it holds {found}. "
            "The file that Keras downloads has x_train, y_train, x_test and y_test."
        )
    arrays = read_npz(file, SHAPES)
    for key, shape in SHAPES.items():
        array = arrays[key]
        if array.shape != shape or array.dtype != np.uint8:
            raise InvalidInput(
                f"{file} is not MNIST: {key} must have shape {shape} and uint8; received shape "
                f"{array.shape} and {array.dtype}. For other data use load_npz."
            )
    for key in ("y_train", "y_test"):
        if sorted(np.unique(arrays[key])) != list(range(10)):
            raise InvalidInput(f"{file} is not MNIST: {key} must hold the labels 0 to 9, each of them.")
    return arrays
