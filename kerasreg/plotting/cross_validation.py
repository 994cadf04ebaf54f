"""Pictures of validation: how its estimates lie around the truth, and what a choice adds to them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kerasreg.plotting.axes import BLUE, GREY, METRICS, ORANGE, VERMILION, add_legend, clean_axes, draw_column
from kerasreg.records.cross_validation import EstimatorComparison
from kerasreg.records.duplicate_harm import DuplicateHarm
from kerasreg.records.fold_scores import INTERVALS
from kerasreg.records.nested_selection import NestedSelection


def plot_estimator_errors(result: EstimatorComparison, *, ax: Axes | None = None) -> Axes:
    """Draws for each scheme how far its estimates lie from the truths.

    A dot is a data set; the box holds the middle half with the median as a line; the diamond is the
    bias with its 95 % interval. Dots on the line at zero are perfect estimates.

    Args:
        result: What `compare_estimators` returned.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: estimate less truth against the schemes.
    """
    ax = clean_axes(ax)
    ax.axhline(0, color=GREY, linewidth=1.2)
    for place, scheme in enumerate(result.schemes):
        errors, bias = result.errors(scheme), result.bias(scheme)
        ax.boxplot(
            errors,
            positions=[place],
            widths=0.5,
            showfliers=False,
            whis=0,
            showcaps=False,
            medianprops={"color": BLUE},
            boxprops={"color": BLUE},
        )
        ends = bias.interval or (bias.value, bias.value)
        draw_column(ax, place, errors, bias.value, ends, labels=("data set", "bias, 95 % interval"))
    _name_places(ax, result.schemes)
    words, unit = _words(result.metric)
    ax.set_ylabel(f"estimate less truth: {words}{unit}")
    _robust_limits(ax, np.concatenate([result.errors(scheme) for scheme in result.schemes]))
    add_legend(ax)
    return ax


def plot_coverage(result: EstimatorComparison, *, ax: Axes | None = None) -> Axes:
    """Draws how often the 95 % intervals of each scheme hold the truth, with Wilson's intervals.

    Args:
        result: What `compare_estimators` returned. A scheme without an interval says so.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: the fraction of data sets against the schemes, with the promised 95 % as a line.
    """
    ax = clean_axes(ax)
    ax.axhline(0.95, color=GREY, linewidth=1.2, linestyle=(0, (4, 2)), label="promised")
    names = {"corrected": "corrected", "student": "Student's", "wilson": "Wilson's, one division"}
    for offset, colour, kind in zip((-0.12, 0.12, 0.0), (BLUE, ORANGE, VERMILION), INTERVALS, strict=True):
        covered = [(n, result.coverage(scheme, kind)) for n, scheme in enumerate(result.schemes)]
        covered = [(n, measured) for n, measured in covered if measured is not None]
        if covered:
            values = np.array([measured.value for _, measured in covered])
            ends = np.array([measured.interval for _, measured in covered])
            ax.errorbar(
                [n + offset for n, _ in covered],
                values,
                yerr=np.abs(ends - values[:, None]).T,
                fmt="o",
                color=colour,
                capsize=3,
                label=names[kind],
            )
    for place, scheme in enumerate(result.schemes):
        if not any(result.coverage(scheme, kind) for kind in INTERVALS):
            ax.text(place, 0.02, "no interval", ha="center", fontsize="small", color=GREY)
    _name_places(ax, result.schemes)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    ax.set_ylabel("intervals that hold the truth")
    add_legend(ax)
    return ax


def plot_optimism(result: NestedSelection, *, ax: Axes | None = None) -> Axes:
    """Draws what the choice adds to its own score against how many candidates were tried.

    Args:
        result: What `nested_selection` returned; candidates are taken in the order given.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: number of candidates against the optimism, with its corrected 95 % interval, usually too
        wide, as a band. An open dot is 0 by construction, for every division chose the same candidate.
    """
    ax = clean_axes(ax)
    counts = np.arange(2, len(result.candidates) + 1)
    fewer = [result.first(int(count)) for count in counts]
    measured = [record.optimism_by_choice() for record in fewer]
    values = np.array([value for value, _ in measured])
    same = np.array([record.always_the_same for record in fewer])
    ax.axhline(0, color=GREY, linewidth=1.2)
    low, high = np.array([interval for _, interval in measured]).T
    ax.fill_between(counts, low, high, color=BLUE, alpha=0.15, linewidth=0, label="95 % interval")
    ax.plot(counts, values, "o-", color=BLUE, label="optimism by choice")
    if same.any():
        ax.plot(
            counts[same], values[same], "o", color=BLUE, markerfacecolor="white", label="one always chosen"
        )
    words, unit = _words(result.metric)
    ax.set_ylabel(f"too good by: {words}{unit}")
    ax.set_xlabel("candidates to choose from")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(ax)
    return ax


def plot_duplicate_harm(result: DuplicateHarm, *, ax: Axes | None = None) -> Axes:
    """Draws the fold scores with near-duplicates across and together, and what the test rows say.

    Args:
        result: What `duplicate_harm` returned.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: scores of the folds, which are not paired, their means with corrected intervals, and the
        truth as a band.
    """
    ax = clean_axes(ax)
    truth, interval = result.truth()
    ax.axhline(truth, color=GREY, linewidth=1.4, linestyle=(0, (4, 2)), label="test rows")
    if interval:
        ax.axhspan(*interval, color=GREY, alpha=0.15, linewidth=0)
    for place, folds in enumerate((result.across, result.grouped)):
        labels = ("fold", "mean, corrected 95 %")
        draw_column(ax, place, folds.scores, folds.mean, folds.interval(), labels=labels)
    _name_places(ax, ("duplicates across", "duplicates together"))
    words, unit = _words(result.across.metric)
    ax.set_ylabel(f"{words}{unit}")
    if result.across.metric == "accuracy":
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    add_legend(ax)
    return ax


def _words(metric: str) -> tuple[str, str]:
    return METRICS.get(metric, (metric.replace("_", " "), ""))


def _name_places(ax: Axes, names: tuple[str, ...]) -> None:
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(names) - 0.4)
    for label in ax.get_xticklabels():
        label.set_parse_math(False)
    ax.grid(visible=False, axis="x")


def _robust_limits(ax: Axes, errors: np.ndarray) -> None:
    """Lets a few wild errors not press the rest flat, and says how many lie outside."""
    low, high = np.quantile(errors, [0.02, 0.98])
    room = 1.5 * max(high - low, 1e-12)
    inside = (errors >= low - room) & (errors <= high + room)
    if not inside.all():
        ax.set_ylim(low - room / 4, high + room / 4)
        beyond = ~((errors >= low - room / 4) & (errors <= high + room / 4))
        ax.annotate(
            f"{beyond.sum()} of {len(errors)} beyond the edge",
            (1, 1),
            xycoords="axes fraction",
            ha="right",
            va="top",
            fontsize="small",
            color=GREY,
        )
