"""Grey pictures in a row, which filters, ships and feature maps are drawn with."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kerasreg.plotting.axes import panels


def picture_panels(
    count: int, axes: Sequence[Axes] | None, *, columns: int, shape: tuple[int, int], width: float = 2.4
) -> list[Axes]:
    """Returns the Axes to draw in, or new ones of the shape of the pictures.

    Args:
        count: How many pictures there are.
        axes: The Axes to draw in, or `None`.
        columns: How many new ones stand side by side at most.
        shape: Height and width of a picture in pixels, for the shape of new ones.
        width: Of each new one in inches.

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
        ax: Where to draw.
        values: Shape (height, width).
        title: What stands above it.
        signed: Whether 0 is in the middle: blue below, white at 0, red above, the colours full where all but
            0.5 % of the pixels end.
        ends: Else the values that are black and white; the lowest and the highest if `None`.
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
