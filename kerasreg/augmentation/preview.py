"""Several draws of each strategy of augmentation on one picture, to look at."""

from collections.abc import Mapping

import numpy as np

from kerasreg.augmentation.strategies import Strategy, augmented
from kerasreg.augmentation.strengths import Augmentation
from kerasreg.checks import InvalidInput, check_numbers, check_whole_number, shown
from kerasreg.records import Split
from kerasreg.records.augmentation_preview import AugmentationPreview
from kerasreg.seeds import derive_seed

# Strengths at which each change is seen well, and a digit stays the digit that it is.
SHOWN = {
    "translation": 0.1,
    "rotation": 15.0,
    "shear": 0.25,
    "zoom": 0.15,
    "elastic": 0.05,
    "brightness": 0.2,
    "contrast": 0.5,
    "saturation": 0.5,
    "hue": 60.0,
    "channel_permutation": 1.0,
    "palette": 0.5,
    "noise": 0.1,
    "erasing": 1.0,
}
OF_COLOR = ("brightness", "contrast", "saturation", "hue", "channel_permutation", "palette")
TOGETHER = 0.4  # how strong each is among all the others
LARGEST = 128  # pixels; more are not seen in a figure of many pictures


def preview_augmentations(
    split: Split | np.ndarray,
    strategies: Mapping[str, Strategy] | None = None,
    *,
    draws: int = 6,
    row: int = 0,
    seed: int = 0,
) -> AugmentationPreview:
    """Changes one picture several times by each strategy.

    Args:
        split: A data set of pictures in [0, 1] with 1 or 3 channels; or one picture, an array of shape
            (height, width) or (height, width, channels). One of more than 128 pixels is made smaller.
        strategies: What to show: for each name an `Augmentation`, a Keras layer or a function from pictures
            to pictures, as `kerasreg.augmentation.augmented` takes them. By default each change
            alone, and all together at 0.4 of the strength; those of colors for color pictures only.
        draws: How many times to change it by each strategy, at least 1.
        row: Which training picture of the data set to show.
        seed: Seed of the draws, a whole number >= 0.

    Raises:
        InvalidInput: If the picture, or a strategy, cannot be used.
    """
    check_whole_number("draws", draws)
    check_whole_number("seed", seed, minimum=0)
    original = _smaller(_picture_of(split, row))
    if strategies is None:
        strategies = _usual(original.shape[-1])
    if not isinstance(strategies, Mapping) or not strategies:
        raise InvalidInput(
            'strategies must be one or more strategies by name, such as {"mine": function}; '
            f"received {shown(strategies)}."
        )
    same = np.repeat(original[None], draws, axis=0)
    changed = [
        augmented(same, strategy, seed=derive_seed(seed, name)) for name, strategy in strategies.items()
    ]
    return AugmentationPreview(
        names=tuple(strategies), original=original, pictures=np.stack(changed), seed=seed
    )


def _picture_of(split: Split | np.ndarray, row: int) -> np.ndarray:
    if isinstance(split, Split):
        check_whole_number("row", row, minimum=0)
        if row >= len(split.x_train):
            raise InvalidInput(f"row must be below {len(split.x_train)}, the training rows; received {row}.")
        picture = split.x_train[row]
    else:
        picture = check_numbers("A picture", split)
    if picture.ndim == 2:
        picture = picture[..., None]
    if picture.ndim != 3 or picture.shape[-1] not in (1, 3) or 0 in picture.shape:
        raise InvalidInput(
            "A preview needs pictures of shape (height, width) or (height, width, channels), with 1 or 3 "
            f"channels, none of them 0; received {picture.shape}."
        )
    return picture


def _smaller(picture: np.ndarray) -> np.ndarray:
    """Returns the picture with square blocks of pixels averaged, so that no side is above `LARGEST`."""
    block = -(-max(picture.shape[:2]) // LARGEST)
    if block == 1:
        return picture
    height, width = picture.shape[0] // block or 1, picture.shape[1] // block or 1
    cut = picture[: height * block, : width * block]
    return cut.reshape(height, -1, width, cut.shape[1] // width, picture.shape[-1]).mean(axis=(1, 3))


def _usual(channels: int) -> dict[str, Augmentation]:
    strengths = {name: value for name, value in SHOWN.items() if channels == 3 or name not in OF_COLOR}
    alone = {
        f"{name.replace('_', ' ')} {value:g}": Augmentation(**{name: value})
        for name, value in strengths.items()
    }
    return alone | {"all together": Augmentation(**strengths).scaled(TOGETHER)}
