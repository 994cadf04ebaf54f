"""Ctrl-C during training: the first ends it after the current epoch, the second at once."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

WORD = "Finishing the epoch; Ctrl-C again to stop now."
_unsaid = threading.Lock()  # held once the word has been said, so that of two threads one says it


def _print(word: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # closed
            print(word, file=sys.stderr, flush=True)


_say: Callable[[str], None] = _print


def say_words_by(say: Callable[[str], None]) -> None:
    """Sets how the word is said, whoever hears Ctrl-C first."""
    global _say
    _say = say


def say_word() -> None:
    """Says, once for each training, that Ctrl-C was heard."""
    if _unsaid.acquire(blocking=False):
        _say(WORD)


@contextmanager
def ctrl_c_calls(function: Callable[[], None]) -> Iterator[None]:
    """Lets the first Ctrl-C say a word and call a function; a second one interrupts as usual.

    An exception could come between a member's weights and its record, or in a destructor, where Python
    drops it. In another thread than the main one, and where someone else listens already, nothing is changed.
    """
    usual = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or usual is not signal.default_int_handler:
        yield
        return

    def heard(*_: object) -> None:
        signal.signal(signal.SIGINT, usual)
        function()
        say_word()

    if _unsaid.locked():
        _unsaid.release()
    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
