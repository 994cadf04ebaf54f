"""Figures of autoencoders against PCA: errors, principal angles, codes and decoded images."""

import math
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, NullLocator

from kerasreg.checks import InvalidInput
from kerasreg.experiments.autoencoder_pca.latent_record import LatentMap
from kerasreg.experiments.autoencoder_pca.nonlinear_record import NonlinearGain
from kerasreg.experiments.autoencoder_pca.subspace_record import PrincipalSubspace
from kerasreg.plotting.axes import BLUE, GRAY, VERMILION, add_legend, clean_axes, panels

LEAST_ANGLE = 1e-3  # degrees; smaller ones are rounding in single precision
APART = 0.055  # distance between class labels, as a fraction of the width and height of a map


def draw_linear(found: PrincipalSubspace, ax: Axes | None = None) -> Axes:
    """Draws `PrincipalSubspace.plot_errors`."""
    ax = clean_axes(ax)
    for part, words, color in (("train", "training", BLUE), ("test", "test", VERMILION)):
        of_pca, errors = getattr(found, f"pca_{part}_mse"), getattr(found, f"{part}_mse")
        ax.plot(found.bottlenecks, of_pca, color=color, linewidth=1.2, label=f"PCA, {words} rows")
        ax.plot(
            np.repeat(found.bottlenecks, found.repeats),
            errors.ravel(),
            linestyle="none",
            marker="o",
            markersize=8,
            markerfacecolor="none",
            markeredgecolor=color,
            label=f"linear autoencoder, {words} rows",
        )
    _over_bottlenecks(ax, found.bottlenecks)
    _logarithmic(ax, "mean squared error")
    add_legend(ax)
    return ax


def draw_angles(found: PrincipalSubspace, ax: Axes | None = None) -> Axes:
    """Draws `PrincipalSubspace.plot_angles`."""
    ax = clean_axes(ax)
    angles = np.maximum(found.largest_angle, LEAST_ANGLE)
    ax.plot(
        np.repeat(found.bottlenecks, found.repeats),
        angles.ravel(),
        linestyle="none",
        marker="o",
        markersize=6,
        color=BLUE,
        alpha=0.6,
    )
    ax.set_yscale("log")
    ax.set_ylim(LEAST_ANGLE / 1.6, 600)
    ax.yaxis.set_major_locator(FixedLocator([0.001, 0.01, 0.1, 1, 10, 90]))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_ylabel("largest principal angle (degrees)")
    for number, ratio in zip(found.bottlenecks, found.variance_ratio, strict=True):
        if np.isfinite(ratio):
            ax.text(number, 200, f"{ratio:.2f}", ha="center", fontsize=8, color=GRAY)
    _over_bottlenecks(ax, found.bottlenecks)
    ax.set_title(
        "numbers above: variance along the last component kept divided by the next",
        loc="left",
        fontsize="small",
    )
    return ax


def draw_nonlinear(found: NonlinearGain, ax: Axes | None = None) -> Axes:
    """Draws `NonlinearGain.plot`."""
    if not np.isfinite(found.test_mse).any():
        raise InvalidInput("No network has a finite test error, so there is nothing to draw.")
    ax = clean_axes(ax)
    most = min(math.ceil(1.25 * found.bottlenecks[-1]), found.pca_by_number.shape[1])
    curve = found.pca_by_number.mean(axis=0)[:most]
    ax.plot(np.arange(1, most + 1), curve, color=GRAY, linewidth=1.6, label="PCA, any number of components")
    mean, low, high = found.means()
    numbers = np.array(found.bottlenecks)
    ax.plot(
        np.repeat(numbers, found.repeats),
        found.test_mse.ravel(),
        linestyle="none",
        marker="o",
        markersize=4,
        color=BLUE,
        alpha=0.5,
    )
    ax.errorbar(
        numbers,
        mean,
        yerr=[mean - low, high - mean],
        color=BLUE,
        linewidth=1.6,
        capsize=3,
        label="autoencoder, mean and 95 % interval",
    )
    _over_bottlenecks(ax, found.bottlenecks)
    ax.set_xlabel("latent dimension: bottleneck units, or components")
    _logarithmic(ax, "mean squared error on the test rows")
    add_legend(ax)
    return ax


def draw_latent_map(found: LatentMap, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws `LatentMap.plot_map`."""
    if not np.isfinite(found.codes).all():
        raise InvalidInput("No network finished training, so there are no codes to draw.")
    axes = panels(2, axes, size=(5, 5.4), of="maps")
    classes = np.unique(found.labels)
    colors = matplotlib.colormaps["tab10" if len(classes) <= 10 else "turbo"]
    shades = colors(np.arange(len(classes)) if len(classes) <= 10 else np.linspace(0, 1, len(classes)))
    told = (
        ("PCA", found.pca_codes, found.pca_accuracy, "component"),
        ("autoencoder", found.codes, found.accuracy[found.shown], "unit"),
    )
    for ax, (name, codes, accuracy, word) in zip(axes, told, strict=True):
        clean_axes(ax)
        for label, shade in zip(classes, shades, strict=True):
            ax.plot(
                *codes[found.labels == label].T,
                linestyle="none",
                marker="o",
                markersize=3,
                color=shade,
                alpha=0.6,
            )
        centers = np.array([np.median(codes[found.labels == label], axis=0) for label in classes])
        span = np.diff([ax.get_xlim(), ax.get_ylim()]).ravel()
        for label, shade, center in zip(classes, shades, _apart(centers / span) * span, strict=True):
            box = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": shade}
            ax.text(*center, str(label), ha="center", va="center", fontsize=9, bbox=box)
        ax.set_xlabel(f"{word} 1")
        ax.set_ylabel(f"{word} 2")
        ax.set_title(
            f"{name}: nearest-neighbors accuracy {100 * accuracy:.1f} %", loc="left", fontsize="small"
        )
    return axes


def draw_latent_grid(found: LatentMap, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws `LatentMap.plot_grid`."""
    if found.decoded is None or found.decoded.ndim != 5 or found.decoded.shape[-1] not in (1, 3):
        raise InvalidInput(
            "The record has no decoded images with 1 or 3 channels. Map such images, with grid above 0."
        )
    axes = panels(2, axes, size=(5, 5.4), of="maps")
    for ax, name, grid, word in zip(
        axes,
        ("PCA", "autoencoder"),
        (found.pca_decoded, found.decoded),
        ("component", "unit"),
        strict=True,
    ):
        rows, columns, height, width, channels = grid.shape
        edged = np.pad(
            grid, [(0, 0), (0, 0), (0, 1), (0, 1), (0, 0)], constant_values=1
        )  # white lines between
        canvas = edged.swapaxes(1, 2).reshape(rows * (height + 1), columns * (width + 1), channels)
        ax.imshow(np.clip(canvas, 0, 1).squeeze(), cmap="gray", vmin=0, vmax=1)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
        ax.set_xlabel(f"{word} 1 \N{RIGHTWARDS ARROW}")
        ax.set_ylabel(f"{word} 2 \N{RIGHTWARDS ARROW}")
        ax.set_title(name, loc="left", fontsize="small")
    return axes


def _over_bottlenecks(ax: Axes, bottlenecks: tuple[int, ...]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(bottlenecks))
    ax.xaxis.set_ticklabels([str(number) for number in bottlenecks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("bottleneck units")


def _logarithmic(ax: Axes, label: str) -> None:
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_ylabel(label)


def _apart(points: np.ndarray) -> np.ndarray:
    """Returns points of shape (n, 2), those nearer than `APART` pushed away from each other."""
    points = points.copy()
    for _ in range(100):
        away = points[:, None] - points
        distance = np.linalg.norm(away, axis=-1)
        lack = np.where((distance > 0) & (distance < APART), APART - distance, 0)
        if not lack.any():
            break
        push = np.divide(lack, 2 * distance, out=np.zeros_like(lack), where=lack > 0)
        points += (push[..., None] * away).sum(axis=1)
    return points
