"""One data set in three disjoint parts: to train on, to choose by, and to report."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.records.content import check_disjoint, check_finite, check_labels
from kerasreg.records.from_arrays import parts_of

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
        if self.num_classes is not None and self.num_classes < 2:
            raise InvalidInput(
                f"num_classes must be at least 2, or None for regression; received {self.num_classes}."
            )
        for part in PARTS:
            self._check_part(part)
        if len(self.x_train) == 0:
            raise InvalidInput("The train part is empty: a Split needs at least one training row.")
        check_disjoint(
            {part: getattr(self, f"x_{part}") for part in PARTS},
            {part: getattr(self, f"{part}_indices") for part in PARTS},
        )

    def _check_part(self, part: str) -> None:
        x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
        indices = getattr(self, f"{part}_indices")
        if x.ndim < 2:
            raise InvalidInput(
                f"x_{part} must have shape (rows, *input_shape); received shape {x.shape}. "
                "A single feature is a column: x.reshape(-1, 1)."
            )
        if x.shape[1:] != self.input_shape:
            raise InvalidInput(
                f"x_{part} has rows of shape {x.shape[1:]}, but x_train has rows of shape "
                f"{self.input_shape}; all parts must have the same."
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
            validation: Positions of the new validation part, shape (n_validation,).
        """
        x, y, indices = self.x_development, self.y_development, self.development_indices
        return replace(
            self,
            x_train=x[train],
            y_train=y[train],
            train_indices=indices[train],
            x_validation=x[validation],
            y_validation=y[validation],
            validation_indices=indices[validation],
        )

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
        """
        return cls(**parts_of(x, y, **options))

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
