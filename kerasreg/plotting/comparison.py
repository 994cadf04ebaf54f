"""Pictures of a comparison: its scores, and the differences that count."""

import numpy as np
from matplotlib.axes import Axes

from kerasreg.plotting.axes import BLUE, GREY, ORANGE, SKY, VERMILION, clean_axes, label_metric
from kerasreg.records.comparison import Comparison

_AXIS = {
    "accuracy": "difference in accuracy (percentage points)",
    "cross_entropy": "difference in cross-entropy (nats)",
    "mse": "difference in mean squared error",
}


def plot_differences(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draws the paired differences of every pair, their mean and its interval, and the line of no difference.

    Args:
        comparison: What `compare` returned. A difference is left out where a training diverged.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: differences, `first` less `second`, to the right; a row for each pair. A filled diamond is
        a mean whose difference is shown; grey between the ends of the margin is too little to matter.
    """
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
        colour = VERMILION if shown else BLUE
        ax.plot(scale * np.array(pair.interval), [row, row], color=colour, linewidth=2.5)
        face = colour if shown else "white"
        ax.plot(
            scale * pair.mean, row, "D", color=colour, markersize=8, markerfacecolor=face, markeredgewidth=2
        )
    names = [f"{pair.first}\nless {pair.second}" for pair in pairs]
    ax.set_yticks(range(len(pairs)), names, parse_math=False)
    ax.set_ylim(len(pairs) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    _arrows(ax, more_is_better=comparison.metric == "accuracy")
    words = _AXIS[comparison.metric]
    if comparison.margin is not None:
        words += f"\ngrey: within the margin of {scale * comparison.margin:.3g}"
    ax.set_xlabel(words)
    return ax


def plot_paired_scores(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draws the scores of every configuration, those of one division (or seed) joined by a line.

    Args:
        comparison: What `compare` returned.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: configurations to the right, the score upwards, with a short thick line at the mean.
        Lines that run alike are what pairing makes use of.
    """
    ax = clean_axes(ax)
    scores = np.array([comparison.by_division(name) for name in comparison.names])
    places = np.arange(len(scores))
    dots = {"marker": "o", "markersize": 5, "markerfacecolor": BLUE, "markeredgecolor": "white"}
    for column in scores.T:
        ax.plot(places, column, color=GREY, linewidth=0.8, alpha=0.8, **dots)
    for place, values in zip(places, scores, strict=True):
        if np.isfinite(values).all():
            ax.plot([place - 0.13, place + 0.13], [values.mean()] * 2, color=ORANGE, linewidth=4, zorder=3)
    ax.set_xticks(places, comparison.names, parse_math=False)
    ax.set_xlim(-0.4, len(places) - 0.6)
    ax.grid(visible=False, axis="x")
    label_metric(ax, comparison.metric, f"{comparison.part} ", logarithmic=False)
    return ax


def _arrows(ax: Axes, *, more_is_better: bool) -> None:
    """Says above the Axes on which side which configuration is better."""
    left, right = ("second", "first") if more_is_better else ("first", "second")
    style = {"transform": ax.transAxes, "va": "bottom", "fontsize": "small", "color": GREY}
    ax.text(0, 1.01, f"\N{LEFTWARDS ARROW} the {left} is better", ha="left", **style)
    ax.text(1, 1.01, f"the {right} is better \N{RIGHTWARDS ARROW}", ha="right", **style)
