"""What a search of regression says of its errors, and of the marks it has to beat."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasreg.plotting import METRICS
from kerasreg.records import SearchResult
from kerasreg.report.numbers import NO_BREAK, interval, listed, metric, percent

MARKS = {
    "mean": "predicting the mean of the training targets",
    "linear": "a linear model (ridge regression)",
}
MOST_TARGETS_IN_A_SENTENCE = 4
WHOSE = ("the mean's", "the linear model's")


def regression_errors(result: SearchResult) -> str | None:
    """Returns the error in the units of the target, and the share of the variance that is explained."""
    test = result.test or {}
    if "rmse" not in test or test["rmse"]["mean"] is None:
        return None
    by_target = test.get("rmse_by_target")
    if by_target is None:
        said = f"The root mean squared error (RMSE), in the target's own units, is {_measured(test['rmse'])}."
    elif len(by_target) > MOST_TARGETS_IN_A_SENTENCE:  # a mean over several units has none
        said = (
            f"The root mean squared error (RMSE) of each of the {len(by_target)} targets stands in "
            "results.json."
        )
    else:
        said = (
            "The root mean squared errors (RMSE) of the targets, each in its own units, are "
            f"{listed([_measured(error) for error in by_target])}."
        )
    r2 = test["r2"]["mean"]
    if r2 is None or not math.isfinite(r2):
        return said
    whose = "it explains" if by_target is None else "it explains, in the mean over the targets"
    return f"{said} R² is {_measured(test['r2'])}: the share of the test targets' variance that {whose}."


def _measured(over_seeds: dict[str, Any]) -> str:
    """Returns a mean over the fresh networks with its interval."""
    said = metric("mse", over_seeds["mean"])
    if over_seeds.get("interval_95") is None:
        return said
    return f"{said} (95{NO_BREAK}% interval {interval('mse', over_seeds['interval_95'])})"


def against_marks(result: SearchResult) -> str | None:
    """Returns the errors of the mean and of a linear model, and whether the network's is less.

    They are compared in pairs, each pair fitted to the same training rows.
    """
    marks = (result.test or {}).get("baselines")
    if not marks or result.test["mean"] is None:
        return None
    name = result.test["metric"]
    errors = []
    for mark, told in marks.items():
        error = f"{MARKS[mark]} has {metric(name, told['mean'])}"
        if "rmse_by_target" not in result.test:  # the root of several units' squares has none
            error += f" (RMSE {metric(name, _rmse(told['scores']))})"
        errors.append(error)
    verdicts = [_verdict(mark, whose) for mark, whose in zip(marks.values(), WHOSE, strict=True)]
    holds_for = "new rows and new seeds" if len(result.test["scores"]) > 1 else "new rows"
    return (
        f"The marks to beat, {METRICS[name][0]} on the same test rows: {listed(errors)}. The network's error "
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
