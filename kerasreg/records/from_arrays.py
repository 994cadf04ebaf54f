"""A user's own arrays made into the parts of a `Split`."""

from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_one_of, check_whole_number
from kerasreg.records.content import (
    check_finite,
    check_integer_labels,
    check_labels,
    check_rows,
    duplicate_groups,
)
from kerasreg.sampling import draw_fraction, take_rows
from kerasreg.seeds import derive_seed

Part = tuple[np.ndarray, np.ndarray, np.ndarray]  # inputs, targets and source rows


def parts_of(
    x: np.ndarray,
    y: np.ndarray,
    *,
    x_validation: np.ndarray | None = None,
    y_validation: np.ndarray | None = None,
    x_test: np.ndarray | None = None,
    y_test: np.ndarray | None = None,
    validation_fraction: float = 0.3,
    test_fraction: float = 0.2,
    train_size: int | None = None,
    task: str = "classification",
    num_classes: int | None = None,
    drop_duplicates: bool = False,
    name: str = "arrays",
    seed: int = 0,
) -> dict[str, Any]:
    """Converts arrays and divides them where the user has not.

    Images of 8 bits become floats in [0, 1]; other numbers become single-precision floats as they
    are. Inputs of shape (n, height, width) get a channel axis.

    Args:
        x: Inputs of shape (n, features), (n, height, width) or (n, height, width, channels).
        y: Labels of shape (n,) or (n, 1), or targets of shape (n, ...) for regression.
        x_validation: Your own validation inputs, or `None` to draw them from `x`.
        y_validation: What belongs to `x_validation`.
        x_test: Your own test inputs, or `None` to draw them from `x`.
        y_test: What belongs to `x_test`.
        validation_fraction: Fraction of what is not test that becomes validation, in (0, 1).
        test_fraction: Fraction of all rows that becomes test, in (0, 1).
        train_size: How many rows the train and the validation part hold together, or `None` for all.
            Your own validation part is kept whole.
        task: `"classification"` or `"regression"`.
        num_classes: Number of classes; by default the largest label plus 1. Of no use for regression.
        drop_duplicates: Whether to keep only the first of rows with exactly the same content. Your own
            test part is kept before your validation part, and that before `x`.
        name: What the data set is called.
        seed: Seed of the draws, which are stratified for classification.

    Returns:
        The arguments of `Split`. Indices count the rows of `x`, then of `x_validation`, then of
        `x_test`.

    Raises:
        InvalidInput: If the arrays are not usable; the message says what to do.
    """
    check_one_of("task", task, ("classification", "regression"))
    check_fraction("validation_fraction", validation_fraction)
    check_fraction("test_fraction", test_fraction)
    given = {"": (x, y), "_validation": (x_validation, y_validation), "_test": (x_test, y_test)}
    parts: dict[str, Part] = {}
    first_index = 0
    for suffix, (inputs, targets) in given.items():
        if (inputs is None) != (targets is None):
            raise InvalidInput(f"Only one of x{suffix} and y{suffix} was given; give both or neither.")
        if inputs is not None:
            inputs, targets = _pair(suffix, inputs, targets, task)
            parts[suffix[1:] or "train"] = (inputs, targets, first_index + np.arange(len(inputs)))
            first_index += len(inputs)
    _check_alike(parts)
    classes = _check_classes(parts, num_classes) if task == "classification" else None
    if drop_duplicates:
        parts = _without_duplicates(parts)

    def labels() -> np.ndarray | None:
        return None if classes is None else parts["train"][1]

    if "test" not in parts:
        num_rows = len(parts["train"][0])
        drawn, rest = draw_fraction(
            labels(), num_rows, test_fraction, seed=derive_seed(seed, "test"), what="test part"
        )
        parts |= {"test": _rows(parts["train"], drawn), "train": _rows(parts["train"], rest)}
    if train_size is not None:
        taken = _train_rows(labels(), parts, train_size, seed=derive_seed(seed, "train_size"))
        parts["train"] = _rows(parts["train"], taken)
    if "validation" not in parts:
        num_rows = len(parts["train"][0])
        drawn, rest = draw_fraction(
            labels(),
            num_rows,
            validation_fraction,
            seed=derive_seed(seed, "validation"),
            what="validation part",
        )
        parts |= {"validation": _rows(parts["train"], drawn), "train": _rows(parts["train"], rest)}

    arguments: dict[str, Any] = {"name": name, "num_classes": classes}
    for part, (inputs, targets, indices) in parts.items():
        arguments |= {f"x_{part}": inputs, f"y_{part}": targets, f"{part}_indices": indices}
    return arguments


def _pair(suffix: str, x: np.ndarray, y: np.ndarray, task: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = _inputs(f"x{suffix}", x), _targets(f"y{suffix}", y, task)
    if len(x) != len(y):
        raise InvalidInput(f"x{suffix} has {len(x)} rows and y{suffix} has {len(y)}; they must agree.")
    if len(x) == 0:
        raise InvalidInput(f"x{suffix} has no rows; give at least one, or leave the part out.")
    return x, y


def _array(name: str, values: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InvalidInput(f"{name} must be an array; its rows have different shapes.") from error


def _inputs(name: str, x: np.ndarray) -> np.ndarray:
    x = _array(name, x)
    if x.dtype.kind not in "biuf":
        raise InvalidInput(
            f"{name} must be real numbers; received {x.dtype}. Encode text and categories as numbers first."
        )
    check_rows(name, x)
    with np.errstate(over="ignore"):  # what single precision cannot hold is refused just below
        converted = np.divide(x, 255, dtype=np.float32) if x.dtype == np.uint8 else x.astype(np.float32)
    check_finite(name, converted)
    return converted[..., np.newaxis] if x.ndim == 3 else converted


def _targets(name: str, y: np.ndarray, task: str) -> np.ndarray:
    y = _array(name, y)
    if y.ndim == 0:
        raise InvalidInput(f"{name} must have one entry a row; received a single value.")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind not in "biuf":
        raise InvalidInput(
            f"{name} must be numbers; received {y.dtype}. Names become labels with "
            "np.unique(y, return_inverse=True)[1]."
        )
    if task == "classification":
        return y if y.dtype.kind == "f" else y.astype(np.int64)
    with np.errstate(over="ignore"):
        y = y.astype(np.float32)
    check_finite(name, y)
    return y


def _check_alike(parts: dict[str, Part]) -> None:
    x, y, _ = parts["train"]
    for part, (inputs, targets, _) in parts.items():
        for letter, ours, theirs in (("x", x, inputs), ("y", y, targets)):
            if theirs.shape[1:] != ours.shape[1:]:
                raise InvalidInput(
                    f"{letter}_{part} has rows of shape {theirs.shape[1:]}, but {letter} has rows of shape "
                    f"{ours.shape[1:]}; all parts must have the same."
                )


def _check_classes(parts: dict[str, Part], num_classes: int | None) -> int:
    names = {part: "y" if part == "train" else f"y_{part}" for part in parts}
    if num_classes is None:
        for part, (_, labels, _) in parts.items():
            check_integer_labels(names[part], labels)
        largest = max(int(labels.max()) for _, labels, _ in parts.values())
        num_rows = sum(len(labels) for _, labels, _ in parts.values())
        if largest >= max(num_rows, 2):
            raise InvalidInput(
                f"The largest label is {largest}, but there are {num_rows} rows in all; labels must count "
                "the classes from 0. Number them with np.unique(y, return_inverse=True)[1]."
            )
        smallest = min(int(labels.min()) for _, labels, _ in parts.values())
        if smallest < 0:
            raise InvalidInput(
                f"The smallest label is {smallest}; labels must count the classes from 0. Number them with "
                "np.unique(y, return_inverse=True)[1]."
            )
        if largest == 0:
            raise InvalidInput(
                "All labels are 0: there is a single class and nothing to tell apart. Give rows of at least "
                'two classes, num_classes=..., or task="regression".'
            )
        num_classes = largest + 1
    for part, (_, labels, _) in parts.items():
        check_labels(names[part], labels, num_classes)
    return num_classes


def _rows(part: Part, rows: np.ndarray) -> Part:
    return tuple(array[rows] for array in part)


def _train_rows(
    labels: np.ndarray | None, parts: dict[str, Part], train_size: int, *, seed: int
) -> np.ndarray:
    num_rows = len(parts["train"][0])
    if "validation" not in parts:
        return take_rows(labels, num_rows, train_size, seed=seed)
    num_validation = len(parts["validation"][0])
    if not num_validation < check_whole_number("train_size", train_size) <= num_validation + num_rows:
        raise InvalidInput(
            f"train_size must be {num_validation + 1} to {num_validation + num_rows}, as it counts the "
            f"{num_validation} rows of your own validation part too; received {train_size}."
        )
    return take_rows(labels, num_rows, train_size - num_validation, seed=seed)


def _without_duplicates(parts: dict[str, Part]) -> dict[str, Part]:
    kept_first = [part for part in ("test", "validation", "train") if part in parts]
    inputs = [parts[part][0] for part in kept_first]
    keep = np.ones(sum(map(len, inputs)), dtype=bool)
    for group in duplicate_groups(*inputs):
        keep[group[1:]] = False
    ends = np.cumsum([len(x) for x in inputs])[:-1]
    masks = dict(zip(kept_first, np.split(keep, ends), strict=True))
    kept = {part: _rows(parts[part], masks[part]) for part in parts}
    for part, (x, _, _) in kept.items():
        if len(x) == 0:
            raise InvalidInput(
                f"Nothing is left of the {part} part without duplicates: its rows all stand in another part."
            )
    return kept
