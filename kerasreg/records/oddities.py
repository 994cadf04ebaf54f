"""What about the data of a `Split` may not be as its user thinks, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kerasreg.records.content import some_rows

if TYPE_CHECKING:
    from kerasreg.records.split import Split

FAR = 10.0  # standard deviations of the training rows; of a normal feature one value in 10**23 is as far out
LARGEST_PIXEL = 32.0  # in [0, 1], in [-1, 1] or standardized, pixels are far below; in 0 to 255 far above
FACTOR = 16.0  # by which pixels of one part may be brighter than those of another
COLUMNS_NAMED = 3


def oddities(split: Split) -> list[str]:
    """Returns what to tell a user about a data set before anything is trained on it.

    Told are classes without a training row; targets constant in the training rows; feature values far
    outside those of the training rows, and columns constant in these alone; pictures that seem to have their
    channels first, to be in 0 to 255, or to be scaled otherwise in one part than in another.

    Args:
        split: The data set.

    Returns:
        One sentence or two for each finding; of ordinary data none.
    """
    parts = {part: getattr(split, f"x_{part}") for part in ("validation", "test")}
    parts = {part: x for part, x in parts.items() if len(x)}
    told = _absent_classes(split, parts) if split.num_classes is not None else _constant_targets(split)
    if len(split.input_shape) == 1:
        return told + [
            sentence for part, x in parts.items() for sentence in _far_values(split.x_train, part, x, split)
        ]
    return told + _pictures(split.x_train, parts)


def _absent_classes(split: Split, parts: dict[str, np.ndarray]) -> list[str]:
    told = []
    for part in parts:
        labels = getattr(split, f"y_{part}")
        absent = np.setdiff1d(labels, split.y_train)
        if len(absent):
            count = int(np.isin(labels, absent).sum())
            told.append(
                f"{_rows(count)} of the {part} part belong to classes without a training row (class "
                f"{some_rows(absent)}), which no network can learn."
            )
    return told


def _constant_targets(split: Split) -> list[str]:
    if split.y_train is split.x_train:  # an autoencoder's
        return []
    columns = split.y_train.reshape(len(split.y_train), -1)
    constant = columns.min(axis=0) == columns.max(axis=0)
    if not constant.any():
        return []
    which = "The target is" if len(constant) == 1 else f"Of the targets, {_columns(constant[None]).lower()}"
    return [
        f"{which} constant in the training rows: a network can learn no more than to predict that number."
    ]


def _far_values(train: np.ndarray, part: str, x: np.ndarray, split: Split) -> list[str]:
    train = train.astype(np.float64)
    low, high, mean, sd = train.min(axis=0), train.max(axis=0), train.mean(axis=0), train.std(axis=0)
    outside = (x < low) | (x > high)
    constant = low == high
    far = outside & ~constant & (np.abs(x - mean) > FAR * sd)
    told = []
    if (outside & constant).any():
        told.append(
            f"{_columns(outside & constant)} constant in the training rows, but not in "
            f"{_source_rows(outside & constant, part, split)}: what the difference means cannot be learned."
        )
    if far.any():
        told.append(
            f"{_columns(far)} more than {FAR:g} standard deviations from the training rows' mean, and "
            f"outside their range, in {_source_rows(far, part, split)}: predictions for such rows can be of "
            "any size. Check them and their units."
        )
    return told


def _columns(found: np.ndarray) -> str:
    columns = np.flatnonzero(found.any(axis=0))
    named = ", ".join(map(str, columns[:COLUMNS_NAMED]))
    more = f" and {len(columns) - COLUMNS_NAMED} more" if len(columns) > COLUMNS_NAMED else ""
    return f"Column {named} is" if len(columns) == 1 else f"Columns {named}{more} are"


def _source_rows(found: np.ndarray, part: str, split: Split) -> str:
    rows = getattr(split, f"{part}_indices")[found.any(axis=1)]
    return f"{'row' if len(rows) == 1 else 'rows'} {some_rows(rows)} ({part})"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _pictures(train: np.ndarray, parts: dict[str, np.ndarray]) -> list[str]:
    told = []
    shape = train.shape[1:]
    if len(shape) == 3 and shape[0] in (1, 3) and shape[1] > 4 and shape[2] > 4:
        told.append(
            f"The inputs have shape {shape}: {shape[2]} channels. If these are pictures with their channels "
            "first, move them to the end with np.moveaxis(x, 1, -1)."
        )
    brightest = {"train": float(np.abs(train).max())}
    brightest |= {part: float(np.abs(x).max()) for part, x in parts.items()}
    for part, value in brightest.items():
        larger, smaller = max(value, brightest["train"]), min(value, brightest["train"])
        if larger > FACTOR * smaller:
            told.append(
                f"Pixels go up to {brightest['train']:g} in the train part and to {value:g} in the {part} "
                "part: give all parts in one scale."
            )
    if brightest["train"] > LARGEST_PIXEL:
        told.append(
            f"Pixels go up to {brightest['train']:g}, and networks for pictures expect about 0 to 1: divide "
            "all parts by what white is, such as x / 255, or give 8-bit images as np.uint8."
        )
    return told
