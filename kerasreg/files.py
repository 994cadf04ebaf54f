"""Writing a file so that it is whole or not there."""

import os
from pathlib import Path


def write_atomically(path: str | os.PathLike, content: bytes | str) -> Path:
    """Writes `content` to `path`; whoever reads sees the old file or the new one, never half of one.

    The content goes to `.<name>.partial` in the same folder, is flushed to the disk, and takes the
    place of `path` in one step. A process that is killed on the way leaves `path` as it was; the
    next write takes its partial file over. One writer at a time for each path.

    Args:
        path: Where to write, in a folder that exists.
        content: What to write; text is written as UTF-8, its line ends as they are.

    Returns:
        `path` as a `Path`.

    Raises:
        OSError: If the folder cannot be written or the disk is full. `path` is as it was then, and
            the partial file is gone.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:  # Ctrl-C too must leave nothing behind
        partial.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    return path


def _flush_folder(folder: Path) -> None:
    """Makes the new name survive a power cut, where the system lets a folder be flushed."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
