"""What a search of regression says of its errors, and of the marks it has to beat."""

import math
from collections.abc import Sequence

import numpy as np

from kerasreg.intervals import mean_interval
from kerasreg.records import SearchResult
from kerasreg.report.numbers import NO_BREAK, count, interval, listed, metric, number, percent

MARKS = {
    "mean": "predicting the mean of the training targets",
    "linear": "a linear model (ridge regression)",
}


def regression_errors(result: SearchResult) -> str | None:
    """Returns the error in the units of the target, and the share of the variance that is explained."""
    test = result.test or {}
    if "rmse" not in test or test["rmse"]["mean"] is None:
        return None
    seeds, r2 = count(len(test["rmse"]["scores"]), "fresh seed"), test["r2"]["mean"]
    by_column = [name for name in result.retraining[0]["test"] if name.startswith("rmse_")]
    if by_column:  # a mean over several units has none
        means = [np.mean([entry["test"][name] for entry in result.retraining]) for name in by_column]
        said = (
            "The root mean squared errors (RMSE) of the targets, each in its own units, are "
            f"{listed([metric('mse', mean) for mean in means])} on average over {seeds}."
        )
    else:
        mean = metric("mse", test["rmse"]["mean"])
        said = f"The root mean squared error (RMSE), in the target's own units, is {mean}"
        if test["rmse"]["interval_95"] is not None:
            low, high = test["rmse"]["interval_95"]
            ends = interval("mse", [max(0.0, low), high])
            said += f" (95{NO_BREAK}% interval {ends} over {seeds}, on these test rows)"
        said += "."
    if r2 is None or not math.isfinite(r2):
        return said
    return f"{said} R² is {number(r2)}: the share of the test targets' variance that it explains."


def against_marks(result: SearchResult) -> str | None:
    """Returns the errors of the mean and of a linear model, and whether the network's is less.

    They are compared in pairs, each pair fitted to the same training rows.
    """
    marks = (result.test or {}).get("baselines")
    if not marks or result.test["mean"] is None:
        return None
    errors = [
        f"{MARKS[name]} has {metric('mse', mark['mean'])} (RMSE {metric('mse', _rmse(mark['scores']))})"
        for name, mark in marks.items()
    ]
    verdicts = [_verdict(result.test["scores"], mark["scores"], name) for name, mark in marks.items()]
    seeds = count(len(result.test["scores"]), "fresh seed")
    said = listed(errors)
    return (
        f"The marks to beat, mean squared error on the same test rows: {said}. The network's error is "
        f"{listed(verdicts)}, over {seeds} in pairs."
    )


def _rmse(scores: Sequence[float]) -> float:
    return float(np.mean(np.sqrt(scores)))


def _verdict(scores: Sequence[float], marks: Sequence[float], name: str) -> str:
    whose = {"mean": "the mean's", "linear": "the linear model's"}[name]
    if min(marks) == 0:
        return f"no less than {whose}, which is 0"
    share, _, ends = mean_interval(1 - np.divide(scores, marks))
    words = f"{percent(abs(share))} {'less' if share > 0 else 'more'} than {whose}"
    if ends is None:
        return f"{words} (one network, without an interval)"
    low, high = ends if share > 0 else (-ends[1], -ends[0])
    span = f"95{NO_BREAK}% interval {100 * low:.1f} to {percent(high)}"
    return f"{words} ({span})" if low > 0 else f"{words} on average, which shows no difference ({span})"
