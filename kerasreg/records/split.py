"""One data set in three disjoint parts: to train on, to choose by, and to report."""

import operator
import warnings
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, UnusualData
from kerasreg.records.content import (
    check_disjoint,
    check_division,
    check_finite,
    check_labels,
    check_rows,
    duplicate_groups,
)
from kerasreg.records.from_arrays import parts_of
from kerasreg.records.oddities import oddities

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Split:
    """Train, validation and test arrays of one data set, and where their rows came from.

    The test part is never used to choose anything. The validation part may be empty (shape
    (0, ...)) where nothing is chosen. On construction the parts are checked to be well formed and to
    share no row, neither by index nor by exact content.

    Args:
        name: What the data set is called in tables and reports.
        x_train: Floating-point array of shape (n_train, *input_shape).
        y_train: Labels of shape (n_train,), integers in [0, num_classes), for classification;
            floating-point targets of shape (n_train, ...) for regression.
        x_validation: The same for the validation part.
        y_validation: The same for the validation part.
        x_test: The same for the test part.
        y_test: The same for the test part.
        train_indices: Integer array of shape (n_train,): the row of each example in its source.
        validation_indices: The same for the validation part.
        test_indices: The same for the test part. All three count in one numbering of the source.
        num_classes: Number of classes, at least 2, or `None` for regression.

    Raises:
        InvalidInput: If a part is malformed or two parts share rows; the message says which rows.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    train_indices: np.ndarray
    validation_indices: np.ndarray
    test_indices: np.ndarray
    num_classes: int | None

    def __post_init__(self) -> None:
        if self.num_classes is not None:
            object.__setattr__(self, "num_classes", _checked_num_classes(self.num_classes))
        for part in PARTS:
            self._check_part(part)
        _check_trainable(self.x_train)
        check_disjoint(
            {part: getattr(self, f"x_{part}") for part in PARTS},
            {part: getattr(self, f"{part}_indices") for part in PARTS},
        )

    def _check_part(self, part: str) -> None:
        x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
        indices = getattr(self, f"{part}_indices")
        for name, array in ((f"x_{part}", x), (f"y_{part}", y), (f"{part}_indices", indices)):
            if not isinstance(array, np.ndarray) or array.ndim == 0:
                raise InvalidInput(
                    f"{name} must be a NumPy array with one entry a row; received {type(array).__name__}. "
                    "Split.from_arrays converts lists and tables."
                )
        check_rows(f"x_{part}", x)
        for letter, array in (("x", x), ("y", y)):
            of_train = getattr(self, f"{letter}_train")
            if (array.shape[1:], array.dtype) != (of_train.shape[1:], of_train.dtype):
                raise InvalidInput(
                    f"{letter}_{part} has rows of shape {array.shape[1:]} and {array.dtype}, but "
                    f"{letter}_train has rows of shape {of_train.shape[1:]} and {of_train.dtype}; "
                    "all parts must have the same."
                )
        if not np.issubdtype(x.dtype, np.floating):
            raise InvalidInput(
                f"x_{part} must be floating-point; received {x.dtype}. "
                "Split.from_arrays converts 8-bit images to [0, 1]."
            )
        if len(y) != len(x) or indices.shape != (len(x),):
            raise InvalidInput(
                f"The {part} part has {len(x)} rows in x, {len(y)} in y and indices of shape "
                f"{indices.shape}; all three must agree."
            )
        if not np.issubdtype(indices.dtype, np.integer):
            raise InvalidInput(f"{part}_indices must be integers; received {indices.dtype}.")
        check_finite(f"x_{part}", x)
        if self.num_classes is None:
            if not np.issubdtype(y.dtype, np.floating):
                raise InvalidInput(f"y_{part} must be floating-point for regression; received {y.dtype}.")
            check_finite(f"y_{part}", y)
        else:
            check_labels(f"y_{part}", y, self.num_classes)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one example, without the row axis."""
        return self.x_train.shape[1:]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of one target: () for labels and for one number a row."""
        return self.y_train.shape[1:]

    @property
    def x_development(self) -> np.ndarray:
        """The inputs that are not test, train before validation, shape (n, *input_shape)."""
        return np.concatenate([self.x_train, self.x_validation])

    @property
    def y_development(self) -> np.ndarray:
        """The labels or targets that belong to `x_development`."""
        return np.concatenate([self.y_train, self.y_validation])

    @property
    def development_indices(self) -> np.ndarray:
        """The source rows of `x_development`, shape (n,)."""
        return np.concatenate([self.train_indices, self.validation_indices])

    def redrawn(self, train: np.ndarray, validation: np.ndarray) -> "Split":
        """Returns the same data set with its development rows divided anew; the test part stays.

        Args:
            train: Positions in `x_development` of the new train part, shape (n_train,).
            validation: Positions of the new validation part, shape (n_validation,). Positions in
                neither part are left out; a position may stand several times in one part.

        Raises:
            InvalidInput: If a position does not exist, the two parts share rows, by position or by
                exact content, or the train part is empty.
        """
        x, y, indices = self.x_development, self.y_development, self.development_indices
        positions = {"train": np.asarray(train, dtype=int), "validation": np.asarray(validation, dtype=int)}
        for part, rows in positions.items():
            if len(rows) and not 0 <= rows.min() <= rows.max() < len(x):
                raise InvalidInput(
                    f"The positions of the {part} part must lie in 0 to {len(x) - 1}; received "
                    f"{rows.min()} to {rows.max()}."
                )
        _check_trainable(positions["train"])
        changed: dict[str, np.ndarray] = {}
        for part, rows in positions.items():
            changed |= {f"x_{part}": x[rows], f"y_{part}": y[rows], f"{part}_indices": indices[rows]}
        # Every row was checked when this Split was made, and checking them again would be most of the
        # time of fifty folds. What is new is the border between train and validation alone.
        check_division(positions, indices, self._repeated_development_rows)
        redrawn = object.__new__(type(self))
        vars(redrawn).update({field.name: getattr(self, field.name) for field in fields(self)} | changed)
        return redrawn

    @cached_property
    def _repeated_development_rows(self) -> list[list[int]]:
        return duplicate_groups(self.x_train, self.x_validation)

    def as_autoencoder(self) -> "Split":
        """Returns the data set with each input as its own target, for autoencoders."""
        return replace(
            self,
            y_train=self.x_train,
            y_validation=self.x_validation,
            y_test=self.x_test,
            num_classes=None,
        )

    @classmethod
    def from_arrays(cls, x: np.ndarray, y: np.ndarray, **options: Any) -> "Split":
        """Makes a `Split` of your own arrays: see `kerasreg.records.from_arrays.parts_of`.

        Args:
            x: Array of shape (n, features), (n, height, width) or (n, height, width, channels).
            y: Labels or targets of shape (n,).
            **options: `x_test`, `y_test`, `x_validation`, `y_validation` where you have divided the
                data yourself, `test_fraction` and `validation_fraction` where not; `task`,
                `num_classes`, `drop_duplicates`, `name`, `seed`.

        Raises:
            InvalidInput: If the arrays are not usable; the message says what to do.

        Warns:
            UnusualData: Of what may not be as you think: see `kerasreg.records.oddities`.
        """
        split = cls(**parts_of(x, y, **options))
        for sentence in oddities(split):
            warnings.warn(sentence, UnusualData, stacklevel=2)
        return split

    def describe(self) -> dict[str, Any]:
        """Returns the facts of the data set without its arrays, as JSON can hold them."""
        return {
            "name": self.name,
            "input_shape": list(self.input_shape),
            "num_classes": self.num_classes,
            "train_rows": len(self.x_train),
            "validation_rows": len(self.x_validation),
            "test_rows": len(self.x_test),
        }

    def to_dict(self) -> dict[str, Any]:
        """Returns everything, the arrays as nested lists, as JSON can hold it."""
        record: dict[str, Any] = {"name": self.name, "num_classes": self.num_classes}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                record[field.name] = {
                    "dtype": str(value.dtype),
                    "shape": list(value.shape),
                    "values": value.ravel().tolist(),
                }
        return record

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Split":
        """Makes the `Split` that `to_dict` wrote."""
        arrays = {
            name: np.array(value["values"], dtype=value["dtype"]).reshape(value["shape"])
            for name, value in record.items()
            if isinstance(value, dict)
        }
        return cls(name=record["name"], num_classes=record["num_classes"], **arrays)

    def __repr__(self) -> str:
        kind = "regression" if self.num_classes is None else f"{self.num_classes} classes"
        return (
            f"Split({self.name!r}: {len(self.x_train)} train, {len(self.x_validation)} validation, "
            f"{len(self.x_test)} test rows of shape {self.input_shape}, {kind})"
        )


def _checked_num_classes(num_classes: int) -> int:
    try:
        number = None if isinstance(num_classes, bool) else operator.index(num_classes)
    except TypeError:
        number = None
    if number is None or number < 2:
        raise InvalidInput(
            "num_classes must be a whole number of at least 2, or None for regression; "
            f"received {num_classes!r}."
        )
    return number


def _check_trainable(rows: np.ndarray) -> None:
    if len(rows) == 0:
        raise InvalidInput("The train part is empty: a Split needs at least one training row.")
