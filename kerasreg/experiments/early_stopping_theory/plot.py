"""Figures of early stopping against ridge."""

import numpy as np
from matplotlib.axes import Axes

from kerasreg.checks import InvalidInput, check_whole_number
from kerasreg.experiments.early_stopping_theory.record import (
    SMALL_RATE_BOUND,
    LinearNetworkEquivalence,
    QuadraticDescent,
)
from kerasreg.intervals import interval_or_nan
from kerasreg.plotting.axes import BLUE, GRAY, TRIAL_COLORS, VERMILION, add_legend, clean_axes

MATCHED_POINTS = 9


def draw_paths(record: QuadraticDescent, ax: Axes | None = None) -> Axes:
    """Draws `QuadraticDescent.plot_paths`."""
    if len(record.optimum) != 2:
        raise InvalidInput(
            f"Only a quadratic of two weights has a contour picture; this one has {len(record.optimum)}. "
            "plot_shrinkage draws any number."
        )
    ax = clean_axes(ax)
    ax.grid(False)
    points = np.concatenate([record.simulated, record.ridge, [record.optimum, [0.0, 0.0]]])
    low, high = points.min(axis=0), points.max(axis=0)
    # Equal margins around the larger side, so that a path along one axis has contours beside it.
    margin = 0.25 * (high - low).max()
    low, high = low - margin, high + margin
    sides = [np.linspace(*ends, 200) for ends in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*sides), axis=-1) - record.optimum
    error = 0.5 * np.einsum("...i,ij,...j", grid, record.hessian, grid)
    # Evenly spaced in the root of the error: contours stand as far apart as the ellipses' sizes do.
    levels = np.linspace(0, np.sqrt(error.max()), 16)[1:] ** 2
    ax.contour(*sides, error, levels=levels, colors="#c9c9c9", linewidths=0.8, zorder=1)

    # Matched points are spread along the path of descent, since steps lie close together near the optimum.
    length = np.linalg.norm(np.diff(record.simulated, axis=0, prepend=[[0.0, 0.0]]), axis=1).cumsum()
    matched = np.unique(np.searchsorted(length, np.linspace(0, length[-1], MATCHED_POINTS + 2)[1:-1]))
    for row in matched:
        pair = np.stack([record.simulated[row], record.ridge[row]])
        label = "same n, alpha = 1/(nμ)" if row == matched[0] else None
        ax.plot(*pair.T, color=GRAY, linewidth=0.9, zorder=2, label=label)
    for path, color, style, name in (
        (record.simulated, BLUE, "-", "gradient descent"),
        (record.ridge, VERMILION, "--", "ridge"),
    ):
        from_zero = np.concatenate([[[0.0, 0.0]], path])
        ax.plot(*from_zero.T, style, color=color, linewidth=2, zorder=3, label=name)
        ax.plot(*path[matched].T, "o", color=color, markersize=5, markeredgecolor="white", zorder=4)
    ax.plot(*record.optimum, "*", color="black", markersize=13, linestyle="none", zorder=5, label="optimum")
    ax.plot(0, 0, "s", color="black", markersize=6, linestyle="none", zorder=5, label="start")
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    ax.set_aspect("equal")
    ax.locator_params(nbins=5)
    ax.set_xlabel("first weight")
    ax.set_ylabel("second weight")
    add_legend(ax)
    return ax


def draw_shrinkage(record: QuadraticDescent, ax: Axes | None = None, *, num_eigenvalues: int = 4) -> Axes:
    """Draws `QuadraticDescent.plot_shrinkage`."""
    if check_whole_number("num_eigenvalues", num_eigenvalues) > len(TRIAL_COLORS):
        raise InvalidInput(
            f"num_eigenvalues must be at most {len(TRIAL_COLORS)}, as many as there are colors; received "
            f"{num_eigenvalues}."
        )
    ax = clean_axes(ax)
    count = len(record.eigenvalues)
    chosen = np.unique(np.linspace(0, count - 1, min(count, num_eigenvalues)).round().astype(int))
    for color, column in zip(TRIAL_COLORS, chosen, strict=False):
        label = f"λ = {record.eigenvalues[column]:.3g}"
        ax.plot(record.steps, record.descent_shrinkage[:, column], color=color, linewidth=2, label=label)
        ax.plot(record.steps, record.ridge_shrinkage[:, column], "--", color=color, linewidth=1.4)
        ax.plot(record.steps, record.small_rate_shrinkage[:, column], ":", color=color, linewidth=1.2)
    for style, name in (
        ("-", "gradient descent"),
        ("--", "ridge, alpha = 1/(nμ)"),
        (":", "limit n μ λ"),
    ):
        ax.plot([], [], style, color=GRAY, label=name)
    ax.set_xscale("log")
    ax.set_ylim(-0.03, max(1.05, 1.05 * record.descent_shrinkage.max()))
    ax.set_xlabel(f"steps n of gradient descent, rate μ = {record.learning_rate:.3g}")
    ax.set_ylabel("factor on the optimum's part")
    add_legend(ax)
    return ax


def draw_distance(record: QuadraticDescent | LinearNetworkEquivalence, ax: Axes | None = None) -> Axes:
    """Draws `QuadraticDescent.plot_distance` and `LinearNetworkEquivalence.plot`."""
    ax = clean_axes(ax)
    network = isinstance(record, LinearNetworkEquivalence)
    rows = np.atleast_2d(record.distance)
    if len(rows) == 1:
        ax.plot(record.steps, rows[0], color=BLUE, linewidth=2.2, label="network" if network else "formula")
    else:
        thin = {"color": GRAY, "linewidth": 0.6, "alpha": 0.6}
        for number, row in enumerate(rows):
            ax.plot(record.steps, row, label=None if number else "one data set", **thin)
        found = [interval_or_nan(column[np.isfinite(column)]) for column in rows.T]
        means = [mean for mean, _, _ in found]
        ax.plot(record.steps, means, color=BLUE, linewidth=2.2, label="mean of the networks")
        if record.independent:
            ends = np.array([interval for _, _, interval in found])
            band = {"color": BLUE, "alpha": 0.2, "linewidth": 0, "label": "95 % interval of the mean"}
            ax.fill_between(record.steps, *ends.T, **band)
    ax.axhline(SMALL_RATE_BOUND, color=VERMILION, linestyle=":", label="bound in the limit of small μ λ")
    ax.set_xscale("log")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
    ax.set_xlabel("epochs n, each one full-batch step" if network else "steps n of gradient descent")
    ax.set_ylabel("distance to ridge / length of ridge")
    add_legend(ax)
    return ax
