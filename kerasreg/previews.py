"""Pictures before any training: computed and drawn in one call."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from kerasreg.augmentation import Strategy, preview_augmentations
from kerasreg.plotting import plot_augmentation_preview
from kerasreg.records import Split


def plot_augmentations(
    split: Split | np.ndarray,
    strategies: Mapping[str, Strategy] | None = None,
    *,
    draws: int = 6,
    row: int = 0,
    seed: int = 0,
    figure: Figure | None = None,
) -> Figure:
    """Shows what augmentation makes of one picture, a row for each strategy.

    Args:
        split: A data set of pictures in [0, 1] with 1 or 3 channels; or one picture, an array of shape
            (height, width) or (height, width, channels).
        strategies: What to show: for each name an `Augmentation`, a Keras layer or a function of your own
            from pictures to pictures. By default each change alone, and all together; those of colors
            for color pictures only.
        draws: How many times to change the picture by each strategy, at least 1.
        row: Which training picture of the data set to show.
        seed: Seed of the draws, a whole number >= 0.
        figure: Where to draw; a new figure if `None`.

    Returns:
        The figure: the original, then the draws, in each row.

    Raises:
        InvalidInput: If the picture, or a strategy, cannot be used, or `figure` is no Figure.
    """
    preview = preview_augmentations(split, strategies, draws=draws, row=row, seed=seed)
    return plot_augmentation_preview(preview, figure)
