"""Record of an experiment on palettes with numbers that are easy to follow."""

import numpy as np

from kerasreg.experiments import PaletteExperiment

PICTURES = ("sea", "wood")


def palette_record(repeats: int = 3, **changed) -> PaletteExperiment:
    """Returns a record of 2 numbers of patches, 2 of units and 2 strategies.

    Palettes lie 10 (sea) and 20 (wood) from the beach's. Without augmentation 8 patches lead to the beach's
    palette, 64 patches half of the way back; with it every output keeps its source's. Errors are a
    hundredth of the distance to the source's palette. The middle repeat goes that far, those beside it
    a tenth less.
    """
    apart = np.array([10.0, 20.0])
    # How far of the way from the source's palette to the beach's: patches, units, strategies, repeats.
    way = np.array([[[1.0, 0.0], [1.0, 0.0]], [[0.5, 0.0], [0.5, 0.0]]])[..., None]
    way = way * (1 - 0.1 * abs(np.arange(repeats) - repeats // 2))
    to_source = way[..., None] * apart
    values = {
        "training_name": "beach",
        "pictures": PICTURES,
        "train_sizes": (8, 64),
        "units": (1, 4),
        "strategies": ("plain", "augmented"),
        "num_parameters": (99, 243),
        "palettes_apart": apart,
        "training_error": np.full(way.shape, 0.001),
        "error": to_source / 100,
        "to_source": to_source,
        "to_training": apart - to_source,
        "originals": {
            name: np.full((4, 6, 3), 10 * place, "u1") for place, name in enumerate(("beach", *PICTURES))
        },
        "redrawn": {
            name: np.arange(8, dtype="u1").reshape(2, 2, 2, 1, 1, 1) + np.zeros((2, 2, 2, 4, 6, 3), "u1")
            for name in ("beach", *PICTURES)
        },
        "settings": {"patch_size": 4, "updates": 100, "batch_size": 32, "seed": 0},
        "seconds": 1.5,
    }
    return PaletteExperiment(**values | changed)
