"""Convolution with fixed kernels by SciPy and by Keras, at several boundaries and in both orders."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from scipy import signal

from kerasreg.checks import InvalidInput, check_one_of, entries, shown
from kerasreg.experiments.convolution.record import Commutation, FilterComparison
from kerasreg.filters import (
    BOUNDARIES,
    MAGNITUDE,
    apply_kernels,
    filter_picture,
    gray_picture,
    kernel_of,
    weights_of,
)

SHOWN = ("box_3", "box_7", "box_15", "laplace", "sharpen", "sobel_x", "sobel_y", MAGNITUDE)
# Names of SciPy's boundaries in np.pad
_PADDING = {
    "constant": "constant",
    "nearest": "edge",
    "reflect": "symmetric",
    "mirror": "reflect",
    "wrap": "wrap",
}


def fixed_convolution(kernel: str | np.ndarray) -> keras.Model:
    """Returns a Keras model of one `Conv2D` whose weights are a fixed kernel.

    `Conv2D` is a cross-correlation, which does not flip its weights. They are the kernel flipped, by 180
    degrees, so that the model convolves.

    Args:
        kernel: Name or array, see `kerasreg.filters.kernel_of`.

    Returns:
        A model from pictures of shape (n, height, width, 1) to shape (n, height - h + 1, width - w + 1, 1)
        for a kernel of shape (h, w), without padding.

    Raises:
        InvalidInput: If `kernel` is not accepted.

    Example:
    >>> fixed_convolution("laplace").count_params()
    9
    """
    values = kernel_of(kernel)
    layer = keras.layers.Conv2D(
        1, values.shape, padding="valid", use_bias=False, trainable=False, name="kernel"
    )
    model = keras.Sequential([keras.Input((None, None, 1)), layer], name="fixed_convolution")
    layer.set_weights([values[::-1, ::-1, None, None].astype(np.float32)])
    return model


def filter_with_keras(
    picture: np.ndarray, kernel: str | np.ndarray, boundary: str = "constant"
) -> np.ndarray:
    """Convolves a picture with a kernel by a Keras `Conv2D`, with the same result as `filter_picture`.

    Args:
        picture: Picture as in `filter_picture`.
        kernel: Kernel as in `filter_picture`.
        boundary: Boundary as in `filter_picture`, by which the picture is padded.

    Returns:
        Array of shape (height, width) in single precision, in which Keras computes.

    Raises:
        InvalidInput: If an argument is not accepted.
    """
    gray = gray_picture(picture)
    check_one_of("boundary", boundary, BOUNDARIES)
    weights = weights_of(kernel)
    margins = [(size // 2, size // 2) for size in weights.shape[1:]]
    padded = np.pad(gray, margins, mode=_PADDING[boundary]).astype(np.float32)[None, :, :, None]
    sides = [keras.ops.convert_to_numpy(fixed_convolution(values)(padded))[0, :, :, 0] for values in weights]
    return sides[0] if len(sides) == 1 else np.hypot(*sides)


def compare_filters(
    picture: np.ndarray,
    kernels: Sequence[str] | Mapping[str, np.ndarray] = SHOWN,
    boundaries: Sequence[str] = BOUNDARIES,
    *,
    data: str = "picture",
) -> FilterComparison:
    """Filters a picture by SciPy and by Keras, for several kernels and boundaries.

    Is a convolution layer with fixed weights the filter of the textbooks? How far into the picture does the
    boundary matter?

    Results count as equal if rounding to single precision explains their difference. A sum of n products,
    whose factors are rounded themselves, is off by at most about (n + 2) u times the sum of the magnitudes of
    the products, with u = 2^-24.

    Args:
        picture: Gray levels, or colors in [0, 1] that are converted to gray levels: see
            `kerasreg.filters.gray_picture`.
        kernels: Names, see `filter_picture`; or a dict of arrays by name.
        boundaries: One or more of `"constant"`, `"nearest"`, `"reflect"`, `"mirror"` and `"wrap"`.
        data: Name of the picture.

    Returns:
        The filtered pictures and the largest differences.

    Raises:
        InvalidInput: If an argument is not accepted.

    Reference:
        Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, section 3.1 (inner products).

    Example:
    >>> record = compare_filters(np.eye(6), ["laplace"], ["nearest", "wrap"])
    >>> record.filtered.shape, record.equal("laplace")
    ((1, 2, 6, 6), True)
    """
    gray = gray_picture(picture)
    for name, chosen in {"kernels": kernels, "boundaries": boundaries}.items():
        listed = list(chosen) if name == "kernels" and isinstance(chosen, Mapping) else entries(chosen)
        if not listed or not all(isinstance(each, str) for each in listed):
            raise InvalidInput(
                f"{name} must be a list of one or more names{', or arrays in a dict' * (name == 'kernels')}; "
                f"received {shown(chosen)}."
            )
    named = kernels if isinstance(kernels, Mapping) else {name: name for name in kernels}
    weights = {name: weights_of(kernel) for name, kernel in named.items()}
    filtered = np.empty((len(named), len(boundaries), *gray.shape))
    difference = np.empty((len(named), len(boundaries)))
    for row, (name, kernel) in enumerate(named.items()):
        for column, boundary in enumerate(boundaries):
            by_keras = filter_with_keras(gray, kernel, boundary)
            filtered[row, column] = apply_kernels(gray, weights[name], boundary)
            difference[row, column] = np.abs(filtered[row, column] - by_keras).max()
    largest = float(np.abs(gray).max())
    return FilterComparison(
        data=data,
        picture=gray,
        kernels=tuple(named),
        boundaries=tuple(boundaries),
        weights=tuple(weights.values()),
        filtered=filtered,
        keras_difference=difference,
        rounding=np.array([_rounding(each, largest) for each in weights.values()]),
    )


def commute(
    picture: np.ndarray,
    first: str | np.ndarray = "box_5",
    second: str | np.ndarray = "laplace",
    boundary: str = "constant",
    *,
    data: str = "picture",
) -> Commutation:
    """Filters a picture in both orders, and once with both kernels convolved with each other.

    Does the order of two filters matter, and can one kernel replace both? In the interior, further from the
    border than both kernels extend together, the order cannot matter; near the border it can, since the
    extension of the picture was not filtered by the first kernel.

    Args:
        picture: Gray levels, or colors in [0, 1] that are converted to gray levels: see
            `kerasreg.filters.gray_picture`.
        first: Name or array of the first kernel, see `kerasreg.filters.kernel_of`.
        second: Name or array of the second kernel.
        boundary: Extension of the picture beyond its border, see `filter_picture`.
        data: Name of the picture.

    Returns:
        The three results.

    Raises:
        InvalidInput: If an argument is not accepted, or the picture is too small to have an interior.

    Reference:
        Gonzalez and Woods, Digital Image Processing, chapter 3 (spatial filtering).

    Example:
    >>> commute(np.eye(12), boundary="wrap").equal
    True
    """
    gray = gray_picture(picture)
    kernels = [kernel_of(kernel) for kernel in (first, second)]
    joined = signal.convolve2d(*kernels)
    margin = max(joined.shape) // 2
    if min(gray.shape) <= 2 * margin:
        raise InvalidInput(
            f"The kernels extend {margin} pixels together, and a picture of {gray.shape[0]} x "
            f"{gray.shape[1]} has no pixel that far from its border; give one of at least {2 * margin + 1} "
            "pixels a side."
        )
    forth, back = (
        filter_picture(filter_picture(gray, one, boundary), other, boundary)
        for one, other in (kernels, kernels[::-1])
    )
    terms = sum(kernel.size for kernel in kernels)
    weight = np.prod([np.abs(kernel).sum() for kernel in kernels])
    return Commutation(
        data=data,
        picture=gray,
        kernels=tuple(
            kernel if isinstance(kernel, str) else f"a kernel of {values.shape[0]} x {values.shape[1]}"
            for kernel, values in zip((first, second), kernels, strict=True)
        ),
        boundary=boundary,
        margin=margin,
        forth=forth,
        back=back,
        joined=filter_picture(gray, joined, boundary),
        rounding=float(2 * (terms + joined.size) * np.finfo(float).eps * weight * np.abs(gray).max()),
    )


def _rounding(weights: np.ndarray, largest: float) -> float:
    """Returns the largest change of a pixel of the filtered picture by single precision."""
    count, *shape = weights.shape
    bound = (np.prod(shape) + 2) * 2.0**-24 * np.abs(weights).sum(axis=(1, 2)).max() * largest
    # The length of a vector changes by no more than the vector, whose two components are both rounded; 1.5
    # is the root of 2 and a little for the rounding of the length itself.
    return float(1.5 * bound if count == 2 else bound)
