import numpy as np
import pytest
from PIL import Image

from kerasreg.checks import InvalidInput
from kerasreg.data import hold_out, k_fold, nested_subsets, patches_split, pictures_split, pixels_split
from kerasreg.data.picture_parts import number_blocks, part_of_patches, without_repeats
from kerasreg.patches import patch_corners, patches_of, picture_of

PARTS = ("train", "validation", "test")
RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.random((96, 128, 3), dtype=np.float32)
OTHER = RANDOM.random((40, 50, 3), dtype=np.float32)
AT_MOST = "train_size must be at most"
BELOW_1 = "must be a number of at least 0 and below 1"
FLAT = np.tile(np.float32([0.2, 0.4, 0.6]), (64, 64, 1))


def message_of(function, *arguments, **options):
    with pytest.raises(InvalidInput) as error:
        function(*arguments, **options)
    return str(error.value)


def pixels_of(split, part, shape, size, stride):
    """Returns which pixels of the picture are in the patches of a part."""
    covered = np.zeros(shape[:2], dtype=bool)
    for row, column in patch_corners(shape, size, stride)[getattr(split, f"{part}_indices")]:
        covered[row : row + size, column : column + size] = True
    return covered


@pytest.mark.parametrize(("size", "stride"), [(1, None), (4, None), (4, 1), (8, 3), (16, None), (5, 2)])
def test_no_pixel_of_a_divided_picture_is_in_two_parts(size, stride):
    split = patches_split(PICTURE, size, stride=stride, seed=2)
    covered = [pixels_of(split, part, PICTURE.shape, size, stride or size) for part in PARTS]
    assert np.sum(covered, axis=0).max() == 1
    assert all(pixels.any() for pixels in covered)


@pytest.mark.parametrize("size", [1, 4, 8, 16])
def test_patches_side_by_side_use_every_pixel_in_the_proportions_asked_for(size):
    split = patches_split(PICTURE, size, validation_fraction=0.25, test_fraction=0.125)
    covered = [pixels_of(split, part, PICTURE.shape, size, size).mean() for part in PARTS]
    assert sum(covered) == 1
    # blocks are drawn whole, of which there are 12 at the least
    np.testing.assert_allclose(covered, [0.625, 0.25, 0.125], atol=1 / 24)


def test_patches_side_by_side_leave_the_rim_that_would_overlap_and_strides_do_not():
    for stride, pixels in ((None, 40 * 48), (8, 40 * 50)):
        split = patches_split(OTHER, 8, stride=stride, validation_fraction=0, test_fraction=0)
        assert len(split.x_train) * 64 == (40 * 48 if stride is None else 40 * 56)
        assert pixels_of(split, "train", OTHER.shape, 8, 8).sum() == pixels


def test_rows_are_the_patches_that_their_indices_name_and_their_own_targets():
    split = patches_split(PICTURE, 8, stride=3)
    patches = patches_of(PICTURE, 8, 3)
    for part in PARTS:
        x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
        np.testing.assert_array_equal(x, patches[getattr(split, f"{part}_indices")])
        np.testing.assert_array_equal(x, y)
        assert x.dtype == np.float32
    assert split.num_classes is None
    assert split.name == "8 x 8 patches"


def test_pixels_are_patches_of_1_by_1():
    split, same = pixels_split(PICTURE, seed=3), patches_split(PICTURE, 1, seed=3)
    assert split.input_shape == (1, 1, 3)
    assert split.name == same.name == "pixels"
    np.testing.assert_array_equal(split.train_indices, same.train_indices)
    np.testing.assert_array_equal(split.x_test[:, 0, 0], PICTURE.reshape(-1, 3)[split.test_indices])


def test_own_validation_and_test_pictures_are_taken_whole():
    third = RANDOM.random((24, 24, 3), dtype=np.float32)
    tests = [third, OTHER[:16]]
    split = patches_split([PICTURE], 8, stride=4, validation_pictures=OTHER, test_pictures=tests)
    own = patches_of(PICTURE, 8, 4), patches_of(OTHER, 8, 4), patches_of(third, 8, 4)
    assert sorted(split.train_indices) == list(range(len(own[0])))
    np.testing.assert_array_equal(split.x_validation, own[1])
    np.testing.assert_array_equal(split.validation_indices, len(own[0]) + np.arange(len(own[1])))
    # the last picture's patches are all among those of validation, too
    np.testing.assert_array_equal(split.x_test, own[2])
    assert split.name == f"8 x 8 patches, {len(patches_of(OTHER[:16], 8, 4))} repeats left out"
    np.testing.assert_array_equal(picture_of(split.x_validation, OTHER.shape, 4), OTHER)


def test_own_test_pictures_leave_the_picture_to_train_and_validation():
    split = patches_split(PICTURE, 8, test_pictures=OTHER)
    covered = [pixels_of(split, part, PICTURE.shape, 8, 8).mean() for part in ("train", "validation")]
    assert sum(covered) == 1
    assert len(split.x_test) == 5 * 6


def test_a_fraction_of_0_leaves_a_part_empty():
    split = patches_split(PICTURE, 8, validation_fraction=0, test_fraction=0)
    assert sorted(split.train_indices) == list(range(12 * 16))
    assert len(split.x_validation) == len(split.x_test) == 0
    assert split.x_validation.shape == (0, 8, 8, 3)


def test_the_train_size_draws_training_rows_and_leaves_the_others():
    small, large = (patches_split(PICTURE, 4, train_size=size, seed=5) for size in (20, 60))
    assert len(small.x_train) == 20
    assert set(small.train_indices) < set(large.train_indices)
    np.testing.assert_array_equal(small.validation_indices, large.validation_indices)
    np.testing.assert_array_equal(small.test_indices, large.test_indices)


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    one, two, other = (patches_split(PICTURE, 4, train_size=50, seed=seed) for seed in (1, 1, 2))
    for part in PARTS:
        first, second = getattr(one, f"{part}_indices"), getattr(two, f"{part}_indices")
        np.testing.assert_array_equal(first, second)
        assert set(first) != set(getattr(other, f"{part}_indices"))


def test_repeats_of_a_training_row_are_left_out_of_validation_and_test_and_counted():
    levels = RANDOM.integers(0, 12, (64, 64, 3)).astype(np.float32) / 11  # at most 1,728 colors
    split = pixels_split(levels, train_size=50, validation_fraction=0.3)
    colors = {part: {tuple(row) for row in getattr(split, f"x_{part}").reshape(-1, 3)} for part in PARTS}
    assert not colors["train"] & colors["validation"]
    assert not (colors["train"] | colors["validation"]) & colors["test"]
    kept = len(split.x_validation) + len(split.x_test)
    held_out = 4096 * (5 + 3) // 16  # of 16 blocks
    assert split.name == f"pixels, {held_out - kept} repeats left out"


def test_rows_without_duplicates_can_be_divided_anew():
    levels = RANDOM.integers(0, 16, (64, 64, 3)).astype(np.float32) / 15
    split = pixels_split(levels, drop_duplicates=True)
    rows = np.concatenate([split.x_development, split.x_test]).reshape(-1, 3)
    assert len(np.unique(rows, axis=0)) == len(rows) == len(np.unique(levels.reshape(-1, 3), axis=0))
    assert split.name == f"pixels, {4096 - len(rows)} repeats left out"
    assert len(k_fold(split, 3)) == 3
    assert len(hold_out(split).x_test) == len(split.x_test)
    assert [len(one.x_train) for one in nested_subsets(split, [10, 20])] == [10, 20]


def test_a_picture_of_one_color_has_nothing_to_validate_on():
    assert message_of(pixels_split, FLAT) == (
        "Nothing is left of the validation part: whatever stands in it, 768 in all, stands in an earlier "
        "part too, exactly. Give a more varied picture, or larger patches; in Python also "
        "validation_pictures of other colors, or validation_fraction=0."
    )
    split = pixels_split(FLAT, validation_fraction=0, test_pictures=OTHER, train_size=3)
    assert (len(split.x_train), len(split.x_test)) == (3, 2000)


def test_pictures_are_given_as_files_too_and_are_read_as_read_picture_reads_them(tmp_path):
    Image.fromarray(np.round(PICTURE * 255).astype(np.uint8)).save(tmp_path / "a.png")
    split = patches_split([tmp_path / "a.png", OTHER], 8)
    assert sum(len(getattr(split, f"x_{part}")) for part in PARTS) <= 12 * 16 + 5 * 7
    assert max(split.development_indices.max(), split.test_indices.max()) > 12 * 16
    named = patches_split(str(tmp_path / "a.png"), 8, name="mine")
    assert named.name == "mine"


def test_whole_pictures_are_scaled_and_divided():
    pictures = [RANDOM.random((size, size + 5, 3)) for size in range(20, 30)]
    split = pictures_split(pictures, (8, 12), seed=1)
    assert [len(getattr(split, f"x_{part}")) for part in PARTS] == [6, 2, 2]
    assert split.input_shape == (8, 12, 3)
    assert split.name == "pictures"
    rows = np.concatenate([split.development_indices, split.test_indices])
    assert sorted(rows) == list(range(10))
    same = RANDOM.random((8, 8, 3), dtype=np.float32)
    kept = pictures_split(np.stack([same, 1 - same]), 8, test_pictures=same**2, validation_fraction=0)
    np.testing.assert_array_equal(kept.x_train[np.argsort(kept.train_indices)], [same, 1 - same])
    assert len(pictures_split(pictures, 8, train_size=3).x_train) == 3


def test_blocks_are_four_patches_wide_or_less_where_these_would_be_few():
    for shape, size, count in (((256, 256), 8, 64), ((96, 128), 8, 12), ((96, 128), 16, 12)):
        (blocks,) = number_blocks([shape], size)
        assert blocks.shape == shape
        assert sorted(np.unique(blocks)) == list(range(count))
    first, second = number_blocks([(64, 64), (70, 40)], 4)
    assert (first.max() + 1, second.min(), second.max()) == (16, 16, 16 + 4 * 2 - 1)


def test_a_patch_across_a_border_is_in_no_part():
    parts = np.zeros((4, 6), dtype=np.int8)
    parts[:, 3:] = 2
    found = part_of_patches(parts, 2, 1, side_by_side=False)
    assert found.reshape(3, 5).tolist() == [[0, 0, -1, 2, 2]] * 3


def test_the_earliest_part_keeps_a_repeated_row():
    x = np.array([[1.0], [2], [1], [3], [2], [3], [4], [1]])
    parts = np.array([2, 1, 0, 2, 2, 1, 2, 0])
    assert without_repeats(x, parts).tolist() == [-1, 1, 0, -1, -1, 1, 2, 0]
    assert without_repeats(x, parts, within=True).tolist() == [2, 1, 0, 2, 2, 1, 2, -1]


def test_a_picture_smaller_than_a_patch_is_refused():
    assert message_of(patches_split, OTHER, 41) == (
        "Patches of 41 x 41 pixels do not fit into a picture of 40 x 50; take a smaller patch or a larger "
        "picture."
    )


def test_no_picture_and_sizes_of_three_numbers_are_refused():
    assert message_of(patches_split, None).endswith("with 1, 3 or 4 channels; received None.")
    assert message_of(pictures_split, [OTHER], (8, 8, 3)) == (
        "size must be one whole number, or (height, width); received (8, 8, 3)."
    )
    assert message_of(pictures_split, [OTHER], []) == (
        "size must be one whole number, or (height, width); received []."
    )


def test_a_picture_with_too_few_blocks_is_refused():
    assert message_of(patches_split, OTHER, 32) == (
        "Too few blocks: 1 in all, for 2 of validation and test and at least 1 of train. Give smaller "
        "patches, larger or more pictures; in Python also smaller fractions, or validation_pictures and "
        "test_pictures of their own."
    )
    assert message_of(pictures_split, [PICTURE, OTHER]) == (
        "Too few pictures: 2 in all, for 2 of validation and test and at least 1 of train. Give more "
        "pictures; in Python also smaller fractions, or validation_pictures and test_pictures of their own."
    )


def test_a_stride_that_misses_the_blocks_is_refused():
    assert message_of(patches_split, PICTURE[:64, :64], 16, stride=23, seed=4) == (
        "No patch of 16 x 16 pixels lies wholly in the blocks of the test part; give smaller patches, a "
        "smaller stride or larger pictures."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train_size": 193}, f"{AT_MOST} 192, the number of rows to train on; received 193."),
        ({"train_size": 0}, "train_size must be a whole number of at least 1; received 0."),
        ({"size": 0}, "size must be a whole number of at least 1; received 0."),
        ({"stride": 1.5}, "stride must be a whole number of at least 1; received 1.5."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
        ({"validation_fraction": 1}, f"validation_fraction {BELOW_1}; received 1."),
        ({"test_fraction": -0.1}, f"test_fraction {BELOW_1}; received -0.1."),
        ({"test_pictures": []}, "There is no picture for the test part; give at least one."),
    ],
)  # fmt: skip
def test_options_out_of_range_are_refused(options, message):
    defaults = {"size": 8, "validation_fraction": 0, "test_fraction": 0}
    assert message_of(patches_split, PICTURE, **(defaults | options)) == message
