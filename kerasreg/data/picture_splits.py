"""Pixels, patches and whole pictures as the `Split` of an autoencoder: each row is its own target.

Patches that overlap, and pixels side by side, are almost the same data. So validation and test rows come
from other pictures, or from other blocks of the same ones: no pixel is in two parts. Exact repeats of a
training row are left out of validation and test as well, and those of a validation row out of test; the
name of the `Split` says how many. Pixels repeat each other often, so what is left for test holds the rarer
colors: patches, or test pictures, are the fairer measure. Sizes of training data are compared on the same
held-out rows by `nested_subsets`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasreg.checks import InvalidInput, check_number, check_whole_number, entries, shown
from kerasreg.data.images import read_picture, resized
from kerasreg.data.picture_parts import NO_PART, draw_parts, number_blocks, part_of_patches, without_repeats
from kerasreg.patches import patches_of
from kerasreg.records import Split
from kerasreg.records.split import PARTS
from kerasreg.sampling import stratified_order
from kerasreg.seeds import derive_seed


def pixels_split(pictures: Any, **options: Any) -> Split:
    """Returns the pixels of pictures, each a patch of 1 x 1: `patches_split` with `size=1`.

    Most pixels of a drawn or smooth picture stand in its training part too, exactly, and are left out of
    validation and test, where the rarer colors remain: of the project's beach about 1,750 rows for each, of
    19,700. So they are harder than all pixels would be. Patches, or test pictures, are the fairer measure.

    Args:
        pictures: One picture or several.
        **options: The keyword arguments of `patches_split`.

    Returns:
        A `Split` of x of shape (n, 1, 1, 3).
    """
    return patches_split(pictures, 1, **options)


def patches_split(
    pictures: Any,
    size: int = 8,
    *,
    stride: int | None = None,
    validation_pictures: Any = None,
    test_pictures: Any = None,
    validation_fraction: float = 0.2,
    test_fraction: float = 0.2,
    train_size: int | None = None,
    drop_duplicates: bool = False,
    name: str | None = None,
    seed: int = 0,
) -> Split:
    """Returns square patches of pictures.

    Where validation or test pictures are not given, the pictures are cut into blocks, some of which are
    drawn for these parts. A block is 4 patches wide (at least 16 pixels), or 2 or 1 where that makes fewer
    than ten blocks. Patches that cross the border of two parts are left out.

    Args:
        pictures: One picture, or a sequence of them: whatever `read_picture` takes.
        size: Height and width of a patch in pixels.
        stride: Pixels from one patch to the next, or `None` for patches side by side that do not overlap,
            which leave a rim where `size` does not divide a picture's sides. With a number, as in
            `patches_of`, patches overlap: do not redraw which rows are validation (`hold_out`, `k_fold`), as
            the same pixels would be on both sides.
        validation_pictures: Pictures whose patches are the validation part, or `None`.
        test_pictures: Pictures whose patches are the test part, or `None`.
        validation_fraction: Fraction of the blocks that is validation, in [0, 1); 0 for an empty part.
            Of no use beside `validation_pictures`.
        test_fraction: The same for test.
        train_size: How many training patches to draw, or `None` for all. Those of a smaller size are among
            those of a larger one. It counts the train part alone.
        drop_duplicates: Whether to keep only the first of equal rows of one part too, so that the rows can
            be divided anew.
        name: What the data set is called; by default its patches' size and the repeats left out.
        seed: Seed of the blocks and of the draw.

    Returns:
        A `Split` for regression: x and y of shape (n, size, size, 3), equal, single precision, in [0, 1].
        Indices count all patches of `pictures`, then of `validation_pictures`, then of `test_pictures`, in
        the order of `kerasreg.patches.patches_of`.

    Raises:
        InvalidInput: If a picture cannot be read or is smaller than a patch, a number is out of its range,
            or nothing is left of a part.
    """
    check_whole_number("size", size)
    step = size if stride is None else check_whole_number("stride", stride)
    given = _given(pictures, validation_pictures, test_pictures)
    wanted = _wanted(given, validation_fraction, test_fraction)
    patches = {
        part: np.concatenate([patches_of(picture, size, step) for picture in given[part]]) for part in given
    }
    blocks = number_blocks([picture.shape[:2] for picture in given["train"]], size)
    part_of_block = draw_parts(
        blocks[-1].max() + 1, wanted, "blocks", seed=derive_seed(seed, "pictures", "blocks")
    )
    maps = {part: [np.full(one.shape[:2], PARTS.index(part)) for one in given[part]] for part in given}
    maps["train"] = [part_of_block[block] for block in blocks]
    parts = {
        part: np.concatenate(
            [part_of_patches(one, size, step, side_by_side=stride is None) for one in maps[part]]
        )
        for part in given
    }
    for part in ("train", *wanted):
        if not (parts["train"] == PARTS.index(part)).any():
            raise InvalidInput(
                f"No patch of {size} x {size} pixels lies wholly in the blocks of the {part} part; give "
                "smaller patches, a smaller stride or larger pictures."
            )
    return _split(
        name,
        "pixels" if size == 1 else f"{size} x {size} patches",
        patches,
        parts,
        train_size=train_size,
        drop_duplicates=drop_duplicates,
        seed=seed,
    )


def pictures_split(
    pictures: Any,
    size: int | Sequence[int] = 32,
    *,
    validation_pictures: Any = None,
    test_pictures: Any = None,
    validation_fraction: float = 0.2,
    test_fraction: float = 0.2,
    train_size: int | None = None,
    name: str | None = None,
    seed: int = 0,
) -> Split:
    """Returns whole pictures, each scaled to one small size and a row of its own.

    Args:
        pictures: A sequence of pictures: whatever `read_picture` takes.
        size: Height and width of the rows in pixels; one number for both. Proportions are not kept.
        validation_pictures: The validation part, or `None` to draw it from `pictures`.
        test_pictures: The test part, or `None` to draw it from `pictures`.
        validation_fraction: Fraction of `pictures` that is validation, in [0, 1); 0 for an empty part. Of
            no use beside `validation_pictures`.
        test_fraction: The same for test.
        train_size: How many training pictures to draw, or `None` for all. It counts the train part alone.
        name: What the data set is called.
        seed: Seed of the draws.

    Returns:
        A `Split` for regression: x and y of shape (n, height, width, 3), equal, single precision, in
        [0, 1]. Indices count `pictures`, then `validation_pictures`, then `test_pictures`.

    Raises:
        InvalidInput: If a picture cannot be read, a number is out of its range, or nothing is left of a
            part.
    """
    sides = [size, size] if np.isscalar(size) else entries(size)
    if len(sides) != 2:
        raise InvalidInput(f"size must be one whole number, or (height, width); received {shown(size)}.")
    shape = (check_whole_number("size", sides[0]), check_whole_number("size", sides[1]))
    given = _given(pictures, validation_pictures, test_pictures)
    wanted = _wanted(given, validation_fraction, test_fraction)
    parts = {part: np.full(len(given[part]), PARTS.index(part)) for part in given}
    seed_of_parts = derive_seed(seed, "pictures", "parts")
    parts["train"] = draw_parts(len(given["train"]), wanted, "pictures", seed=seed_of_parts)
    return _split(
        name,
        "pictures",
        {part: np.stack([resized(picture, shape) for picture in given[part]]) for part in given},
        parts,
        train_size=train_size,
        drop_duplicates=False,
        seed=seed,
    )


def _given(pictures: Any, validation_pictures: Any, test_pictures: Any) -> dict[str, list[np.ndarray]]:
    """Returns the pictures of each part that has its own."""
    given = {"train": pictures, "validation": validation_pictures, "test": test_pictures}
    return {
        part: _read(part, source) for part, source in given.items() if source is not None or part == "train"
    }


def _read(part: str, source: Any) -> list[np.ndarray]:
    several = isinstance(source, list | tuple) or (isinstance(source, np.ndarray) and source.ndim == 4)
    if several and len(source) == 0:
        raise InvalidInput(f"There is no picture for the {part} part; give at least one.")
    return [read_picture(picture) for picture in (source if several else [source])]


def _wanted(given: dict, validation_fraction: float, test_fraction: float) -> dict[str, float]:
    """Returns the fractions of the parts that are still to be drawn."""
    fractions = {"validation": validation_fraction, "test": test_fraction}
    for part, fraction in fractions.items():
        check_number(f"{part}_fraction", fraction, below=1)
    return {part: fraction for part, fraction in fractions.items() if part not in given and fraction > 0}


def _split(
    name: str | None,
    kind: str,
    given_rows: dict[str, np.ndarray],
    given_parts: dict[str, np.ndarray],
    *,
    train_size: int | None,
    drop_duplicates: bool,
    seed: int,
) -> Split:
    """Makes a `Split` of the rows of each part's own pictures, of which those of train may be divided."""
    x = np.concatenate(list(given_rows.values()))
    parts = np.concatenate(list(given_parts.values()))
    different = without_repeats(x, parts, within=True) if drop_duplicates else parts
    train = np.flatnonzero(different == 0)
    train = train[stratified_order(None, len(train), seed=derive_seed(seed, "pictures", "train_size"))]
    size = _checked_train_size(train_size, len(train))
    drawn = different.copy()
    drawn[train[size:]] = NO_PART
    kept = without_repeats(x, drawn)
    repeats = (different != parts).sum() + (kept != drawn).sum()
    indices = {part: np.flatnonzero(kept == number) for number, part in enumerate(PARTS)}
    indices["train"] = train[:size]
    said = f"{kind}, {repeats} repeats left out" if repeats else kind
    arrays = {}
    for part in PARTS:
        taken = x[indices[part]]
        arrays |= {f"x_{part}": taken, f"y_{part}": taken, f"{part}_indices": indices[part]}
    return Split(name=said if name is None else name, num_classes=None, **arrays)


def _checked_train_size(train_size: int | None, num_rows: int) -> int:
    if train_size is None:
        return num_rows
    if check_whole_number("train_size", train_size) > num_rows:
        raise InvalidInput(
            f"train_size must be at most {num_rows}, the number of rows to train on; "
            f"received {shown(train_size)}."
        )
    return train_size
