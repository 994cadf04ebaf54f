"""Figures of the palettes of redrawn pictures."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.experiments.palette.record import PaletteExperiment
from kerasreg.plotting.axes import GRAY, add_legend, clean_axes, panels

_LABELS = {
    "error": "mean squared error, unseen pictures",
    "training_error": "mean squared error, training picture",
    "shift": "palette of the output",
    "to_source": "distance to the source's palette (CIELAB)",
    "to_training": "distance to the training palette (CIELAB)",
}


def draw_curves(
    record: PaletteExperiment,
    axes: Sequence[Axes] | None = None,
    *,
    measure: str = "shift",
    picture: str | None = None,
) -> list[Axes]:
    """Draws `PaletteExperiment.plot_curves`."""
    means = record.means(measure, picture=picture)
    count = len(record.strategies)
    axes = panels(count, axes, size=(3.8, 4.2), margin=(1.2, 0), of="strategies", sharey=True)
    # One hue after another from dark to light: the lines are an ordered series, not categories.
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.86, len(record.units)))
    for place, ax in enumerate(axes):
        clean_axes(ax)
        for row, units in enumerate(record.units):
            mean, low, high = (values[:, row, place] for values in means)
            label = f"{units} unit{'' if units == 1 else 's'}"
            ax.plot(record.train_sizes, mean, "o-", color=colors[row], markersize=4, label=label)
            ax.fill_between(record.train_sizes, low, high, color=colors[row], alpha=0.16, linewidth=0)
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(FixedLocator(record.train_sizes))
        ax.xaxis.set_ticklabels([f"{size:,}" for size in record.train_sizes])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("patches trained on")
        ax.set_title(record.strategies[place], loc="right", fontsize="medium", pad=22, parse_math=False)
        if measure == "shift":
            ax.axhline(0, color=GRAY, linewidth=1.2, linestyle=(0, (4, 2)))
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


def draw_sheet(
    record: PaletteExperiment, axes: np.ndarray | None = None, *, picture: str | None = None
) -> np.ndarray:
    """Draws `PaletteExperiment.plot_sheet`."""
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
