"""Temporary folders that are gone when the process is, however it ends but by a kill."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

_open: set[str] = set()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Gives a temporary folder and removes it."""
    folder = mkdtemp(prefix="kerasreg-")
    _open.add(folder)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _open.discard(folder)  # not before it is gone: the process may end in between


def remove_all() -> None:
    """Removes every folder that is in use: the process ends now."""
    for folder in list(_open):
        shutil.rmtree(folder, ignore_errors=True)
