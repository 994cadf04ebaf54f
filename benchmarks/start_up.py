"""How long `python -m kerasreg.tune --help` takes, beside the import of TensorFlow it does without."""

import statistics
import subprocess
import sys
import time

from benchmarks.environment import describe_environment

COMMANDS = {
    "python -m kerasreg.tune --help": ["-m", "kerasreg.tune", "--help"],
    "python -c 'import kerasreg'": ["-c", "import kerasreg"],
    "python -c 'import tensorflow'": ["-c", "import tensorflow"],
}
RUNS = 5


def seconds_of(arguments: list[str]) -> float:
    """Returns the wall seconds of one run of a fresh interpreter."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Runs the commands in turn, so that a slow moment of the machine meets all of them, and prints."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(RUNS + 1):
        for name, arguments in COMMANDS.items():
            measured = seconds_of(arguments)
            if run:  # the first run fills the file cache
                seconds[name].append(measured)
    print(describe_environment())
    for name, values in seconds.items():
        print(f"{name:32} median {statistics.median(values):.2f} s of {RUNS} runs")
    *_, tensorflow = seconds.values()
    ratios = [b / a for a, b in zip(next(iter(seconds.values())), tensorflow, strict=True)]
    print(f"the help is {statistics.median(ratios):.0f} times faster than importing TensorFlow")


if __name__ == "__main__":
    main()
