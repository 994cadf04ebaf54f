"""Pictures of autoencoders beside principal components: a record in, matplotlib out."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, NullLocator

from kerasreg.checks import InvalidInput
from kerasreg.plotting.axes import BLUE, GREY, VERMILION, add_legend, clean_axes
from kerasreg.records import NonlinearGain, PrincipalSubspace

LEAST_ANGLE = 1e-3  # degrees; below it single precision decides


def plot_linear_and_pca(found: PrincipalSubspace, ax: Axes | None = None) -> Axes:
    """Draws the errors of linear autoencoders upon those of PCA.

    Args:
        found: The errors.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: units or components against the mean squared error, both logarithmic; PCA's as lines, each
        network's as a ring.
    """
    ax = clean_axes(ax)
    for part, words, colour in (("train", "training", BLUE), ("test", "test", VERMILION)):
        of_pca, errors = getattr(found, f"pca_{part}_mse"), getattr(found, f"{part}_mse")
        ax.plot(found.bottlenecks, of_pca, color=colour, linewidth=1.2, label=f"PCA, {words} rows")
        ax.plot(
            np.repeat(found.bottlenecks, found.repeats),
            errors.ravel(),
            linestyle="none",
            marker="o",
            markersize=8,
            markerfacecolor="none",
            markeredgecolor=colour,
            label=f"linear autoencoder, {words} rows",
        )
    _over_bottlenecks(ax, found.bottlenecks)
    _logarithmic(ax, "mean squared error")
    add_legend(ax)
    return ax


def plot_principal_angles(found: PrincipalSubspace, ax: Axes | None = None) -> Axes:
    """Draws how far the decoders' spans are turned away from the leading components.

    Args:
        found: The angles.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: units against the largest principal angle of each network in degrees, with the variance
        along the last component taken as a multiple of the next one's above each. Angles below a
        thousandth of a degree are drawn there.
    """
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
            ax.text(number, 200, f"{ratio:.2f}", ha="center", fontsize=8, color=GREY)
    _over_bottlenecks(ax, found.bottlenecks)
    ax.set_title(
        "numbers above: variance along the last component taken, over the next one's",
        loc="left",
        fontsize="small",
    )
    return ax


def plot_nonlinear_gain(found: NonlinearGain, ax: Axes | None = None) -> Axes:
    """Draws the test errors of autoencoders over the curve of PCA's.

    Args:
        found: The errors.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: numbers a picture against the mean squared error on the test rows, both logarithmic. PCA's
        curve is the mean over the repeats; dots are networks, and bars 95 % intervals of their mean.

    Raises:
        InvalidInput: If no network has a finite test error.
    """
    if not np.isfinite(found.test_mse).any():
        raise InvalidInput("No network has a finite test error, so there is nothing to draw.")
    ax = clean_axes(ax)
    most = min(math.ceil(1.25 * found.bottlenecks[-1]), found.pca_by_number.shape[1])
    curve = found.pca_by_number.mean(axis=0)[:most]
    ax.plot(np.arange(1, most + 1), curve, color=GREY, linewidth=1.6, label="PCA, any number of components")
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
    ax.set_xlabel("numbers a picture: units of the bottleneck, or components")
    _logarithmic(ax, "mean squared error on the test rows")
    add_legend(ax)
    return ax


def _over_bottlenecks(ax: Axes, bottlenecks: tuple[int, ...]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(bottlenecks))
    ax.xaxis.set_ticklabels([str(number) for number in bottlenecks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("units of the bottleneck")


def _logarithmic(ax: Axes, label: str) -> None:
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_ylabel(label)
