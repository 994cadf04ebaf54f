"""Recoloring: a picture in the palette of another one, in one call."""

import io
import math
import os
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from kerasreg.augmentation import Strategy
from kerasreg.builders import build_autoencoder
from kerasreg.checks import InvalidInput, check_whole_number, shown
from kerasreg.data import read_picture
from kerasreg.files import expanded, write_atomically
from kerasreg.patch_autoencoders import redrawn, split_of_patches
from kerasreg.patches import patch_corners
from kerasreg.plotting.recolored import axes_of_one_height, plot_recolored
from kerasreg.population import fit_population
from kerasreg.regularization import Regularization
from kerasreg.seeds import derive_seed

Source = str | os.PathLike | Image.Image | np.ndarray

ROWS = 1024  # patches per epoch, repeated if there are fewer
LEARNING_RATE = 0.01
# If colors lie on a line, many weights reproduce them equally well, and some turn light into dark off that
# line. A small penalty keeps the weights along the line, and as many units in use as the training picture has
# directions of color; without it results differ between seeds, and some are ugly.
WEIGHT_PENALTY = Regularization(l2=1e-3)


def recolor(
    image: Source,
    training_image: Source,
    *,
    units: int | None = None,
    patch_size: int = 1,
    train_size: int | None = None,
    augmentation: Strategy | None = None,
    epochs: int = 40,
    largest: int = 512,
    seed: int = 0,
    directory: str | os.PathLike | None = None,
) -> Image.Image:
    """Redraws a picture with an autoencoder that was trained on another picture only.

    The network is a small MLP: a patch in, one hidden layer of a few linear units, the same patch out. It is
    trained, with a little L2, to reproduce the patches of `training_image`, and it redraws `image` in the
    colors that it knows. Two units leave two numbers for each pixel: mostly its lightness, and its position
    between the two colors that the training picture contrasts. A single unit leaves shades from one color to
    another, which is the strongest change, but little more than gray for a training picture with many colors.
    More units and augmented colors bring back the picture's own colors: see
    `kerasreg.experiments.palette_experiment`.

    Args:
        image: Picture to redraw: a file, a Pillow image or an array, as in `kerasreg.data.read_picture`.
        training_image: Picture whose palette it gets; the same kinds.
        units: Units of the hidden layer, at least 1. By default the square root of the size of a patch,
            rounded: two for the 3 values of a pixel, seven for the 48 of a patch of 4 x 4 pixels.
        patch_size: Height and width of the patches in pixels, at least 1; 1 takes each pixel by itself and
            keeps the picture sharp. Larger patches blur it, the more so the fewer units there are.
        train_size: Number of training patches, drawn at random; by default 1,024, or all if there are fewer.
        augmentation: Augmentation of half of the patches in training: an `Augmentation`, a Keras layer, or a
            function of an array of patches, as in `kerasreg.augmentation.augmented`. Geometric
            augmentations do nothing to single pixels.
        epochs: Epochs of 1,024 patches to train for, at least 1.
        largest: Maximum height and width of a picture in pixels. Larger ones are scaled down, with a warning.
        seed: Seed of the patches, the initial weights and the order of rows, a whole number >= 0.
        directory: Folder in which to save `original.png`, `recolored.png` and `figure.png`, which shows both
            beside the training picture. It is created if needed, and files of these names are replaced.
            `None` saves nothing.

    Returns:
        The picture in RGB, with the size of the original after scaling.

    Raises:
        InvalidInput: If a picture cannot be read or is smaller than a patch; the augmentation leaves [0, 1]
            or changes the shape; `directory` is a file; or a number is outside its range.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague), the homework of
        images_simple_mlp_autoencoder.

    Example:
    >>> from kerasreg import recolor
    >>> sand_and_sea = np.linspace((0.0, 0.3, 0.5), (0.9, 0.8, 0.6), 64).reshape(8, 8, 3)
    >>> recolor(np.eye(16), sand_and_sea, epochs=1).size
    (16, 16)
    """
    check_whole_number("patch_size", patch_size)
    units = round(math.sqrt(3) * patch_size) if units is None else check_whole_number("units", units)
    if train_size is not None:
        check_whole_number("train_size", train_size)
    if not isinstance(directory, str | os.PathLike | None):
        raise InvalidInput(f"directory must be the name of a folder or None; received {shown(directory)}.")
    folder = None if directory is None else expanded(directory)
    original, training = (read_picture(source, largest=largest) for source in (image, training_image))
    # Both calls raise if a picture is smaller than a patch, before anything is trained.
    patch_corners(original.shape, patch_size)
    available = len(patch_corners(training.shape, patch_size))
    split = split_of_patches(
        training,
        patch_size,
        min(ROWS, available) if train_size is None else train_size,
        rows=ROWS if train_size is None else max(ROWS, train_size),
        strategy=augmentation,
        seed=derive_seed(seed, "recolor"),
    )
    model = build_autoencoder(
        split.input_shape,
        bottleneck=units,
        units=(),
        regularization=WEIGHT_PENALTY,
        learning_rate=LEARNING_RATE,
        seed=seed,
    )
    if folder is not None:
        _make(folder)  # before training, whose result would be lost if the folder cannot be made
    fit_population([model], split, epochs=epochs, seeds=[derive_seed(seed, "recolor", "order")])
    (output,) = redrawn([model], original, patch_size)
    recolored = _as_image(output)
    if folder is not None:
        write_atomically(folder / "original.png", _as_png(_as_image(original)))
        write_atomically(folder / "recolored.png", _as_png(recolored))
        figure = Figure(layout="constrained")  # not pyplot's, which a notebook would show
        pictures = (original, training, output)
        plot_recolored(*pictures, axes_of_one_height(figure, pictures))
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=150, bbox_inches="tight")
        write_atomically(folder / "figure.png", content.getvalue())
    return recolored


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        raise InvalidInput(
            f"directory must be a folder, or where one can be made; {folder} is none: "
            f"{getattr(error, 'strerror', error)}. Give another name."
        ) from error


def _as_image(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(np.round(255 * picture).astype(np.uint8))


def _as_png(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, format="PNG")
    return content.getvalue()
