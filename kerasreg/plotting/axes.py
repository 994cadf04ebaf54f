"""What all pictures have in common: colors, Axes, labels and legends."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.ticker import LogLocator, NullFormatter

from kerasreg.checks import InvalidInput, shown

# Okabe & Ito's colors, which color-blind readers can tell apart (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
TRIAL_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
GRAY = "#767676"

LABEL_WIDTH = 32  # letters; the y axis of a picture of the report is not longer

METRICS = {
    "cross_entropy": ("cross-entropy", " (nats)"),
    "accuracy": ("accuracy", ""),  # its axis counts in percent
    "mse": ("mean squared error", ""),
    "standardized_mse": ("standardized mean squared error", ""),
}


def clean_axes(ax: Axes | None) -> Axes:
    """Returns `ax`, or new Axes that a notebook shows, with the lines that carry no data taken away."""
    if ax is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        ax = pyplot.subplots(figsize=(6.4, 4.4), layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise InvalidInput(f"ax must be an Axes of matplotlib; received {shown(ax)}.")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="#e4e4e4", linewidth=0.7)
    ax.set_axisbelow(True)
    return ax


def check_figure(figure: FigureBase) -> None:
    """Raises `InvalidInput` unless it is a Figure, or a part of one."""
    if not isinstance(figure, FigureBase):
        raise InvalidInput(f"figure must be a Figure of matplotlib; received {shown(figure)}.")


def panels(
    count: int,
    axes: Sequence[Axes] | None,
    *,
    size: tuple[float, float],
    columns: int | None = None,
    margin: tuple[float, float] = (0, 0),
    of: str = "pictures",
    sharey: bool = False,
) -> list[Axes]:
    """Returns the Axes to draw in, or new ones that a notebook shows.

    Args:
        count: How many are needed.
        axes: The Axes to draw in, or `None`.
        size: Width and height of each new one in inches.
        columns: How many new ones stand side by side at most; by default all.
        margin: Width and height of a new figure beside its panels, in inches.
        of: What there is one of in each.
        sharey: Whether new ones have one y axis, which the first of each row shows.

    Raises:
        InvalidInput: If there is another number of Axes, or something else.
    """
    if axes is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        columns = min(columns or count, count)
        rows = -(-count // columns)
        figsize = (margin[0] + size[0] * columns, margin[1] + size[1] * rows)
        figure = pyplot.figure(figsize=figsize, layout="constrained")
        grid = figure.subplots(rows, columns, sharey=sharey, squeeze=False).ravel()
        for empty in grid[count:]:
            empty.remove()
        axes = grid[:count]
    flat = list(np.ravel(axes))
    if not all(isinstance(ax, Axes) for ax in flat):
        raise InvalidInput(f"axes must hold Axes of matplotlib; received {shown(axes)}.")
    if len(flat) != count:
        raise InvalidInput(f"axes must hold one Axes for each of {count} {of}; received {len(flat)}.")
    return flat


def label_metric(ax: Axes, metric: str, before: str = "", *, logarithmic: bool = True) -> None:
    """Labels the y axis with the metric; errors that span a decade get a logarithmic axis."""
    words, unit = METRICS[metric]
    ax.set_ylabel(textwrap.fill(before + words + unit, LABEL_WIDTH))
    if metric == "accuracy":
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
        return
    lines = [line.get_ydata() for line in ax.lines if line.get_transform() == ax.transData]
    drawn = np.concatenate([np.asarray(line, dtype=float) for line in lines])
    drawn = drawn[np.isfinite(drawn)]
    if logarithmic and len(drawn) and 0 < 10 * drawn.min() <= drawn.max():
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())


def metric_label(metric: str) -> str:
    """Returns the name of any metric with its unit, as labels have it."""
    words, unit = METRICS.get(metric, (metric.replace("_", " "), ""))
    return words + unit


def name_columns(ax: Axes, names: Sequence[str]) -> None:
    """Names the columns that `draw_column` draws at 0, 1, ..."""
    ax.set_xticks(range(len(names)), names, parse_math=False)
    ax.set_xlim(-0.5, len(names) - 0.4)
    ax.grid(visible=False, axis="x")


def add_legend(ax: Axes) -> None:
    """Puts the legend above the Axes, where it hides no point."""
    if len(ax.get_legend_handles_labels()[0]) > 1:
        legend = ax.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=3,
            frameon=False,
            fontsize="small",
            borderaxespad=0.2,
            handlelength=1.4,
            handletextpad=0.5,
            columnspacing=1.0,
        )
        for text in legend.get_texts():
            text.set_parse_math(False)


def draw_column(
    ax: Axes,
    place: int,
    values: Sequence[float],
    mean: float,
    ends: tuple[float, float],
    *,
    labels: tuple[str, str],
) -> None:
    """Draws values side by side, and beside them their mean with its interval; the first has the labels."""
    of_values, of_mean = labels if place == 0 else (None, None)
    beside = place - 0.16 + 0.32 * np.arange(len(values)) / max(1, len(values) - 1)
    ax.plot(beside, values, "o", color=BLUE, alpha=0.35, markersize=4, label=of_values)
    ax.errorbar(
        place + 0.36,
        mean,
        yerr=[[mean - ends[0]], [ends[1] - mean]],
        fmt="D",
        color=VERMILION,
        markersize=5,
        capsize=3,
        label=of_mean,
    )
