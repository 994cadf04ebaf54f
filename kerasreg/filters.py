"""Filters of pictures: named kernels and their convolution by SciPy."""

import re

import numpy as np

from kerasreg.checks import InvalidInput, check_numbers, check_one_of, shown
from kerasreg.color import to_gray

BOUNDARIES = ("constant", "nearest", "reflect", "mirror", "wrap")
MAGNITUDE = "sobel_magnitude"

# As for a convolution, which flips them: Sobel's are right minus left and lower minus upper.
_KERNELS = {
    "laplace": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "sobel_x": ((1, 0, -1), (2, 0, -2), (1, 0, -1)),
    "sobel_y": ((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
}


def box(size: int) -> np.ndarray:
    """Returns the kernel of a box blur: the mean of `size` x `size` pixels.

    Args:
        size: Height and width in pixels, an odd number of at least 1.

    Raises:
        InvalidInput: If `size` is something else.
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1 or size % 2 == 0:
        raise InvalidInput(
            f"The size of a box must be an odd number of pixels of at least 1, so that it has a center; "
            f"received {shown(size)}."
        )
    return np.full((size, size), 1 / size**2)


def kernel_of(kernel: str | np.ndarray) -> np.ndarray:
    """Returns a kernel by its name, or checks an array.

    Args:
        kernel: `"box_N"` with an odd N, such as `"box_5"`; `"laplace"`, `"sharpen"` (the picture minus its
            Laplacian), `"sobel_x"` (right minus left, over three rows) or `"sobel_y"` (lower minus upper,
            over three columns); or an array of odd height and width.

    Returns:
        Array of shape (height, width) in double precision.

    Raises:
        InvalidInput: If there is no such name, or the array is not a kernel.
    """
    if isinstance(kernel, str):
        if found := re.fullmatch(r"box_(\d+)", kernel):
            return box(int(found[1]))
        if kernel not in _KERNELS:
            raise InvalidInput(
                f"kernel must be 'box_N' with an odd N, {', '.join(map(repr, _KERNELS))}, or an array; "
                f"received {shown(kernel)}."
            )
        return np.array(_KERNELS[kernel], dtype=float)
    array = check_numbers("A kernel", kernel).astype(float)
    if array.ndim != 2 or 0 in array.shape or not all(size % 2 for size in array.shape):
        raise InvalidInput(
            "A kernel must have shape (height, width), both odd so that it has a center; "
            f"received shape {array.shape}."
        )
    if not np.isfinite(array).all():
        raise InvalidInput("A kernel must hold finite numbers; this one holds NaN or infinity.")
    return array


def weights_of(kernel: str | np.ndarray) -> np.ndarray:
    """Returns the kernel, shape (1, height, width), or the two kernels of `"sobel_magnitude"`."""
    magnitude = isinstance(kernel, str) and kernel == MAGNITUDE
    return np.array([kernel_of(one) for one in (("sobel_x", "sobel_y") if magnitude else (kernel,))])


def gray_picture(picture: np.ndarray) -> np.ndarray:
    """Returns a picture as gray levels in double precision, shape (height, width).

    Args:
        picture: Gray levels of shape (height, width) or (height, width, 1), any finite numbers; or colors in
            [0, 1] of shape (height, width, 3), which `kerasreg.color.to_gray` converts.

    Raises:
        InvalidInput: If it is not such an array.
    """
    array = check_numbers("A picture", picture)
    if array.ndim == 3 and array.shape[2] == 3:
        array = to_gray(array)
    elif array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2 or 0 in array.shape:
        raise InvalidInput(
            "A picture must have shape (height, width), (height, width, 1) or (height, width, 3), none of "
            f"them 0; received shape {np.shape(picture)}."
        )
    if not np.isfinite(array).all():
        raise InvalidInput("A picture must hold finite numbers; this one holds NaN or infinity.")
    return array.astype(float)


def filter_picture(picture: np.ndarray, kernel: str | np.ndarray, boundary: str = "constant") -> np.ndarray:
    """Convolves a picture with a kernel.

    A convolution flips the kernel, by 180 degrees, before it applies it to the picture. A Keras `Conv2D` does
    not: it is a cross-correlation, and gives the same result with the kernel flipped
    (`kerasreg.experiments.fixed_convolution`).

    Args:
        picture: Gray levels, or colors in [0, 1] that are converted to gray levels: see `gray_picture`.
        kernel: Name or array, see `kernel_of`; or `"sobel_magnitude"`, the length of the vector (Sobel x,
            Sobel y).
        boundary: Extension of the picture beyond its border: `"constant"` by zeros, `"nearest"` by the pixel
            at the edge, `"reflect"` by mirroring with the edge pixels twice, `"mirror"` with them once,
            `"wrap"` by the opposite side.

    Returns:
        Array of shape (height, width) in double precision.

    Raises:
        InvalidInput: If an argument is not accepted.

    Reference:
        Gonzalez and Woods, Digital Image Processing, chapter 3 (spatial filtering); `scipy.ndimage.convolve`.

    Example:
    >>> step = np.tile([0.0, 0.0, 1.0, 1.0], (4, 1))
    >>> filter_picture(step, "sobel_x", "nearest")[1].tolist()
    [0.0, 4.0, 4.0, 0.0]
    """
    gray = gray_picture(picture)
    check_one_of("boundary", boundary, BOUNDARIES)
    return apply_kernels(gray, weights_of(kernel), boundary)


def apply_kernels(picture: np.ndarray, weights: np.ndarray, boundary: str) -> np.ndarray:
    """Convolves a picture with one kernel, or with two whose results are the components of a vector.

    Args:
        picture: Gray levels, shape (height, width).
        weights: One or two kernels, shape (1 or 2, height, width).
        boundary: Extension of the picture beyond its border, a mode of `scipy.ndimage`.

    Returns:
        The filtered picture, or the length of the vector at each pixel; shape (height, width).
    """
    from scipy import ndimage  # imported on use: records need it only to filter again

    sides = [ndimage.convolve(picture, kernel, mode=boundary) for kernel in weights]
    return sides[0] if len(sides) == 1 else np.hypot(*sides)
