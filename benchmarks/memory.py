"""How much memory a long search takes, trial by trial, and what a process of its own for some of them saves.

For each engine the command searches over the size, in its usual way and with the bound on its process taken
off, while its resident memory is read from /proc. The slope over the second half of the trials says what a
thousand would take. Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.environment import describe_environment

COMMAND = """
import sys
from kerasreg.tune import memory
if {unbounded}:
    memory.LIMIT = float("inf")
from kerasreg.tune.__main__ import command
sys.exit(command())
"""
SETTINGS = [
    "--search-over",
    "size,l2",
    "--train-size",
    "200",
    "--epochs",
    "3",
    "--quiet",
]
EVERY = 0.5  # seconds between two looks


def resident(process: int) -> float:
    """Returns the resident megabytes of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def watch(engine: str, trials: int, *, unbounded: bool) -> tuple[list[int], list[float], float]:
    """Runs a search; returns the trials recorded and the megabytes at each look, and the seconds."""
    done, sizes, began = [], [], time.perf_counter()
    with TemporaryDirectory() as folder:
        options = [*SETTINGS, "--engine", engine, "--max-trials", str(trials), "--output-dir", folder]
        source = COMMAND.format(unbounded=unbounded)
        command = [sys.executable, "-c", source, *options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                time.sleep(EVERY)
                results = Path(folder) / "results.json"
                try:
                    count = len(json.loads(results.read_text())["trials"]) if results.exists() else 0
                    sizes.append(resident(process.pid))
                    done.append(count)
                except (OSError, ValueError, IndexError):  # the process has just ended
                    continue
    return done, sizes, time.perf_counter() - began


def main() -> None:
    """Measures both engines with and without the bound, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--engine", nargs="*", default=["fit", "population"])
    options = parser.parse_args()
    print(describe_environment())
    for engine in options.engine:
        for unbounded in (True, False):
            done, sizes, seconds = watch(engine, options.trials, unbounded=unbounded)
            later = [place for place, count in enumerate(done) if count >= options.trials // 2]
            slope = (
                np.polyfit(np.take(done, later), np.take(sizes, later), 1)[0] if len(later) > 1 else np.nan
            )
            bound = "no bound" if unbounded else "in fresh processes above the bound"
            print(
                f"{engine:10} {bound}: {max(done)} trials in {seconds:.0f} s, largest {max(sizes):.0f} MB, "
                f"{slope:.1f} MB a trial in the second half",
                flush=True,
            )


if __name__ == "__main__":
    main()
