"""Pictures of an experiment on palettes: a record in, matplotlib Axes out."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.plotting.axes import GREY, add_legend, clean_axes, panels
from kerasreg.records.palette import PaletteExperiment

_LABELS = {
    "error": "mean squared error, unseen pictures",
    "training_error": "mean squared error, training picture",
    "shift": "where the palette lies",
    "to_source": "distance to the source's palette (CIELAB)",
    "to_training": "distance to the training palette (CIELAB)",
}


def plot_palette_curves(
    record: PaletteExperiment,
    axes: Sequence[Axes] | None = None,
    *,
    measure: str = "shift",
    picture: str | None = None,
) -> list[Axes]:
    """Draws a measure against the number of patches, a panel for each strategy, a line for each size.

    Args:
        record: What `palette_experiment` returned.
        axes: Where to draw, one for each strategy; a new figure if `None`.
        measure: `"shift"`, `"error"`, `"training_error"`, `"to_source"` or `"to_training"`.
        picture: One of the unseen pictures, or `None` for the mean over them.

    Returns:
        The Axes: patches, on a logarithmic axis, against the mean over the repeats, with 95 % intervals as
        bands.

    Raises:
        InvalidInput: If there is no such measure or picture, or the number of Axes is not that of strategies.
    """
    means = record.means(measure, picture=picture)
    count = len(record.strategies)
    axes = panels(count, axes, size=(3.8, 4.2), margin=(1.2, 0), of="strategies", sharey=True)
    # One hue after another from dark to light: the lines are an ordered series, not categories.
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.86, len(record.units)))
    for place, ax in enumerate(axes):
        clean_axes(ax)
        for row, units in enumerate(record.units):
            mean, low, high = (values[:, row, place] for values in means)
            label = f"{units} unit{'' if units == 1 else 's'}"
            ax.plot(record.train_sizes, mean, "o-", color=colours[row], markersize=4, label=label)
            ax.fill_between(record.train_sizes, low, high, color=colours[row], alpha=0.16, linewidth=0)
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(FixedLocator(record.train_sizes))
        ax.xaxis.set_ticklabels([f"{size:,}" for size in record.train_sizes])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("patches trained on")
        ax.set_title(record.strategies[place], loc="right", fontsize="medium", pad=22, parse_math=False)
        if measure == "shift":
            ax.axhline(0, color=GREY, linewidth=1.2, linestyle=(0, (4, 2)))
            ax.set_ylim(-1.05, 1.05)
        else:
            ax.set_ylim(bottom=0)
    axes[0].set_ylabel(_LABELS[measure])
    if measure == "shift":
        names = {-1: "source's  -1", 0: "0", 1: "training\npicture's  1"}
        ticks = (-1, -0.5, 0, 0.5, 1)
        axes[0].set_yticks(ticks, [names.get(tick, str(tick)) for tick in ticks])
    add_legend(axes[0])
    return axes


def plot_palette_sheet(
    record: PaletteExperiment, axes: np.ndarray | None = None, *, picture: str | None = None
) -> np.ndarray:
    """Draws a picture as it was, and what the first repeat's network of each setting made of it.

    Args:
        record: What `palette_experiment` returned.
        axes: Where to draw, an array of Axes of shape (strategies * numbers of patches, 1 + units), with two
            rows at least where an unseen picture is drawn; a new figure if `None`.
        picture: One of the unseen pictures or the training picture; by default the first unseen one.

    Returns:
        The Axes, of that shape. The first column has the source above and the training picture below it.

    Raises:
        InvalidInput: If there is no such picture, or the Axes are not of that shape.
    """
    names = (record.training_name, *record.pictures)
    picture = check_one_of("picture", picture or record.pictures[0], names)
    strategies, sizes, units = (len(each) for each in (record.strategies, record.train_sizes, record.units))
    shown = {picture: "source", record.training_name: "training picture"}
    shape = (max(strategies * sizes, len(shown)), 1 + units)
    if axes is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        height, width = record.originals[picture].shape[:2]
        size = (1.9 * shape[1] + 0.8, (1.9 * height / width + 0.12) * shape[0] + 0.7)
        axes = pyplot.figure(figsize=size, layout="constrained").subplots(*shape, squeeze=False)
    if np.shape(axes) != shape:
        raise InvalidInput(f"axes must be an array of Axes of shape {shape}; received {np.shape(axes)}.")
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (name, words) in zip(axes[:, 0], shown.items(), strict=False):
        ax.imshow(record.originals[name])
        title = words if name == words else f"{words}: {name}"
        ax.set_title(title, fontsize="small", parse_math=False)
    for strategy, size, count in np.ndindex(strategies, sizes, units):
        row = strategy * sizes + size
        ax = axes[row, 1 + count]
        ax.imshow(record.redrawn[picture][size, count, strategy])
        if count == 0:
            words = f"{record.strategies[strategy]}\n" if size == 0 else ""
            ax.text(
                -0.04,
                0.5,
                f"{words}{record.train_sizes[size]:,} patch{'es' * (record.train_sizes[size] > 1)}",
                transform=ax.transAxes,
                rotation=90,
                ha="right",
                va="center",
                multialignment="center",
                fontsize="small",
                parse_math=False,
            )
        if row == 0:
            units_here = record.units[count]
            ax.set_title(f"{units_here} unit{'' if units_here == 1 else 's'}", fontsize="small")
    return axes


def plot_recolored(
    original: np.ndarray,
    training_picture: np.ndarray,
    recolored: np.ndarray,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Draws a picture, the one whose palette it was given, and what came of it.

    Args:
        original: Red, green and blue in [0, 1] or 8-bit whole numbers, shape (height, width, 3).
        training_picture: The same of the picture that the network was trained on.
        recolored: The same of what the network made of the original.
        axes: Where to draw, three Axes; a new figure if `None`.

    Returns:
        The three Axes.

    Raises:
        InvalidInput: If `axes` are not three.
    """
    pictures = {"original": original, "trained on": training_picture, "recoloured": recolored}
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
    """Divides a figure into an Axes a picture, side by side, and gives it the size that these need.

    Args:
        figure: An empty figure; it becomes at most 11.4 inches wide and 5 high.
        pictures: Arrays of shape (height, width, 3).
    """
    ratios = [picture.shape[1] / picture.shape[0] for picture in pictures]
    height = min(11 / sum(ratios), 4.6)
    figure.set_size_inches(height * sum(ratios) + 0.4, height + 0.4)  # 0.4 for titles and the space between
    return list(figure.subplots(1, len(pictures), width_ratios=ratios))
