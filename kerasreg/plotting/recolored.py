"""Figure of a recolored picture beside its source and the picture that it has its palette from."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerasreg.checks import InvalidInput


def plot_recolored(
    original: np.ndarray,
    training_picture: np.ndarray,
    recolored: np.ndarray,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Draws a picture, the one whose palette it was given, and the result.

    Args:
        original: Red, green and blue in [0, 1] or 8-bit whole numbers, shape (height, width, 3).
        training_picture: Picture that the network was trained on, of the same kind.
        recolored: Original as the network redraws it, of the same kind.
        axes: Three Axes to draw in; a new figure if `None`.

    Returns:
        The three Axes.

    Raises:
        InvalidInput: If `axes` are not three.
    """
    pictures = {"original": original, "trained on": training_picture, "recolored": recolored}
    if axes is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        axes = axes_of_one_height(pyplot.figure(layout="constrained"), list(pictures.values()))
    if len(axes) != 3:
        raise InvalidInput(f"axes must hold three Axes; received {len(axes)}.")
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        ax.set_axis_off()
        ax.imshow(picture)
        ax.set_title(title)
    return list(axes)


def axes_of_one_height(figure: Figure, pictures: Sequence[np.ndarray]) -> list[Axes]:
    """Divides a figure into one Axes for each picture, side by side, and sizes it to fit them.

    Args:
        figure: Empty figure; it becomes at most 11.4 inches wide and 5 high.
        pictures: Arrays of shape (height, width, 3).
    """
    ratios = [picture.shape[1] / picture.shape[0] for picture in pictures]
    height = min(11 / sum(ratios), 4.6)
    figure.set_size_inches(height * sum(ratios) + 0.4, height + 0.4)  # 0.4 for titles and the space between
    return list(figure.subplots(1, len(pictures), width_ratios=ratios))
