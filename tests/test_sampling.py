import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from kerasreg.checks import InvalidInput
from kerasreg.sampling import draw_fraction, draw_rows, stratified_order, take_rows

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def test_a_draw_is_scikit_learns_stratified_one():
    drawn, rest = draw_rows(LABELS, 100, 20, seed=7, what="test part")
    expected = train_test_split(np.arange(100), train_size=20, stratify=LABELS, random_state=7)
    np.testing.assert_array_equal(drawn, expected[0])
    np.testing.assert_array_equal(rest, expected[1])
    assert np.bincount(LABELS[drawn]).tolist() == [12, 6, 2]


@pytest.mark.parametrize("size", [0, 1, 37, 99, 100])
def test_every_row_is_drawn_or_left_and_none_twice(size):
    drawn, rest = draw_rows(None, 100, size, seed=1, what="test part")
    assert len(drawn) == size
    assert sorted([*drawn, *rest]) == list(range(100))


def test_all_rows_drawn_come_in_random_order():
    drawn, _ = draw_rows(LABELS, 100, 100, seed=1, what="test part")
    assert drawn.tolist() != list(range(100))


def test_more_rows_than_there_are_cannot_be_drawn():
    with pytest.raises(InvalidInput) as error:
        draw_rows(LABELS, 100, 101, seed=0, what="test part")
    assert str(error.value) == "The test part of 101 rows is larger than the 100 rows there are."


@pytest.mark.parametrize(("size", "fraction"), [(2, 0.02), (98, 0.98)])
def test_a_stratified_draw_needs_a_row_a_class_on_both_sides(size, fraction):
    message = (
        f"The validation part would hold {size} of 100 rows, for 3 classes; a stratified draw needs at least "
        "one row a class in it and in the rest. Take more rows or another fraction."
    )
    with pytest.raises(InvalidInput) as error:
        draw_rows(LABELS, 100, size, seed=0, what="validation part")
    assert str(error.value) == message
    with pytest.raises(InvalidInput) as error:
        draw_fraction(LABELS, 100, fraction, seed=0, what="validation part")
    assert str(error.value) == message


def test_a_class_with_a_single_row_cannot_be_stratified():
    with pytest.raises(InvalidInput) as error:
        draw_rows(np.array([0, 0, 0, 5, 0, 0]), 6, 3, seed=0, what="test part")
    assert str(error.value) == (
        "Class 5 has a single row, so the test part cannot be stratified; every class needs at least 2 "
        "rows. Add rows of that class or leave it out."
    )


@pytest.mark.parametrize(("fraction", "size"), [(0.04, 0), (0.97, 10)])
def test_a_fraction_that_rounds_to_nothing_or_to_all_is_refused(fraction, size):
    with pytest.raises(InvalidInput) as error:
        draw_fraction(None, 10, fraction, seed=0, what="validation part")
    assert str(error.value) == (
        f"The validation part would hold {size} of 10 rows; both it and the rest need at least one. "
        "Take more rows or another fraction."
    )


def test_every_beginning_of_a_stratified_order_holds_the_classes_in_proportion():
    order = stratified_order(LABELS, 100, seed=3)
    assert sorted(order) == list(range(100))
    shares = np.array([0.6, 0.3, 0.1])
    for size in range(1, 101):
        counts = np.bincount(LABELS[order[:size]], minlength=3)
        assert np.abs(counts - size * shares).max() <= 1


def test_a_stratified_order_gives_seats_as_sainte_lague_does():
    """The highest quotient votes / (2 * seats + 1) takes the next seat."""
    votes = np.array([53, 24, 23])
    order = stratified_order(np.repeat([0, 1, 2], votes), 100, seed=0)
    seats = np.zeros(3, dtype=int)
    for _ in range(7):
        seats[(votes / (2 * seats + 1)).argmax()] += 1
    assert np.bincount(np.repeat([0, 1, 2], votes)[order[:7]]).tolist() == seats.tolist() == [3, 2, 2]


def test_which_row_of_a_class_comes_first_is_up_to_the_seed_and_is_fair():
    firsts = [stratified_order(LABELS, 100, seed=seed)[0] for seed in range(3000)]
    counts = np.bincount(firsts, minlength=100)
    assert counts[60:].sum() == 0
    assert np.abs(counts[:60] - 50).max() < 5 * np.sqrt(50)


def test_an_order_without_labels_is_a_permutation():
    order = stratified_order(None, 50, seed=0)
    assert sorted(order) == list(range(50))
    assert order.tolist() != list(range(50))


@pytest.mark.parametrize("labels", [LABELS, None])
def test_smaller_samples_are_among_larger_ones_and_no_size_means_all(labels):
    small, large = (take_rows(labels, 100, size, seed=5) for size in (30, 31))
    assert len(small) == 30
    assert set(small) < set(large)
    assert sorted(take_rows(labels, 100, None, seed=5)) == list(range(100))


def test_a_train_size_above_the_data_is_refused():
    with pytest.raises(InvalidInput) as error:
        take_rows(LABELS, 100, 101, seed=0)
    assert str(error.value) == (
        "train_size must be at most 100, the number of rows that are not test; received 101."
    )


@pytest.mark.parametrize("train_size", [0, -5, 10.0, "10"])
def test_a_train_size_must_be_a_whole_number_from_1(train_size):
    with pytest.raises(InvalidInput) as error:
        take_rows(LABELS, 100, train_size, seed=0)
    assert str(error.value) == f"train_size must be a whole number of at least 1; received {train_size!r}."
