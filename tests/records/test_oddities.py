"""Data that may not be as their user thinks are told, and ordinary data are not."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

from kerasreg.checks import UnusualData
from kerasreg.records import Split
from kerasreg.records.oddities import oddities

RANDOM = np.random.default_rng(0)
Y = np.arange(60) % 2
PICTURES = RANDOM.random((60, 8, 8, 1))


def told_of(x, y=Y, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualData)
        return oddities(Split.from_arrays(x, y, **options))


def test_what_is_far_outside_the_training_rows_is_told_by_column_and_row():
    x, x_test = RANDOM.normal(size=(60, 4)), RANDOM.normal(size=(30, 4))
    x[:, 2] = x_test[:, 2] = 0.1
    x_test[:3, 2], x_test[7, 0], x_test[7, 3], x_test[9, 3] = 1, 500, -500, 5
    assert told_of(x, x_test=x_test, y_test=Y[:30]) == [
        "Column 2 is constant in the training rows, but not in rows 60, 61, 62 (test): what the difference "
        "means cannot be learned.",
        "Columns 0, 3 are more than 10 standard deviations from the training rows' mean, and outside their "
        "range, in row 67 (test): predictions for such rows can be of any size. Check them and their units.",
    ]


def test_a_target_that_is_constant_in_the_training_rows_is_told():
    x, y = RANDOM.normal(size=(60, 2)), RANDOM.normal(size=(60, 3))
    told = "constant in the training rows: a network can learn no more than to predict that number."
    assert told_of(x, np.full(60, 3.3), task="regression") == [f"The target is {told}"]
    y[:, 1] = 5
    assert told_of(x, y, task="regression") == [f"Of the targets, column 1 is {told}"]
    assert told_of(x, y[:, [0, 2]], task="regression") == []
    pictures = Split.from_arrays(np.zeros((60, 8, 8)) + RANDOM.random((60, 1, 1)), Y)
    dark = replace(pictures, x_train=pictures.x_train * np.float32([[[1.0]] + [[0.0]] * 7])).as_autoencoder()
    assert oddities(dark) == []


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer, load_diabetes])
def test_of_ordinary_tables_nothing_is_told(load):
    x, y = load(return_X_y=True)
    task = "regression" if load is load_diabetes else "classification"
    for seed in range(10):
        told = told_of(x, y, task=task, seed=seed)
        # the errors of some cancers' measures lie as far out as that
        assert told == [] or load is load_breast_cancer
        assert len(told) <= 2


@pytest.mark.parametrize("pictures", [PICTURES, 2 * PICTURES - 1, (PICTURES * 255).astype(np.uint8)])
def test_of_ordinary_pictures_nothing_is_told(pictures):
    assert told_of(pictures) == []


def test_the_dark_border_of_digits_is_not_told():
    x, y = load_digits(return_X_y=True)
    assert told_of((x.reshape(-1, 8, 8) / 16), y) == []


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (
            RANDOM.random((60, 3, 32, 32)),
            "The inputs have shape (3, 32, 32): 32 channels. If these are pictures",
        ),
        (RANDOM.random((60, 1, 28, 28)), "The inputs have shape (1, 28, 28): 28 channels."),
        (255 * PICTURES, "networks for pictures expect about 0 to 1: divide all parts by what white is"),
        ((255 * PICTURES).astype(int), "networks for pictures expect about 0 to 1"),
        ((65_535 * PICTURES).astype(np.uint16), "networks for pictures expect about 0 to 1"),
    ],
)
def test_channels_that_come_first_and_pixels_that_are_not_scaled_are_told(x, words):
    (sentence,) = told_of(x)
    assert words in sentence


@pytest.mark.parametrize("factor", [255, 1 / 255])
def test_parts_in_another_scale_are_told(factor):
    (sentence,) = told_of(PICTURES, x_test=PICTURES[:9] * factor + 0.001, y_test=Y[:9])
    assert "in the train part and to" in sentence
    assert sentence.endswith("part: give all parts in one scale.")
