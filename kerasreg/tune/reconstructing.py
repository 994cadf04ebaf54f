"""What a trained autoencoder makes of a few test pictures, and of the picture its patches came from."""

import math

import keras
import numpy as np

from kerasreg.checks import InvalidInput, shown
from kerasreg.data.images import scaled_down
from kerasreg.patches import redraw
from kerasreg.population import without_retracing_advice
from kerasreg.records import Reconstructions, Split

MOST_PICTURES = 8
MOST_NUMBERS = 20_000  # of the test pictures that results.json holds
LONGEST_SIDE = 160  # of the whole picture there, in pixels


def check_picture(picture: np.ndarray | None, split: Split, *, model: str) -> None:
    """Raises `InvalidInput` unless `split` can hold the patches of `picture`."""
    if picture is None:
        return
    if not isinstance(picture, np.ndarray):
        raise InvalidInput(
            "picture must be an array of shape (height, width, 3), as read_picture returns it; received "
            f"{shown(picture)}."
        )
    shape = split.input_shape
    suits = len(shape) == 3 and shape[0] == shape[1] and picture.shape[2:] == shape[2:] == (3,)
    if model != "autoencoder" or not suits or min(picture.shape[:2]) < shape[0]:
        raise InvalidInput(
            "picture is for an autoencoder of its square patches; received a picture of shape "
            f"{picture.shape}, the model {model!r} and data of shape {shape}. Leave it out."
        )


def reconstructions_of(
    model: keras.Model, split: Split, picture: np.ndarray | None = None
) -> Reconstructions | None:
    """Returns test pictures, evenly spaced through the test part, before and after the network.

    Args:
        model: A trained autoencoder.
        split: Its data.
        picture: The picture whose patches the data are, of shape (height, width, 3) in [0, 1], or `None`.
            It is rebuilt from patches that overlap by half, which are averaged.

    Returns:
        The pictures, or `None` where a row is no picture of 1 or 3 channels that is small enough.
    """
    shape = split.input_shape
    count = min(MOST_PICTURES, len(split.x_test), MOST_NUMBERS // math.prod(shape))
    if len(shape) != 3 or shape[2] not in (1, 3) or count < 1:
        return None
    originals = split.x_test[np.linspace(0, len(split.x_test) - 1, count).astype(int)]
    rebuilt = _predicted(model, originals)
    if not np.isfinite(rebuilt).all():  # the training diverged
        return None
    whole = {}
    if picture is not None:
        (again,) = redraw(picture, shape[0], lambda patches: [_predicted(model, patches)])
        whole = {"picture": _in_8_bits(picture), "picture_rebuilt": _in_8_bits(again)}
    # More digits would be a larger file and the same picture.
    return Reconstructions(
        originals=np.round(originals.astype(float), 4), rebuilt=np.round(rebuilt.astype(float), 4), **whole
    )


def _predicted(model: keras.Model, x: np.ndarray) -> np.ndarray:
    with without_retracing_advice():
        return model.predict(x, batch_size=1024, verbose=0)


def _in_8_bits(picture: np.ndarray) -> np.ndarray:
    if max(picture.shape[:2]) > LONGEST_SIDE:
        picture = scaled_down(picture.astype(np.float32), LONGEST_SIDE)
    return np.round(255 * picture).astype(np.uint8)
