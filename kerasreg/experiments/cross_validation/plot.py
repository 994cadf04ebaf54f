"""Figures of estimates of the true error."""

import numpy as np
from matplotlib.axes import Axes

from kerasreg.checks import InvalidInput
from kerasreg.experiments.cross_validation.record import EstimatorComparison
from kerasreg.plotting.axes import (
    BLUE,
    GRAY,
    ORANGE,
    VERMILION,
    add_legend,
    clean_axes,
    draw_column,
    metric_label,
    name_columns,
)
from kerasreg.records.fold_scores import INTERVALS


def draw_errors(result: EstimatorComparison, ax: Axes | None = None) -> Axes:
    """Draws `EstimatorComparison.plot_errors`."""
    errors_of = {scheme: result.errors(scheme) for scheme in result.schemes}
    errors_of = {scheme: errors[np.isfinite(errors)] for scheme, errors in errors_of.items()}
    if not any(map(len, errors_of.values())):
        raise InvalidInput("No data set was finished, so there is nothing to draw.")
    ax = clean_axes(ax)
    ax.axhline(0, color=GRAY, linewidth=1.2)
    for place, (scheme, errors) in enumerate(errors_of.items()):
        bias = result.bias(scheme)
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
    name_columns(ax, result.schemes)
    ax.set_ylabel(f"estimate minus true value:\n{metric_label(result.metric)}")
    _robust_limits(ax, np.concatenate(list(errors_of.values())))
    add_legend(ax)
    return ax


def draw_coverage(result: EstimatorComparison, ax: Axes | None = None) -> Axes:
    """Draws `EstimatorComparison.plot_coverage`."""
    ax = clean_axes(ax)
    ax.axhline(0.95, color=GRAY, linewidth=1.2, linestyle=(0, (4, 2)), label="nominal")
    names = {"corrected": "corrected", "student": "Student's", "wilson": "Wilson's, one split"}
    for offset, color, kind in zip((-0.12, 0.12, 0.0), (BLUE, ORANGE, VERMILION), INTERVALS, strict=True):
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
                color=color,
                capsize=3,
                label=names[kind],
            )
    for place, scheme in enumerate(result.schemes):
        if not any(result.coverage(scheme, kind) for kind in INTERVALS):
            ax.text(place, 0.02, "no interval", ha="center", fontsize="small", color=GRAY)
    name_columns(ax, result.schemes)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    ax.set_ylabel("intervals that contain the true value")
    add_legend(ax)
    return ax


def _robust_limits(ax: Axes, errors: np.ndarray) -> None:
    """Limits the y axis to most of the errors, and says how many lie outside."""
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
            color=GRAY,
        )
