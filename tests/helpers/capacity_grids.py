"""A small grid of capacities, made by hand."""

import numpy as np

from kerasreg.experiments.capacity.record import CapacityGrid

# Shape (2 sizes, 3 numbers of rows, 3 repeats).
TEST = [
    [[0.50, 0.52, 0.54], [0.30, 0.33, 0.31], [0.20, 0.21, 0.22]],
    [[0.40, 0.43, 0.44], [0.31, 0.30, 0.32], [0.24, 0.26, 0.26]],
]


def small_grid(**changed) -> CapacityGrid:
    """Size 4 against size (8, 2), which is better with 10 rows and worse with 40."""
    test = np.array(TEST)
    fields = {
        "data": "digits",
        "metric": "error_rate",
        "sizes": (4, (8, 2)),
        "num_parameters": (40, 100),
        "train_rows": (10, 20, 40),
        "validation_rows": (50, 50, 50),
        "test_rows": (80, 80, 80),
        "fresh_data": True,
        "train_error": test / 10,
        "validation_error": test + 0.01,
        "test_error": test,
        "best_epoch": np.arange(18).reshape(2, 3, 3),
        "stop_reason": np.full((2, 3, 3), "epochs"),
        "settings": {"epochs": 5, "batch_size": 32, "patience": None, "seed": 0},
        "seconds": 1.5,
    }
    return CapacityGrid(**(fields | changed))
