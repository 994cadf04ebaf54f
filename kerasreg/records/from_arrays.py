"""A user's own arrays made into the parts of a `Split`."""

import warnings
from typing import Any

import numpy as np

from kerasreg.checks import (
    InvalidInput,
    UnusualData,
    check_flag,
    check_fraction,
    check_one_of,
    check_whole_number,
    shown,
)
from kerasreg.records.arrays import REAL, check_aligned, check_one_scale, in_single_precision, plain_array
from kerasreg.records.content import (
    check_finite,
    check_integer_labels,
    check_labels,
    check_rows,
    duplicate_groups,
    some_rows,
)
from kerasreg.records.precision import check_squares, collapsed_rows, rounded_columns
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

    Images of 8 bits become floats in [0, 1] if all parts are of 8 bits, and are refused if some are not;
    other numbers become single-precision floats as they are. Inputs of shape (n, height, width) get a
    channel axis.

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
        num_classes: Number of classes; by default the largest label plus 1, where every label below it
            has a row. Of no use for regression.
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
    check_flag("drop_duplicates", drop_duplicates)
    given = {"": (x, y), "_validation": (x_validation, y_validation), "_test": (x_test, y_test)}
    for suffix, (inputs, targets) in given.items():
        if (inputs is None) != (targets is None):
            raise InvalidInput(f"Only one of x{suffix} and y{suffix} was given; give both or neither.")
    given = {suffix: pair for suffix, pair in given.items() if not (suffix and pair[0] is None)}
    check_aligned(given)
    originals = {suffix: _real_rows(f"x{suffix}", inputs) for suffix, (inputs, _) in given.items()}
    check_one_scale({f"x{suffix}": inputs for suffix, inputs in originals.items()})
    parts: dict[str, Part] = {}
    first_index = 0
    for suffix, inputs in originals.items():
        pair = _pair(suffix, inputs, given[suffix][1], task)
        parts[suffix[1:] or "train"] = (*pair, first_index + np.arange(len(inputs)))
        first_index += len(inputs)
    _check_alike(parts)
    collapsed = collapsed_rows(list(originals.values()), [inputs for inputs, _, _ in parts.values()])
    classes = _check_classes(parts, num_classes) if task == "classification" else None
    if drop_duplicates:
        parts = _without_duplicates(parts)
        if collapsed:
            warnings.warn(
                "Rows that are equal in single precision alone were dropped as duplicates: "
                f"{collapsed[0].told}",
                UnusualData,
                stacklevel=3,
            )

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

    part_of = {int(row): part for part, (_, _, indices) in parts.items() for row in indices}
    for collapse in collapsed:
        if len({part_of[row] for row in collapse.rows if row in part_of}) > 1:
            raise InvalidInput(f"Rows that differ are equal in single precision: {collapse.told}")
    for suffix, inputs in originals.items():
        advice = "subtract its mean first"
        _tell_rounding(f"x{suffix}", inputs, f"{advice}, or leave it out if it only names the rows")
        if task == "regression":
            _tell_rounding(f"y{suffix}", plain_array(f"y{suffix}", given[suffix][1]), advice)
    arguments: dict[str, Any] = {"name": name, "num_classes": classes}
    for part, (inputs, targets, indices) in parts.items():
        arguments |= {f"x_{part}": inputs, f"y_{part}": targets, f"{part}_indices": indices}
    return arguments


def _tell_rounding(name: str, values: np.ndarray, advice: str) -> None:
    columns = rounded_columns(values.reshape(len(values), -1)) if values.ndim < 3 else []
    if len(columns):
        which = f"column {some_rows(columns)} of {name}" if values.ndim == 2 else name
        warnings.warn(
            f"Single precision, in which networks compute, rounds {which} by more than a hundredth of its "
            f"standard deviation: {advice}.",
            UnusualData,
            stacklevel=4,
        )


def _pair(suffix: str, x: np.ndarray, y: Any, task: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = _inputs(f"x{suffix}", x), _targets(f"y{suffix}", y, task)
    if len(x) != len(y):
        raise InvalidInput(f"x{suffix} has {len(x)} rows and y{suffix} has {len(y)}; they must agree.")
    if len(x) == 0:
        raise InvalidInput(f"x{suffix} has no rows; give at least one, or leave the part out.")
    return x, y


def _real_rows(name: str, x: Any) -> np.ndarray:
    x = plain_array(name, x)
    if x.dtype.kind not in REAL:
        raise InvalidInput(
            f"{name} must be real numbers; received {x.dtype}. Encode text and categories as numbers first."
        )
    check_rows(name, x)
    return x


def _inputs(name: str, x: np.ndarray) -> np.ndarray:
    converted = in_single_precision(x)
    check_finite(name, converted, x)
    return converted[..., np.newaxis] if x.ndim == 3 else converted


def _targets(name: str, y: Any, task: str) -> np.ndarray:
    y = plain_array(name, y)
    if y.ndim == 0:
        raise InvalidInput(f"{name} must have one entry a row; received a single value.")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind not in REAL:
        raise InvalidInput(
            f"{name} must be numbers; received {y.dtype}. Names become labels with "
            "np.unique(y, return_inverse=True)[1]."
        )
    if task == "classification" and y.dtype.kind == "u" and y.size and y.max() > np.iinfo(np.int64).max:
        raise InvalidInput(
            f"{name} holds {y.max()}, larger than any label; number the classes with "
            "np.unique(y, return_inverse=True)[1]."
        )
    if task == "classification":
        return y if y.dtype.kind == "f" else y.astype(np.int64)
    with np.errstate(over="ignore"):
        converted = y.astype(np.float32)
    check_finite(name, converted, y)
    check_squares(name, y)
    return converted


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
        present = np.unique(np.concatenate([labels for _, labels, _ in parts.values()]))
        smallest = int(present[0])
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
        missing = np.setdiff1d(np.arange(num_classes), present)
        if len(missing):
            raise InvalidInput(
                f"The labels go up to {largest}, which makes {num_classes} classes counted from 0, but no "
                f"row has the label {some_rows(missing, 'or')}. Number the classes that there are with "
                "np.unique(y, return_inverse=True)[1], over all parts together, or give "
                f"num_classes={num_classes}."
            )
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
            f"{num_validation} rows of your own validation part too; received {shown(train_size)}."
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
