"""Figures of capacity against training-set size."""

from collections.abc import Iterable, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, PercentFormatter

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.experiments.capacity.record import ERRORS, CapacityGrid, size_name
from kerasreg.plotting.axes import BLUE, GRAY, VERMILION, add_legend, clean_axes, panels

WORDS = {"train": "training", "validation": "validation", "test": "test"}


def draw_map(grid: CapacityGrid, ax: Axes | None = None, *, part: str = "test") -> Axes:
    """Draws `CapacityGrid.plot_map`."""
    check_one_of("part", part, ERRORS)
    mean = grid.means(part)[0]
    _check_drawable(mean, part)
    ax = clean_axes(ax)
    ax.grid(visible=False)
    shown = np.ma.masked_invalid(mean)
    # A color a ratio, as errors of a grid differ by factors; a training error of 0 has no ratio.
    norm = (LogNorm if shown.min() > 0 else Normalize)(shown.min(), max(shown.max(), 1.01 * shown.min()))
    colors = matplotlib.colormaps["viridis_r"]
    ax.pcolormesh(shown, cmap=colors, norm=norm, edgecolors="white", linewidth=1.5)
    for row, column in zip(*np.nonzero(np.isfinite(mean)), strict=True):
        # The weights of red, green and blue in the brightness that the eye sees (ITU-R BT.601).
        dark = np.dot(colors(norm(mean[row, column]))[:3], (0.299, 0.587, 0.114)) < 0.5
        style = {"ha": "center", "color": "white" if dark else "black"}
        ax.text(column + 0.5, row + 0.5, _short(grid, mean[row, column]), va="bottom", fontsize=9, **style)
        ratio = f"{grid.rows_per_parameter[row, column]:.2g}"
        ax.text(column + 0.5, row + 0.4, ratio, va="top", fontsize=6.5, **style)
    for column, choice in enumerate(grid.choices()):
        if choice["chosen"] is not None:
            corner = (column + 0.04, grid.sizes.index(choice["chosen"]) + 0.04)
            ax.add_patch(
                matplotlib.patches.Rectangle(corner, 0.92, 0.92, fill=False, edgecolor="black", linewidth=1.8)
            )
    ax.set_xticks(np.arange(len(grid.train_rows)) + 0.5, [f"{rows:,}" for rows in grid.train_rows])
    names = [
        f"{size_name(size)}\n({_thousands(count)})"
        for size, count in zip(grid.sizes, grid.num_parameters, strict=True)
    ]
    ax.set_yticks(np.arange(len(grid.sizes)) + 0.5, names)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("training rows")
    ax.set_ylabel("size (parameters)")
    key = "small: training rows for each parameter; frame: lowest validation error"
    ax.set_title(f"mean {WORDS[part]} {_measure(grid)}\n{key}", loc="left", fontsize="small")
    return ax


def draw_curves(grid: CapacityGrid, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws `CapacityGrid.plot_curves`."""
    count = len(grid.train_rows)
    columns = 1 if axes is not None else min(count, 3)
    axes = panels(
        count, axes, size=(3.2, 2.7), columns=columns, margin=(1, 0.7), of="numbers of rows", sharey=True
    )
    means = {part: grid.means(part) for part in ERRORS}
    _check_drawable(means["test"][0], "test")
    for place, (ax, rows) in enumerate(zip(axes, grid.train_rows, strict=True)):
        clean_axes(ax)
        for (part, values), color in zip(means.items(), (GRAY, BLUE, VERMILION), strict=True):
            mean, low, high = (each[:, place] for each in values)
            if np.isfinite(mean).any():
                ax.fill_between(grid.num_parameters, low, high, color=color, alpha=0.15, linewidth=0)
                style = {"color": color, "markersize": 4, "label": WORDS[part]}
                ax.plot(grid.num_parameters, mean, "o-", **style)
        # Inside, for the legend stands above
        ax.text(0.97, 0.97, f"{rows:,} training rows", transform=ax.transAxes, ha="right", va="top")
        ax.set_xscale("log")
        _name_sizes(ax, grid)
        _error_axis(ax, grid)
        if place % columns:  # its neighbor has the label
            ax.set_ylabel("")
        ax.set_ylim(bottom=0)
    add_legend(axes[0])
    return axes


def draw_by_size(grid: CapacityGrid, ax: Axes | None = None) -> Axes:
    """Draws `CapacityGrid.plot_by_size`."""
    ax = _draw_lines(grid, ax, grid.num_parameters, by_size=True)
    _name_sizes(ax, grid)
    return ax


def draw_by_rows(grid: CapacityGrid, ax: Axes | None = None) -> Axes:
    """Draws `CapacityGrid.plot_by_rows`."""
    ax = _draw_lines(grid, ax, grid.train_rows, by_size=False)
    ax.set_xlabel("training rows")
    ax.xaxis.set_major_locator(FixedLocator(grid.train_rows))
    ax.xaxis.set_ticklabels([f"{rows:,}" for rows in grid.train_rows])
    return ax


def _draw_lines(grid: CapacityGrid, ax: Axes | None, along: Iterable[int], *, by_size: bool) -> Axes:
    """Draws mean test and training errors along sizes or along numbers of rows."""
    test, train = grid.means("test"), grid.means("train")
    _check_drawable(test[0], "test")
    ax = clean_axes(ax)
    if by_size:
        test, train = ([each.T for each in values] for values in (test, train))
        names = [f"{rows:,} rows" for rows in grid.train_rows]
    else:
        names = [f"size {size_name(size)}" for size in grid.sizes]
    along = np.array(along, dtype=float)
    # One hue after another from dark to light: the lines are an ordered series, not categories.
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.86, len(names)))
    for line, (name, color) in enumerate(zip(names, colors, strict=True)):
        mean, low, high = (values[line] for values in test)
        ax.plot(along, mean, color=color, linewidth=1.8, marker="o", markersize=4, label=name)
        ax.fill_between(along, low, high, color=color, alpha=0.18, linewidth=0)
        mean, low, high = (values[line] for values in train)
        ax.plot(along, mean, color=color, linewidth=1, linestyle=(0, (4, 2)))
        ax.fill_between(along, low, high, color=color, alpha=0.08, linewidth=0)
    ax.plot([], [], color=GRAY, linewidth=1.8, marker="o", markersize=4, label="test")
    ax.plot([], [], color=GRAY, linewidth=1, linestyle=(0, (4, 2)), label="training")
    ax.set_xscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    drawn = np.concatenate([test[0].ravel() if isinstance(test[0], np.ndarray) else [], train[0].ravel()])
    ax.set_ylim(bottom=min(0.0, float(np.nanmin(drawn))))
    _error_axis(ax, grid)
    add_legend(ax)
    return ax


def _name_sizes(ax: Axes, grid: CapacityGrid) -> None:
    """Puts the names of the sizes on an axis of parameters."""
    ax.set_xlabel("size (on an axis of parameters)")
    ax.xaxis.set_major_locator(FixedLocator(grid.num_parameters))
    ax.xaxis.set_ticklabels([size_name(size) for size in grid.sizes])
    ax.xaxis.set_minor_locator(NullLocator())


def _error_axis(ax: Axes, grid: CapacityGrid) -> None:
    ax.set_ylabel(_measure(grid))
    if grid.metric == "error_rate":
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))


def _check_drawable(mean: np.ndarray, part: str) -> None:
    if not np.isfinite(mean).any():
        raise InvalidInput(
            f"The grid has no {WORDS[part]} error that is finite, so there is nothing to draw."
        )


def _measure(grid: CapacityGrid) -> str:
    return "error" if grid.metric == "error_rate" else "mean squared error"


def _short(grid: CapacityGrid, error: float) -> str:
    return f"{100 * error:.1f} %" if grid.metric == "error_rate" else f"{error:.3g}"


def _thousands(count: int) -> str:
    return f"{count:,}" if count < 10_000 else f"{count / 1000:,.0f}k"
