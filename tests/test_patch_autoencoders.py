import numpy as np
import pytest

from kerasreg import Augmentation
from kerasreg.patch_autoencoders import split_of_patches
from kerasreg.patches import patches_of

PICTURE = np.random.default_rng(0).random((9, 11, 3)).astype("float32")


def test_smaller_sets_of_patches_are_part_of_larger_ones_and_fill_equally_many_rows():
    patches = patches_of(PICTURE, 2)
    small, large = (split_of_patches(PICTURE, 2, size, rows=20, seed=1) for size in (3, 10))
    assert len(small.x_train) == len(large.x_train) == 20
    assert small.train_indices.tolist() == [*large.train_indices[:3]] * 6 + [*large.train_indices[:2]]
    assert len(set(large.train_indices)) == 10
    np.testing.assert_array_equal(large.x_train, patches[large.train_indices])
    assert small.y_train is small.x_train


@pytest.mark.parametrize("rows", [20, 21])
def test_a_strategy_changes_the_second_half_of_the_rows_each_by_itself(rows):
    plain = split_of_patches(PICTURE, 2, 3, rows=rows, seed=1)
    changed = split_of_patches(PICTURE, 2, 3, rows=rows, strategy=Augmentation(palette=0.5), seed=1)
    np.testing.assert_array_equal(changed.x_train[:10], plain.x_train[:10])
    assert len(np.unique(changed.x_train[10:], axis=0)) == rows - 10
    assert len(set(changed.train_indices[10:])) == rows - 10
    assert not set(changed.train_indices[10:]) & set(range(8 * 10))  # as many patches as the picture has
