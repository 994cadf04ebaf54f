"""Ctrl-C and SIGTERM in the command: a word at once, and an end within two seconds when asked again.

Python runs signal handlers between two of its own instructions, and a compilation or an epoch in C++ can take
many seconds. A thread hears of a signal at once, by the file descriptor that Python writes it to. It
imports little, so that it listens before the command imports what takes a moment.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable

INTERRUPTED = 130  # the exit status of what Ctrl-C has ended
SECONDS_TO_FLUSH = 1.5
# what asks the command to end; Windows has fewer
_HEARD = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}


class _Ears:
    """Hears the signals that end the command."""

    def __init__(self, heard: set[signal.Signals]) -> None:
        self.heard = heard
        self.word: Callable[[], None] | None = None
        self.last: Callable[[], None] = _nothing_began
        self.cleanup: Callable[[], None] = _nothing
        self.count = 0
        reading, writing = os.pipe()
        if hasattr(os, "set_blocking"):  # not in Python 3.11 on Windows
            os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in heard:  # by the thread, and by nobody else
            signal.signal(number, lambda *_: None)
        threading.Thread(target=self._listen, args=(reading,), name="kerasreg-signals", daemon=True).start()

    def _listen(self, reading: int) -> None:
        while True:
            for number in os.read(reading, 64):
                if number != signal.SIGINT and signal.SIGINT in self.heard:
                    os.kill(os.getpid(), signal.SIGINT)
                elif number in self.heard:
                    self._interrupted()

    def _interrupted(self) -> None:
        self.count += 1
        if self.word is not None and self.count == 1:
            self.word()
            return
        flushing = threading.Thread(target=self.last, daemon=True)  # a file system can take its time
        flushing.start()
        flushing.join(SECONDS_TO_FLUSH)
        self.cleanup()
        os._exit(INTERRUPTED)


def _nothing() -> None:
    pass


def _nothing_began() -> None:
    os.write(2, b"kerasreg.tune: Interrupted before the search began.\n")


_ears: _Ears | None = None


def listen() -> None:
    """Begins to listen; until `search_begins` the first signal ends the process at once.

    A signal that is ignored stays so, such as Ctrl-C in a job that a shell runs in the background.
    """
    global _ears
    usual = (signal.default_int_handler, signal.SIG_DFL)
    _ears = _Ears({number for number in _HEARD if signal.getsignal(number) in usual})
    sys.excepthook = sys.__excepthook__  # see kerasreg/__init__.py


def wait() -> None:
    """Lets signals wait for the fresh process that takes this one's place, until `when_nothing_began`."""
    if _ears is not None:
        _mask("SIG_BLOCK")


def _mask(how: str) -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(getattr(signal, how), _HEARD)


def when_nothing_began(last: Callable[[], None]) -> None:
    """Sets what is called before the process ends at once, and hears what has waited since `wait`."""
    if _ears is not None:
        _ears.last = last
        _mask("SIG_UNBLOCK")


def search_begins(word: Callable[[], None], last: Callable[[], None], cleanup: Callable[[], None]) -> None:
    """Lets the first signal from here on end the search after its epoch, and the second one at once.

    Where Ctrl-C is ignored the first one of another kind ends it at once.

    Args:
        word: Called at the first signal.
        last: Called before the process ends at once, with `SECONDS_TO_FLUSH` to write what must not be lost.
        cleanup: Called after it, whatever it took.
    """
    if _ears is None:
        return
    _ears.last, _ears.cleanup = last, cleanup
    if signal.SIGINT in _ears.heard:
        _ears.word = word
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore() -> None:
    """Ignores signals while the interpreter ends, which takes a moment and would print a traceback."""
    if _ears is not None:
        for number in _HEARD:
            signal.signal(number, signal.SIG_IGN)
