"""How often the interval of an accuracy contains the true accuracy, by simulation.

`python -m benchmarks.interval_coverage` simulates networks tested on the same rows, and prints for
each accuracy, number of rows and number of seeds in how many percent of the tries `accuracy_interval`
contained the accuracy over all rows and seeds, the least and the most over the kinds of rows and seeds. It
needs NumPy and SciPy alone; `--tries 300` is quick, the default takes about an hour on one core.
"""

import argparse
import itertools
import zlib
from collections.abc import Iterator

import numpy as np

from kerasreg.crossed_intervals import accuracy_interval

ACCURACIES = (0.5, 0.8, 0.95, 0.995)
NUM_ROWS = (30, 100, 1000, 10_000)
NUM_SEEDS = (3, 5, 20)
# Correlation between two networks' answers on a row: unrelated, as one finds it, and nearly the same network.
CORRELATIONS = (0.0, 0.3, 0.6, 0.9)
# SD of the networks' own error rates as a share of the error rate. In the README's searches it is below 0.1.
SEED_SPREADS = (0.0, 0.1, 0.25)


def simulated_counts(
    rng: np.random.Generator,
    *,
    accuracy: float,
    num_rows: int,
    num_seeds: int,
    correlation: float,
    spread: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Simulates networks that are tested on the same rows.

    A row's probability of being classified wrongly has a beta distribution; a network's own error rate, which
    seed and division make better or worse, a gamma distribution. A better network errs on each row
    less often in proportion; a worse one is right less often in proportion. So the expected accuracy
    is `accuracy` exactly, whatever the correlation and the spread.

    Args:
        rng: Where the random numbers come from.
        accuracy: The accuracy over all rows and seeds.
        num_rows: Rows of the test part.
        num_seeds: Networks.
        correlation: Of two networks' answers on a row, 0 to below 1, if their error rates are the same.
        spread: Standard deviation of the error rates, as a share of their mean.

    Returns:
        How many rows each network has right, shape (num_seeds,), and how many rows 0, 1, … num_seeds networks
        have right, shape (num_seeds + 1,).
    """
    error = 1 - accuracy
    if correlation:
        weight = 1 / correlation - 1
        of_rows = rng.beta(error * weight, accuracy * weight, num_rows)
    else:
        of_rows = np.full(num_rows, error)
    errors = np.full(num_seeds, error)
    if spread:
        errors = np.minimum(1, error * rng.gamma(spread**-2, spread**2, num_seeds))
    by_seed = np.empty(num_seeds, dtype=int)
    by_row = np.zeros(num_rows, dtype=int)
    for seed, its_error in enumerate(errors):
        if its_error <= error:
            wrong = of_rows * (its_error / error)
        else:
            wrong = 1 - (1 - of_rows) * ((1 - its_error) / accuracy)
        right = rng.random(num_rows) >= wrong
        by_seed[seed] = right.sum()
        by_row += right
    return by_seed, np.bincount(by_row, minlength=num_seeds + 1)


def coverage(tries: int, *, accuracy: float, **circumstances: float) -> float:
    """Returns the share of the tries in which the interval contains the accuracy."""
    rng = np.random.default_rng(zlib.crc32(repr((accuracy, circumstances)).encode()))
    contained = 0
    for _ in range(tries):
        low, high = accuracy_interval(*simulated_counts(rng, accuracy=accuracy, **circumstances))
        contained += low <= accuracy <= high
    return contained / tries


def table(tries: int) -> Iterator[str]:
    """Yields the lines of the table, each as soon as it is known."""
    kinds = list(itertools.product(CORRELATIONS, SEED_SPREADS))
    yield "accuracy   rows  seeds  rows wrong  covered, % (of the kinds of rows and seeds)"
    yield "                       (expected)  least  most  where networks share no difficulty"
    for num_rows, num_seeds, accuracy in itertools.product(NUM_ROWS, NUM_SEEDS, ACCURACIES):
        found = {
            (correlation, spread): coverage(
                tries,
                accuracy=accuracy,
                num_rows=num_rows,
                num_seeds=num_seeds,
                correlation=correlation,
                spread=spread,
            )
            for correlation, spread in kinds
        }
        alone = [share for (correlation, _), share in found.items() if not correlation]
        shared = [share for (correlation, _), share in found.items() if correlation]
        yield (
            f"{accuracy:8.3f} {num_rows:6d} {num_seeds:6d} {num_rows * (1 - accuracy):11.1f} "
            f"{100 * min(shared):6.1f} {100 * max(shared):5.1f}"
            f"  {100 * min(alone):.1f} to {100 * max(alone):.1f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tries", type=int, default=2000)
    for line in table(parser.parse_args().tries):
        print(line, flush=True)
