"""Ctrl-C and SIGTERM in the command: a word at once, and an end within two seconds when asked again.

Python runs signal handlers between two of its own instructions, and a compilation or an epoch in C++ can take
many seconds. A thread hears of a signal at once, by the file descriptor that Python writes it to. It
imports little, so that it listens before the command imports what takes a moment.
"""

import os
import signal
import threading
from collections.abc import Callable

INTERRUPTED = 130  # the exit status of what Ctrl-C has ended
SECONDS_TO_FLUSH = 1.5


class _Ears:
    """Hears the signals that end the command."""

    def __init__(self) -> None:
        self.word: Callable[[], None] | None = None
        self.last: Callable[[], None] = _nothing_began
        self.heard = 0
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):  # heard by the thread, and by nobody else
            signal.signal(number, lambda *_: None)
        threading.Thread(target=self._listen, args=(reading,), name="kerasreg-signals", daemon=True).start()

    def _listen(self, reading: int) -> None:
        while True:
            for number in os.read(reading, 64):
                if number == signal.SIGTERM:
                    os.kill(os.getpid(), signal.SIGINT)
                if number == signal.SIGINT:
                    self._interrupted()

    def _interrupted(self) -> None:
        self.heard += 1
        if self.word is not None and self.heard == 1:
            self.word()
            return
        flushing = threading.Thread(target=self.last, daemon=True)  # a file system can take its time
        flushing.start()
        flushing.join(SECONDS_TO_FLUSH)
        os._exit(INTERRUPTED)


def _nothing_began() -> None:
    os.write(2, b"kerasreg.tune: Interrupted before the search began.\n")


_ears: _Ears | None = None


def listen() -> None:
    """Begins to listen; until `search_begins` the first signal ends the process at once."""
    global _ears
    # Ctrl-C is ignored in a job that a shell runs in the background
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        _ears = _Ears()


def when_nothing_began(last: Callable[[], None]) -> None:
    """Sets what is called before the process ends at once."""
    if _ears is not None:
        _ears.last = last


def search_begins(word: Callable[[], None], last: Callable[[], None]) -> None:
    """Lets the first signal from here on end the search after its epoch, and the second one at once.

    Args:
        word: Called at the first signal.
        last: Called before the process ends at once, with `SECONDS_TO_FLUSH` to write what must not be lost.
    """
    if _ears is not None:
        _ears.word, _ears.last = word, last
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore() -> None:
    """Ignores signals while the interpreter ends, which takes a moment and would print a traceback."""
    if _ears is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
