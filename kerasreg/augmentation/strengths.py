"""How far pictures may be changed while training, as numbers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from kerasreg.checks import InvalidInput, check_number, entries, shown

COLOR_KNOBS = ("saturation", "hue", "channel_permutation", "palette")


def check_up_to_1(name: str, value: object) -> float:
    """Returns `value` as a float, or raises `InvalidInput` unless it is a number from 0 to 1."""
    number = check_number(name, value)
    if number > 1:
        raise InvalidInput(f"{name} must be a number from 0 to 1; received {shown(value)}.")
    return number


def check_picture(shape: tuple[int, ...]) -> None:
    """Raises `InvalidInput` unless examples of this shape are pictures."""
    if len(entries(shape)) != 3:
        raise InvalidInput(
            "augmentation needs pictures of shape (height, width, channels); "
            f"received input_shape {shown(shape)}. Leave it at None."
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Augmentation:
    """How far each picture may be moved, bent, recolored and spoilt while training.

    Every picture of a batch gets its own random changes at every step, in the order of the arguments:
    geometry, colors, noise, erasing. 0 switches a change off. What comes in from outside the picture
    is 0, the background of MNIST and of the digits. From `brightness` on, values are those of pictures in
    [0, 1], and what would leave this range is clipped.

    Args:
        translation: Largest shift, down and across independently, as a fraction of the height and of
            the width, in [0, 1). Drawn evenly from [-translation, translation].
        rotation: Largest turn in degrees, either way, in [0, 180].
        shear: Largest slant, either way, in [0, 1): how far a row moves to the side for each row that it is
            away from the middle one. With rotation and zoom it makes the affine maps, but for a
            stretch along one axis.
        zoom: Largest change of size, as a fraction, in [0, 1): with 0.1 the result shows between 90 %
            and 110 % of the picture's height and width.
        elastic: Standard deviation of each pixel's shift in an elastic deformation, down as a fraction
            of the height and across as a fraction of the width, in [0, 1). Pixels within about 4/29 of the
            picture move together. The paper's best setting for MNIST comes to about 0.05.
        brightness: Largest number added to all values of a picture, either way, in [0, 1].
        contrast: Largest change of each value's distance from its channel's mean, as a fraction of it, either
            way, in [0, 1]. A picture of one pixel has none.
        saturation: How far from gray to full colors, in [0, 1]. The saturation of each pixel (of HSV) is
            multiplied by f / (1 - f), f drawn evenly from [(1 - saturation) / 2, (1 + saturation) / 2]:
            between a third and 3 with 0.5; 1 goes from gray to the fullest colors.
        hue: Largest turn of the circle of hues in degrees, either way, in [0, 180].
        channel_permutation: Probability that red, green and blue get a new order, in [0, 1]. Each of the six
            orders is equally likely then, the old one too.
        palette: Largest entry, either way, of a random affine map of the colors, in [0, 1]: a color c
            becomes c + M (c - 1/2) + b / 2, the 9 entries of M and the 3 of b drawn evenly from
            [-palette, palette] for each picture.
        noise: Standard deviation of the normal noise added to every value, in [0, 1].
        erasing: Probability that a rectangle of the picture is set to 0, in [0, 1]. Its height and its width
            are the square roots of fractions drawn evenly from 0.02 to 0.33.

    Raises:
        InvalidInput: If a value is outside its range.

    Reference:
        Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to
        Visual Document Analysis", ICDAR 2003, section 2, for affine and elastic distortions.
        Zhong, Zheng, Kang, Li and Yang, "Random Erasing Data Augmentation", AAAI 2020, for erasing.

    Example:
    >>> Augmentation(translation=0.1, rotation=10).scaled(0.5)
    Augmentation(translation=0.05, rotation=5.0)
    """

    translation: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0
    elastic: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    channel_permutation: float = 0.0
    palette: float = 0.0
    noise: float = 0.0
    erasing: float = 0.0

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name in ("translation", "shear", "zoom", "elastic"):
                number = check_number(name, value, below=1.0)
            elif name in ("rotation", "hue"):
                number = check_number(name, value)
                if number > 180:
                    raise InvalidInput(
                        f"{name} must be a number of degrees from 0 to 180; received {number:g}."
                    )
            else:
                number = check_up_to_1(name, value)
            object.__setattr__(self, name, number)

    def __repr__(self) -> str:
        return f"Augmentation({', '.join(f'{name}={value!r}' for name, value in self.to_dict().items())})"

    def scaled(self, strength: float) -> "Augmentation":
        """Returns the same changes, each `strength` times as large; 0 is none at all.

        Args:
            strength: A number of at least 0.

        Raises:
            InvalidInput: If `strength` is negative or takes a change out of its range.
        """
        factor = check_number("strength", strength)
        return Augmentation(**{name: factor * value for name, value in self.to_dict().items()})

    def check_suits(self, shape: tuple[int, ...]) -> None:
        """Raises `InvalidInput` unless examples of this shape are pictures that can be changed so.

        Args:
            shape: Shape of one example.
        """
        if self != Augmentation():
            check_picture(shape)
        of_colors = [name for name in COLOR_KNOBS if getattr(self, name)]
        if of_colors and shape[-1] != 3:
            raise InvalidInput(
                f"augmentation by {' and '.join(of_colors)} needs pictures of 3 channels: red, green and "
                f"blue; received input_shape {shape}. Leave it at 0."
            )

    def to_dict(self) -> dict[str, float]:
        """Returns the changes that are not switched off, by name, as JSON can hold them."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_dict(cls, values: dict[str, float]) -> "Augmentation":
        """Makes an `Augmentation` from what `to_dict` returned.

        Raises:
            InvalidInput: If it is no dict, a name is no change of pictures, or a value is outside its range.
        """
        if not isinstance(values, Mapping):
            raise InvalidInput(
                f"An Augmentation is made from a dict, such as {{'noise': 0.1}}; received {shown(values)}."
            )
        unknown = sorted(map(str, set(values) - set(cls.__dataclass_fields__)))
        if unknown:
            accepted = ", ".join(cls.__dataclass_fields__)
            raise InvalidInput(f"Augmentation has no {', '.join(unknown)}; it has {accepted}.")
        return cls(**values)
