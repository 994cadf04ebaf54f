"""The base class of all records: JSON and back, a table, sentences and pictures."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

import numpy as np

from kerasreg.records.majority import majority_sentences
from kerasreg.records.table import as_json


class Record:
    """Base class of frozen dataclasses that hold what was measured.

    `to_dict` and `from_dict` follow from the annotations of the fields, so that a subclass writes neither.
    They may be numbers, text, `None`, tuples, lists and dicts of these, other dataclasses, and arrays, which
    are annotated with their type, `NDArray[np.float64]`. Everything is NaN again that JSON has as null.

    A subclass adds `summary()`, sentences that hold whatever the numbers are; `to_frame()`, a table with a
    row for each measurement; and `plot(...)`, which imports its drawing code on first use and returns the
    Axes.
    """

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it; a number that is not finite becomes None."""
        return as_json(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Makes the record that `to_dict` wrote.

        Raises:
            KeyError: If a field without a default is missing.
        """
        return decoded(cls, values)


def decoded(kind: Any, value: Any) -> Any:
    """Returns what JSON holds as the type that an annotation names.

    Args:
        kind: The annotation.
        value: What `as_json` made of a value of that type.
    """
    if is_dataclass(kind):
        return _dataclass_of(kind, value)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _alternative(arguments, value)
    if kind is float:
        return math.nan if value is None else value
    if origin is np.ndarray:
        (dtype,) = get_args(arguments[1])
        return np.array(value, dtype=dtype)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return tuple(map(decoded, arguments, value))
    if origin in (tuple, list):
        return origin(decoded(arguments[0], entry) for entry in value)
    if origin is dict:
        key_kind, value_kind = arguments
        return {_key(key_kind, key): decoded(value_kind, entry) for key, entry in value.items()}
    return value


def _dataclass_of(kind: type, values: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    return kind(**{name: decoded(hints[name], values[name]) for name in hints if name in values})


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Returns the types of the fields that a dataclass is made from."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind) if field.init}


def _alternative(kinds: tuple[Any, ...], value: Any) -> Any:
    """Returns a value as that one of several types which JSON writes in its way."""
    if value is None:
        return None if NoneType in kinds else math.nan
    for kind in kinds:
        if isinstance(value, list):
            fits = get_origin(kind) in (tuple, list, np.ndarray)
        elif isinstance(value, dict):
            fits = is_dataclass(kind) or get_origin(kind) is dict
        else:
            fits = isinstance(kind, type) and isinstance(value, kind)
        if fits:
            return decoded(kind, value)
    return value


def _key(kind: Any, key: str) -> Any:
    """Returns a key of a JSON object, which is always text, as the type that it had."""
    return kind(key) if kind in (int, float) else key


@dataclass(frozen=True, eq=False, kw_only=True)
class ExperimentRecord(Record):
    """What an experiment measured; a subclass adds its fields, `sentences`, `to_frame` and `plot`.

    Args:
        interrupted: Whether Ctrl-C ended the training early; networks that did not finish are NaN.
        majority_error: The error rate of always predicting the most frequent class (`majority_error` of
            `kerasreg.records.majority`), which the summary states; `None` for numbers.
    """

    interrupted: bool = False
    majority_error: float | None = None

    def summary(self) -> str:
        """Returns the verdict, its figures and its conditions, in sentences that hold whatever they are."""
        return self._summary_of(self.sentences())

    def _summary_of(self, sentences: Iterable[str]) -> str:
        """Returns sentences with what every summary says of its record, a line each."""
        told = list(sentences)
        if self.interrupted:
            told.insert(0, "Interrupted: networks that had not finished training are left out.")
        return "\n".join([*told, *majority_sentences(self.majority_error)])

    def sentences(self) -> Iterable[str]:
        """Returns the lines of the summary, the verdict first."""
        raise NotImplementedError
