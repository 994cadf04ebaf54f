"""Finding a well-regularized network: `python -m kerasreg.tune`, or `search` from Python.

`search` runs the whole of it; `MLPHyperModel`, `CNNHyperModel` and `AutoencoderHyperModel` go into any
KerasTuner tuner by hand. Nothing here loads TensorFlow before it is used.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "search": "kerasreg.tune.searching",  # a module called search would hide the function
    "MLPHyperModel": "kerasreg.tune.hypermodels",
    "CNNHyperModel": "kerasreg.tune.hypermodels",
    "AutoencoderHyperModel": "kerasreg.tune.hypermodels",
    "Real": "kerasreg.tune.spaces",
    "Whole": "kerasreg.tune.spaces",
    "OneOf": "kerasreg.tune.spaces",
    "SPACES": "kerasreg.tune.spaces",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
