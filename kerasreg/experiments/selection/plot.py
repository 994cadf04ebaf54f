"""Figure of the optimism of a choice."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kerasreg.checks import InvalidInput
from kerasreg.experiments.selection.record import NestedSelection
from kerasreg.plotting.axes import BLUE, GRAY, add_legend, clean_axes, metric_label


def draw_optimism(result: NestedSelection, ax: Axes | None = None) -> Axes:
    """Draws `NestedSelection.plot`."""
    if result.finished.sum() < 2:
        raise InvalidInput("Fewer than two outer splits finished, so there is nothing to draw.")
    ax = clean_axes(ax)
    counts = np.arange(2, len(result.candidates) + 1)
    fewer = [result.first(int(count)) for count in counts]
    measured = [record.optimism_by_choice() for record in fewer]
    values = np.array([value for value, _ in measured])
    same = np.array([record.always_the_same for record in fewer])
    ax.axhline(0, color=GRAY, linewidth=1.2)
    low, high = np.array([interval for _, interval in measured]).T
    ax.fill_between(counts, low, high, color=BLUE, alpha=0.15, linewidth=0, label="95 % interval")
    ax.plot(counts, values, "o-", color=BLUE, label="optimism of the choice")
    if same.any():
        ax.plot(
            counts[same],
            values[same],
            "o",
            color=BLUE,
            markerfacecolor="white",
            label="same candidate in all splits",
        )
    ax.set_ylabel(f"optimism: {metric_label(result.metric)}")
    ax.set_xlabel("candidates to choose from")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(ax)
    return ax
