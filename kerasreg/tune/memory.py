"""A bound on the memory of a long search: the command goes on in a fresh process.

TensorFlow keeps every program that it has compiled until the process ends: the cache of XLA's executables has
no eviction (https://github.com/tensorflow/tensorflow/issues/64170), and `model.fit` in a loop grows whatever
is cleared (https://github.com/keras-team/keras/issues/17458). A search that is started again goes on where it
was, to the same result, so the command replaces its process by a fresh one. `search` and `PopulationTuner`
called from Python cannot, as the process is their caller's: they say once what to do.
"""

import ctypes
import gc
import os
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LIMIT = 1.25e9  # bytes of the process above which a fresh one pays, with room for a trial up to 1.5 GB
GROWTH = 0.2e9  # at least so many of them since the first trial: large data must not begin processes in vain
ADVISED = 1.5e9  # bytes that a process of somebody else may grow by in a search before it is told
BEGAN = "KERASREG_SEARCH_BEGAN"  # the environment variable that tells a fresh process when the search began


class FreshProcessNeeded(BaseException):
    """The search is to go on in a fresh process; no `Exception`, as no trial has failed."""


class Memory:
    """Watches how the process grows from trial to trial.

    Args:
        bounded: Whether the process may be replaced.
        resident: Gives the bytes of the process, or 0 where that is not known.
    """

    def __init__(self, *, bounded: bool, resident: Callable[[], float] | None = None) -> None:
        self.bounded = bounded
        self.resident = resident or resident_bytes
        self.first: float | None = None
        self.advised = False

    def check(self) -> None:
        """Called when trials have been recorded, and none is being trained.

        Raises:
            FreshProcessNeeded: If the process may be replaced and has grown above its bound.

        Warns:
            UserWarning: Once, if it may not and has grown by `ADVISED`.
        """
        if self.first is None:
            self.first = self.resident()
        if not self.bounded:
            self._advise(self.resident() - self.first)
            return
        bound = max(LIMIT, self.first + GROWTH)
        if self.resident() > bound:
            give_back()
            if self.resident() > bound:
                raise FreshProcessNeeded

    def _advise(self, grown: float) -> None:
        if self.advised or grown <= ADVISED:
            return
        self.advised = True
        warnings.warn(
            f"This process has grown by {grown / 1e9:.1f} GB since the search began, as TensorFlow keeps "
            "every program that it has compiled until its process ends. Where memory is short, interrupt the "
            "search and call it again in a fresh process, where it goes on from its finished trials.",
            stacklevel=3,
        )


_replaceable = False


def let_replace_process() -> None:
    """Says that this process is the command's own."""
    global _replaceable
    _replaceable = hasattr(os, "execv") and sys.platform == "linux" and bool(sys.orig_argv)


def memory_of_search() -> Memory:
    """Returns what watches a search."""
    return Memory(bounded=_replaceable)


def resident_bytes() -> float:
    """Returns the resident bytes of this process, or 0 where Linux' /proc is missing."""
    with suppress(OSError):
        return float(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0.0


def give_back() -> None:
    """Frees what can be freed: garbage, and what the C library's allocator holds back."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def go_on(began: float) -> None:
    """Replaces the process by a fresh one with the same arguments; does not return.

    Args:
        began: When the search began, by `time.monotonic()`, which goes on in the fresh process.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    environment = {**os.environ, BEGAN: repr(began)}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def takes_over() -> bool:
    """Says whether this process goes on with the search of another one, and has not asked since when."""
    return BEGAN in os.environ


def taken_over() -> float | None:
    """Returns when the search began that this process takes over, or `None` if it begins its own."""
    began = os.environ.pop(BEGAN, None)
    return None if began is None else min(float(began), time.monotonic())
