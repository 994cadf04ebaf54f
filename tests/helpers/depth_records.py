"""A record of gradients in deep networks with numbers made up so that every verdict is in it."""

import numpy as np

from kerasreg.experiments.vanishing_gradients.record import DepthGradients


def small_record(**changed) -> DepthGradients:
    """Depths 1 and 3; sigmoid and relu; with and without batch normalization; two initializers; 3 repeats.

    The norm in layer l of d hidden layers is a factor to the power of d - l, times 1 to 1.2 by repeat. ReLU
    with batch normalization and he_normal weights diverged in all repeats but one.
    """
    spread = np.array([1.0, 1.1, 1.2])
    wobble = np.array([0.5, 1.0, 2.0])
    norms = np.full((2, 2, 2, 2, 3, 3, 4), np.nan)
    train = np.empty((2, 2, 2, 2, 3))
    for depth, activation, normalization, initializer in np.ndindex(2, 2, 2, 2):
        layers = (1, 3)[depth]
        factor = (0.01, 2.0)[activation] if not normalization else 1.0
        kind = (depth, activation, normalization, initializer)
        for layer in range(layers + 1):
            power = max(layers - 1 - layer, 0)
            each = factor**power * (wobble if factor == 1 and layer == 0 and layers > 1 else 1)
            norms[kind][:, :, layer] = (each * spread)[:, None] * [1.0, 0.5, 0.1]
        shift = (0.0, 0.3)[depth] if not activation and not normalization else 0.01 * depth * (spread - 1.1)
        train[kind] = 0.1 + shift + 0.05 * (spread - 1) - 0.02 * initializer
    norms[:, 1, 1, 1, 1:, 1:] = np.nan
    train[:, 1, 1, 1, 1:] = np.nan
    return DepthGradients(
        **{
            "data": "made up",
            "train_rows": 100,
            "validation_rows": 50,
            "depths": (1, 3),
            "activations": ("sigmoid", "relu"),
            "normalizations": (None, "batch"),
            "initializers": ("glorot_uniform", "he_normal"),
            "epochs": (0, 1, 5),
            "norms": norms,
            "train_error": train,
            "validation_error": train + 0.05,
            "settings": {"batch_size": 32, "gradient_rows": 64, "learning_rate": 0.1, "seed": 0},
            "seconds": 1.0,
            **changed,
        }
    )
