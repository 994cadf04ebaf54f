"""Figures of errors and weights against the strength of a penalty."""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator

from kerasreg.checks import check_one_of
from kerasreg.experiments.penalties.record import MAGNITUDE_EDGES, PARTS, PenaltyPath
from kerasreg.experiments.penalties.survivors_record import SurvivorComparison
from kerasreg.plotting.axes import BLUE, GRAY, GREEN, VERMILION, add_legend, clean_axes, label_metric

QUANTITIES = ("error", "norm", "zeros", "units")
NAMES = {"l2": "L2", "l1": "L1", "proximal_l1": "proximal L1"}
BINS_TOGETHER = 5  # of ten per decade: half decades are smooth with a few hundred weights
SMALLEST_SHARE = 0.002  # smaller shares cannot be seen, so the axis need not reach them


def draw_path(path: PenaltyPath, ax: Axes | None = None, *, quantity: str = "error") -> Axes:
    """Draws `PenaltyPath.plot`."""
    check_one_of("quantity", quantity, QUANTITIES)
    ax = clean_axes(ax)
    places = _strength_axis(ax, path)
    near = f"at most {path.near_zero:g}"
    lines = {
        "error": [
            (f"{part}_{path.metric}", words, color)
            for part, words, color in zip(
                PARTS, ("training", "validation", "test"), (GRAY, BLUE, VERMILION), strict=True
            )
            if part in path.runs[0].errors
        ],
        "norm": [("norm", "norm", BLUE)],
        "zeros": [("share_near_zero", near, BLUE), ("share_zero", "exactly zero", VERMILION)],
        "units": [("surviving_units", "surviving", GREEN)],
    }[quantity]
    for name, label, color in lines:
        means, low, high = path.band(name)
        ax.fill_between(places, low, high, color=color, alpha=0.15, linewidth=0)
        ax.plot(places, means, "o-", color=color, markersize=4, label=label)
    if quantity == "error":
        label_metric(ax, path.metric)
        if "validation" in path.runs[0].errors:
            chosen = places[path.strengths.index(path.best())]
            ax.axvline(chosen, color=BLUE, linewidth=0.9, linestyle=(0, (4, 2)), label="chosen by validation")
    elif quantity == "norm":
        ax.set_ylabel("Euclidean norm of all weights")
        ax.set_ylim(bottom=0)
    elif quantity == "zeros":
        ax.set_ylabel("share of the weights")
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
        ax.set_ylim(-0.03, 1.03)
    else:
        ax.set_ylabel(f"surviving hidden units, of {sum(path.units)}")
        ax.set_ylim(0, 1.04 * sum(path.units))
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(ax)
    return ax


def draw_survivors(comparison: SurvivorComparison, ax: Axes | None = None) -> Axes:
    """Draws `SurvivorComparison.plot`."""
    ax = clean_axes(ax)
    errors = np.array([[pair.penalized, pair.small] for pair in comparison.pairs])
    for pair in errors:
        ax.plot([0, 1], pair, "o-", color=GRAY, linewidth=0.8, markersize=4)
    ax.plot([0, 1], errors.mean(axis=0), "_", color=VERMILION, markersize=40, markeredgewidth=2.5)
    sizes = sorted({sum(pair.units) for pair in comparison.pairs})
    size = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    penalty = f"{NAMES[comparison.penalty]}, {comparison.strength:g}"
    ax.set_xticks([0, 1], [f"{penalty},\n{sum(comparison.units)} units", f"no penalty,\n{size} units"])
    ax.set_xlim(-0.5, 1.5)
    ax.grid(visible=False, axis="x")
    label_metric(ax, comparison.metric, "test ")
    low, high = comparison.interval()
    ax.set_title(
        f"difference {np.mean(comparison.differences):.3g}, 95 % interval {low:.3g} to {high:.3g}",
        fontsize="medium",
    )
    return ax


def draw_magnitudes(path: PenaltyPath, layer: str, ax: Axes | None = None) -> Axes:
    """Draws `PenaltyPath.plot_magnitudes`."""
    check_one_of("layer", layer, tuple(path.runs[0].magnitudes))
    ax = clean_axes(ax)
    edges = MAGNITUDE_EDGES[::BINS_TOGETHER]
    shades = colormaps["viridis"](np.linspace(0.0, 0.85, len(path.strengths)))
    lowest, highest = len(edges) - 2, 0
    for strength, shade in zip(path.strengths, shades, strict=True):
        runs = path.of_strength(strength)
        counts = np.sum([run.magnitudes[layer] for run in runs], axis=0)
        zeros = sum(run.zeros[layer] for run in runs)
        weights = max(counts.sum() + zeros, 1)
        shares = counts.reshape(-1, BINS_TOGETHER).sum(axis=1) / weights
        label = f"{strength:g} ({100 * zeros / weights:.3g} % zero)"
        ax.stairs(shares, edges, color=shade, linewidth=1.6, label=label)
        drawn = np.flatnonzero(shares > SMALLEST_SHARE)
        lowest, highest = min([lowest, *drawn]), max([highest, *drawn])
    ax.set_xscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(edges[lowest], edges[max(lowest, highest) + 1])
    ax.set_xlabel(f"magnitude of a weight of {layer}")
    ax.set_ylabel("share of the weights in each half decade")
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    ax.set_ylim(bottom=0)
    add_legend(ax)
    return ax


def _strength_axis(ax: Axes, path: PenaltyPath) -> np.ndarray:
    """Makes a logarithmic axis of strengths with 0 at its left; returns the position of each strength."""
    above = np.array(path.strengths[1:])
    gap = max(float(np.log10(above[-1] / above[0])) / max(len(above) - 1, 1), 0.5)
    places = np.concatenate([[above[0] / 10**gap], above])
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(places))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xticks(places, [f"{strength:g}" for strength in path.strengths])
    ax.set_xlabel(f"strength of {NAMES[path.penalty]}")
    return places
