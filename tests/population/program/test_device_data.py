"""Every row is held once, whatever the splits that share it."""

from dataclasses import replace

import numpy as np
import pytest

from kerasreg.population.program.device_data import pool_of
from tests.helpers.populations import classes, numbers, split_of, table


def whole(rows=30):
    return split_of(table(rows=40), np.arange(40) % 3, train=rows - 10, validation=10)


def folds(split, count=3):
    rows = np.arange(len(split.x_development))
    return [split.redrawn(rows[rows % count != fold], rows[rows % count == fold]) for fold in range(count)]


def assert_holds(pool, splits):
    """Each split's rows and labels stand where the pool says."""
    x, y = pool.data["x"].numpy(), pool.data["y"].numpy()
    for split, train, validation in zip(splits, pool.train, pool.validation, strict=True):
        for places, rows, labels in (
            (train, split.x_train, split.y_train),
            (validation, split.x_validation, split.y_validation),
        ):
            np.testing.assert_array_equal(x[places], rows)
            np.testing.assert_array_equal(y[places], labels)


def test_folds_share_their_rows():
    splits = folds(whole())
    pool = pool_of(splits)
    assert pool.data["x"].shape == (30, 8)
    assert_holds(pool, splits)


def test_test_rows_are_not_there():
    split = whole()
    held = {row.tobytes() for row in pool_of([split]).data["x"].numpy()}
    assert not held & {row.tobytes() for row in split.x_test}


def test_the_same_split_for_all_has_the_same_places():
    split = whole()
    pool = pool_of([split] * 3)
    assert pool.train[0] is pool.train[2]
    assert pool.data["x"].shape == (30, 8)


def test_splits_that_disagree_about_a_row_are_held_apart():
    first = whole()
    second = split_of(first.x_development + 1, first.y_development, train=20, validation=8)
    splits = [first, *folds(second), *folds(first)]
    pool = pool_of(splits)
    assert pool.data["x"].shape == (30 + 28, 8)
    assert_holds(pool, splits)


def test_splits_that_disagree_about_a_label_are_held_apart():
    first = whole()
    labels = first.y_development.copy()
    labels[3] = (labels[3] + 1) % 3
    second = split_of(first.x_development, labels, train=20, validation=8)
    splits = [first, second]
    pool = pool_of(splits)
    assert len(pool.data["x"]) == 58
    assert_holds(pool, splits)


def test_parts_of_one_data_set_that_share_no_row_are_held_together():
    split = whole()
    first, second = (
        split.redrawn(np.arange(10), np.arange(5) + 10),
        split.redrawn(np.arange(10) + 15, np.arange(5) + 25),
    )
    splits = [first, second, split]
    pool = pool_of(splits)
    assert len(pool.data["x"]) == 30
    assert_holds(pool, splits)


def test_a_bootstrap_holds_a_row_once_and_names_it_often():
    split = whole()
    drawn = np.array([0, 0, 0, 5, 5, 9])
    bootstrap = split.redrawn(drawn, np.arange(10) + 10)
    pool = pool_of([bootstrap, split])
    assert len(pool.data["x"]) == 30
    assert len(pool.train[0]) == 6
    assert_holds(pool, [bootstrap, split])


def test_versions_of_a_row_under_one_index_are_all_held():
    split = whole()
    copies = [split.x_train + shift for shift in (0.0, 0.25, 0.5)]
    several = replace(
        split,
        x_train=np.concatenate(copies),
        y_train=np.concatenate([split.y_train] * 3),
        train_indices=np.concatenate([split.train_indices] * 3),
    )
    pool = pool_of([several, split])
    assert len(pool.data["x"]) == 30 + 2 * 20
    assert_holds(pool, [several, split])


def test_autoencoders_hold_no_targets():
    split = whole().as_autoencoder()
    assert set(pool_of([split]).data) == {"x"}
    shared = pool_of([split, split.redrawn(np.arange(10), np.arange(5) + 10)])
    assert len(shared.data["x"]) == 30


@pytest.mark.parametrize(
    ("split", "kind"), [(classes(), "int32"), (numbers(), "float32")], ids=["labels", "numbers"]
)
def test_labels_are_whole_numbers_and_targets_single_precision(split, kind):
    pool = pool_of([split])
    assert (pool.data["x"].dtype.name, pool.data["y"].dtype.name) == ("float32", kind)
    assert {places.dtype.name for places in (*pool.train, *pool.validation)} == {"int32"}


def test_a_split_without_validation_has_no_places_for_it():
    assert len(pool_of([classes(train=40, validation=0)]).validation[0]) == 0
