"""What the README promises: seconds and test accuracy of the command on digits and on MNIST.

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

COMMANDS = {"": 0.97, "mlp --data mnist --train-size 1000": 0.88, "cnn --data mnist --train-size 1000": 0.96}


def main() -> None:
    """Runs each command in a folder of its own and prints its seconds and its test accuracy."""
    print(describe_environment())
    for arguments, goal in COMMANDS.items():
        if "mnist" in arguments and not os.environ.get("KERASREG_DATA_DIR"):
            print(f"{arguments}: skipped, for KERASREG_DATA_DIR is not set")
            continue
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            command = [sys.executable, "-m", "kerasreg.tune", *arguments.split(), "--output-dir", folder]
            subprocess.run(command, check=True, capture_output=True)
            seconds = time.perf_counter() - began
            test = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))["test"]
        low, high = test["interval_95"]
        print(
            f"python -m kerasreg.tune {arguments}: {seconds:.0f} s, test accuracy {test['mean']:.4f} "
            f"(SD {test['sd']:.4f}, 95 % interval {low:.4f} to {high:.4f}; goal {goal})"
        )


if __name__ == "__main__":
    main()
