"""Pictures of noise beside its Tikhonov penalty: a record in, matplotlib Axes out."""

import numpy as np
from matplotlib.axes import Axes

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.intervals import interval_or_nan
from kerasreg.plotting.axes import BLUE, GREY, ORANGE, VERMILION, add_legend, clean_axes
from kerasreg.records.tikhonov import TikhonovComparison


def plot_noise_and_penalty(
    record: TikhonovComparison, noise_std: float | None = None, *, repeat: int = 0, ax: Axes | None = None
) -> Axes:
    """Draws the functions of one repeat: without noise, with noise, and with the penalty in its place.

    Args:
        record: What `tikhonov_equivalence` returned, for inputs of one number.
        noise_std: Which s, one of the record's above 0; the middle one by default.
        repeat: Which repeat, counted from 0.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: the input against the target and the predictions.

    Raises:
        InvalidInput: If there is no such s or repeat, or the inputs have several numbers.
    """
    strengths = record.noise_stds[1:]
    noise_std = strengths[(len(strengths) - 1) // 2] if noise_std is None else noise_std
    check_one_of("noise_std", noise_std, strengths)
    check_one_of("repeat", repeat, tuple(range(len(record.x_train))))
    x_train, x_test = np.array(record.x_train[repeat]), np.array(record.x_test[repeat])
    if x_train.shape[1] != 1:
        raise InvalidInput(
            f"A function can be drawn for inputs of one number; received inputs of {x_train.shape[1]}."
        )
    ax = clean_axes(ax)
    order = np.argsort(x_test[:, 0])
    lines = (
        ("noise", 0.0, {"color": GREY, "linestyle": ":", "label": "without noise"}),
        ("noise", noise_std, {"color": BLUE, "label": f"noise, s = {noise_std:g}"}),
        ("penalty", noise_std, {"color": ORANGE, "linestyle": "--", "label": "penalty, same s"}),
    )
    for way, strength, style in lines:
        predictions = record.values("predictions", way, strength)[repeat]
        ax.plot(x_test[order, 0], predictions[order], linewidth=2, **style)
    ax.plot(x_train[:, 0], record.y_train[repeat], "o", color="black", label="training points")
    ax.set_xlabel("input x")
    ax.set_ylabel("target and predictions")
    add_legend(ax)
    return ax


def plot_tikhonov_distance(record: TikhonovComparison, ax: Axes | None = None) -> Axes:
    """Draws how far apart noise and penalty came out against s, beside what to measure it by.

    That is how far the noise moved the function, and how far noise is from its own mean function by luck:
    the distance of two draws, divided by √2 because both bring theirs. Without a systematic difference noise
    is about as far from the penalty; the record's verdicts say whether one is shown. The lines are means over
    the repeats, the bands their 95 % intervals.

    Args:
        record: What `tikhonov_equivalence` returned.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: s against the root mean square distance of the functions.
    """
    ax = clean_axes(ax)
    strengths = record.noise_stds[1:]
    lines = {
        "moved by the noise": (GREY, record.effect),
        "noise to penalty": (VERMILION, record.distance),
        "noise to other noise, over √2": (
            BLUE,
            lambda noise_std: record.distance(noise_std, way="other noise") / np.sqrt(2),
        ),
    }
    for label, (colour, measure) in lines.items():
        intervals = [interval_or_nan(measure(noise_std)) for noise_std in strengths]
        ax.plot(strengths, [mean for mean, _, _ in intervals], "o-", color=colour, label=label)
        low, high = np.array([ends for _, _, ends in intervals]).T
        ax.fill_between(strengths, low, high, color=colour, alpha=0.15, linewidth=0)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("standard deviation s of the noise, in the units of x")
    ax.set_ylabel("distance of the functions (RMS, units of y)")
    add_legend(ax)
    return ax
