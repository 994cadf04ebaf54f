"""Checks of the data sets that functions are given."""

from collections.abc import Iterable

from kerasreg.checks import InvalidInput, check_list, shown
from kerasreg.records.split import Split

HOW = "Make one of your arrays with Split.from_arrays(x, y)."


def check_split(name: str, value: object) -> Split:
    """Returns `value`, or raises `InvalidInput` unless it is a `Split`."""
    if not isinstance(value, Split):
        raise InvalidInput(f"{name} must be a Split; received {shown(value)}. {HOW}")
    return value


def check_splits(name: str, values: Split | Iterable[Split]) -> list[Split]:
    """Returns one `Split` or several as a list, or raises `InvalidInput` if there is anything else."""
    if isinstance(values, Split):
        return [values]
    return [check_split(f"Each of {name}", value) for value in check_list(name, values, "one or more Splits")]
