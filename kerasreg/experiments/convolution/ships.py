"""Ships and an oil slick in a picture of the sea, found in the filtered picture."""

import numpy as np
from scipy import ndimage
from scipy.special import ndtri

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.filters import box, filter_picture
from kerasreg.records.ships import WAYS

LEVELS = 64  # at which a blurred picture is cut: steps of 1/64 of its range
WINDOW = 9  # pixels a side, about a ship
NEIGHBOURS = np.ones((3, 3))  # pixels that touch at a corner belong together


def find_ships(picture: np.ndarray, way: str = "spots", *, blur: int = 3, largest: int = 60) -> np.ndarray:
    """Finds small bright things on a darker ground.

    Both ways blur the picture with a box. What is looked for then is bright, and

    - `"laplace"`: where the Laplacian, after a second blur, is lower than noise gets: more than z robust
      standard deviations below its median, z such that noise alone would come to that in one picture of 20.
      It answers to every bright bend, the edge of a slick too.
    - `"spots"`: a piece of at most `largest` pixels wherever the picture is cut at one of 64 levels. Its
      height is the range of levels at which it is such a piece. The edge of a slick is none, as the slick
      hangs on it. A spot is a ship if it is higher than noise gets (Tukey's outer fence of the highest in
      each window of 9 x 9), and reaches at least halfway from its surroundings to the brightest pixel.

    All thresholds come from the picture itself. A sea without ships may still give one or another.

    Args:
        picture: Grey levels, or colours in [0, 1] that are made grey first: see
            `kerasreg.filters.gray_picture`.
        way: `"spots"` or `"laplace"`.
        blur: Height and width of the box in pixels, odd.
        largest: Pixels that a ship covers at most, blurred as it is. Only for `"spots"`.

    Returns:
        The ships' (row, column), shape (ships, 2), in double precision.

    Raises:
        InvalidInput: If an argument cannot be used.

    Reference:
        Tukey, Exploratory Data Analysis, 1977 (fences: three interquartile ranges beyond a quartile).
        Vincent, Grayscale Area Openings and Closings, Their Efficient Implementation and Applications,
        EURASIP Workshop on Mathematical Morphology, 1993 (pieces by their area at every level).

    Example:
    >>> sea = np.zeros((40, 40))
    >>> sea[10:13, 20:25] = 1
    >>> find_ships(sea).round(6).tolist()
    [[11.0, 22.0]]
    """
    check_one_of("way", way, WAYS)
    check_whole_number("largest", largest)
    blurred = filter_picture(picture, box(blur), "nearest")
    if way == "laplace":
        twice = filter_picture(blurred, box(blur), "nearest")
        bend = -filter_picture(twice, "laplace", "nearest")
        median = np.median(bend)
        deviation = np.median(np.abs(bend - median)) / ndtri(0.75)  # of a normal distribution
        pieces, count = ndimage.label(bend > median + ndtri(1 - 0.05 / bend.size) * deviation, NEIGHBOURS)
        return _centres(bend, pieces, np.arange(1, count + 1))
    heights = _spot_heights(blurred, largest)
    # The highest spot around each pixel: so noise counts as often as it has room to.
    lower, upper = np.percentile(ndimage.maximum_filter(heights, WINDOW), [25, 75])
    pieces, count = ndimage.label(heights > upper + 3 * (upper - lower), NEIGHBOURS)
    numbers = np.arange(1, count + 1)
    height, top = (ndimage.maximum(values, pieces, numbers) for values in (heights, blurred))
    ground = top - height
    return _centres(heights, pieces, numbers[height >= 0.5 * (blurred.max() - ground)])


def outline_slick(picture: np.ndarray, *, blur: int = 3, dark: bool = False) -> np.ndarray:
    """Finds the slick: the largest piece of a blurred picture that is brighter than Otsu's threshold.

    The threshold parts the picture's grey levels into two classes with the most variance between them. It
    does so in any picture: whether there is a slick at all is not asked.

    Args:
        picture: Grey levels, or colours in [0, 1] that are made grey first.
        blur: Height and width of the box in pixels, odd.
        dark: Whether the slick is darker than the sea, as in radar pictures.

    Returns:
        Which pixels belong to it, holes filled, booleans of shape (height, width).

    Raises:
        InvalidInput: If an argument cannot be used, or all pixels have one grey level.

    Reference:
        Otsu, A Threshold Selection Method from Gray-Level Histograms, IEEE Transactions on Systems, Man, and
        Cybernetics 9, 1979.

    Example:
    >>> sea = np.zeros((20, 20))
    >>> sea[5:15, 5:15] = 1
    >>> int(outline_slick(sea).sum())
    96
    """
    blurred = filter_picture(picture, box(blur), "nearest")
    if dark:
        blurred = -blurred
    pieces, _ = ndimage.label(blurred > _otsu(blurred))
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return ndimage.binary_fill_holes(pieces == sizes.argmax())


def _spot_heights(blurred: np.ndarray, largest: int) -> np.ndarray:
    """Returns over how wide a range of levels each pixel belongs to a piece of at most `largest` pixels."""
    low, high = blurred.min(), blurred.max()
    step = (high - low) / LEVELS
    heights = np.zeros_like(blurred)
    for level in low + step * (np.arange(LEVELS) + 0.5):
        pieces, _ = ndimage.label(blurred > level)
        sizes = np.bincount(pieces.ravel())
        small = sizes <= largest
        small[0] = False  # what is darker than the level
        heights += step * small[pieces]
    return heights


def _otsu(values: np.ndarray) -> float:
    """Returns the threshold with the most variance between the values above it and the others."""
    ascending = np.sort(values, axis=None)
    if ascending[0] == ascending[-1]:
        raise InvalidInput("All pixels have the same grey level, so that no slick stands out.")
    below = np.arange(1, ascending.size)
    above = ascending.size - below
    sums = np.cumsum(ascending)[:-1]
    between = below * above * (sums / below - (ascending.sum() - sums) / above) ** 2
    best = between.argmax()
    return (ascending[best] + ascending[best + 1]) / 2


def _centres(weights: np.ndarray, pieces: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Returns the centre of mass of each numbered piece, shape (pieces, 2)."""
    return np.reshape(ndimage.center_of_mass(weights, pieces, numbers), (-1, 2))
