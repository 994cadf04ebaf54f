"""What an experiment on palettes shows, in sentences that are true whatever its numbers are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from kerasreg.records.palette import PaletteExperiment

# What a paired difference below and above 0 means, what shows none, and how it is written
_MEASURES = {
    "shift": (
        "the palette lies nearer to the source's own",
        "the palette lies nearer to the training picture's",
        "no difference in where the palette lies is shown",
        "{:+.2f}",
    ),
    "error": (
        "unseen pictures are reproduced with a lower mean squared error",
        "unseen pictures are reproduced with a higher mean squared error",
        "no difference in the mean squared error of unseen pictures is shown",
        "{:+.2g}",
    ),
}


def sentences(record: "PaletteExperiment") -> Iterator[str]:
    """Yields one for each strategy and number of patches, one for each comparison, and how to read them."""
    named = record.training_name != "training picture"
    yield (
        "Where the output's palette lies, from -1 for the source's own to 1 for that of "
        f"{record.training_name if named else 'the training picture'}, on average over "
        f"{_counted(len(record.pictures), 'picture')} that no network was trained on:"
    )
    mean, low, high = record.means("shift")
    for place, strategy in enumerate(record.strategies):
        for row, size in enumerate(record.train_sizes):
            told = []
            for column, count in enumerate(record.units):
                numbers = (values[row, column, place] for values in (mean, low, high))
                told.append(f"{_counted(count, 'unit')} {_placed(*numbers)}")
            yield f"{strategy}, {_counted(size, 'patch', 'patches')}: {'; '.join(told)}."
    for measure in _MEASURES:
        for effect in record.effects(measure):
            yield _of_effect(effect, *_MEASURES[measure])
    yield (
        f"Repeats: {record.repeats}; each draws patches, their changes, initial weights and the order of "
        "rows afresh. The intervals are 95 %, for these pictures and one comparison each: where there is no "
        "difference, one in twenty shows one by chance. Comparisons are paired by repeat and averaged over "
        "the other settings."
    )


def _of_effect(effect: dict[str, Any], lower: str, higher: str, neither: str, number: str) -> str:
    """Returns a sentence on what changed with one factor, averaged over the other settings."""
    unit = {"train_size": " patches", "units": " units", "strategy": ""}[effect["factor"]]
    where = "" if effect["strategy"] is None else f"{effect['strategy']}, "
    pair = f"{where}{effect['of']}{unit} against {effect['with']}"
    low, high = effect["low"], effect["high"]
    if np.isnan(low):
        return f"{pair}: {neither}, for want of two repeats that all came to an end."
    shown = lower if high < 0 else higher if low > 0 else neither
    ends = f"95 % interval {number.format(low)} to {number.format(high)}"
    return f"{pair}: {shown} ({number.format(effect['mean'])}, {ends})."


def _placed(mean: float, low: float, high: float) -> str:
    """Returns where a palette lies, and which of the two that is nearer to."""
    if np.isnan(mean):
        return "not known"
    if np.isnan(low):
        return f"{mean:+.2f}, undecided"
    nearer = (
        "nearer to the training picture's" if low > 0 else "nearer to its own" if high < 0 else "undecided"
    )
    return f"{mean:+.2f} ({low:+.2f} to {high:+.2f}), {nearer}"


def _counted(number: int, one: str, several: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"
