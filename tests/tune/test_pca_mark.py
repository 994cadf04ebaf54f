"""The mark an autoencoder has to beat is PCA's, fitted to what the network was fitted to."""

import numpy as np
import pytest

from kerasreg import Split, load_digits_split
from kerasreg.data import hold_out
from kerasreg.tune.pca_mark import pca_mark


def rows_split(x, *, train=30, validation=10):
    """The rows as the split of an autoencoder, those left over for test."""
    parts = {"train": slice(0, train), "validation": slice(train, train + validation)}
    parts["test"] = slice(train + validation, len(x))
    arrays = {f"{letter}_{part}": x[places] for part, places in parts.items() for letter in "xy"}
    indices = {f"{part}_indices": np.arange(len(x))[places] for part, places in parts.items()}
    return Split(name="rows", num_classes=None, **arrays, **indices)


def error_by_svd(split, components):
    """PCA's test error by NumPy's singular value decomposition."""
    train, test = (x.reshape(len(x), -1).astype(float) for x in (split.x_train, split.x_test))
    mean = train.mean(axis=0)
    basis = np.linalg.svd(train - mean)[2][:components]
    left = (test - mean) - (test - mean) @ basis.T @ basis
    return np.mean(left**2)


def noise(*shape):
    return np.random.default_rng(0).normal(5, 1, size=shape).astype(np.float32)


@pytest.mark.parametrize(
    "split",
    [rows_split(noise(50, 6)), rows_split(noise(50, 5, 5, 3))],
    ids=["more rows than numbers", "fewer rows than numbers"],
)
def test_it_is_the_error_of_the_leading_components_of_the_training_rows(split):
    mark = pca_mark([split], 4)
    assert mark["components"] == 4
    assert mark["scores"] == pytest.approx([error_by_svd(split, 4)])
    assert mark["mean"] == mark["scores"][0]


def test_each_division_of_the_data_has_its_own():
    digits = load_digits_split().as_autoencoder()
    splits = [hold_out(digits, seed=seed) for seed in range(2)]
    mark = pca_mark(splits, 16)
    assert mark["scores"] == pytest.approx([error_by_svd(split, 16) for split in splits])
    assert mark["scores"][0] != mark["scores"][1]
    assert mark["mean"] == pytest.approx(np.mean(mark["scores"]))


@pytest.mark.parametrize(
    ("x", "components"),
    [
        (noise(50, 6), 6),
        (noise(50, 60), 30),
        (noise(50, 2) @ noise(2, 6), 3),
    ],
    ids=["all the numbers of a row", "as many as rows", "rows in a plane"],
)
def test_there_is_none_where_pca_leaves_nothing_out(x, components):
    assert pca_mark([rows_split(x)], components) is None
