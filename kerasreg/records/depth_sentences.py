"""What gradients in deep networks show, in sentences that are true whatever the numbers are."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from kerasreg.records.chain_gradients import geometric_interval

if TYPE_CHECKING:
    from kerasreg.records.depth_gradients import DepthGradients, Kind

_COMPARED = {
    "higher": "shown to be higher for",
    "lower": "shown to be lower for",
    "not_shown": "not shown to differ for",
    "not_compared": "not compared, for want of repeats that were trained to the end, for",
}

_RATIOS = {
    "below": "shown to be below 1 for",
    "above": "shown to be above 1 for",
    "not_shown": "not shown to differ from 1 for",
    "unknown": "not known, for want of repeats where both are finite and not 0, for",
}


def sentences(record: "DepthGradients") -> Iterator[str]:
    """Yields a sentence for each question, about the deepest networks."""
    depth, shallow, last = record.depths[-1], record.depths[0], record.epochs[-1]
    layers = f"{depth} hidden layers" if depth > 1 else "1 hidden layer"
    first = f"Before training, in networks of {layers}, the gradient's norm in the first hidden layer"
    if depth > 1:
        told = _ratios({kind: record.ratios(kind) for kind in record.kinds(depth)})
        yield f"{first} by that in the last one is {told}."
    if shallow < depth:
        told = _ratios({kind: record.depth_ratios(kind) for kind in record.kinds(depth)})
        yield f"{first} by that with {shallow} is {told}."
        pairs = [(kind, (shallow, *kind[1:])) for kind in record.kinds(depth)]
        told = _compared(record, pairs, "train")
        yield f"After {last} epochs, the training error with {layers} against {shallow} is {told}."
    reference = "glorot_uniform" if "glorot_uniform" in record.initializers else record.initializers[0]
    for normalization in record.normalizations[1:]:
        base = record.normalizations[0]
        pairs = [(k, (*k[:2], base, k[3])) for k in record.kinds(depth) if k[2] == normalization]
        yield (
            f"With {layers}, the validation error with {normalization or 'no'} normalization against "
            f"{base or 'no'} normalization is {_compared(record, pairs)}."
        )
    for initializer in record.initializers:
        if initializer != reference:
            pairs = [(k, (*k[:3], reference)) for k in record.kinds(depth) if k[3] == initializer]
            yield (
                f"With {layers}, the validation error with {initializer} weights against {reference} is "
                f"{_compared(record, pairs)}."
            )
    yield (
        f"Repeats: {record.repeats}; each draws initial weights and the order of rows afresh, for the same "
        f"rows. The learning rate is {record.settings['learning_rate']:g} for all. Ratios are geometric "
        "means, differences of errors are paired and in percentage points. Networks whose training diverged "
        "or was interrupted are left out. Each comparison has a 95 % interval of its own: where there is no "
        "difference, one in twenty shows one by chance."
    )


def kind_name(kind: "Kind") -> str:
    """Returns a kind of network of a known depth in words, such as "relu + batch, he_normal"."""
    _, activation, normalization, initializer = kind
    return f"{activation}{f' + {normalization}' if normalization else ''}, {initializer}"


def _ratios(ratios: dict["Kind", np.ndarray]) -> str:
    """Returns the geometric mean of each kind's ratios, those of one verdict together."""
    found = defaultdict(list)
    for kind, values in ratios.items():
        mean, low, high = geometric_interval(values)
        if np.isnan(low):
            found["unknown"].append(kind_name(kind))
            continue
        verdict = "below" if high < 1 else "above" if low > 1 else "not_shown"
        found[verdict].append(f"{kind_name(kind)} ({mean:.3g}; {low:.3g} to {high:.3g})")
    return "; ".join(f"{words} {' / '.join(found[key])}" for key, words in _RATIOS.items() if found[key])


def _compared(record: "DepthGradients", pairs: list[tuple["Kind", "Kind"]], part: str = "validation") -> str:
    """Returns how the errors of pairs of kinds differ, those of one verdict together."""
    found = defaultdict(list)
    for kind, other in pairs:
        mean, ends = record.difference(kind, other, part)
        if ends is None:
            found["not_compared"].append(kind_name(kind))
            continue
        low, high = ends
        verdict = "higher" if low > 0 else "lower" if high < 0 else "not_shown"
        found[verdict].append(f"{kind_name(kind)} ({100 * mean:+.1f}; {100 * low:+.1f} to {100 * high:+.1f})")
    return "; ".join(f"{words} {' / '.join(found[key])}" for key, words in _COMPARED.items() if found[key])
