"""Figures of a comparison."""

import numpy as np
from matplotlib.axes import Axes

from kerasreg.experiments.comparison.record import Comparison
from kerasreg.plotting.axes import BLUE, GRAY, ORANGE, SKY, VERMILION, clean_axes, label_metric

_AXIS = {
    "accuracy": "difference in accuracy (percentage points)",
    "cross_entropy": "difference in cross-entropy (nats)",
    "mse": "difference in mean squared error",
}


def draw_differences(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draws `Comparison.plot`."""
    ax = clean_axes(ax)
    pairs = comparison.pairs()
    scale = 100 if comparison.metric == "accuracy" else 1
    if comparison.margin is not None:
        ax.axvspan(-scale * comparison.margin, scale * comparison.margin, color="#ececec", zorder=0.5)
    ax.axvline(0, color="black", linewidth=1)
    for row, pair in enumerate(pairs):
        differences = scale * np.array(pair.differences)
        spread = np.linspace(-0.16, 0.16, len(differences))
        ax.plot(differences, row + spread, "o", color=SKY, markersize=5, alpha=0.8, markeredgecolor="none")
        if pair.interval is None:
            continue
        shown = pair.decision in ("better", "worse")
        color = VERMILION if shown else BLUE
        ax.plot(scale * np.array(pair.interval), [row, row], color=color, linewidth=2.5)
        face = color if shown else "white"
        ax.plot(
            scale * pair.mean, row, "D", color=color, markersize=8, markerfacecolor=face, markeredgewidth=2
        )
    names = [f"{pair.first}\nminus {pair.second}" for pair in pairs]
    ax.set_yticks(range(len(pairs)), names, parse_math=False)
    ax.set_ylim(len(pairs) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    if comparison.metric == "accuracy":  # the left side is always where the first is better
        ax.xaxis.set_inverted(True)
    style = {"transform": ax.transAxes, "va": "bottom", "fontsize": "small", "color": GRAY}
    ax.text(0, 1.01, "\N{LEFTWARDS ARROW} the first is better", ha="left", **style)
    ax.text(1, 1.01, "the second is better \N{RIGHTWARDS ARROW}", ha="right", **style)
    words = _AXIS[comparison.metric]
    if comparison.margin is not None:
        words += f"\ngray: within the margin of {scale * comparison.margin:.3g}"
    ax.set_xlabel(words)
    return ax


def draw_scores(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draws `Comparison.plot_scores`."""
    ax = clean_axes(ax)
    scores = np.array([comparison.by_split(name) for name in comparison.names])
    places = np.arange(len(scores))
    dots = {"marker": "o", "markersize": 5, "markerfacecolor": BLUE, "markeredgecolor": "white"}
    for column in scores.T:
        ax.plot(places, column, color=GRAY, linewidth=0.8, alpha=0.8, **dots)
    for place, values in zip(places, scores, strict=True):
        if np.isfinite(values).all():
            ax.plot([place - 0.13, place + 0.13], [values.mean()] * 2, color=ORANGE, linewidth=4, zorder=3)
    ax.set_xticks(places, comparison.names, parse_math=False)
    ax.set_xlim(-0.4, len(places) - 0.6)
    ax.grid(visible=False, axis="x")
    label_metric(ax, comparison.metric, f"{comparison.part} ", logarithmic=False)
    return ax
