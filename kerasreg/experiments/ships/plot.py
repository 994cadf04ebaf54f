"""Figures of ships counted and slicks outlined."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from kerasreg.checks import check_one_of
from kerasreg.experiments.ships.record import METHODS, SeaScores, ShipCounting
from kerasreg.plotting.axes import BLUE, GREEN, ORANGE, SKY, VERMILION, add_legend, clean_axes, draw_column
from kerasreg.plotting.gray_pictures import picture_panels, show


def draw_ships(
    record: ShipCounting, ax: Axes | None = None, *, method: str = "spots", noise: float | None = None
) -> Axes:
    """Draws `ShipCounting.plot_ships`."""
    noise = record.noise[0] if noise is None else noise
    place = record.noise.index(check_one_of("noise", noise, record.noise))
    found = record.found[check_one_of("method", method, METHODS)][place][0]
    ax = picture_panels(1, None if ax is None else [ax], columns=1, shape=record.picture.shape, width=7.2)[0]
    show(ax, record.picture)
    ax.contour(record.slick, [0.5], colors=SKY, linewidths=1.2, linestyles="--")
    ax.contour(record.outlines[place], [0.5], colors=ORANGE, linewidths=1.2)
    ax.plot([], [], color=SKY, linestyle="--", label="true slick")
    ax.plot([], [], color=ORANGE, label="slick found")
    true = found[found[:, 2] >= 0]
    missed = np.delete(record.ships, true[:, 2].astype(int), axis=0)
    for places, marker, color, label in (
        (true, "o", GREEN, "ship found"),
        (found[found[:, 2] < 0], "x", VERMILION, "false detection"),
        (missed, "s", VERMILION, "ship missed"),
    ):
        style = {"markerfacecolor": "none", "markeredgecolor": color, "markeredgewidth": 1.6}
        size = 6 if marker == "x" else 11
        ax.plot(
            places[:, 1],
            places[:, 0],
            marker,
            markersize=size,
            linestyle="none",
            label=f"{label} ({len(places)})",
            **style,
        )
    add_legend(ax)
    return ax


def draw_scores(record: ShipCounting, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws `ShipCounting.plot_scores`."""
    axes = picture_panels(2, axes, columns=2, shape=(3, 4), width=4.6)
    rows = record.scores()
    lines = (
        (axes[0], "f1_spots", BLUE, "spots"),
        (axes[0], "f1_laplace", VERMILION, "laplace"),
        (axes[1], "overlap", ORANGE, ""),
    )
    for ax, name, color, label in lines:
        clean_axes(ax)
        mean, low, high = (np.array([row[f"{name}{end}"] for row in rows]) for end in ("", "_low", "_high"))
        ax.plot(record.noise, mean, "o-", color=color, label=label, markersize=4)
        # Without noise nothing varies: the band begins in the point.
        low, high = (np.where(np.isnan(ends), mean, ends) for ends in (low, high))
        ax.fill_between(record.noise, low, high, color=color, alpha=0.18, linewidth=0)
        ax.set_xlabel("standard deviation of the noise (black 0, white 1)")
        ax.set_ylim(0, 1.03)
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes[0].set_ylabel("ships: F1")
    axes[1].set_ylabel("slick: overlap with the truth")
    add_legend(axes[0])
    return axes


def draw_seas(record: SeaScores, ax: Axes | None = None) -> Axes:
    """Draws `SeaScores.plot`."""
    ax = clean_axes(ax)
    scores = record.scores()
    columns = {
        "f1_spots": ("ships by spots\n(F1)", record.f1("spots")),
        "f1_laplace": ("ships by laplace\n(F1)", record.f1("laplace")),
        "overlap": ("slick\n(overlap)", record.overlap),
    }
    for place, (name, (_, values)) in enumerate(columns.items()):
        ends = [scores[f"{name}{end}"] for end in ("_low", "_high")]
        if np.isnan(ends[0]):  # one sea has no interval
            ends = [scores[name]] * 2
        draw_column(ax, place, values, scores[name], ends, labels=("sea", "mean, 95 % interval"))
    ax.set_xticks(np.arange(len(columns)) + 0.1, [words for words, _ in columns.values()])
    ax.set_ylim(0, 1.03)
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.set_ylabel(f"found in {record.data}")
    add_legend(ax)
    return ax
