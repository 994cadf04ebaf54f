"""Small networks of every builder, and real digits to train them on."""

import functools

import keras
import numpy as np
from sklearn.datasets import load_digits

from kerasreg.builders import build_autoencoder, build_cnn, build_mlp

SHAPE = (8, 8, 1)
BUILDERS = {
    "mlp": functools.partial(build_mlp, SHAPE, 10, units=(12, 6)),
    "cnn": functools.partial(build_cnn, SHAPE, 10, blocks=[(3,), (4,)], dense_units=(6,)),
    "dense autoencoder": functools.partial(build_autoencoder, SHAPE, units=(12,), bottleneck=5),
    "convolutional autoencoder": functools.partial(
        build_autoencoder, SHAPE, kind="convolutional", filters=(3, 4), bottleneck=5
    ),
    "linear autoencoder": functools.partial(build_autoencoder, SHAPE, kind="linear", bottleneck=5),
}
KNOBS = {
    "l1": 1e-2,
    "l2": 1e-2,
    "proximal_l1": 1e-2,
    "dropout": 0.3,
    "dropconnect": 0.3,
    "noise_std": 0.2,
    "normalization": "batch",
    "label_smoothing": 0.1,
    "max_norm": 0.5,
}
NUMBERS_ALONE = ("l1", "l2", "proximal_l1", "dropout", "noise_std", "label_smoothing", "max_norm")


def applies(builder: str, knob: str) -> bool:
    """Whether the builder accepts the knob: autoencoders have no labels, linear ones no activations."""
    if knob == "label_smoothing":
        return "autoencoder" not in builder
    return not (knob == "normalization" and builder == "linear autoencoder")


EVERY_BUILDER_AND_KNOB = [(builder, knob) for builder in BUILDERS for knob in KNOBS if applies(builder, knob)]


@functools.cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Returns the 1,797 digits, shape (1797, 8, 8, 1) in [0, 1], and their labels."""
    pixels, labels = load_digits(return_X_y=True)
    return (pixels / 16).astype("float32").reshape(-1, *SHAPE), labels


def batch_for(builder: str, rows: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Returns a few digits with their targets: the digits themselves for an autoencoder."""
    x, y = digits()
    return x[:rows], x[:rows] if "autoencoder" in builder else y[:rows]


def train_a_step(model: keras.Model, x: np.ndarray, y: np.ndarray) -> None:
    """Takes one optimizer step; not compiled, because that takes longer than the step."""
    model.run_eagerly = True
    model.train_on_batch(x, y)


def evaluated(model: keras.Model, x: np.ndarray, y: np.ndarray, **options: int) -> dict[str, float]:
    """Returns what Keras measures; not compiled, because that takes longer than the few batches."""
    model.run_eagerly = True
    return model.evaluate(x, y, verbose=0, return_dict=True, **options)


def kernels(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns the kernel of each layer that has one, by the layer's name."""
    return {layer.name: layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")}
