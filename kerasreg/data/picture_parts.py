"""Which block of a picture, and which of its rows, belong to train, validation and test."""

from collections.abc import Sequence

import numpy as np

from kerasreg.checks import InvalidInput
from kerasreg.patches import patch_corners, patches_of
from kerasreg.records.content import duplicate_groups
from kerasreg.records.split import PARTS

NO_PART = -1
ENOUGH_BLOCKS = 10
SMALLEST_BLOCK = 4  # pixels


def number_blocks(shapes: Sequence[tuple[int, int]], size: int) -> list[np.ndarray]:
    """Cuts pictures into blocks to be given to parts.

    A block is 4 patches wide (at least 16 pixels), or 2 or 1 where that makes fewer than ten blocks. Blocks
    start at multiples of their side, so that patches side by side fit in; the last ones take what is left.

    Args:
        shapes: Height and width of each picture.
        size: Height and width of a patch in pixels.

    Returns:
        The block that each pixel is in, shape (height, width), for each picture; numbered through them all.
    """
    for factor in (4, 2, 1):
        side = factor * max(size, SMALLEST_BLOCK)
        counts = [tuple(max(1, length // side) for length in shape) for shape in shapes]
        if sum(down * right for down, right in counts) >= ENOUGH_BLOCKS:
            break
    blocks, first = [], 0
    for (height, width), (down, right) in zip(shapes, counts, strict=True):
        rows = np.minimum(np.arange(height) // side, down - 1)
        columns = np.minimum(np.arange(width) // side, right - 1)
        blocks.append(first + rows[:, np.newaxis] * right + columns)
        first += down * right
    return blocks


def draw_parts(count: int, wanted: dict[str, float], what: str, *, seed: int) -> np.ndarray:
    """Draws the part of each block or picture.

    Args:
        count: How many there are.
        wanted: The fraction of them that each part is to have; train has the rest.
        what: What they are, for the message.
        seed: Seed of the draw.

    Returns:
        Positions in `PARTS`, shape (count,).

    Raises:
        InvalidInput: If nothing would be left for train.
    """
    sizes = {part: max(1, round(fraction * count)) for part, fraction in wanted.items()}
    if sum(sizes.values()) >= count:
        more = "more pictures" if what == "pictures" else "smaller patches, larger or more pictures"
        raise InvalidInput(
            f"Too few {what}: {count} in all, for {sum(sizes.values())} of validation and test and at least "
            f"1 of train. Give {more}; in Python also smaller fractions, or validation_pictures and "
            "test_pictures of their own."
        )
    parts = np.zeros(count, dtype=np.int8)
    order = np.random.default_rng(seed).permutation(count)
    for part, size in sizes.items():
        parts[order[:size]] = PARTS.index(part)
        order = order[size:]
    return parts


def part_of_patches(parts: np.ndarray, size: int, stride: int, *, side_by_side: bool) -> np.ndarray:
    """Finds the part that each patch of a picture lies in.

    Args:
        parts: The part of each pixel, as a position in `PARTS`; shape (height, width).
        size: Height and width of a patch in pixels.
        stride: Pixels from one patch to the next.
        side_by_side: Whether the last patches of a row or column, which overlap those before where the
            stride does not lead to the picture's edge, are to be in no part.

    Returns:
        Positions in `PARTS`, or `NO_PART` for patches across a border; shape (n,).
    """
    within = patches_of(parts, size, stride).reshape(-1, size * size)
    whole = (within == within[:, :1]).all(axis=1)
    if side_by_side:
        whole &= (patch_corners(parts.shape, size, stride) % stride == 0).all(axis=1)
    return np.where(whole, within[:, 0], NO_PART)


def without_repeats(x: np.ndarray, parts: np.ndarray, *, within: bool = False) -> np.ndarray:
    """Takes rows out of their part that are exactly equal to a row of an earlier part.

    Args:
        x: All rows, shape (n, ...).
        parts: The part of each row, as a position in `PARTS`, or `NO_PART`; shape (n,).
        within: Whether to take out those equal to an earlier row of the same part instead.

    Returns:
        The parts again, with `NO_PART` for the rows taken out.

    Raises:
        InvalidInput: If nothing is left of a part.
    """
    rows = np.flatnonzero(parts != NO_PART)
    rows = rows[np.argsort(parts[rows], kind="stable")]
    left = parts.copy()
    for group in duplicate_groups(x[rows]):
        same = rows[group]
        first = np.unique(parts[same], return_index=True)[1] if within else parts[same] == parts[same[0]]
        left[same] = NO_PART
        left[same[first]] = parts[same[first]]
    for number, part in enumerate(PARTS):
        count = (parts == number).sum()
        if count and not (left == number).any():
            raise InvalidInput(
                f"Nothing is left of the {part} part: whatever stands in it, {count} in all, stands in an "
                "earlier part too, exactly. Give a more varied picture, or larger patches; in Python "
                f"also {part}_pictures of other colors, or {part}_fraction=0."
            )
    return left
