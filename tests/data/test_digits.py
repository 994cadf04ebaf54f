import numpy as np
import pytest
from sklearn.datasets import load_digits

from kerasreg.checks import InvalidInput
from kerasreg.data import load_digits_split

PARTS = ("train", "validation", "test")


def test_all_of_scikit_learns_digits_are_there_once_and_unchanged():
    split = load_digits_split()
    images, labels = load_digits(return_X_y=True)
    indices = np.concatenate([getattr(split, f"{part}_indices") for part in PARTS])
    assert sorted(indices) == list(range(1797))
    for part in PARTS:
        rows = getattr(split, f"{part}_indices")
        np.testing.assert_array_equal(getattr(split, f"x_{part}").reshape(-1, 64) * 16, images[rows])
        np.testing.assert_array_equal(getattr(split, f"y_{part}"), labels[rows])


def test_images_are_single_precision_in_0_to_1_and_labels_are_integers():
    split = load_digits_split()
    assert split.name == "digits"
    assert split.num_classes == 10
    assert split.input_shape == (8, 8, 1)
    assert split.x_train.dtype == np.float32
    assert split.y_train.dtype == np.int64
    assert (split.x_train.min(), split.x_train.max()) == (0.0, 1.0)
    assert [len(getattr(split, f"x_{part}")) for part in PARTS] == [1006, 431, 360]


def test_the_test_part_is_the_same_for_every_seed_and_size_and_version_of_scikit_learn():
    first, other = load_digits_split(), load_digits_split(300, validation_fraction=0.5, seed=9)
    np.testing.assert_array_equal(first.test_indices, other.test_indices)
    assert first.test_indices[:5].tolist() == [133, 623, 580, 900, 698]
    assert np.bincount(first.y_test).tolist() == [36, 37, 35, 37, 36, 36, 36, 36, 35, 36]


def test_the_train_size_counts_train_and_validation_together():
    split = load_digits_split(200, validation_fraction=0.25)
    assert (len(split.x_train), len(split.x_validation)) == (150, 50)
    assert np.bincount(split.y_train).min() >= 14
    assert np.bincount(split.y_validation).min() >= 4


def test_images_of_a_smaller_size_are_among_those_of_a_larger_one():
    small, large = load_digits_split(200, seed=3), load_digits_split(500, seed=3)
    assert set(small.development_indices) < set(large.development_indices)


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    one, two, other = (load_digits_split(200, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.train_indices, two.train_indices)
    assert set(one.train_indices) != set(other.train_indices)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"train_size": 1438},
            "train_size must be at most 1437, the number of rows that are not test; received 1438.",
        ),
        ({"train_size": 0}, "train_size must be a whole number of at least 1; received 0."),
        (
            {"train_size": 20},
            "The validation part would hold 6 of 20 rows, for 10 classes; a stratified draw needs at least "
            "one row a class in it and in the rest. Take more rows or another fraction.",
        ),
        (
            {"validation_fraction": 1.0},
            "validation_fraction must be a number above 0 and below 1; received 1.0.",
        ),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
    ],
)
def test_arguments_outside_their_range_are_refused(arguments, message):
    with pytest.raises(InvalidInput) as error:
        load_digits_split(**arguments)
    assert str(error.value) == message
