"""On what a figure was measured."""

import os
import platform
from importlib.metadata import version


def describe_environment() -> str:
    """Returns the machine and the versions in one line."""
    names = ("tensorflow", "keras", "keras-tuner", "numpy", "scikit-learn")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {libraries}"
