"""Pictures of what an autoencoder makes of pictures: a record in, matplotlib Axes out."""

import numpy as np
from matplotlib.axes import Axes

from kerasreg.checks import InvalidInput
from kerasreg.plotting.axes import clean_axes
from kerasreg.records import Reconstructions

GAP = 0.12  # of a picture's width, between two of them


def plot_reconstructions(found: Reconstructions, ax: Axes | None = None) -> Axes:
    """Draws test pictures, and below each what the network makes of it.

    Args:
        found: The pictures.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: originals above, reconstructions below, the mean squared error of each beneath it.
        Values outside [0, 1] are scaled to it, for all pictures alike.
    """
    rows = _within_range(np.stack([found.originals, found.rebuilt]))
    count, height, width = rows.shape[1:4]
    gap = max(1, round(GAP * width))
    canvas = np.ones((2 * height + gap, count * (width + gap) - gap, 3))
    for (row, column), picture in zip(np.ndindex(2, count), rows.reshape(-1, *rows.shape[2:]), strict=True):
        top, left = row * (height + gap), column * (width + gap)
        canvas[top : top + height, left : left + width] = picture
    ax = _show(canvas, ax)
    ax.set_yticks([(height - 1) / 2, height + gap + (height - 1) / 2], ["original", "rebuilt"])
    places = [column * (width + gap) + (width - 1) / 2 for column in range(count)]
    ax.set_xticks(places, [f"{error:.2g}" for error in found.mse], fontsize="small")
    ax.set_xlabel("mean squared error", fontsize="small")
    return ax


def plot_rebuilt_picture(found: Reconstructions, ax: Axes | None = None) -> Axes:
    """Draws the whole picture whose patches were the data, and beside it what the network makes of it.

    Args:
        found: The pictures.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: the original on the left, the reconstruction on the right.

    Raises:
        InvalidInput: If the data were not the patches of a picture.
    """
    if found.picture is None:
        raise InvalidInput("There is no whole picture here: the data were not the patches of one.")
    height, width = found.picture.shape[:2]
    gap = max(1, round(GAP / 3 * width))
    between = np.full((height, gap, 3), 255, dtype=np.uint8)
    ax = _show(np.concatenate([found.picture, between, found.picture_rebuilt], axis=1), ax)
    ax.set_yticks([])
    ax.set_xticks([(width - 1) / 2, width + gap + (width - 1) / 2], ["original", "rebuilt"])
    return ax


def _show(canvas: np.ndarray, ax: Axes | None) -> Axes:
    ax = clean_axes(ax)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.imshow(canvas, interpolation="nearest")
    return ax


def _within_range(values: np.ndarray) -> np.ndarray:
    low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
    return (values - low) / (high - low)
