"""The command's standard streams: of any encoding, closed, or closed by the reader."""

import codecs
import os
import sys
from typing import Any, TextIO

_PLAIN = {
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{PLUS-MINUS SIGN}": "+/-",
    "\N{NO-BREAK SPACE}": " ",
    "\N{VERTICAL ELLIPSIS}": "...",
}


class _Steady:
    """A stream whose reader may go away: what is written then is dropped, and the search goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Writes, or drops the text."""
        try:
            return self._stream.write(text)
        except OSError:
            self._let_go()
            return len(text)

    def flush(self) -> None:
        """Flushes, or drops what is left."""
        try:
            self._stream.flush()
        except OSError:
            self._let_go()

    def _let_go(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def steady_streams() -> None:
    """Makes standard output and standard error take any text, whatever becomes of them.

    A character that the encoding lacks is written in ASCII, and a name that is no UTF-8 as the bytes it has.
    A stream that is closed from the beginning leads nowhere: its number would otherwise go to the next
    file that is opened, and what TensorFlow prints into that file.
    """
    codecs.register_error("kerasreg", _in_plain_letters)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  open as long as the process
        if hasattr(stream, "reconfigure"):  # not what a program that runs the command put in its place
            stream.reconfigure(errors="kerasreg")
            setattr(sys, name, _Steady(stream))


def _in_plain_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replaces what an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    if "\udc80" <= letter <= "\udcff":  # a byte of a file's name, see PEP 383
        return bytes([ord(letter) - 0xDC00]), error.start + 1
    plain = _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode()
    return plain, error.start + 1
