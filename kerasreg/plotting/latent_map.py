"""Pictures of two numbers a picture, PCA's and an autoencoder's: a record in, a Figure out."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput
from kerasreg.plotting.axes import check_figure, clean_axes
from kerasreg.records import LatentMap

APART = 0.055  # of the width and height of a map, from one class's number to the next


def plot_latent_map(found: LatentMap, figure: Figure | None = None) -> Figure:
    """Draws the codes of the test pictures, PCA's on the left and the autoencoder's on the right.

    Args:
        found: The codes.
        figure: Where to draw; a new figure if `None`.

    Returns:
        The Figure: two Axes, a dot a picture, coloured by its class, the class's number at its median, or
        beside it where another class's would hide it.

    Raises:
        InvalidInput: If `figure` is no Figure.
    """
    figure, axes = _pair(figure)
    classes = np.unique(found.labels)
    colours = matplotlib.colormaps["tab10" if len(classes) <= 10 else "turbo"]
    shades = colours(np.arange(len(classes)) if len(classes) <= 10 else np.linspace(0, 1, len(classes)))
    told = (
        ("PCA", found.pca_codes, found.pca_accuracy, "component"),
        ("autoencoder", found.codes, found.accuracy[found.shown], "unit"),
    )
    for ax, (name, codes, accuracy, word) in zip(axes, told, strict=True):
        clean_axes(ax)
        for label, shade in zip(classes, shades, strict=True):
            ax.plot(
                *codes[found.labels == label].T,
                linestyle="none",
                marker="o",
                markersize=3,
                color=shade,
                alpha=0.6,
            )
        centres = np.array([np.median(codes[found.labels == label], axis=0) for label in classes])
        span = np.diff([ax.get_xlim(), ax.get_ylim()]).ravel()
        for label, shade, centre in zip(classes, shades, _apart(centres / span) * span, strict=True):
            box = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": shade}
            ax.text(*centre, str(label), ha="center", va="center", fontsize=9, bbox=box)
        ax.set_xlabel(f"{word} 1")
        ax.set_ylabel(f"{word} 2")
        ax.set_title(
            f"{name}: {100 * accuracy:.1f} % have the class of their neighbours", loc="left", fontsize="small"
        )
    return figure


def plot_latent_grid(found: LatentMap, figure: Figure | None = None) -> Figure:
    """Draws what lies where on the two maps: evenly spaced codes, decoded.

    Args:
        found: The codes.
        figure: Where to draw; a new figure if `None`.

    Returns:
        The Figure: two Axes, PCA's pictures on the left and the autoencoder's on the right, each placed as
        its code is on the map.

    Raises:
        InvalidInput: If the record has no decoded pictures, or they have no 1 or 3 channels; or `figure` is
            no Figure.
    """
    if found.decoded is None or found.decoded.ndim != 5 or found.decoded.shape[-1] not in (1, 3):
        raise InvalidInput(
            "There are no decoded pictures of 1 or 3 channels here; map such pictures, with grid above 0."
        )
    figure, axes = _pair(figure)
    for ax, name, grid, word in zip(
        axes,
        ("PCA", "autoencoder"),
        (found.pca_decoded, found.decoded),
        ("component", "unit"),
        strict=True,
    ):
        rows, columns, height, width, channels = grid.shape
        edged = np.pad(
            grid, [(0, 0), (0, 0), (0, 1), (0, 1), (0, 0)], constant_values=1
        )  # white lines between
        canvas = edged.swapaxes(1, 2).reshape(rows * (height + 1), columns * (width + 1), channels)
        ax.imshow(np.clip(canvas, 0, 1).squeeze(), cmap="gray", vmin=0, vmax=1)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
        ax.set_xlabel(f"{word} 1 \N{RIGHTWARDS ARROW}")
        ax.set_ylabel(f"{word} 2 \N{RIGHTWARDS ARROW}")
        ax.set_title(name, loc="left", fontsize="small")
    return figure


def _apart(points: np.ndarray) -> np.ndarray:
    """Returns points of shape (n, 2), those that are nearer than `APART` pushed away from each other."""
    points = points.copy()
    for _ in range(100):
        away = points[:, None] - points
        distance = np.linalg.norm(away, axis=-1)
        lack = np.where((distance > 0) & (distance < APART), APART - distance, 0)
        if not lack.any():
            break
        push = np.divide(lack, 2 * distance, out=np.zeros_like(lack), where=lack > 0)
        points += (push[..., None] * away).sum(axis=1)
    return points


def _pair(figure: Figure | None) -> tuple[Figure, np.ndarray]:
    if figure is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        figure = pyplot.figure(figsize=(10, 5.4), layout="constrained")
    check_figure(figure)
    return figure, figure.subplots(1, 2)
