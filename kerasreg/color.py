"""Colors as eyes see them: gray levels, CIELAB, and how far two palettes lie apart."""

import numpy as np

from kerasreg.checks import InvalidInput, check_numbers, check_whole_number

# Of red, green and blue: ITU-R BT.601's luma, rounded as in the course.
GRAY_WEIGHTS = (0.2989, 0.5870, 0.1140)

# Linear sRGB to CIE XYZ, IEC 61966-2-1. The rows' sums are its white, D65.
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_BASES = 16  # orthonormal bases of three directions each


def to_gray(picture: np.ndarray) -> np.ndarray:
    """Returns the gray level of each pixel.

    Args:
        picture: Red, green and blue in [0, 1], shape (..., 3).

    Returns:
        0.2989 red + 0.5870 green + 0.1140 blue, shape (...). White comes to 0.9999.

    Raises:
        InvalidInput: If the last axis is not 3, or a value lies outside [0, 1].

    Reference:
        ITU-R Recommendation BT.601.
    """
    return _checked(picture) @ np.array(GRAY_WEIGHTS, dtype=np.float32)


def to_lab(picture: np.ndarray) -> np.ndarray:
    """Returns the colors in CIELAB, where equal distances look about equally large.

    Args:
        picture: sRGB's red, green and blue in [0, 1], shape (..., 3).

    Returns:
        L* from 0 (black) to 100 (white), a* (green to red) and b* (blue to yellow), float32 of shape
        (..., 3), for daylight (D65). A distance of about 2.3 is just noticeable.

    Raises:
        InvalidInput: If the last axis is not 3, or a value lies outside [0, 1].

    Reference:
        IEC 61966-2-1 (sRGB); ISO/CIE 11664-4 (CIELAB).
        Mahy, Van Eycken and Oosterlinck, Evaluation of Uniform Color Spaces, Color Research and Application
        19, 1994 (2.3).

    Example:
    >>> to_lab([1.0, 0.0, 0.0]).round(1).tolist() == np.float32([53.2, 80.1, 67.2]).tolist()
    True
    """
    encoded = _checked(picture).astype(float)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    relative = linear @ _XYZ.T / _XYZ.sum(axis=1)
    edge = 6 / 29  # where the cube root gives way to its tangent
    bent = np.where(relative > edge**3, np.cbrt(relative), relative / (3 * edge**2) + 4 / 29)
    x, y, z = np.moveaxis(bent, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def palette_distance(first: np.ndarray, second: np.ndarray, *, seed: int = 0) -> float:
    """Returns how far the colors of two pictures lie apart in CIELAB, wherever in the picture they are.

    It is the sliced Wasserstein distance of order 2 times the square root of 3: colors are projected on
    many directions, where the cheapest way to move one distribution into the other is known. It never
    exceeds the Wasserstein distance itself, and equals it where one palette is the other one shifted, or
    where both are gray.

    Args:
        first: sRGB in [0, 1], shape (..., 3).
        second: The same of another picture, of any size.
        seed: Seed of the 48 directions, a whole number >= 0.

    Returns:
        A distance in units of CIELAB, at least 0.

    Raises:
        InvalidInput: If a picture holds no pixel, its last axis is not 3, or a value lies outside [0, 1].

    Reference:
        Bonneel, Rabin, Peyré and Pfister, Sliced and Radon Wasserstein Barycenters of Measures, Journal of
        Mathematical Imaging and Vision 51, 2015.

    Example:
    >>> black, gray, white = np.zeros((4, 3)), np.full((2, 3), 0.5), np.ones((5, 3))
    >>> round(palette_distance(black, white)), round(palette_distance(black, gray))
    (100, 53)
    """
    return distance_of_palettes(palette_of(first, seed=seed), palette_of(second, seed=seed))


def palette_of(picture: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Returns what `palette_distance` compares, to be had once for a picture that is compared often.

    Args:
        picture: sRGB in [0, 1], shape (..., 3).
        seed: Seed of the 48 directions, a whole number >= 0.

    Returns:
        How far each pixel lies along each direction of CIELAB, ascending, shape (48, pixels).

    Raises:
        InvalidInput: If the picture holds no pixel, its last axis is not 3, or a value lies outside [0, 1].
    """
    colors = to_lab(picture).reshape(-1, 3)
    if not len(colors):
        raise InvalidInput(f"A picture must hold at least one pixel; received shape {np.shape(picture)}.")
    return np.sort(_directions(seed) @ colors.T, axis=1)


def distance_of_palettes(first: np.ndarray, second: np.ndarray) -> float:
    """Returns the `palette_distance` of two pictures from their `palette_of`, of one seed."""
    sizes = first.shape[1], second.shape[1]
    # The quantiles of both are steps: between two neighboring edges neither changes.
    edges = np.union1d(*(np.arange(size + 1) / size for size in sizes))
    middles = (edges[1:] + edges[:-1]) / 2
    a, b = (
        palette.take((middles * size).astype(int), axis=1)
        for palette, size in zip((first, second), sizes, strict=True)
    )
    squares = np.square(a - b, dtype=float) @ np.diff(edges)
    return float(np.sqrt(3 * squares.mean()))


def _directions(seed: int) -> np.ndarray:
    """Returns directions in space, shape (48, 3), in threes that are at right angles.

    So the squares of the projections of any vector on three of them sum to its own square, and no luck of
    the draw is left in the distance of shifted palettes.
    """
    generator = np.random.default_rng(check_whole_number("seed", seed, minimum=0))
    numbers = generator.normal(size=(_BASES, 3, 3))
    return np.linalg.qr(numbers)[0].reshape(-1, 3).astype(np.float32)


def _checked(picture: np.ndarray) -> np.ndarray:
    """Returns the picture as float32, or refuses it."""
    picture = check_numbers("Colors", picture).astype(np.float32)
    if picture.ndim < 1 or picture.shape[-1] != 3:
        raise InvalidInput(
            f"Colors must have a last axis of 3, for red, green and blue; received shape {picture.shape}."
        )
    if picture.size and not (picture.min() >= 0 and picture.max() <= 1):  # NaN fails too
        raise InvalidInput(
            f"Colors must lie in [0, 1]; received values from {picture.min():g} to {picture.max():g}. "
            "Divide whole numbers up to 255 by 255."
        )
    return picture
