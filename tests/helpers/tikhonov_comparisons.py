"""Comparisons of noise with its Tikhonov penalty, made by hand and simulated."""

import numpy as np

from kerasreg.experiments.tikhonov.record import METHODS, TikhonovComparison, TikhonovRun


def tikhonov_comparison(*, inputs: int = 1, penalty: float = 1.2, growth: float = 0.1) -> TikhonovComparison:
    """Functions of two repeats: x without noise, flatter with it, and a little flatter with the penalty.

    Args:
        inputs: Features of an input.
        penalty: Reduction of the slope by the penalty; it is 1 for noise and 1.05 for other noise.
        growth: Fraction by which the reductions are larger in the second repeat.
    """
    x = np.array([0.5, -1.0, 1.0, -0.5])
    less = {"noise": 1.0, "other noise": 1.05, "penalty": penalty}
    runs = [
        TikhonovRun(
            method=method,
            noise_std=noise_std,
            repeat=repeat,
            train_mse=0.1,
            test_mse=0.2 + 0.01 * repeat + (0.05 if method == "noise" else 0.0),
            squared_gradient=1.0,
            noise_cost=noise_std**2,
            predictions=(x * (1 - less[method] * noise_std * (1 + growth * repeat))).tolist(),
        )
        for method in METHODS
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
    """Noise that scatters about a mean function on each test row, and a penalty `gap` away from that."""
    x_test = np.linspace(-1, 1, rows)
    runs = []
    for repeat in range(repeats):
        mean = rng.normal(size=rows)
        for noise_std in (0.0, 0.1):
            for method in METHODS:
                off = gap if method == "penalty" else scatter * rng.normal(size=rows)
                runs.append(
                    TikhonovRun(
                        method=method,
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
