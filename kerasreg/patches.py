"""A picture cut into overlapping patches, and patches averaged into a picture."""

from collections.abc import Callable, Sequence

import numpy as np

from kerasreg.checks import InvalidInput, check_numbers, check_whole_number, entries, shown


def patches_of(
    picture: np.ndarray, size: int, stride: int = 1, *, numbers: np.ndarray | None = None
) -> np.ndarray:
    """Cuts a picture into square patches that overlap where the stride is below their size.

    Patches start at every `stride`-th row and column. Where the last ones would leave a rim, one more
    row or column of patches ends at the picture's edge, so that every edge belongs to a patch.

    Args:
        picture: Array of shape (height, width, channels), or (height, width) for one channel.
        size: Height and width of a patch in pixels, at least 1; 1 gives the pixels.
        stride: Pixels from one patch to the next, at least 1.
        numbers: Which of the patches to cut, counted from 0 and in any order; `None` for all, which may fill
            the memory where patches are large and overlap much.

    Returns:
        Array of shape (n, size, size, channels) of the picture's dtype: patches from left to right,
        then from top to bottom, or as `numbers` has them.

    Raises:
        InvalidInput: If `picture` has another shape, a patch is larger than it, or `size` or `stride` is no
            whole number of at least 1, or there is no patch of a number in `numbers`.

    Example:
    >>> patches_of(np.arange(12).reshape(3, 4), 2)[0, :, :, 0].tolist()
    [[0, 1], [4, 5]]
    """
    picture = check_numbers("A picture", picture)
    if picture.ndim not in (2, 3) or 0 in picture.shape:
        raise InvalidInput(
            "A picture must have shape (height, width, channels) or (height, width), none of them 0; "
            f"received shape {picture.shape}."
        )
    if picture.ndim == 2:
        picture = picture[..., np.newaxis]
    rows, columns = _starts(picture.shape, size, stride)
    windows = np.lib.stride_tricks.sliding_window_view(picture, (size, size), axis=(0, 1))
    windows = np.moveaxis(windows, 2, -1)  # (rows, columns, size, size, channels), still without a copy
    if numbers is None:
        taken = windows[np.ix_(rows, columns)]
    else:
        listed = check_numbers("numbers", numbers)
        last = len(rows) * len(columns) - 1
        if listed.dtype.kind not in "iu" or listed.ndim != 1 or ((listed < 0) | (listed > last)).any():
            raise InvalidInput(
                f"numbers must be a list of whole numbers from 0 to {last}, the last patch's; received "
                f"{shown(numbers)}."
            )
        down, right = np.divmod(listed, len(columns))
        taken = windows[rows[down], columns[right]]
    return np.ascontiguousarray(taken).reshape(-1, size, size, picture.shape[2])


def patch_corners(shape: Sequence[int], size: int, stride: int = 1) -> np.ndarray:
    """Returns where the patches of `patches_of` lie: rows and columns of their upper left pixels.

    Args:
        shape: Shape of the picture, (height, width) or (height, width, channels).
        size: Height and width of a patch in pixels.
        stride: Pixels from one patch to the next.

    Returns:
        Integer array of shape (n, 2), in the order of `patches_of`.

    Raises:
        InvalidInput: If `shape` is none, a patch is larger than the picture, or a number is no whole number
            of at least 1.
    """
    rows, columns = _starts(shape, size, stride)
    return np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)


def picture_of(patches: np.ndarray, shape: Sequence[int], stride: int = 1) -> np.ndarray:
    """Puts patches back where `patches_of` took them from, and averages where they overlap.

    Args:
        patches: Array of shape (n, size, size, channels), in the order of `patches_of`.
        shape: Shape of the picture, (height, width) or (height, width, channels).
        stride: Pixels from one patch to the next, as they were cut; at most `size`, as a larger one
            leaves pixels that no patch knows.

    Returns:
        Array of shape (height, width, channels) of the patches' dtype, or double precision for
        integers. Unchanged patches in single precision give back exactly the picture.

    Raises:
        InvalidInput: If `shape` is none, or the patches are not as many, or not of the shape, that such a
            picture has.
    """
    patches = check_numbers("Patches", patches)
    if patches.ndim != 4 or patches.shape[1] != patches.shape[2]:
        raise InvalidInput(
            f"Patches must have shape (n, size, size, channels); received shape {patches.shape}."
        )
    size, channels = patches.shape[2:]
    rows, columns = _starts(shape, size, stride)
    if stride > size:
        raise InvalidInput(
            f"Patches of {size} pixels that lie {stride} apart leave gaps, and no picture can be made of "
            f"them; cut them with a stride of at most {size}."
        )
    if len(patches) != len(rows) * len(columns) or tuple(shape[2:]) not in ((), (channels,)):
        wanted = (len(rows) * len(columns), size, size, *(shape[2:] or (channels,)))
        raise InvalidInput(
            f"A picture of shape {tuple(shape)} has patches of shape {wanted} at stride {stride}; "
            f"received shape {patches.shape}. Give the shape and stride that the patches were cut with."
        )
    grid = patches.reshape(len(rows), len(columns), size, size, channels)
    total = np.zeros((*shape[:2], channels))
    count = np.zeros((*shape[:2], 1))
    for down in range(size):
        for right in range(size):
            place = np.ix_(rows + down, columns + right)  # never the same pixel twice
            total[place] += grid[:, :, down, right]
            count[place] += 1
    kept = patches.dtype if np.issubdtype(patches.dtype, np.floating) else np.float64
    return (total / count).astype(kept)


def redraw(
    picture: np.ndarray, size: int, predict: Callable[[np.ndarray], Sequence[np.ndarray]]
) -> list[np.ndarray]:
    """Returns a picture put together from the predictions that networks make for its patches.

    Patches start at every half patch and are averaged where they overlap. Values are clipped to [0, 1].

    Args:
        picture: Array of shape (height, width, channels).
        size: Height and width of a patch in pixels, at least 1.
        predict: Function that takes the patches, shape (n, size, size, channels), and returns one array of
            that shape for each network.

    Returns:
        One array for each network, with the shape of the picture.

    Raises:
        InvalidInput: If a patch is larger than the picture.
    """
    stride = max(1, size // 2)
    predictions = predict(patches_of(picture, size, stride))
    # Clipped again, since an average of values in [0, 1] may leave it by rounding.
    return [
        np.clip(picture_of(np.clip(patches, 0, 1), picture.shape, stride), 0, 1) for patches in predictions
    ]


def _starts(shape: Sequence[int], size: int, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows and the columns at which patches start."""
    check_whole_number("size", size)
    check_whole_number("stride", stride)
    sizes = entries(shape)
    if len(sizes) not in (2, 3) or not all(isinstance(each, int | np.integer) for each in sizes):
        raise InvalidInput(
            "A picture's shape must be (height, width) or (height, width, channels), in whole numbers; "
            f"received {shown(shape)}."
        )
    height, width = map(int, sizes[:2])
    if size > min(height, width):
        raise InvalidInput(
            f"Patches of {size} x {size} pixels do not fit into a picture of {height} x {width}; "
            "take a smaller patch or a larger picture."
        )
    starts = []
    for length in (height, width):
        regular = np.arange(0, length - size + 1, stride)
        rim = [] if regular[-1] == length - size else [length - size]
        starts.append(np.append(regular, rim).astype(int))
    return starts[0], starts[1]
