"""Check that every option of a Keras object that its reader does not cover has its default value."""

import inspect
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

from kerasreg.population.member.part import UnstackableModel

# In the configuration of every layer, loss, metric or optimizer: the dtype is checked by who reads it, and
# whether a layer is trained is read from its variables
_EVERYWHERE = frozenset({"name", "dtype", "trainable", "fn"})


def covers(*options: str) -> Callable[[Callable], Callable]:
    """Marks a reader with the options, as `get_config()` names them, that it reads or checks by itself."""

    def mark(reader: Callable) -> Callable:
        reader.covered = frozenset(options)
        return reader

    return mark


def of_weights(*names: str) -> tuple[str, ...]:
    """Returns the options of a layer's weights, which are read from the variables themselves."""
    return tuple(f"{name}_{what}" for name in names for what in ("initializer", "regularizer", "constraint"))


def check_options(
    thing: Any,
    covered: Collection[str],
    refusal: Callable[[str], UnstackableModel],
    *,
    hidden: Mapping[str, Any] | None = None,
) -> None:
    """Raises where an option that nobody reads has another value than the class' default.

    Args:
        thing: A layer, loss, metric, optimizer, regularizer or constraint.
        covered: The options that its reader takes care of.
        refusal: Makes the error from "has option=value where a population needs default".
        hidden: Options that Keras leaves out of `get_config()`, by name.

    Raises:
        UnstackableModel: For the first such option.
    """
    defaults = _defaults(type(thing))
    with warnings.catch_warnings():  # Keras warns of saving a lambda, and nothing is saved here
        warnings.simplefilter("ignore")
        options = thing.get_config()
    for name, value in {**options, **(hidden or {})}.items():
        if name in covered or name in _EVERYWHERE:
            continue
        default = defaults.get(name, False)  # what a class takes from its **kwargs must be off
        if name not in defaults and value is None:
            continue
        if _plain(value) != _plain(default):
            error = refusal(f"has {name}={value!r} where a population needs {default!r}")
            error.what = f"{type(thing).__name__} with {name}"
            raise error


@cache
def _defaults(kind: type) -> dict[str, Any]:
    """Returns the defaults of a class' arguments, those that it hands on to its bases included.

    From the signatures, because making an object would use up automatic names and random numbers.
    """
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if "__init__" in vars(base) and base is not object:
            parameters = inspect.signature(base.__init__).parameters.values()
            found |= {each.name: each.default for each in parameters if each.default is not each.empty}
    return found


def _plain(value: Any) -> Any:
    """Returns a value as it compares: a list is the tuple of the same entries."""
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value
