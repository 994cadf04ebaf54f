"""Temporary folders that are gone when the process is, however it ends but by a kill."""

import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

_TRIES = 20  # another thread may be writing into a folder while it is removed
_open: set[Path] = set()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Gives a temporary folder and removes it."""
    folder = Path(gettempdir()) / f"kerasreg-{uuid4().hex}"
    _open.add(folder)  # before it is made: the process may end in between
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _open.discard(folder)  # not before it is gone


@atexit.register
def remove_all() -> None:
    """Removes every folder that is in use: the process ends now."""
    for folder in list(_open):
        for _ in range(_TRIES):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
