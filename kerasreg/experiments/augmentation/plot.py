"""Figure of test errors with and without augmentation."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, NullLocator

from kerasreg.checks import InvalidInput
from kerasreg.experiments.augmentation.record import NONE, AugmentationGain
from kerasreg.plotting.axes import GRAY, TRIAL_COLORS, add_legend, clean_axes

MARKERS = ("D", "s", "^", "v", "P", "X")


def draw_errors(
    record: AugmentationGain,
    ax: Axes | None = None,
    *,
    marks: Mapping[str, Mapping[int, float]] | None = None,
) -> Axes:
    """Draws `AugmentationGain.plot`."""
    if not np.isfinite(record.test_error).any():
        raise InvalidInput("The record has no test error that is finite, so there is nothing to draw.")
    ax = clean_axes(ax)
    factor = 100 if record.metric == "error_rate" else 1
    rows = np.array(record.train_rows, dtype=float)
    for place, strategy in enumerate(record.strategies):
        mean, low, high = factor * record.means(strategy)
        color = GRAY if strategy == NONE else TRIAL_COLORS[(place - 1) % len(TRIAL_COLORS)]
        name = "no augmentation" if strategy == NONE else strategy
        ax.plot(rows, mean, color=color, linewidth=1.8, marker="o", markersize=4, label=name)
        # An end below 0 has no place on a logarithmic axis; half the mean stands for it
        low = np.where(low > 0, low, mean / 2)
        ax.fill_between(rows, low, high, color=color, alpha=0.18, linewidth=0)
    for place, (name, errors) in enumerate((marks or {}).items()):
        shown = {size: factor * error for size, error in errors.items() if rows[0] <= size <= rows[-1]}
        marker = MARKERS[place % len(MARKERS)]
        ax.plot(
            [*shown], [*shown.values()], marker, color="black", fillstyle="none", markersize=7, label=name
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_major_locator(FixedLocator(record.train_rows))
    ax.xaxis.set_ticklabels([f"{count:,}" for count in record.train_rows])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}" + (" %" if factor == 100 else ""))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("training rows")
    ax.set_ylabel("test error" if factor == 100 else "test mean squared error")
    add_legend(ax)
    return ax
