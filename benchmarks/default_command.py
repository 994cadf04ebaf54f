"""Seconds and test scores of the command on digits, MNIST and a picture: the table of docs/numbers.md.

MNIST is measured where it is found without a download: in $KERASREG_DATA_DIR.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.environment import describe_environment

# With the test accuracy to reach; an autoencoder's goal is an error below PCA's, which its results hold.
COMMANDS = {
    "": 0.97,
    "mlp --data mnist --train-size 1000": 0.88,
    "cnn --data mnist --train-size 1000": 0.96,
    "autoencoder --data digits": None,
    "autoencoder --data mnist --train-size 1000": None,
    "autoencoder --data images/butterfly.png": None,
}


def main() -> None:
    """Runs each command in a folder of its own and prints its seconds and its test score."""
    print(describe_environment())
    for arguments, accuracy in COMMANDS.items():
        if "mnist" in arguments and not os.environ.get("KERASREG_DATA_DIR"):
            print(f"{arguments}: skipped, for KERASREG_DATA_DIR is not set")
        else:
            print(measured(arguments, accuracy), flush=True)


def measured(arguments: str, accuracy: float | None) -> str:
    """Returns one command's seconds and test score, with the goal: an accuracy, or PCA's error if `None`."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        command = [sys.executable, "-m", "kerasreg.tune", *arguments.split(), "--output-dir", folder]
        subprocess.run(command, check=True, capture_output=True)
        seconds = time.perf_counter() - began
        test = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))["test"]
    low, high = test["interval_95"]
    goal = f"at least {accuracy}" if accuracy else f"below PCA's {test['pca']['mean']:.3g}"
    return (
        f"python -m kerasreg.tune {arguments}: {seconds:.0f} s, test {test['metric']} {test['mean']:.3g} "
        f"(SD {test['sd']:.2g}, 95 % interval {low:.3g} to {high:.3g}; goal {goal})"
    )


if __name__ == "__main__":
    main()
