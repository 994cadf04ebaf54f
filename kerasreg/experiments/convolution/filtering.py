"""One convolution in two libraries, and what changes where the picture ends."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from scipy import signal

from kerasreg.checks import InvalidInput, check_one_of, entries, shown
from kerasreg.experiments.convolution.kernels import (
    BOUNDARIES,
    MAGNITUDE,
    filter_picture,
    grey_picture,
    kernel_of,
    weights_of,
)
from kerasreg.records.filtering import Commutation, FilterComparison, apply_kernels

SHOWN = ("box_3", "box_7", "box_15", "laplace", "sharpen", "sobel_x", "sobel_y", MAGNITUDE)
# What NumPy's pad calls the boundaries of SciPy.
_PADDING = {
    "constant": "constant",
    "nearest": "edge",
    "reflect": "symmetric",
    "mirror": "reflect",
    "wrap": "wrap",
}


def fixed_convolution(kernel: str | np.ndarray) -> keras.Model:
    """Returns a Keras model of one `Conv2D` whose weights are a kernel, and are not trained.

    `Conv2D` is a cross-correlation: it lays its weights on the picture as they are. Its weights are the
    kernel turned round by 180 degrees, so that the model convolves.

    Args:
        kernel: A name or an array, see `kernel_of`.

    Returns:
        A model from pictures of shape (n, height, width, 1) to shape (n, height - h + 1, width - w + 1, 1)
        for a kernel of shape (h, w): nothing is padded.

    Raises:
        InvalidInput: If `kernel` cannot be used.

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
    """Does what `filter_picture` does with a Keras `Conv2D`, on the picture padded for the boundary.

    Args:
        picture: As `filter_picture` takes it.
        kernel: As `filter_picture` takes it.
        boundary: As `filter_picture` takes it.

    Returns:
        An array of shape (height, width) in single precision, which is what Keras computes in.

    Raises:
        InvalidInput: If an argument cannot be used.
    """
    grey = grey_picture(picture)
    check_one_of("boundary", boundary, BOUNDARIES)
    weights = weights_of(kernel)
    margins = [(size // 2, size // 2) for size in weights.shape[1:]]
    padded = np.pad(grey, margins, mode=_PADDING[boundary]).astype(np.float32)[None, :, :, None]
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

    The question: is a convolution layer with fixed weights the filter of the textbooks? And how far into the
    picture does it matter what stands outside?

    Equal means: within what rounding to single precision explains. A sum of n products, of factors that
    are rounded themselves, is off by at most about (n + 2) u times the sum of the products' magnitudes, with
    u = 2^-24.

    Args:
        picture: Grey levels, or colours in [0, 1] that are made grey first: see `grey_picture`.
        kernels: Names, see `filter_picture`; or arrays by names of your own.
        boundaries: One or more of `"constant"`, `"nearest"`, `"reflect"`, `"mirror"` and `"wrap"`.
        data: What the picture is called.

    Returns:
        The filtered pictures and the greatest differences.

    Raises:
        InvalidInput: If an argument cannot be used.

    Reference:
        Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, section 3.1 (inner products).

    Example:
    >>> record = compare_filters(np.eye(6), ["laplace"], ["nearest", "wrap"])
    >>> record.filtered.shape, record.equal("laplace")
    ((1, 2, 6, 6), True)
    """
    grey = grey_picture(picture)
    for name, chosen in {"kernels": kernels, "boundaries": boundaries}.items():
        listed = list(chosen) if name == "kernels" and isinstance(chosen, Mapping) else entries(chosen)
        if not listed or not all(isinstance(each, str) for each in listed):
            raise InvalidInput(
                f"{name} must be a list of one or more names{', or arrays in a dict' * (name == 'kernels')}; "
                f"received {shown(chosen)}."
            )
    named = kernels if isinstance(kernels, Mapping) else {name: name for name in kernels}
    weights = {name: weights_of(kernel) for name, kernel in named.items()}
    filtered = np.empty((len(named), len(boundaries), *grey.shape))
    difference = np.empty((len(named), len(boundaries)))
    for row, (name, kernel) in enumerate(named.items()):
        for column, boundary in enumerate(boundaries):
            by_keras = filter_with_keras(grey, kernel, boundary)
            filtered[row, column] = apply_kernels(grey, weights[name], boundary)
            difference[row, column] = np.abs(filtered[row, column] - by_keras).max()
    largest = float(np.abs(grey).max())
    return FilterComparison(
        data=data,
        picture=grey,
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

    The question: does the order of two filters matter, and could one do the work of both? In the interior,
    further from the border than both kernels reach together, it cannot matter; nearer to it, what the
    boundary put outside the picture was not filtered by the first.

    Args:
        picture: Grey levels, or colours in [0, 1] that are made grey first: see `grey_picture`.
        first: A kernel's name or an array, see `kernel_of`.
        second: The other one.
        boundary: See `filter_picture`.
        data: What the picture is called.

    Returns:
        The three results.

    Raises:
        InvalidInput: If an argument cannot be used, or the picture is too small to have an interior.

    Reference:
        Gonzalez and Woods, Digital Image Processing, chapter 3 (spatial filtering).

    Example:
    >>> commute(np.eye(12), boundary="wrap").equal
    True
    """
    grey = grey_picture(picture)
    kernels = [kernel_of(kernel) for kernel in (first, second)]
    joined = signal.convolve2d(*kernels)
    margin = max(joined.shape) // 2
    if min(grey.shape) <= 2 * margin:
        raise InvalidInput(
            f"The kernels reach {margin} pixels together, and a picture of {grey.shape[0]} x {grey.shape[1]} "
            f"has no pixel that far from its border; give one of at least {2 * margin + 1} pixels a side."
        )
    forth, back = (
        filter_picture(filter_picture(grey, one, boundary), other, boundary)
        for one, other in (kernels, kernels[::-1])
    )
    terms = sum(kernel.size for kernel in kernels)
    weight = np.prod([np.abs(kernel).sum() for kernel in kernels])
    return Commutation(
        data=data,
        picture=grey,
        kernels=tuple(
            kernel if isinstance(kernel, str) else f"a kernel of {values.shape[0]} x {values.shape[1]}"
            for kernel, values in zip((first, second), kernels, strict=True)
        ),
        boundary=boundary,
        margin=margin,
        forth=forth,
        back=back,
        joined=filter_picture(grey, joined, boundary),
        rounding=float(2 * (terms + joined.size) * np.finfo(float).eps * weight * np.abs(grey).max()),
    )


def _rounding(weights: np.ndarray, largest: float) -> float:
    """Returns by how much single precision may change a pixel of the filtered picture."""
    count, *shape = weights.shape
    bound = (np.prod(shape) + 2) * 2.0**-24 * np.abs(weights).sum(axis=(1, 2)).max() * largest
    # The length of a vector moves by no more than the vector does, whose two parts are both rounded; a little
    # is added for the rounding of the length itself.
    return float(1.5 * bound if count == 2 else bound)
