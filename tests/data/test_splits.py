import numpy as np
import pytest
from sklearn.model_selection import TimeSeriesSplit

from kerasreg.checks import InvalidInput
from kerasreg.data import (
    chronological,
    hold_out,
    k_fold,
    load_digits_split,
    monte_carlo,
    nested_subsets,
    noisy_parabola,
    repeated_k_fold,
)
from kerasreg.records import Split

DIGITS = load_digits_split(300)
PARABOLA = noisy_parabola(23)
WAYS = [
    lambda split, seed: [hold_out(split, seed=seed)],
    lambda split, seed: k_fold(split, 5, seed=seed),
    lambda split, seed: repeated_k_fold(split, 5, 2, seed=seed),
    lambda split, seed: monte_carlo(split, 4, seed=seed),
    lambda split, seed: chronological(split, 4),
    lambda split, seed: nested_subsets(split, [10, 15], seed=seed),
]


def division(split):
    return split.train_indices.tolist(), split.validation_indices.tolist()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("split", [DIGITS, PARABOLA])
def test_every_way_leaves_the_test_part_alone_and_keeps_rows_with_their_labels(way, split):
    label_of = dict(zip(split.development_indices.tolist(), split.y_development.tolist(), strict=True))
    for drawn in way(split, 1):
        assert drawn.x_test is split.x_test
        assert drawn.y_test is split.y_test
        assert not set(drawn.train_indices) & set(drawn.validation_indices)
        for part in ("train", "validation"):
            indices = getattr(drawn, f"{part}_indices").tolist()
            assert getattr(drawn, f"y_{part}").tolist() == [label_of[index] for index in indices]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("split", [DIGITS, PARABOLA])
def test_every_way_gives_the_same_for_the_same_seed(way, split):
    first, second = ([division(drawn) for drawn in way(split, 3)] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("way", WAYS[:4])
def test_another_seed_gives_another_division(way):
    assert [division(drawn) for drawn in way(DIGITS, 1)] != [division(drawn) for drawn in way(DIGITS, 2)]


@pytest.mark.parametrize("way", WAYS[:5])
def test_the_division_before_does_not_matter(way):
    redrawn = hold_out(DIGITS, validation_fraction=0.4, seed=99)
    assert [division(drawn) for drawn in way(DIGITS, 1)] == [division(drawn) for drawn in way(redrawn, 1)]


@pytest.mark.parametrize("split", [DIGITS, PARABOLA])
def test_in_k_folds_every_row_is_validated_once_and_trained_on_in_all_others(split):
    folds = k_fold(split, 5)
    assert len(folds) == 5
    validated = np.concatenate([fold.validation_indices for fold in folds])
    assert sorted(validated) == sorted(split.development_indices)
    sizes = [len(fold.x_validation) for fold in folds]
    assert max(sizes) - min(sizes) <= (1 if split is PARABOLA else 10)
    for fold in folds:
        assert sorted([*fold.train_indices, *fold.validation_indices]) == sorted(split.development_indices)


def test_folds_hold_each_class_in_equal_parts():
    counts = np.array([np.bincount(fold.y_validation, minlength=10) for fold in k_fold(DIGITS, 5)])
    assert (counts.max(axis=0) - counts.min(axis=0)).max() <= 1


def test_regression_targets_are_not_stratified_but_shuffled():
    folds = k_fold(PARABOLA, 5)
    assert any(np.diff(np.sort(fold.validation_indices)).max() > 1 for fold in folds)


def test_repeated_folds_are_the_folds_of_one_repeat_after_the_other():
    folds = repeated_k_fold(DIGITS, 5, 3)
    assert len(folds) == 15
    for first in (0, 5, 10):
        validated = np.concatenate([fold.validation_indices for fold in folds[first : first + 5]])
        assert sorted(validated) == sorted(DIGITS.development_indices)
    assert division(folds[0]) != division(folds[5])


def test_monte_carlo_draws_are_stratified_of_one_size_and_all_different():
    draws = monte_carlo(DIGITS, 20, validation_fraction=0.2)
    assert {len(draw.x_validation) for draw in draws} == {60}
    assert min(np.bincount(draw.y_validation, minlength=10).min() for draw in draws) >= 5
    assert len({tuple(sorted(draw.validation_indices)) for draw in draws}) == 20


def test_a_hold_out_has_the_fraction_asked_for():
    split = hold_out(DIGITS, validation_fraction=0.5)
    assert (len(split.x_train), len(split.x_validation)) == (150, 150)
    assert np.bincount(split.y_validation).min() >= 14


def test_chronological_folds_are_scikit_learns_in_the_order_of_the_source():
    split = hold_out(PARABOLA, seed=5)
    expected = TimeSeriesSplit(4).split(np.arange(23))
    for fold, (train, validation) in zip(chronological(split, 4), expected, strict=True):
        assert fold.train_indices.tolist() == train.tolist()
        assert fold.validation_indices.tolist() == validation.tolist()
        assert fold.train_indices.max() < fold.validation_indices.min()


def test_nested_subsets_each_contain_the_smaller_ones_whatever_their_order():
    large, small, middle = nested_subsets(DIGITS, [200, 20, 90])
    assert [len(split.x_train) for split in (large, small, middle)] == [200, 20, 90]
    assert set(small.train_indices) < set(middle.train_indices) < set(large.train_indices)
    assert set(large.train_indices) < set(DIGITS.train_indices)
    np.testing.assert_array_equal(small.x_validation, DIGITS.x_validation)
    assert division(nested_subsets(DIGITS, [90])[0]) == division(middle)


def test_nested_subsets_hold_the_classes_in_proportion():
    shares = np.bincount(DIGITS.y_train) / len(DIGITS.y_train)
    for size, split in zip((10, 57, 210), nested_subsets(DIGITS, [10, 57, 210]), strict=True):
        assert np.abs(np.bincount(split.y_train, minlength=10) - size * shares).max() <= 1


def test_nested_subsets_of_regression_data_may_hold_a_single_row():
    assert len(nested_subsets(PARABOLA, [1])[0].x_train) == 1


def test_equal_rows_that_would_be_divided_are_refused_by_their_source():
    x = np.repeat(np.arange(10.0), 2).reshape(20, 1)
    split = Split.from_arrays(
        x, np.arange(20) % 2, x_test=[[15.0]], y_test=[0], x_validation=[[12.0]], y_validation=[1]
    )
    with pytest.raises(InvalidInput) as error:
        chronological(split, 20)
    assert str(error.value) == (
        "Row 0 (train) and row 1 (validation) have exactly the same content; a row that was trained on "
        "cannot be tested on. Remove the duplicates, for example with drop_duplicates=True in "
        "Split.from_arrays or load_npz."
    )


def small_split():
    """Nine rows of class 0 and three of class 1 that are not test."""
    x = np.arange(14.0).reshape(14, 1)
    y = np.array([0] * 9 + [1] * 3 + [0, 1])
    return Split.from_arrays(x[:12], y[:12], x_test=x[12:], y_test=y[12:])


@pytest.mark.parametrize("way", [k_fold, repeated_k_fold])
def test_fewer_rows_of_a_class_than_folds_are_refused(way):
    with pytest.raises(InvalidInput) as error:
        way(small_split(), 4)
    assert str(error.value) == (
        "Class 1 has 3 rows that are not test, fewer than the 4 folds; every fold needs a row of every "
        "class. Take fewer folds or more rows."
    )
    assert len(way(small_split(), 3)) in (3, 6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: k_fold(PARABOLA, 24),
            "24 folds need at least 24 rows that are not test; there are 23. Take fewer folds or more rows.",
        ),
        (
            lambda: chronological(PARABOLA, 23),
            "23 chronological folds need at least 24 rows that are not test; there are 23. Take fewer folds "
            "or more rows.",
        ),
        (lambda: k_fold(DIGITS, 1), "num_folds must be a whole number of at least 2; received 1."),
        (lambda: chronological(DIGITS, 1), "num_folds must be a whole number of at least 2; received 1."),
        (
            lambda: repeated_k_fold(DIGITS, 5, 0),
            "num_repeats must be a whole number of at least 1; received 0.",
        ),
        (lambda: monte_carlo(DIGITS, 0), "num_repeats must be a whole number of at least 1; received 0."),
        (
            lambda: monte_carlo(DIGITS, validation_fraction=0),
            "validation_fraction must be a number above 0 and below 1; received 0.",
        ),
        (
            lambda: hold_out(DIGITS, validation_fraction=1.5),
            "validation_fraction must be a number above 0 and below 1; received 1.5.",
        ),
        (
            lambda: hold_out(DIGITS, validation_fraction=0.01),
            "The validation part would hold 3 of 300 rows, for 10 classes; a stratified draw needs at least "
            "one row a class in it and in the rest. Take more rows or another fraction.",
        ),
        (
            lambda: monte_carlo(PARABOLA, validation_fraction=0.01),
            "The validation part would hold 0 of 23 rows; both it and the rest need at least one. Take more "
            "rows or another fraction.",
        ),
        (
            lambda: nested_subsets(DIGITS, [100, 211]),
            "Each size must be 10 (one row a class) to 210 (the whole train part); received 211.",
        ),
        (
            lambda: nested_subsets(DIGITS, [9]),
            "Each size must be 10 (one row a class) to 210 (the whole train part); received 9.",
        ),
        (
            lambda: nested_subsets(PARABOLA, [24]),
            "Each size must be 1 to 23 (the whole train part); received 24.",
        ),
        (
            lambda: nested_subsets(DIGITS, [10.0]),
            "Each size must be a whole number of at least 1; received 10.0.",
        ),
    ],
)
def test_what_cannot_be_divided_so_is_refused(call, message):
    with pytest.raises(InvalidInput) as error:
        call()
    assert str(error.value) == message


@pytest.mark.parametrize(
    "divide",
    [lambda number: repeated_k_fold(DIGITS, 5, number), lambda number: monte_carlo(DIGITS, number)],
)
@pytest.mark.parametrize("number", [10**9, 10_001])
def test_no_end_of_repeats_is_refused_before_they_are_made(divide, number):
    with pytest.raises(InvalidInput, match=rf"^num_repeats must be at most 10,000; received {number}\.$"):
        divide(number)


def test_more_divisions_than_the_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr("kerasreg.data.splits.MAX_BYTES", 2_000_000)
    with pytest.raises(InvalidInput, match=r"^30 divisions of these rows would take up"):
        repeated_k_fold(DIGITS, 3, 10)
    assert len(k_fold(DIGITS, 3)) == 3
