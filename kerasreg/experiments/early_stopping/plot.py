"""Figures of training too long and of early stopping rules."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.experiments.early_stopping.record import Overtraining
from kerasreg.experiments.early_stopping.replay_record import PatienceReplay
from kerasreg.plotting.axes import (
    BLUE,
    GRAY,
    GREEN,
    METRICS,
    ORANGE,
    VERMILION,
    add_legend,
    clean_axes,
    label_metric,
)

PART_COLORS = {"train": ORANGE, "validation": GREEN, "test": BLUE}
PART_WORDS = {"train": "training", "validation": "validation", "test": "test"}
LONG = 200  # epochs from which on the axis is logarithmic, as most happens in the first few


def draw_curves(record: Overtraining, ax: Axes | None = None, *, metric: str | None = None) -> Axes:
    """Draws `Overtraining.plot`."""
    known = tuple(name for name in record.curves["test"] if name in METRICS)
    metric = check_one_of("metric", metric or record.metric, known)
    ax = clean_axes(ax)
    epochs = np.arange(1, record.shape[1] + 1)
    bands = {part: record.band(part, metric) for part in PART_COLORS if part in record.curves}
    for part, (mean, _, _) in bands.items():
        ax.plot(epochs, mean, color=PART_COLORS[part], linewidth=2, label=PART_WORDS[part])
    own_epochs, own_errors = record.optima(metric)
    dot = {"marker": "o", "linestyle": "none", "markersize": 4.5, "markeredgewidth": 0}
    ax.plot(own_epochs, own_errors, color=BLUE, alpha=0.55, label="each network's optimum", **dot)
    star = {"marker": "*", "linestyle": "none", "markersize": 17, "markeredgecolor": "white", "zorder": 4}
    ax.plot(*record.optimum(metric), color=VERMILION, label="optimum of the mean", **star)
    if record.irreducible_error is not None and metric == record.metric:
        line = {"color": GRAY, "linestyle": (0, (4, 2)), "linewidth": 1.4}
        ax.plot(epochs[[0, -1]], [record.irreducible_error] * 2, label="irreducible error", **line)
    label_metric(ax, metric)
    _show_the_optimum(ax, record, metric)
    for part, (_, low, high) in bands.items():
        if ax.get_yscale() == "log":  # the lower end may be 0 or below
            low = np.maximum(low, ax.get_ylim()[0] / 10)
        ax.fill_between(epochs, low, high, color=PART_COLORS[part], alpha=0.18, linewidth=0)
    if record.shape[1] >= LONG:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    updates = record.updates_per_epoch
    ax.set_xlabel(f"epoch (of {updates} update{'s' if updates > 1 else ''})")
    add_legend(ax)
    return ax


def _show_the_optimum(ax: Axes, record: Overtraining, metric: str) -> None:
    """Limits the y axis to the test error, as a training error may be a hundred times lower."""
    best = record.optimum(metric)[1]
    test = record.curve("test", metric).mean(axis=0)
    if metric == "accuracy":
        ax.set_ylim(max(test.min() - 0.02, 1 - 3 * (1 - best)), min(1.01, ax.get_ylim()[1]))
        return
    least = record.optima(metric)[1].min()
    if record.irreducible_error is not None and metric == record.metric:
        least = min(least, record.irreducible_error)
    ax.set_ylim(max(ax.get_ylim()[0], least / 4), 1.2 * test.max())


def draw_patience(
    replay: PatienceReplay, axes: Sequence[Axes] | None = None, *, monitor: str | None = None
) -> tuple[Axes, Axes]:
    """Draws `PatienceReplay.plot`."""
    monitor = check_one_of("monitor", monitor or replay.monitors[0], replay.monitors)
    if axes is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        width = 2.6 + 1.1 * len(replay.patiences)
        height = 1.9 + 0.5 * len(replay.min_deltas)
        axes = pyplot.subplots(1, 2, figsize=(width, height), sharey=True, layout="constrained")[1]
    axes = tuple(axes)
    if len(axes) != 2:
        raise InvalidInput(f"axes must be two Axes, for regret and for cost; received {len(axes)}.")
    regret, cost = replay.grid(monitor)
    open_ended = [not all(rule.stopped) for rule in replay.rules if rule.monitor == monitor]
    plus = np.where(np.reshape(open_ended, cost.shape), "+", "")
    words = METRICS.get(replay.metric, (replay.metric, ""))
    _heat_map(axes[0], replay, regret, np.vectorize(_short)(regret), f"regret, test {words[0]}{words[1]}")
    _heat_map(axes[1], replay, cost, np.char.add(np.vectorize("{:.0f}".format)(cost), plus), "cost (epochs)")
    for ax in axes:
        row, column = np.unravel_index(np.lexsort((cost.ravel(), regret.ravel()))[0], regret.shape)
        frame = {"fill": False, "edgecolor": VERMILION, "linewidth": 2.5, "clip_on": False, "zorder": 3}
        ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **frame))
        ax.set_xlabel("patience (epochs)")
    axes[0].set_ylabel(f"min_delta of {monitor}", parse_math=False)
    return axes


def _heat_map(ax: Axes, replay: PatienceReplay, values: np.ndarray, texts: np.ndarray, title: str) -> None:
    """Draws values of shape (min_deltas, patiences) as cells, light where they are low."""
    image = ax.imshow(values, cmap="Blues", aspect="auto", origin="lower")
    for (row, column), value in np.ndenumerate(values):
        dark = image.norm(value) > 0.6
        ax.text(column, row, texts[row, column], ha="center", va="center", color="white" if dark else "black")
    ax.set_xticks(range(values.shape[1]), [str(each) for each in replay.patiences])
    ax.set_yticks(range(values.shape[0]), [f"{each:g}" for each in replay.min_deltas])
    ax.set_title(title, fontsize="medium")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _short(value: float) -> str:
    """Returns a number in two digits, without a power of ten where that is readable."""
    return f"{value:.2g}" if value == 0 or value >= 1e-4 else f"{value:.0e}"
