import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.records.content import (
    check_disjoint,
    check_finite,
    check_labels,
    check_rows,
    duplicate_groups,
    some_rows,
)


@pytest.mark.parametrize(
    ("rows", "words"), [([7], "7"), ([3, 7, 9], "3, 7, 9"), ([3, 7, 9, 11, 12], "3, 7, 9 and 2 more")]
)
def test_a_few_rows_are_named_and_the_rest_counted(rows, words):
    assert some_rows(np.array(rows)) == words


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_named(bad):
    x = np.zeros((6, 2, 2))
    x[[1, 4], 0, 1] = bad
    with pytest.raises(InvalidInput) as error:
        check_finite("x_train", x)
    assert str(error.value) == (
        "x_train holds NaN or infinite values in rows 1, 4; all values must be finite in single precision. "
        "Remove or repair these rows."
    )


@pytest.mark.parametrize("shape", [(0, 3), (0,), (4,), (4, 2, 2)])
def test_finite_values_of_any_shape_pass_and_so_does_no_row(shape):
    check_finite("x", np.zeros(shape))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            (5,),
            "x must have shape (rows, *input_shape); received shape (5,). A single feature is a column: "
            "x.reshape(-1, 1).",
        ),
        ((5, 0), "x has rows of shape (0,), which hold no number at all."),
    ],
)
def test_rows_must_hold_something(shape, message):
    with pytest.raises(InvalidInput) as error:
        check_rows("x", np.zeros(shape))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            [0, 1, -1, 3],
            "y must lie in 0 to 2 for 3 classes; received -1 in row 2, 2 such in all.",
        ),
        (
            [0.0, 1.0],
            "y must be integer labels; received float64. Convert labels with y.astype(int), or say "
            'task="regression" if they are numbers to predict.',
        ),
        (
            [[0, 1], [1, 0]],
            "y must have shape (rows,); received shape (2, 2). One-hot rows become labels with "
            "y.argmax(axis=1).",
        ),
    ],
)
def test_labels_must_be_integers_in_range(labels, message):
    with pytest.raises(InvalidInput) as error:
        check_labels("y", np.array(labels), 3)
    assert str(error.value) == message


def test_labels_from_0_to_the_last_class_pass():
    check_labels("y", np.array([0, 2, 1], dtype=np.uint8), 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_duplicates_are_those_a_comparison_of_all_pairs_finds(dtype):
    x = np.random.default_rng(0).integers(0, 3, (40, 2, 2)).astype(dtype)
    expected = []
    for row in range(40):
        same = [other for other in range(40) if np.array_equal(x[other], x[row])]
        if len(same) > 1 and same[0] == row:
            expected.append(same)
    assert duplicate_groups(x) == expected
    assert duplicate_groups(x[:15], x[15:15], x[15:]) == expected
    assert duplicate_groups(np.asfortranarray(x)) == expected


def test_minus_zero_is_equal_to_zero_and_a_last_bit_is_a_difference():
    assert duplicate_groups(np.array([[0.0, 1.0], [-0.0, 1.0]])) == [[0, 1]]
    assert duplicate_groups(np.array([[1.0], [np.nextafter(1.0, 2.0)]])) == []


def test_parts_that_share_source_rows_are_refused_and_the_rows_named():
    x = {"train": np.array([[1.0], [2.0]]), "test": np.array([[3.0], [4.0]])}
    with pytest.raises(InvalidInput) as error:
        check_disjoint(x, {"train": np.array([5, 8]), "test": np.array([8, 9])})
    assert str(error.value) == (
        "The train and test parts share the source rows 8; each row may stand in one part only."
    )


def test_parts_that_share_content_are_refused_and_the_rows_named_by_their_source():
    x = {"train": np.array([[1.0], [2.0]]), "validation": np.array([[3.0]]), "test": np.array([[4.0], [2.0]])}
    with pytest.raises(InvalidInput) as error:
        check_disjoint(
            x, {"train": np.array([50, 51]), "validation": np.array([60]), "test": np.array([70, 71])}
        )
    assert str(error.value) == (
        "Row 51 (train) and row 71 (test) have exactly the same content; a row that was trained on cannot be "
        "tested on. Remove the duplicates, for example with drop_duplicates=True in Split.from_arrays or "
        "load_npz."
    )


def test_equal_rows_within_one_part_are_allowed():
    x = {"train": np.array([[1.0], [1.0]]), "test": np.array([[2.0]])}
    check_disjoint(x, {"train": np.array([0, 1]), "test": np.array([2])})
