"""The folder of a search: one that can be written to, and one process at a time in it."""

import errno
import json
import os
import socket
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from kerasreg.checks import InvalidInput, shown
from kerasreg.files import write_atomically

LOCK = ".kerasreg.lock"
HOLDER = ".kerasreg.holder.json"


def output_folder(directory: Any) -> Path:
    """Returns a folder that can be written to, and makes it if it is missing.

    Args:
        directory: Its path; `~` stands for the user's home.

    Raises:
        InvalidInput: If it is no path, or cannot be made or written to.
    """
    if not isinstance(directory, str | os.PathLike) or not os.fspath(directory):
        raise InvalidInput(f"The output directory must be a path; received {shown(directory)}.")
    try:
        folder = Path(directory).expanduser()
        if folder.is_symlink() and not folder.exists():
            raise FileNotFoundError(errno.ENOENT, "it is a link to what does not exist")
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".kerasreg-probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except FileExistsError as cause:
        raise _unusable(directory, "it is a file") from cause
    except (
        OSError,
        ValueError,
        RuntimeError,
    ) as cause:  # of NUL, of an unknown user
        raise _unusable(directory, getattr(cause, "strerror", None) or str(cause).rstrip(".")) from cause
    return folder


def _unusable(directory: Any, why: str) -> InvalidInput:
    return InvalidInput(
        f"The output directory {shown(os.fspath(directory))} cannot be written to ({why}); name another one."
    )


@contextmanager
def held(folder: str | os.PathLike, *, what: str = "search") -> Iterator[None]:
    """Keeps every other process out of a folder.

    The lock is the operating system's and ends with the process that holds it, even if that is killed.

    Args:
        folder: The folder, which exists.
        what: What goes on in it, for the message.

    Raises:
        InvalidInput: If another process holds it.
    """
    folder = Path(folder)
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
        while not (folder / LOCK).exists():  # who held it before has removed it in between
            lock.release()
            lock.acquire()
    except Timeout as cause:
        raise InvalidInput(
            f"Another {what} is running in {str(folder)!r}: {_holder(folder)}. Wait until it has ended, stop "
            "it, or name another output directory."
        ) from cause
    except (NotImplementedError, OSError) as cause:  # some network file systems have no locks
        warnings.warn(
            f"The file system of {str(folder)!r} has no locks ({cause}): do not run two searches in this "
            "folder at once.",
            stacklevel=4,
        )
        yield
        return
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
    try:
        with suppress(OSError):  # of a full disk: the lock holds without it
            write_atomically(folder / HOLDER, json.dumps(holder))
        yield
    finally:
        for name in (HOLDER, LOCK):
            with suppress(OSError):  # Windows removes no file that is open
                (folder / name).unlink(missing_ok=True)
        lock.release()


def check_free(directory: Any) -> None:
    """Raises `InvalidInput` if a folder cannot be used or another process holds it; makes no missing one."""
    try:
        missing = not Path(directory).expanduser().exists()
    except (OSError, ValueError, RuntimeError, TypeError):
        missing = False  # why it cannot be used is said below
    if not missing:
        with held(output_folder(directory)):
            pass


def _holder(folder: Path) -> str:
    """Returns in words who holds a folder."""
    try:
        holder = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        return f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):  # just begun
        return "a process that has just begun"
