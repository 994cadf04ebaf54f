"""Elapsed time, divided evenly between programs that run side by side."""

import threading
import time
from collections.abc import Callable


class SharedClock:
    """Divides every moment evenly between those who work in it.

    What it gives to all of them adds up to the time in which anybody worked: a sum over networks is never
    more than what a person waited for them.

    Args:
        now: Returns the time in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._shares: dict[int, float] = {}
        self._begun, self._last = 0, 0.0

    def begin(self) -> int:
        """Lets someone begin to work, and returns what `end` must be told."""
        with self._lock:
            self._divide()
            self._begun += 1
            self._shares[self._begun] = 0.0
            return self._begun

    def end(self, who: int) -> float:
        """Ends someone's work and returns their share of the time, in seconds."""
        with self._lock:
            self._divide()
            return self._shares.pop(who)

    def _divide(self) -> None:
        now = self._now()
        for who in self._shares:
            self._shares[who] += (now - self._last) / len(self._shares)
        self._last = now
