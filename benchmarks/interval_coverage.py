"""How often the intervals of a test result contain the true value, by simulation.

`python -m benchmarks.interval_coverage` simulates networks tested on the same rows, and prints for
each accuracy, number of rows and number of seeds in how many percent of the tries `accuracy_interval`
contained the accuracy over all rows and seeds, the least and the most over the kinds of rows and seeds.
`--of regression` prints the same of the root mean squared error (`error_interval`) and of R²
(`explained_interval`). It needs NumPy and SciPy alone; `--tries 300` is quick, the default takes about
twenty minutes on one core, for regression a quarter of an hour.
"""

import argparse
import itertools
import zlib
from collections.abc import Iterator

import numpy as np

from kerasreg.crossed_intervals import (
    MeanSquares,
    accuracy_interval,
    error_interval,
    explained_interval,
)

ACCURACIES = (0.5, 0.8, 0.95, 0.995)
EXPLAINED = (0.0, 0.5, 0.9, 0.99)  # R²
TAILS = ("normal", "heavy")  # of the errors: normal, or Student's t with 6 degrees of freedom
NUM_ROWS = (30, 100, 1000, 10_000)
NUM_SEEDS = (3, 5, 20)
# Correlation between two networks' answers on a row: unrelated, as one finds it, and nearly the same network.
CORRELATIONS = (0.0, 0.3, 0.6, 0.9)
# SD of the networks' own error rates over the error rate: below 0.1 in the searches of docs/numbers.md
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


def simulated_errors(
    rng: np.random.Generator,
    *,
    explained: float,
    num_rows: int,
    num_seeds: int,
    correlation: float,
    spread: float,
    tails: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Simulates networks that predict numbers for the same rows.

    A target is what can be known of it, which is normal, and noise. A network errs by the noise, in which all
    networks err alike, and by an error of its own; its error rate has a gamma distribution. The targets'
    variance is 1, so that the expected squared error is 1 - `explained` exactly.

    Args:
        rng: Where the random numbers come from.
        explained: R² over all rows and seeds, at most 1.
        num_rows: Rows of the test part.
        num_seeds: Networks.
        correlation: Of two networks' errors on a row.
        spread: Standard deviation of the networks' mean squared errors, as a share of their mean.
        tails: One of `TAILS`.

    Returns:
        The squared errors, shape (num_seeds, num_rows), and the targets, shape (num_rows,).
    """

    def noise(*shape: int) -> np.ndarray:
        if tails == "normal":
            return rng.standard_normal(shape)
        return rng.standard_t(6, shape) * np.sqrt(4 / 6)  # of variance 1

    expected = 1 - explained
    of_rows = np.sqrt(expected * correlation) * noise(num_rows)
    own = np.sqrt(expected * (1 - correlation)) * noise(num_seeds, num_rows)
    factors = rng.gamma(spread**-2, spread**2, (num_seeds, 1)) if spread else np.ones((num_seeds, 1))
    known = np.sqrt(1 - expected * correlation) * rng.standard_normal(num_rows)
    return factors * (of_rows + own) ** 2, known + of_rows


def regression_coverage(tries: int, *, explained: float, **circumstances: float | str) -> tuple[float, float]:
    """Returns the shares of the tries in which the intervals of RMSE and R² contain the true value."""
    rng = np.random.default_rng(zlib.crc32(repr((explained, circumstances)).encode()))
    contained = np.zeros(2, dtype=int)
    for _ in range(tries):
        squares, targets = simulated_errors(rng, explained=explained, **circumstances)
        low, high = error_interval(float(squares.mean()), MeanSquares.of_values(squares))
        contained[0] += low <= 1 - explained <= high  # their roots contain the root as often
        low, high = explained_interval(squares[..., None], targets[:, None])
        contained[1] += low <= explained <= high
    return tuple((contained / tries).tolist())


def regression_table(tries: int) -> Iterator[str]:
    """Yields the lines of the table for regression, each as soon as it is known."""
    kinds = [
        {"correlation": correlation, "spread": spread}
        for correlation, spread in itertools.product(CORRELATIONS, SEED_SPREADS)
    ]
    yield "tails     R²   rows  seeds   RMSE covered, %   R² covered, % (of the kinds of rows and seeds)"
    yield "                              least  most       least  most"
    for tails, num_rows, num_seeds, explained in itertools.product(TAILS, NUM_ROWS, NUM_SEEDS, EXPLAINED):
        of = {"num_rows": num_rows, "num_seeds": num_seeds, "tails": tails}
        found = np.array([regression_coverage(tries, explained=explained, **of, **kind) for kind in kinds])
        (rmse, r2), (rmse_most, r2_most) = 100 * found.min(axis=0), 100 * found.max(axis=0)
        yield (
            f"{tails:7} {explained:5.2f} {num_rows:6d} {num_seeds:6d}  {rmse:6.1f} {rmse_most:5.1f}"
            f"      {r2:6.1f} {r2_most:5.1f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tries", type=int, default=2000)
    parser.add_argument("--of", choices=("accuracy", "regression"), default="accuracy")
    given = parser.parse_args()
    for line in (table if given.of == "accuracy" else regression_table)(given.tries):
        print(line, flush=True)
