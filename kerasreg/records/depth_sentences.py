"""What gradients in deep networks show, in sentences that are true whatever the numbers are."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasreg.records.chain_gradients import geometric_interval

if TYPE_CHECKING:
    from kerasreg.records.depth_gradients import DepthGradients, Kind

_ERRORS = {
    "above": "shown to be higher",
    "below": "shown to be lower",
    "not shown": "not shown to differ",
    "not compared": "not compared, for want of repeats that were trained to the end,",
}
_RATIOS = {
    "below": "shown to be below 1",
    "above": "shown to be above 1",
    "not shown": "not shown to differ from 1",
    "not compared": "not known, for want of repeats where both are finite and not 0,",
}


def comparisons(record: "DepthGradients") -> Iterator[dict[str, Any]]:
    """Yields a row for each question and each of the deepest kinds of network; see `DepthGradients`."""
    depth, shallow, last = record.depths[-1], record.depths[0], record.epochs[-1]
    deepest = list(record.kinds(depth))
    layers = f"{depth} hidden layers" if depth > 1 else "1 hidden layer"
    first = f"Before training, in networks of {layers}, the gradient's norm in the first hidden layer"
    if depth > 1:
        for kind in deepest:
            yield _ratio(f"{first} by that in the last one", kind, record.ratios(kind))
    if shallow < depth:
        for kind in deepest:
            yield _ratio(f"{first} by that with {shallow}", kind, record.depth_ratios(kind))
        question = f"After {last} epochs, the training error with {layers} against {shallow}"
        for kind in deepest:
            yield _error(question, record, kind, (shallow, *kind[1:]), "train")
    base = record.normalizations[0]
    for normalization in record.normalizations[1:]:
        question = (
            f"With {layers}, the validation error with {normalization or 'no'} normalization against "
            f"{base or 'no'} normalization"
        )
        for kind in (each for each in deepest if each[2] == normalization):
            yield _error(question, record, kind, (*kind[:2], base, kind[3]))
    reference = "glorot_uniform" if "glorot_uniform" in record.initializers else record.initializers[0]
    for initializer in (each for each in record.initializers if each != reference):
        question = f"With {layers}, the validation error with {initializer} weights against {reference}"
        for kind in (each for each in deepest if each[3] == initializer):
            yield _error(question, record, kind, (*kind[:3], reference))


def sentences(record: "DepthGradients") -> Iterator[str]:
    """Yields a sentence for each question, about the deepest networks."""
    asked = defaultdict(list)
    for row in comparisons(record):
        asked[row["question"]].append(row)
    for question, rows in asked.items():
        yield f"{question} is {_told(rows)}."
    yield (
        f"Repeats: {record.repeats}; each draws initial weights and the order of rows afresh, for the same "
        f"rows. The learning rate is {record.settings['learning_rate']:g} for all. In brackets the least and "
        "the greatest mean: ratios are geometric means, differences of errors are paired and in percentage "
        "points. Networks whose training diverged or was interrupted are left out. Each comparison has a "
        "95 % interval of its own (`comparisons`): where there is no difference, one in twenty shows one by "
        "chance."
    )


def _ratio(question: str, kind: "Kind", values: np.ndarray) -> dict[str, Any]:
    mean, low, high = geometric_interval(values)
    return _row(question, "ratio", kind, mean, low, high, nothing=1)


def _error(
    question: str, record: "DepthGradients", kind: "Kind", other: "Kind", part: str = "validation"
) -> dict[str, Any]:
    mean, ends = record.difference(kind, other, part)
    return _row(question, "error", kind, mean, *(ends or (np.nan, np.nan)), nothing=0)


def _row(
    question: str, measure: str, kind: "Kind", mean: float, low: float, high: float, *, nothing: float
) -> dict[str, Any]:
    if np.isnan(low):
        verdict = "not compared"
    else:
        verdict = "below" if high < nothing else "above" if low > nothing else "not shown"
    names = ("depth", "activation", "normalization", "initializer")
    row = {"question": question, "measure": measure, **dict(zip(names, kind, strict=True))}
    row["normalization"] = row["normalization"] or "none"
    return row | {"mean": mean, "low": low, "high": high, "verdict": verdict}


def _told(rows: list[dict[str, Any]]) -> str:
    """Returns how many kinds have each verdict, between which means, and which they are."""
    words = _RATIOS if rows[0]["measure"] == "ratio" else _ERRORS
    parts = []
    for verdict, said in words.items():
        found = [row for row in rows if row["verdict"] == verdict]
        if found:
            every = f"all {len(rows)} kinds" if len(rows) > 1 else "the only kind"
            count = every if len(found) == len(rows) else f"{len(found)} of {len(rows)}"
            names = "" if len(found) == len(rows) else f": {_names(found, rows)}"
            between = "" if verdict == "not compared" else _range(found)
            parts.append(f"{said} for {count}{between}{names}")
    return "; ".join(parts)


def _range(rows: list[dict[str, Any]]) -> str:
    """Returns the least and the greatest mean in brackets, one where they read alike."""
    means = [row["mean"] for row in rows]
    if rows[0]["measure"] == "ratio":
        ends = [f"{end(means):.3g}" for end in (min, max)]
    else:
        ends = [f"{round(100 * end(means), 1) + 0.0:+.1f}" for end in (min, max)]  # + 0.0: no minus zero
    return f" ({' to '.join(dict.fromkeys(ends))})"


def _names(rows: list[dict[str, Any]], among: list[dict[str, Any]]) -> str:
    """Returns the kinds in words, such as "relu, tanh + batch (he_normal)".

    What all kinds of the question share is left out, and the initializers where all of them are meant.
    """
    every = list(dict.fromkeys(row["initializer"] for row in among))
    several = len({row["normalization"] for row in among}) > 1
    found = defaultdict(list)
    for row in rows:
        normalized = f" + {row['normalization']}" if several and row["normalization"] != "none" else ""
        found[row["activation"] + normalized].append(row["initializer"])
    return ", ".join(
        name if len(drawn) == len(every) else f"{name} ({', '.join(drawn)})" for name, drawn in found.items()
    )
