"""Small data and quick settings that the tests of training and searching share."""

import numpy as np
from sklearn.datasets import load_digits

from kerasreg import Split

# Two epochs on 140 rows take about a second a network, nearly all of it TensorFlow's tracing.
QUICK = {
    "max_trials": 3,
    "epochs": 2,
    "fresh_seeds": 2,
    "space": {},
    "fixed": {"num_layers": 1, "units": 16},
    "search_over": ("l2", "dropout"),
}


def small_digits(rows: int = 250) -> Split:
    """The first handwritten digits, as a split of 140 train, 60 validation and 50 test rows."""
    x, y = load_digits(return_X_y=True)
    pictures = (x[:rows] / 16).reshape(-1, 8, 8, 1)
    return Split.from_arrays(pictures, y[:rows], name="small digits", seed=0)


def small_regression(rows: int = 100, *, targets: int = 1) -> Split:
    """A line with a little noise; a second target is thousands of times as large."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(rows, 2))
    y = x @ [1.0, -2.0] + rng.normal(0, 0.1, size=rows)
    y = np.stack([y, 5000 + 3000 * x[:, 0]], axis=1) if targets == 2 else y
    return Split.from_arrays(x, y, task="regression", name="small regression", seed=0)


def small_table() -> Split:
    """Two classes of rows that a line divides, their features of very different scale."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)) * [1, 100, 0.01] + [0, 5000, 0]
    labels = (x[:, 0] + (x[:, 1] - 5000) / 100 > 0).astype(int)
    return Split.from_arrays(x, labels, name="small table", seed=0)
