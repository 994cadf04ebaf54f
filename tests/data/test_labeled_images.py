import numpy as np
import pytest

from kerasreg.data.labeled_images import split_around_test

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 5, (80, 6, 7))
LABELS = np.arange(80) % 4
TEST = np.arange(0, 80, 5)
DEVELOPMENT = np.setdiff1d(np.arange(80), TEST)


def drawn(**changes):
    options = {"train_size": 40, "validation_fraction": 0.25, "seed": 1, "scale": 4} | changes
    return split_around_test("images", IMAGES, LABELS, development=DEVELOPMENT, test=TEST, **options)


def test_parts_are_scaled_images_of_the_rows_they_name_with_a_channel_axis():
    split = drawn()
    assert (
        repr(split) == "Split('images': 30 train, 10 validation, 16 test rows of shape (6, 7, 1), 4 classes)"
    )
    np.testing.assert_array_equal(split.test_indices, TEST)
    for part in ("train", "validation", "test"):
        rows = getattr(split, f"{part}_indices")
        np.testing.assert_array_equal(getattr(split, f"x_{part}")[..., 0] * 4, IMAGES[rows])
        np.testing.assert_array_equal(getattr(split, f"y_{part}"), LABELS[rows])


@pytest.mark.parametrize("train_size", [16, 40, 63, 64, None])
def test_any_size_is_stratified_and_never_reaches_the_test_part(train_size):
    split = drawn(train_size=train_size)
    assert len(split.development_indices) == (train_size or 64)
    assert not set(split.development_indices) & set(TEST)
    counts = np.bincount(split.y_development)
    assert counts.max() - counts.min() <= 1


def test_the_size_and_the_fraction_do_not_change_which_rows_a_seed_prefers():
    assert set(drawn(train_size=20).development_indices) < set(
        drawn(validation_fraction=0.5).development_indices
    )
