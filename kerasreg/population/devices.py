"""The machine's resources: device, number of parallel programs, cache and memory."""

import os
from functools import cache
from pathlib import Path

import tensorflow as tf


def on_cpu() -> bool:
    """Returns whether programs run on the CPU."""
    return not tf.config.list_logical_devices("GPU")


def workers_at_once() -> int:
    """Returns the number of programs to run side by side.

    On a CPU, one compiled program leaves cores idle between its many small operations; two or three
    at once fill them. A GPU runs one.
    """
    return min(8, max(2, (os.cpu_count() or 2) * 3 // 2)) if on_cpu() else 1


@cache
def cache_bytes() -> int:
    """Returns the size of the last-level cache, or 16 MiB where the system does not say."""
    sizes = [
        int(path.read_text().strip()[:-1]) * 1024
        for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")
        if path.read_text().strip().endswith("K")
    ]
    return max(sizes, default=16 * 2**20)


@cache
def memory_bytes() -> int:
    """Returns the memory of the machine, or 4 GiB where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4 * 2**30
