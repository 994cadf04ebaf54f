"""What a difference between penalised networks and others shows, in a sentence."""

from collections.abc import Sequence

import numpy as np

from kerasreg.intervals import mean_interval

WORDS = {"cross_entropy": "cross-entropy", "mse": "mean squared error"}


def paired_sentence(what: str, differences: Sequence[float], metric: str) -> str:
    """Returns a sentence with the mean of paired differences, its 95 % interval and what that shows."""
    unit = " nats" if metric == "cross_entropy" else ""
    if not np.isfinite(differences).all():
        return f"{what} cannot be told, because a network diverged."
    mean, _, interval = mean_interval(differences)
    if interval is None:
        return f"{what} was {mean:.3g}{unit} in the one pair there is, which shows nothing by itself."
    low, high = interval
    shown = "lower" if high < 0 else "higher" if low > 0 else None
    verdict = f"it is {shown}" if shown else "no difference shown"
    pairs = f"{len(differences)} pairs on the same data"
    return f"{what} was {mean:.3g}{unit} (95 % interval {low:.3g} to {high:.3g}, {pairs}): {verdict}."
