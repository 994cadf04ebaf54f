"""What a search of regression says of its errors, and of the marks it has to beat."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasreg.records import SearchResult
from kerasreg.report.numbers import NO_BREAK, count, interval, listed, metric, number, percent

MARKS = {
    "mean": "predicting the mean of the training targets",
    "linear": "a linear model (ridge regression)",
}
WHOSE = ("the mean's", "the linear model's")


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
            said += f" (95{NO_BREAK}% interval {interval('mse', test['rmse']['interval_95'])})"
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
    verdicts = [_verdict(mark, whose) for mark, whose in zip(marks.values(), WHOSE, strict=True)]
    holds_for = "new rows and new seeds" if len(result.test["scores"]) > 1 else "new rows"
    return (
        f"The marks to beat, mean squared error on the same test rows: {listed(errors)}. The network's error "
        f"is {listed(verdicts)}; the intervals hold for {holds_for}."
    )


def _rmse(scores: Sequence[float]) -> float:
    return float(np.mean(np.sqrt(scores)))


def _verdict(mark: dict[str, Any], whose: str) -> str:
    if mark["mean"] == 0:
        return f"no less than {whose}, which is 0"
    share, low, high = (end / mark["mean"] for end in (mark["difference"], *mark["interval_95"]))
    if share < 0:
        low, high = -high, -low
    words = f"{percent(abs(share))} {'less' if share < 0 else 'more'} than {whose}"
    span = f"95{NO_BREAK}% interval {100 * low:.1f} to {percent(high)}"
    return f"{words} ({span})" if low > 0 else f"{words} on average, which shows no difference ({span})"
