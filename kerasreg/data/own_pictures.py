"""The project's own pictures, whose content is known exactly, and two photographs."""

import json
from pathlib import Path

import numpy as np

from kerasreg.checks import check_one_of, check_whole_number
from kerasreg.data.images import read_picture, scaled_down

OWN_PICTURES = ("beach", "butterfly", "crowd", "knitting", "sea", "stripes")
PHOTOGRAPHS = ("china", "flower")
_PACKAGE = Path(__file__).parents[1]


def own_picture(name: str, *, largest: int = 384) -> np.ndarray:
    """Returns one of the pictures that `images/make_images.py` draws from fixed seeds.

    Args:
        name: `"beach"`, `"butterfly"` (an eye spot on a wing), `"crowd"` (of many colors), `"knitting"`,
            `"sea"` (an oil slick and ships from above: see `sea_truth`) or `"stripes"` (flat colors).
        largest: The longer side of the result in pixels, at most the picture's own.

    Returns:
        Array of shape (height, width, 3), single precision, in [0, 1]; by default (256, 384, 3) for the
        beach and the sea, and (256, 256, 3) for the others.

    Raises:
        InvalidInput: If there is no picture of that name; the message lists them.
    """
    picture = read_picture(_home() / f"{check_one_of('name', name, OWN_PICTURES)}.png")
    return _no_larger(picture, largest)


def sea_truth() -> tuple[np.ndarray, np.ndarray]:
    """Returns what is in the picture `"sea"`.

    Returns:
        The ships' centers, shape (n, 2), as (row, column) in pixels; and the oil slick, a boolean array
        of shape (256, 384).
    """
    ships = json.loads((_home() / "sea.json").read_text(encoding="utf-8"))["ships"]
    slick = read_picture(_home() / "sea_slick.png")[..., 0] > 0
    return np.array(ships), slick


def photograph(name: str, *, largest: int = 512) -> np.ndarray:
    """Returns one of the two photographs that come with scikit-learn, scaled down.

    Args:
        name: `"china"` (a palace) or `"flower"` (a dahlia).
        largest: The longer side of the result in pixels, at most 640, the photographs' own.

    Returns:
        Array of shape (height, width, 3), single precision, in [0, 1]; (342, 512, 3) by default.

    Raises:
        InvalidInput: If there is no photograph of that name.
    """
    from sklearn.datasets import load_sample_image

    picture = read_picture(load_sample_image(f"{check_one_of('name', name, PHOTOGRAPHS)}.jpg"), largest=None)
    return _no_larger(picture, largest)


def _no_larger(picture: np.ndarray, largest: int) -> np.ndarray:
    side = max(picture.shape[:2])
    return picture if check_whole_number("largest", largest) >= side else scaled_down(picture, largest)


def _home() -> Path:
    """Returns where the pictures lie: in the package that was installed, or in the clone beside it."""
    installed = _PACKAGE / "images"
    return installed if installed.is_dir() else _PACKAGE.parent / "images"
