"""Figure of near-duplicates in both parts of a fold."""

from matplotlib.axes import Axes

from kerasreg.checks import InvalidInput
from kerasreg.experiments.near_duplicates.record import DuplicateHarm
from kerasreg.plotting.axes import GRAY, add_legend, clean_axes, draw_column, metric_label, name_columns


def draw_scores(result: DuplicateHarm, ax: Axes | None = None) -> Axes:
    """Draws `DuplicateHarm.plot`."""
    if min(len(result.across.finished), len(result.grouped.finished)) < 2:
        raise InvalidInput("Fewer than two networks of a method finished, so there is nothing to draw.")
    ax = clean_axes(ax)
    truth, interval = result.truth()
    ax.axhline(truth, color=GRAY, linewidth=1.4, linestyle=(0, (4, 2)), label="test rows")
    if interval:
        ax.axhspan(*interval, color=GRAY, alpha=0.15, linewidth=0)
    for place, folds in enumerate((result.across, result.grouped)):
        labels = ("fold", "mean, corrected 95 %")
        draw_column(ax, place, folds.finished, folds.mean, folds.interval(), labels=labels)
    name_columns(ax, ("duplicates across", "duplicates together"))
    ax.set_ylabel(metric_label(result.across.metric))
    if result.across.metric == "accuracy":
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    add_legend(ax)
    return ax
