"""Detection of ships and of an oil slick in a filtered picture of the sea."""

import numpy as np
from scipy import ndimage
from scipy.special import ndtri

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.experiments.ships.record import METHODS
from kerasreg.filters import box, filter_picture

LEVELS = 64  # thresholds of a blurred picture, in steps of 1/64 of its range
WINDOW = 9  # height and width in pixels, about those of a ship
NEIGHBORS = np.ones((3, 3))  # pixels that touch at a corner are connected


def find_ships(
    picture: np.ndarray, method: str = "spots", *, blur: int = 3, max_pixels: int = 60
) -> np.ndarray:
    """Finds small bright objects on a darker background.

    Both methods blur the picture with a box first.

    - `"laplace"` finds where the Laplacian, after a second blur, is lower than noise: more than z robust
      standard deviations below its median, with z such that noise alone exceeds it in one picture of 20. It
      responds to every bright bend, including the edge of a slick.
    - `"spots"` finds connected regions of at most `max_pixels` pixels above one of 64 thresholds. The height
      of a spot is the range of thresholds at which it is such a region. The edge of a slick is none, since
      it is connected to the slick. A spot is a ship if it is higher than noise (Tukey's outer fence of the
      highest spot in each window of 9 x 9), and reaches at least halfway from its surroundings to the
      brightest pixel.

    All thresholds come from the picture itself. In a sea without ships some may still be found.

    Args:
        picture: Gray levels, or colors in [0, 1] that are converted to gray levels: see
            `kerasreg.filters.gray_picture`.
        method: `"spots"` or `"laplace"`.
        blur: Height and width of the box in pixels, odd.
        max_pixels: Maximum area of a ship in pixels, after the blur; only for `"spots"`.

    Returns:
        Positions (row, column) of the ships, shape (ships, 2), in double precision.

    Raises:
        InvalidInput: If an argument is not accepted.

    Reference:
        Tukey, Exploratory Data Analysis, 1977 (fences: three interquartile ranges beyond a quartile).
        Vincent, Grayscale Area Openings and Closings, Their Efficient Implementation and Applications,
        EURASIP Workshop on Mathematical Morphology, 1993 (regions by their area at every level).

    Example:
    >>> sea = np.zeros((40, 40))
    >>> sea[10:13, 20:25] = 1
    >>> find_ships(sea).round(6).tolist()
    [[11.0, 22.0]]
    """
    check_one_of("method", method, METHODS)
    check_whole_number("max_pixels", max_pixels)
    blurred = filter_picture(picture, box(blur), "nearest")
    if method == "laplace":
        twice = filter_picture(blurred, box(blur), "nearest")
        bend = -filter_picture(twice, "laplace", "nearest")
        median = np.median(bend)
        deviation = np.median(np.abs(bend - median)) / ndtri(0.75)  # of a normal distribution
        regions, count = ndimage.label(bend > median + ndtri(1 - 0.05 / bend.size) * deviation, NEIGHBORS)
        return _centers(bend, regions, np.arange(1, count + 1))
    heights = _spot_heights(blurred, max_pixels)
    # The highest spot around each pixel, so that noise counts in proportion to its area
    lower, upper = np.percentile(ndimage.maximum_filter(heights, WINDOW), [25, 75])
    regions, count = ndimage.label(heights > upper + 3 * (upper - lower), NEIGHBORS)
    numbers = np.arange(1, count + 1)
    height, top = (ndimage.maximum(values, regions, numbers) for values in (heights, blurred))
    ground = top - height
    return _centers(heights, regions, numbers[height >= 0.5 * (blurred.max() - ground)])


def outline_slick(picture: np.ndarray, *, blur: int = 3, dark: bool = False) -> np.ndarray:
    """Finds the slick: the largest connected region of a blurred picture above Otsu's threshold.

    The threshold separates the gray levels into two classes with the largest variance between them. It does
    so in any picture, whether there is a slick or not.

    Args:
        picture: Gray levels, or colors in [0, 1] that are converted to gray levels.
        blur: Height and width of the box in pixels, odd.
        dark: Whether the slick is darker than the sea, as in radar pictures.

    Returns:
        Mask of the slick with holes filled, booleans of shape (height, width).

    Raises:
        InvalidInput: If an argument is not accepted, or all pixels have the same gray level.

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
    regions, _ = ndimage.label(blurred > _otsu(blurred))
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    return ndimage.binary_fill_holes(regions == sizes.argmax())


def _spot_heights(blurred: np.ndarray, max_pixels: int) -> np.ndarray:
    """Returns the range of thresholds at which each pixel is in a region of at most `max_pixels` pixels."""
    low, high = blurred.min(), blurred.max()
    step = (high - low) / LEVELS
    heights = np.zeros_like(blurred)
    for level in low + step * (np.arange(LEVELS) + 0.5):
        regions, _ = ndimage.label(blurred > level)
        sizes = np.bincount(regions.ravel())
        small = sizes <= max_pixels
        small[0] = False  # the pixels below the threshold
        heights += step * small[regions]
    return heights


def _otsu(values: np.ndarray) -> float:
    """Returns the threshold with the largest variance between the values above it and the others."""
    ascending = np.sort(values, axis=None)
    if ascending[0] == ascending[-1]:
        raise InvalidInput("All pixels have the same gray level, so there is no slick to outline.")
    below = np.arange(1, ascending.size)
    above = ascending.size - below
    sums = np.cumsum(ascending)[:-1]
    between = below * above * (sums / below - (ascending.sum() - sums) / above) ** 2
    best = between.argmax()
    return (ascending[best] + ascending[best + 1]) / 2


def _centers(weights: np.ndarray, regions: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Returns the center of mass of each numbered region, shape (regions, 2)."""
    return np.reshape(ndimage.center_of_mass(weights, regions, numbers), (-1, 2))
