"""A record of augmentation gains, made by hand."""

import numpy as np

from kerasreg.experiments.augmentation.record import AugmentationGain

NONE = [[0.20, 0.22, 0.24], [0.10, 0.11, 0.12]]
MOVED = [[0.10, 0.13, 0.13], [0.10, 0.12, 0.11]]


def some_gain(**changed) -> AugmentationGain:
    """An augmentation that lowers the error with 300 rows, but not with 1,000."""
    values = {
        "data": "digits",
        "metric": "error_rate",
        "strategies": ("none", "moved"),
        "strengths": {"none": {}, "moved": {"translation": 0.1}},
        "train_rows": (300, 1000),
        "test_rows": (500, 500),
        "test_error": np.array([NONE, MOVED]),
        "settings": {"updates": 100, "batch_size": 32, "copies": 10, "seed": 0},
        "seconds": 1.5,
    }
    return AugmentationGain(**values | changed)
