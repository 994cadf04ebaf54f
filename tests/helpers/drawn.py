"""What stands in an Axes."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D


def line(ax: Axes, label: str) -> Line2D:
    """The line of that label."""
    return next(line for line in ax.lines if line.get_label() == label)


def legend(ax: Axes) -> list[str]:
    """What the legend says."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


def bands(ax: Axes) -> list[np.ndarray]:
    """The corners of each band, shape (corners, 2)."""
    kinds = [each for each in ax.collections if isinstance(each, PolyCollection)]
    return [each.get_paths()[0].vertices for each in kinds]
