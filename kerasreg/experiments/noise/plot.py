"""Figure of error differences from a network without noise."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kerasreg.experiments.noise.record import NoiseComparison
from kerasreg.intervals import interval_or_nan
from kerasreg.plotting.axes import BLUE, GRAY, GREEN, ORANGE, PURPLE, SKY, add_legend, clean_axes, panels

_COLORS = {"dropout": BLUE, "dropconnect": ORANGE, "noise_std": GREEN, "label_smoothing": PURPLE}
_WORDS = {"noise_std": "input noise", "label_smoothing": "label smoothing", "dropconnect": "DropConnect"}
_UNITS = {
    "error": ("error (percentage points)", 100),
    "cross_entropy": ("cross-entropy (nats)", 1),
    "mse": ("mean squared error", 1),
}


def draw_differences(record: NoiseComparison, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws `NoiseComparison.plot`."""
    axes = panels(len(record.sizes), axes, size=(4.4, 4.4), margin=(1.2, 0), of="sizes", sharey=True)
    words, factor = _UNITS[record.metric]
    chosen = {(row["method"], row["size"]): row for row in record.comparisons()}
    for ax, size in zip(axes, record.sizes, strict=True):
        clean_axes(ax)
        ax.axhline(0, color=GRAY, linewidth=1.2, linestyle=(0, (4, 2)))
        for place, method in enumerate(record.methods):
            _draw(ax, record, method, size, factor)
            row = chosen[method, size]
            ends = factor * np.array([row["low"], row["mean"], row["high"]])
            if np.isfinite(ends[1]):
                sides = np.abs(np.diff(np.where(np.isfinite(ends), ends, ends[1])))[:, None]
                style = {"color": _COLORS[method], "markersize": 8, "markeredgecolor": "black"}
                aside = 0.009 * (place - (len(record.methods) - 1) / 2)  # so that none hides another
                ax.errorbar(row["strength"] + aside, ends[1], sides, fmt="D", capsize=4, zorder=4, **style)
        rows = next(run.train_rows for run in record.runs if run.size == size)
        # Inside, for the legend stands above
        ax.text(0.98, 0.98, f"{rows} training rows", transform=ax.transAxes, ha="right", va="top")
        ax.set_xlim(left=0)
        ax.set_xlabel("strength (fraction, or standard deviation)")
    axes[0].set_ylabel(f"test {words}, method minus none")
    axes[0].plot([], [], "D", color="white", markeredgecolor="black", label="chosen, fresh runs")
    add_legend(axes[0])
    return axes


def _draw(ax: Axes, record: NoiseComparison, method: str, size: int, factor: float) -> None:
    """Draws one method's line over its strengths, and its band."""
    strengths = record.strengths(method)
    intervals = [interval_or_nan(factor * record.differences(method, each, size)) for each in strengths]
    color = _COLORS.get(method, SKY)
    label = _WORDS.get(method, method)
    ax.plot(strengths, [mean for mean, _, _ in intervals], "o-", color=color, markersize=4, label=label)
    low, high = np.array([ends for _, _, ends in intervals]).T
    ax.fill_between(strengths, low, high, color=color, alpha=0.13, linewidth=0)
