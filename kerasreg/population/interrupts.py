"""Ctrl-C while networks are trained: the first ends the training after its epoch, the second at once."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

WORD = "Finishing the epoch; Ctrl-C again to stop now."
_said = threading.Event()


def say_word(say: Callable[[str], None] | None = None) -> None:
    """Says, once for each training, that Ctrl-C was heard."""
    if not _said.is_set():
        _said.set()
        if say is not None:
            say(WORD)
        elif sys.stderr is not None:
            with suppress(OSError, ValueError):  # closed
                print(WORD, file=sys.stderr, flush=True)


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

    _said.clear()
    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
