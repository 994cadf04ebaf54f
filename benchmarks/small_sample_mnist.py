"""Test error on MNIST from few training images, without augmentation and with it, beside published figures.

Run `python -m benchmarks.small_sample_mnist`, about two hours on two cores, or with `--quick` for 300 images
alone, under ten minutes. For each number of images N there are ten random stratified draws. Within each
draw one of two configurations is chosen by validation on a part of its own N images; networks of the chosen
one are then trained on all N and tested once on the official 10,000 test images. Finished draws are kept in
the file `--output`, and the same command goes on from there.
"""

import argparse
import os
import sys
import time
from itertools import product
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.environment import describe_environment
from benchmarks.small_sample_results import ARMS, PUBLISHED, Results, table
from kerasreg.checks import InvalidInput, check_whole_number

DRAWS = 10


def main() -> None:
    """Runs what is missing and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_sample_mnist")
    parser.add_argument("--quick", action="store_true", help="300 images alone")
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"draws of each size (default {DRAWS})")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("small_sample_mnist.json"),
        help="file that keeps every finished draw, and is gone on from (default small_sample_mnist.json)",
    )
    arguments = parser.parse_args()
    sizes = [min(PUBLISHED)] if arguments.quick else sorted(PUBLISHED)
    print(describe_environment())
    began = time.perf_counter()
    # loads TensorFlow, which --help and a wrong argument do without
    from benchmarks.small_sample_networks import DRAWS_AT_ONCE, run_draws, sample, settings

    try:
        check_whole_number("--draws", arguments.draws)
        results = Results.at(arguments.output, settings())
        test_pictures = sample(min(sizes), 0).x_test
        for size in sizes:
            print(f"N = {size:,}", flush=True)
            for first, arm in product(range(0, arguments.draws, DRAWS_AT_ONCE[size]), ARMS):
                group = range(first, min(first + DRAWS_AT_ONCE[size], arguments.draws))
                missing = [draw for draw in group if not results.has(size, draw, arm)]
                for result in run_draws(size, missing, arm, test_pictures) if missing else []:
                    results.add(result)
                    print(f"  {result}", flush=True)
    except InvalidInput as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(f"Interrupted; the finished draws are in {arguments.output}, and the same command goes on.")
    print(table(results, sizes))
    print(f"{time.perf_counter() - began:.0f} s; every number is in {arguments.output}")


if __name__ == "__main__":
    main()
