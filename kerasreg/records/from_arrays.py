"""A user's own arrays made into the parts of a `Split`."""

from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_fraction, check_one_of
from kerasreg.records.content import check_finite, check_labels, duplicate_groups
from kerasreg.seeds import derive_seed


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
        task: `"classification"` or `"regression"`.
        num_classes: Number of classes; by default the largest label plus 1.
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
    from kerasreg.sampling import draw_rows  # scikit-learn takes a second to import

    check_one_of("task", task, ("classification", "regression"))
    check_fraction("validation_fraction", validation_fraction)
    check_fraction("test_fraction", test_fraction)
    given = {"train": (x, y), "validation": (x_validation, y_validation), "test": (x_test, y_test)}
    parts: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    first_index = 0
    for part, (inputs, targets) in given.items():
        if (inputs is None) != (targets is None):
            raise InvalidInput(
                f"The {part} part has only one of x and y; give both, or neither to have it drawn."
            )
        if inputs is not None:
            inputs, targets = _inputs(part, inputs), _targets(part, targets, task)
            if len(inputs) != len(targets):
                raise InvalidInput(
                    f"The {part} part has {len(inputs)} rows in x and {len(targets)} in y; "
                    "both must have the same."
                )
            parts[part] = (inputs, targets, first_index + np.arange(len(inputs)))
            first_index += len(inputs)
    if task == "classification":
        if num_classes is None:
            num_classes = 1 + max(int(labels.max(initial=0)) for _, labels, _ in parts.values())
        for part, (_, labels, _) in parts.items():
            check_labels(f"y_{part}", labels, num_classes)
    else:
        num_classes = None
    if drop_duplicates:
        parts = _without_duplicates(parts)

    for part, fraction in (("test", test_fraction), ("validation", validation_fraction)):
        if part not in parts:
            inputs, targets, indices = parts["train"]
            check_finite("x", inputs)
            drawn, rest = draw_rows(
                targets if num_classes else None,
                len(inputs),
                round(fraction * len(inputs)),
                seed=derive_seed(seed, part),
                what=f"{part} part",
            )
            parts[part] = (inputs[drawn], targets[drawn], indices[drawn])
            parts["train"] = (inputs[rest], targets[rest], indices[rest])
    arguments: dict[str, Any] = {"name": name, "num_classes": num_classes}
    for part, (inputs, targets, indices) in parts.items():
        arguments |= {f"x_{part}": inputs, f"y_{part}": targets, f"{part}_indices": indices}
    return arguments


def _inputs(part: str, x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    if x.dtype == np.uint8:
        x = x.astype(np.float32) / 255
    elif np.issubdtype(x.dtype, np.number) and not np.issubdtype(x.dtype, np.complexfloating):
        x = x.astype(np.float32)
    else:
        raise InvalidInput(
            f"x_{part} must be real numbers; received {x.dtype}. Encode text and categories as numbers first."
        )
    return x[..., np.newaxis] if x.ndim == 3 else x


def _targets(part: str, y: np.ndarray, task: str) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if task == "regression" and np.issubdtype(y.dtype, np.number):
        return y.astype(np.float32)
    if task == "classification" and np.issubdtype(y.dtype, np.integer):
        return y.astype(np.int64)
    if np.issubdtype(y.dtype, np.floating):
        raise InvalidInput(
            f"y_{part} must be integer labels; received {y.dtype}. Convert labels with "
            'y.astype(int), or say task="regression" if they are numbers to predict.'
        )
    raise InvalidInput(
        f"y_{part} must be numbers; received {y.dtype}. Names become labels with "
        "np.unique(y, return_inverse=True)[1]."
    )


def _without_duplicates(
    parts: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    kept_first = [part for part in ("test", "validation", "train") if part in parts]
    x = np.concatenate([parts[part][0] for part in kept_first])
    keep = np.ones(len(x), dtype=bool)
    for group in duplicate_groups(x):
        keep[group[1:]] = False
    ends = np.cumsum([len(parts[part][0]) for part in kept_first])[:-1]
    masks = dict(zip(kept_first, np.split(keep, ends), strict=True))
    return {part: tuple(array[masks[part]] for array in parts[part]) for part in parts}
