"""A comparison of noise in networks, made by hand."""

import numpy as np

from kerasreg.experiments.noise.record import NoiseComparison, NoiseRun

REPEATS = 4
# Mean error by method and strength: on validation data and on test data
MEANS = {
    ("none", 0.0): (0.10, 0.10),
    ("dropout", 0.1): (0.09, 0.05),
    ("dropout", 0.5): (0.06, 0.07),
    ("noise_std", 0.2): (0.08, 0.10),
    ("noise_std", 0.4): (0.08, 0.12),
}
FRESH = [("none", 0.0), ("dropout", 0.5), ("noise_std", 0.2)]
# Added to each repeat's test error; their mean is 0
LUCK = {
    "none": (0, 0, 0, 0),
    "dropout": (0.01, -0.01, 0.005, -0.005),
    "noise_std": (0.02, -0.02, 0.01, -0.01),
}


def noise_comparison(*, diverged: bool = False, sizes: tuple[int, ...] = (100,)) -> NoiseComparison:
    """Returns two methods; one helps, of the other nothing can be said."""
    runs = []
    for size in sizes:
        for fresh in (False, True):
            for method, strength in FRESH if fresh else MEANS:
                validation, test = MEANS[method, strength]
                for repeat in range(REPEATS):
                    value = test + LUCK[method][repeat]
                    if diverged and fresh and (method, repeat, size) == ("dropout", 2, sizes[0]):
                        value = np.nan
                    runs.append(
                        NoiseRun(
                            method=method,
                            strength=strength,
                            size=size,
                            train_rows=7 * size // 10,
                            repeat=repeat,
                            fresh=fresh,
                            train={"error": 0.0, "cross_entropy": 0.01},
                            validation={"error": validation, "cross_entropy": 0.5},
                            test={"error": value, "cross_entropy": 0.5},
                        )
                    )
    about = {
        "data": "by hand",
        "metric": "error",
        "repeats": REPEATS,
        "updates": 10,
        "seed": 0,
        "seconds": 1.0,
    }
    return NoiseComparison(runs=tuple(runs), **about)
