"""What a grid of capacities shows, in sentences that are true whatever its numbers are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from kerasreg.records.capacity import CapacityGrid

VERDICTS = {
    "higher": "against it, the test error is shown to be higher for",
    "lower": "the test error is shown to be lower for",
    "not_shown": "no difference in test error is shown for",
    "not_compared": "there are too few repeats to compare it with",
}


def sentences(grid: "CapacityGrid") -> Iterator[str]:
    """Yields a sentence for each number of rows, and one about the repeats."""
    mean, low, high = grid.means("test")
    for column, choice in enumerate(grid.choices()):
        before = f"With {choice['train_rows']:,} training rows, "
        if choice["chosen"] is None:
            yield before + _unchosen(grid, mean[:, column])
            continue
        row = grid.sizes.index(choice["chosen"])
        name = size_name(choice["chosen"])
        ends = f" (95 % interval {_told(grid, low[row, column])} to {_told(grid, high[row, column])})"
        told = [
            f"{before}size {name} has the lowest mean validation error, and a mean test error of "
            f"{_told(grid, mean[row, column])}{'' if np.isnan(low[row, column]) else ends}"
        ]
        for key, words in VERDICTS.items():
            if choice[key]:
                told.append(f"{words} size {', '.join(map(size_name, choice[key]))}")
        yield "; ".join(told) + "."
    drawn = "rows, initial weights and the order of rows afresh"
    same = "initial weights and the order of rows afresh, for the same rows"
    yield (
        f"Repeats: {grid.repeats}; each draws {drawn if grid.fresh_data else same}. Networks whose training "
        "diverged or was interrupted are left out. Comparisons are paired, and each has a 95 % interval of "
        "its own: where there is no difference, one in twenty or more shows one by chance, as the chosen "
        "size is tested on the networks it was chosen by."
    )


def size_name(size: Any) -> str:
    """Returns a size as pictures and sentences call it: 64, or 64-32 for two layers."""
    return "-".join(map(str, size)) if isinstance(size, tuple) else str(size)


def _unchosen(grid: "CapacityGrid", means: np.ndarray) -> str:
    """Returns the rest of a sentence where no size can be chosen without the test rows."""
    if not np.isfinite(means).any():
        return "no size has a validation or a test error."
    least, most = int(np.nanargmin(means)), int(np.nanargmax(means))
    return (
        "no size has a validation error to be chosen by; mean test errors go from "
        f"{_told(grid, means[least])} (size {size_name(grid.sizes[least])}) to {_told(grid, means[most])} "
        f"(size {size_name(grid.sizes[most])})."
    )


def _told(grid: "CapacityGrid", error: float) -> str:
    return f"{100 * error:.1f} %" if grid.metric == "error_rate" else f"{error:.3g}"
