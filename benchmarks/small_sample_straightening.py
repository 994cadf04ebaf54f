"""Handwritten digits moved to the middle and straightened, each by its own moments."""

import numpy as np
from scipy.ndimage import affine_transform

KEPT = 24  # pixels of 28, down and across: nothing of a digit is left outside


def straightened(pictures: np.ndarray) -> np.ndarray:
    """Takes the slant out of each picture, with its center of mass in the middle.

    It uses neither labels nor other pictures, so that it is the same for training and for test images. The
    slant is the slope of the line by which the column of a bright pixel follows from its row, in the
    sense of least squares.

    Args:
        pictures: Gray levels in [0, 1] on a background of 0, shape (n, height, width, 1), height and width
            at least `KEPT`; each has some pixel above 0.

    Returns:
        The middle of the straightened pictures, shape (n, KEPT, KEPT, 1).

    Reference:
        LeCun, Bottou, Bengio & Haffner, Gradient-Based Learning Applied to Document Recognition,
        Proceedings of the IEEE 86, 1998, section III.A: deslanting by moments of inertia.
    """
    result = np.empty((len(pictures), KEPT, KEPT, 1), np.float32)
    rows, columns = np.mgrid[: pictures.shape[1], : pictures.shape[2]]
    middle = np.full(2, (KEPT - 1) / 2)
    for place, picture in enumerate(pictures[..., 0]):
        share = picture / picture.sum()
        center = np.array([(rows * share).sum(), (columns * share).sum()])
        down, across = rows - center[0], columns - center[1]
        variance = (down**2 * share).sum()
        slope = (down * across * share).sum() / variance if variance else 0.0
        backward = np.array([[1.0, 0.0], [slope, 1.0]])  # from a pixel of the result to where it comes from
        result[place, ..., 0] = affine_transform(
            picture, backward, offset=center - backward @ middle, output_shape=(KEPT, KEPT), order=1
        )
    return result
