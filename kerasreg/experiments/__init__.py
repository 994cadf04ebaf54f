"""The laboratory: one question a file, each answered by a record with every raw number in it."""

from kerasreg.lazy import lazy_exports

_HOME: dict[str, str] = {}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
