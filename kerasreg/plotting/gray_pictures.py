"""Gray pictures side by side, as for filters, ships and feature maps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kerasreg.plotting.axes import panels


def picture_panels(
    count: int, axes: Sequence[Axes] | None, *, columns: int, shape: tuple[int, int], width: float = 2.4
) -> list[Axes]:
    """Returns the Axes to draw in, or new ones of the shape of the pictures.

    Args:
        count: Number of pictures.
        axes: Axes to draw in, or `None`.
        columns: Maximum number of new Axes side by side.
        shape: Height and width of a picture in pixels, for the shape of new Axes.
        width: Width of each new Axes in inches.

    Raises:
        InvalidInput: If there are not as many Axes as pictures.
    """
    height = width * shape[0] / shape[1] + 0.3  # for the title
    return panels(count, axes, size=(width, height), columns=columns)


def show(
    ax: Axes,
    values: np.ndarray,
    title: str = "",
    *,
    signed: bool = False,
    ends: tuple[float, float] | None = None,
) -> Axes:
    """Draws one picture without ticks, each pixel a square.

    Args:
        ax: Axes to draw in.
        values: Picture, shape (height, width).
        title: Title of the picture.
        signed: Whether to center the colors at 0: blue below, white at 0, red above, saturated at the 99.5th
            percentile of the magnitudes.
        ends: Otherwise the values that are black and white; the lowest and the highest if `None`.
    """
    if signed:
        full = float(np.percentile(np.abs(values), 99.5)) or float(np.abs(values).max()) or 1.0
        ax.imshow(values, cmap="RdBu_r", vmin=-full, vmax=full, interpolation="nearest")
    else:
        low, high = ends or (values.min(), values.max())
        ax.imshow(values, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, fontsize="small")
    return ax
