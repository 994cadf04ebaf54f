"""Records of noise in networks, made by hand, for tests that train nothing."""

import numpy as np

from kerasreg.records.stochastic import NoiseComparison, NoiseRun
from kerasreg.records.tikhonov import WAYS, TikhonovComparison, TikhonovRun

REPEATS = 4
# Mean error by method and strength: on validation data, and on test data
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


def tikhonov_comparison(*, inputs: int = 1, penalty: float = 1.2, growth: float = 0.1) -> TikhonovComparison:
    """Returns functions of two repeats: x without noise, less with it, and a little less with the penalty.

    Args:
        inputs: How many numbers an input has.
        penalty: By how much less with the penalty; it is 1 with noise and 1.05 with other noise.
        growth: By which part all of that is more in the second repeat.
    """
    x = np.array([0.5, -1.0, 1.0, -0.5])
    less = {"noise": 1.0, "other noise": 1.05, "penalty": penalty}
    runs = [
        TikhonovRun(
            way=way,
            noise_std=noise_std,
            repeat=repeat,
            train_mse=0.1,
            test_mse=0.2 + 0.01 * repeat + (0.05 if way == "noise" else 0.0),
            squared_gradient=1.0,
            noise_cost=noise_std**2,
            predictions=(x * (1 - less[way] * noise_std * (1 + growth * repeat))).tolist(),
        )
        for way in WAYS
        for noise_std in (0.0, 0.1, 0.2)
        for repeat in range(2)
    ]
    return TikhonovComparison(
        data="by hand",
        epochs=10,
        copies=2,
        seed=0,
        seconds=1.0,
        x_train=[[[0.0] * inputs, [1.0] * inputs]] * 2,
        y_train=[[0.0, 1.0]] * 2,
        x_test=[[[value] * inputs for value in x.tolist()]] * 2,
        runs=tuple(runs),
    )


def simulated_comparison(
    rng: np.random.Generator, *, gap: float, scatter: float = 0.3, repeats: int = 8, rows: int = 10
) -> TikhonovComparison:
    """Returns noise that scatters on each test row about a mean function, and a penalty `gap` off that."""
    x_test = np.linspace(-1, 1, rows)
    runs = []
    for repeat in range(repeats):
        mean = rng.normal(size=rows)
        for noise_std in (0.0, 0.1):
            for way in WAYS:
                off = gap if way == "penalty" else scatter * rng.normal(size=rows)
                runs.append(
                    TikhonovRun(
                        way=way,
                        noise_std=noise_std,
                        repeat=repeat,
                        train_mse=0.1,
                        test_mse=0.2,
                        squared_gradient=1.0,
                        noise_cost=noise_std**2,
                        predictions=(mean + off * (noise_std > 0)).tolist(),
                    )
                )
    return TikhonovComparison(
        data="simulated",
        epochs=1,
        copies=1,
        seed=0,
        seconds=0.0,
        x_train=[[[0.0]]] * repeats,
        y_train=[[0.0]] * repeats,
        x_test=[x_test[:, None].tolist()] * repeats,
        runs=tuple(runs),
    )
