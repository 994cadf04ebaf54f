"""The data of a population on the device: each distinct row once, addressed by its index."""

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.records import Split


@dataclass(frozen=True)
class Pool:
    """The rows that the members of a population train on and are validated by.

    Args:
        data: `x` and `y` on the device; no `y` where the inputs are the targets.
        train: For each split the places of its training rows, int32.
        validation: For each split the places of its validation rows, int32.
    """

    data: dict[str, tf.Tensor]
    train: list[np.ndarray]
    validation: list[np.ndarray]


def pool_of(splits: Sequence[Split]) -> Pool:
    """Holds the train and validation rows of all splits, each source row once.

    The folds of one data set are the same rows, divided differently; what tells them is the row's index in
    its source, and its content where a split has several versions of one row, as augmented copies are.
    Splits whose rows disagree under one index (other data) are held apart.

    Args:
        splits: The data of each member; the same object may stand for several.
    """
    xs: list[np.ndarray] = []
    ys: list[np.ndarray] = []
    sources: list[dict[Hashable, int]] = []  # place by row, one for each data set met
    stored = 0
    places: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    x, y = np.empty(0), np.empty(0)
    for split in splits:
        if id(split) in places:
            continue
        rows, targets = split.x_development, split.y_development
        keys = _keys(split.development_indices.tolist(), rows, targets)
        place_of = next((known for known in sources if _agrees(known, keys, rows, targets, x, y)), None)
        if place_of is None:
            place_of = {}
            sources.append(place_of)
        fresh = [place for place, key in enumerate(keys) if key not in place_of]
        first_of = {}  # a bootstrap may hold one row several times
        for place in fresh:
            first_of.setdefault(keys[place], place)
        for key in first_of:
            place_of[key] = stored
            stored += 1
        if first_of:
            chosen = list(first_of.values())
            xs.append(rows[chosen])
            ys.append(targets[chosen])
            x, y = np.concatenate(xs), np.concatenate(ys)
        found = np.array([place_of[key] for key in keys], np.int32)
        places[id(split)] = (found[: len(split.x_train)], found[len(split.x_train) :])
    targets_are_inputs = all(split.y_train is split.x_train for split in splits)
    data = device_data(x, None if targets_are_inputs else y)
    found = [places[id(split)] for split in splits]
    return Pool(data=data, train=[train for train, _ in found], validation=[held for _, held in found])


def part_on_device(splits: Sequence[Split], part: str) -> tuple[dict[str, tf.Tensor], list[np.ndarray]]:
    """Puts one part of each split on the device, equal parts once.

    Args:
        splits: The data of each member; the same object may stand for several.
        part: `"train"`, `"validation"` or `"test"`.

    Returns:
        `x` and `y`, and for each split the places of its rows, int32.

    Raises:
        InvalidInput: If there is no such part, or it has no rows in one of the splits.
    """
    check_one_of("part", part, ("train", "validation", "test"))
    places: dict[bytes, np.ndarray] = {}
    known: dict[int, bytes] = {}
    xs, ys, stored = [], [], 0
    for split in splits:
        if id(split) in known:
            continue
        x, y = (np.ascontiguousarray(getattr(split, f"{letter}_{part}")) for letter in ("x", "y"))
        if not len(x):
            raise InvalidInput(
                f"Networks cannot be evaluated on the {part} part of {split.name!r}, which has no rows. Give "
                "it some, or name another part."
            )
        content = known[id(split)] = hashlib.blake2b(x).digest() + hashlib.blake2b(y).digest()
        if content not in places:
            places[content] = np.arange(stored, stored + len(x), dtype=np.int32)
            stored += len(x)
            xs.append(x)
            ys.append(y)
    data = device_data(np.concatenate(xs), np.concatenate(ys))
    return data, [places[known[id(split)]] for split in splits]


def device_data(x: np.ndarray, y: np.ndarray | None) -> dict[str, tf.Tensor]:
    """Puts rows on the device: inputs and numbers as float32, labels as int32.

    Args:
        x: Inputs of shape (n, ...).
        y: Labels or targets of shape (n, ...), or `None` where the inputs are the targets.
    """
    data = {"x": tf.constant(x, tf.float32)}
    if y is not None:
        data["y"] = tf.constant(y, tf.int32 if np.issubdtype(y.dtype, np.integer) else tf.float32)
    return data


def _keys(indices: list[int], rows: np.ndarray, targets: np.ndarray) -> list[Hashable]:
    """Names each row by its source index, and a further version of that source row by its content too."""
    first: dict[int, int] = {}
    keys: list[Hashable] = []
    for place, index in enumerate(indices):
        original = first.setdefault(index, place)
        same = original == place or (
            np.array_equal(rows[place], rows[original]) and np.array_equal(targets[place], targets[original])
        )
        keys.append(index if same else (index, rows[place].tobytes(), targets[place].tobytes()))
    return keys


def _agrees(
    known: dict[Hashable, int],
    keys: list[Hashable],
    rows: np.ndarray,
    targets: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
) -> bool:
    """Says whether the rows of a split are those stored under the same keys."""
    shared = [place for place, key in enumerate(keys) if key in known]
    stored = [known[keys[place]] for place in shared]
    return np.array_equal(rows[shared], x[stored]) and np.array_equal(targets[shared], y[stored])
