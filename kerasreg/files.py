"""Writing a file so that it is whole or not there, and finding one that can be read."""

import os
from pathlib import Path

from kerasreg.checks import InvalidInput, shown

PARTIAL = ".*.partial"  # what `write_atomically` calls a file that is not whole yet


def expanded(source: str | os.PathLike) -> Path:
    """Returns a path with a leading ~ replaced by the home folder.

    Raises:
        InvalidInput: If it is no path, or names the home folder of nobody.
    """
    try:
        return Path(source).expanduser()
    except TypeError as error:
        raise InvalidInput(f"A path must be text; received {shown(source)}.") from error
    except RuntimeError as error:  # "Could not determine home directory."
        raise InvalidInput(f"{source} names the home folder of a user that this computer lacks.") from error


def readable_file(source: str | os.PathLike, what: str) -> Path:
    """Returns the path of an ordinary file that holds something, without reading it.

    Devices and named pipes are refused, as reading them may never end.

    Args:
        source: The path, with a leading ~ for the home folder.
        what: What to give instead, for the message, such as `"an .npz file"`.

    Raises:
        InvalidInput: If there is no such file, or it is no ordinary one, unreadable or empty.
    """
    path = expanded(source)
    name = str(path) if len(str(path)) <= 300 else f"{str(path)[:100]}…"
    try:
        status = path.stat()
        if path.is_dir():
            raise InvalidInput(f"{name} is a folder; give {what}.")
        if not path.is_file():
            raise InvalidInput(f"{name} is no ordinary file; give {what}.")
        if status.st_size == 0:
            raise InvalidInput(f"{name} is empty; copy or save it again.")
        path.open("rb").close()
    except InvalidInput:
        raise
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no file {name}; give {what}.") from error
    except (OSError, ValueError) as error:  # no right to it, too long a name, a loop of links, a NUL byte
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(f"{name!r} cannot be read ({reason}); give {what}.") from error
    return path


def write_atomically(path: str | os.PathLike, content: bytes | str) -> Path:
    """Writes `content` to `path`; whoever reads sees the old file or the new one, never half of one.

    The content goes to `.<name>.partial` in the same folder, is flushed to the disk, and takes the
    place of `path` in one step. A process that is killed on the way leaves `path` as it was; the
    next write takes its partial file over. One writer at a time for each path.

    Args:
        path: Where to write, in a folder that exists.
        content: What to write; text is written as UTF-8, its line ends as they are, and
            what UTF-8 cannot hold as its escape.

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
            # a name that is no UTF-8 comes with lone surrogates, which are written as their escapes
            file.write(content.encode(errors="backslashreplace") if isinstance(content, str) else content)
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
