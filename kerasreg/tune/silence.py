"""What C++ prints, kept from the terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_kept: list[int] = []


@contextmanager
def standard_error_silenced() -> Iterator[None]:
    """Sends the process's standard error nowhere, what C++ writes to it included."""
    if sys.stderr is not None:
        sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    _kept.append(kept)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(kept, 2)
        _kept.remove(kept)
        os.close(kept)
        os.close(nowhere)


def say_past_silence(words: str) -> None:
    """Writes a line to standard error from any thread, at once, and while it is silenced."""
    with suppress(OSError):
        os.write(_kept[-1] if _kept else 2, f"{words}\n".encode("ascii", "backslashreplace"))
