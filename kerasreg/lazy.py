"""Names that a package offers without loading what is behind them (PEP 562)."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy_exports(
    package: str, home: Mapping[str, str], rooms: Sequence[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Returns the `__getattr__` and `__dir__` of a package whose names are loaded when they are used.

    Args:
        package: The package's `__name__`.
        home: The module that each name lives in.
        rooms: Sub-packages and modules that are loaded when they are used, `package.room`.
    """

    def get_attribute(name: str) -> Any:
        if name in rooms:
            return import_module(f"{package}.{name}")
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(home[name]), name)

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *home, *rooms})

    return get_attribute, list_names
