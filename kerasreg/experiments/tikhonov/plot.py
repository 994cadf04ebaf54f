"""Figures of functions learned with noise and with its Tikhonov penalty."""

import numpy as np
from matplotlib.axes import Axes

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.experiments.tikhonov.record import TikhonovComparison
from kerasreg.intervals import interval_or_nan
from kerasreg.plotting.axes import BLUE, GRAY, ORANGE, VERMILION, add_legend, clean_axes


def draw_functions(
    record: TikhonovComparison, ax: Axes | None = None, *, noise_std: float | None = None, repeat: int = 0
) -> Axes:
    """Draws `TikhonovComparison.plot_functions`."""
    strengths = record.noise_stds[1:]
    noise_std = strengths[(len(strengths) - 1) // 2] if noise_std is None else noise_std
    check_one_of("noise_std", noise_std, strengths)
    check_one_of("repeat", repeat, tuple(range(len(record.x_train))))
    x_train, x_test = np.array(record.x_train[repeat]), np.array(record.x_test[repeat])
    if x_train.shape[1] != 1:
        raise InvalidInput(
            f"Only a function of one feature can be drawn; received inputs with {x_train.shape[1]}."
        )
    ax = clean_axes(ax)
    order = np.argsort(x_test[:, 0])
    lines = (
        ("noise", 0.0, {"color": GRAY, "linestyle": ":", "label": "without noise"}),
        ("noise", noise_std, {"color": BLUE, "label": f"noise, s = {noise_std:g}"}),
        ("penalty", noise_std, {"color": ORANGE, "linestyle": "--", "label": "penalty, same s"}),
    )
    for method, strength, style in lines:
        predictions = record.values("predictions", method, strength)[repeat]
        ax.plot(x_test[order, 0], predictions[order], linewidth=2, **style)
    ax.plot(x_train[:, 0], record.y_train[repeat], "o", color="black", label="training points")
    ax.set_xlabel("input x")
    ax.set_ylabel("target and predictions")
    add_legend(ax)
    return ax


def draw_distance(record: TikhonovComparison, ax: Axes | None = None) -> Axes:
    """Draws `TikhonovComparison.plot_distance`."""
    ax = clean_axes(ax)
    strengths = record.noise_stds[1:]
    lines = {
        "moved by the noise": (GRAY, record.effect),
        "noise to penalty": (VERMILION, record.distance),
        "noise to other noise, over √2": (
            BLUE,
            lambda noise_std: record.distance(noise_std, method="other noise") / np.sqrt(2),
        ),
    }
    for label, (color, measure) in lines.items():
        intervals = [interval_or_nan(measure(noise_std)) for noise_std in strengths]
        ax.plot(strengths, [mean for mean, _, _ in intervals], "o-", color=color, label=label)
        low, high = np.array([ends for _, _, ends in intervals]).T
        ax.fill_between(strengths, low, high, color=color, alpha=0.15, linewidth=0)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("standard deviation s of the noise, in the units of x")
    ax.set_ylabel("distance between functions (RMS, units of y)")
    add_legend(ax)
    return ax
