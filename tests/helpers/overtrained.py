"""Records of networks that were trained too long, made up, and the oracle of stopping them."""

from types import SimpleNamespace

import keras
import numpy as np

from kerasreg.experiments.early_stopping.record import Overtraining


def record_of(test, **options):
    """A record whose test error is given, shape (repeats, epochs), and whose training error is half of it."""
    test = np.asarray(test, dtype=float)
    settings = {
        "name": "made up",
        "metric": "mse",
        "curves": {"train": {"mse": (test / 2).tolist()}, "test": {"mse": test.tolist()}},
        "modes": {"mse": "min"},
        "num_rows": {"train": 10, "validation": 0, "test": 100},
        "batch_size": 4,
        "fresh_data": True,
        "irreducible_error": None,
        "twin_difference": None,
        "seed": 0,
        "seconds": 1.0,
    }
    return Overtraining(**(settings | options))


def bowls(repeats=6, epochs=30, *, lowest=10, noise=0.01):
    """Test errors that fall until `lowest` and rise again."""
    random = np.random.default_rng(0)
    bowl = 1 + 0.01 * (np.arange(1, epochs + 1) - lowest) ** 2
    return bowl + noise * random.normal(size=(repeats, epochs))


def keras_stopping(curve, *, patience, min_delta, mode):
    """Epoch restored, epochs trained and whether it stopped, by Keras' own callback driven by hand."""
    weights = iter(range(1, len(curve) + 2))
    model = SimpleNamespace(stop_training=False, get_weights=lambda: next(weights))
    callback = keras.callbacks.EarlyStopping(
        monitor="val_mse", patience=patience, min_delta=min_delta, mode=mode, restore_best_weights=True
    )
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(curve):
        callback.on_epoch_end(epoch, {"val_mse": value})
        if model.stop_training:
            break
    return callback.best_epoch + 1, epoch + 1, model.stop_training
