import numpy as np
import pytest
from sklearn.feature_extraction.image import extract_patches_2d, reconstruct_from_patches_2d

from kerasreg.checks import InvalidInput
from kerasreg.patches import patch_corners, patches_of, picture_of, redraw

PICTURE = np.random.default_rng(0).random((13, 17, 3), dtype=np.float32)


def message_of(function, *arguments, **options):
    with pytest.raises(InvalidInput) as error:
        function(*arguments, **options)
    return str(error.value)


@pytest.mark.parametrize("size", [1, 4, 13])
def test_patches_at_stride_1_are_those_of_scikit_learn(size):
    np.testing.assert_array_equal(patches_of(PICTURE, size), extract_patches_2d(PICTURE, (size, size)))


def test_changed_patches_are_averaged_as_scikit_learn_averages_them():
    patches = np.random.default_rng(1).random((10 * 14, 4, 4, 3))
    expected = reconstruct_from_patches_2d(patches, PICTURE.shape)
    # two orders of the same sixteen double-precision summands
    np.testing.assert_allclose(picture_of(patches, PICTURE.shape), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("size", "stride"), [(1, 1), (2, 1), (2, 2), (5, 1), (5, 2), (5, 3), (5, 5), (13, 1), (13, 4)]
)
def test_unchanged_patches_give_back_exactly_the_picture_at_every_size_and_stride(size, stride):
    back = picture_of(patches_of(PICTURE, size, stride), PICTURE.shape, stride)
    assert back.dtype == np.float32
    np.testing.assert_array_equal(back, PICTURE)


@pytest.mark.parametrize("stride", [1, 3, 4, 7])
def test_each_patch_lies_where_its_corner_says(stride):
    corners = patch_corners(PICTURE.shape, 4, stride)
    for patch, (row, column) in zip(patches_of(PICTURE, 4, stride), corners, strict=True):
        np.testing.assert_array_equal(patch, PICTURE[row : row + 4, column : column + 4])


@pytest.mark.parametrize("stride", [1, 3])
def test_single_patches_are_cut_by_their_numbers(stride):
    every, numbers = patches_of(PICTURE, 4, stride), [7, 0, 7, 11]
    np.testing.assert_array_equal(patches_of(PICTURE, 4, stride, numbers=numbers), every[numbers])
    assert patches_of(PICTURE, 4, stride, numbers=np.arange(0)).shape == (0, 4, 4, 3)


@pytest.mark.parametrize("numbers", [[140], [-1], [0.5], [[0, 1]], 3])
def test_a_number_that_no_patch_has_is_refused(numbers):
    assert message_of(patches_of, PICTURE, 4, numbers=numbers) == (
        f"numbers must be a list of whole numbers from 0 to 139, the last patch's; received {numbers!r}."
    )


def test_the_last_row_and_column_are_covered_once_where_the_stride_misses_them():
    corners = patch_corners((10, 9), 4, 3)
    assert sorted(set(corners[:, 0])) == [0, 3, 6]
    assert sorted(set(corners[:, 1])) == [0, 3, 5]
    assert len(corners) == 9


def test_a_gray_picture_has_one_channel():
    patches = patches_of(PICTURE[..., 0], 3, 2)
    assert patches.shape[1:] == (3, 3, 1)
    np.testing.assert_array_equal(picture_of(patches, (13, 17), 2)[..., 0], PICTURE[..., 0])


def test_patches_are_copies_and_keep_their_dtype():
    picture = np.zeros((4, 4, 1), dtype=np.uint8)
    patches = patches_of(picture, 2)
    patches += 1
    assert patches.dtype == np.uint8
    assert picture.max() == 0
    assert picture_of(patches, picture.shape).dtype == np.float64


def test_a_patch_larger_than_the_picture_is_refused():
    assert message_of(patches_of, PICTURE, 14) == (
        "Patches of 14 x 14 pixels do not fit into a picture of 13 x 17; take a smaller patch or a larger "
        "picture."
    )


def test_what_is_no_picture_or_no_patches_is_refused():
    assert message_of(patches_of, np.zeros(5), 1) == (
        "A picture must have shape (height, width, channels) or (height, width), none of them 0; received "
        "shape (5,)."
    )
    assert message_of(picture_of, np.zeros((5, 2, 3, 1)), (4, 4)) == (
        "Patches must have shape (n, size, size, channels); received shape (5, 2, 3, 1)."
    )


@pytest.mark.parametrize("shape", [(4,), 4, (4.0, 4.0), (1, 4, 4, 3), "44", [[1], [1, 2]]])
def test_a_shape_that_no_picture_has_is_refused(shape):
    expected = (
        "A picture's shape must be (height, width) or (height, width, channels), in whole numbers; received "
        f"{shape!r}."
    )
    assert message_of(patch_corners, shape, 2) == expected
    assert message_of(picture_of, np.zeros((9, 2, 2, 1)), shape) == expected


@pytest.mark.parametrize("name", ["size", "stride"])
@pytest.mark.parametrize("value", [0, 1.5, "2", True])
def test_sizes_and_strides_are_whole_numbers_of_at_least_1(name, value):
    assert message_of(patches_of, PICTURE, **({"size": 2} | {name: value})) == (
        f"{name} must be a whole number of at least 1; received {value!r}."
    )


def test_patches_with_gaps_between_them_make_no_picture():
    patches = patches_of(PICTURE, 2, 3)
    assert message_of(picture_of, patches, PICTURE.shape, 3) == (
        "Patches of 2 pixels that lie 3 apart leave gaps, and no picture can be made of them; cut them "
        "with a stride of at most 2."
    )


@pytest.mark.parametrize("shape", [(13, 17, 1), (12, 17, 3)])
def test_patches_of_another_picture_are_refused(shape):
    wanted = (140 if shape[0] == 13 else 126, 4, 4, shape[2])
    assert message_of(picture_of, patches_of(PICTURE, 4), shape) == (
        f"A picture of shape {shape} has patches of shape {wanted} at stride 1; received shape "
        "(140, 4, 4, 3). Give the shape and stride that the patches were cut with."
    )


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_picture_is_redrawn_from_what_each_network_predicts_for_its_overlapping_patches(size):
    picture = np.random.default_rng(3).random((7, 9, 3)).astype(np.float32)
    same, brighter = redraw(picture, size, lambda patches: [patches, patches + 0.5])
    np.testing.assert_array_equal(same, picture)
    # Clipped before the average, in single precision.
    np.testing.assert_allclose(brighter, np.minimum(picture + 0.5, 1), atol=1e-6)
