import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.records import Split


def arguments(**changes):
    """Twelve rows of two features: six to train on, three to choose by, three to test."""
    x = np.arange(24, dtype=np.float32).reshape(12, 2)
    y = np.arange(12) % 3
    parts = {"train": slice(0, 6), "validation": slice(6, 9), "test": slice(9, 12)}
    made = {"name": "twelve", "num_classes": 3}
    for part, rows in parts.items():
        made |= {f"x_{part}": x[rows], f"y_{part}": y[rows], f"{part}_indices": 100 + np.arange(12)[rows]}
    return made | changes


def message_of(**changes):
    with pytest.raises(InvalidInput) as error:
        Split(**arguments(**changes))
    return str(error.value)


def test_it_tells_its_shapes_and_describes_itself_without_arrays():
    split = Split(**arguments())
    assert split.input_shape == (2,)
    assert split.output_shape == ()
    assert repr(split) == ("Split('twelve': 6 train, 3 validation, 3 test rows of shape (2,), 3 classes)")
    assert json.loads(json.dumps(split.describe())) == {
        "name": "twelve", "input_shape": [2], "num_classes": 3,
        "train_rows": 6, "validation_rows": 3, "test_rows": 3,
    }  # fmt: skip


def test_its_fields_cannot_be_replaced_in_place():
    with pytest.raises(FrozenInstanceError):
        Split(**arguments()).x_train = np.zeros((1, 2))


def test_the_development_rows_are_train_before_validation():
    split = Split(**arguments())
    np.testing.assert_array_equal(split.x_development, np.arange(18).reshape(9, 2))
    np.testing.assert_array_equal(split.y_development, np.arange(9) % 3)
    np.testing.assert_array_equal(split.development_indices, 100 + np.arange(9))


def test_a_validation_part_may_be_empty():
    split = Split(
        **arguments(
            x_validation=np.empty((0, 2), np.float32), y_validation=np.empty(0, int),
            validation_indices=np.empty(0, int),
        )
    )  # fmt: skip
    assert len(split.x_validation) == 0


def test_a_train_part_may_not_be_empty():
    empty = {"x_train": np.empty((0, 2), np.float32), "y_train": np.empty(0, int)}
    assert message_of(**empty, train_indices=np.empty(0, int)) == (
        "The train part is empty: a Split needs at least one training row."
    )


@pytest.mark.parametrize("num_classes", [1, 0, 3.0, True, "3"])
def test_a_number_of_classes_is_whole_and_at_least_2(num_classes):
    assert message_of(num_classes=num_classes) == (
        f"num_classes must be a whole number of at least 2, or None for regression; received {num_classes!r}."
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"x_test": [[1.0, 2.0]]},
            "x_test must be a NumPy array with one entry a row; received list. Split.from_arrays converts "
            "lists and tables.",
        ),
        (
            {"x_test": np.zeros((3, 4), np.float32)},
            "x_test has rows of shape (4,) and float32, but x_train has rows of shape (2,) and float32; all "
            "parts must have the same.",
        ),
        (
            {"x_test": np.arange(18, 24).reshape(3, 2) / 1.0},
            "x_test has rows of shape (2,) and float64, but x_train has rows of shape (2,) and float32; all "
            "parts must have the same.",
        ),
        (
            {"y_test": np.zeros((3, 1), int)},
            "y_test has rows of shape (1,) and int64, but y_train has rows of shape () and int64; all parts "
            "must have the same.",
        ),
        (
            {"x_train": np.arange(12).reshape(6, 2)},
            "x_train must be floating-point; received int64. Split.from_arrays converts 8-bit images to "
            "[0, 1].",
        ),
        (
            {"x_train": np.arange(6, dtype=np.float32)},
            "x_train must have shape (rows, *input_shape); received shape (6,). A single feature is a "
            "column: x.reshape(-1, 1).",
        ),
        (
            {"y_validation": np.array([0, 1])},
            "The validation part has 3 rows in x, 2 in y and indices of shape (3,); all three must agree.",
        ),
        (
            {"test_indices": np.array([9, 10])},
            "The test part has 3 rows in x, 3 in y and indices of shape (2,); all three must agree.",
        ),
        (
            {"test_indices": np.array([9.0, 10.0, 11.0])},
            "test_indices must be integers; received float64.",
        ),
        (
            {"x_validation": np.array([[1, 2], [np.nan, 1], [0, np.inf]], np.float32)},
            "x_validation holds NaN or infinite values in rows 1, 2; all values must be finite in single "
            "precision. Remove or repair these rows.",
        ),
        (
            {"y_test": np.array([0, 1, 3])},
            "y_test must lie in 0 to 2 for 3 classes; received 3 in row 2, 1 such in all.",
        ),
        (
            {f"y_{part}": np.zeros(rows) for part, rows in (("train", 6), ("validation", 3), ("test", 3))},
            "y_train must be integer labels; received float64. Convert labels with y_train.astype(int), or "
            'say task="regression" if they are numbers to predict.',
        ),
        ({"num_classes": None}, "y_train must be floating-point for regression; received int64."),
        (
            {"validation_indices": np.array([101, 105, 200])},
            "The train and validation parts share the source rows 101, 105; each row may stand in one part "
            "only.",
        ),
        (
            {"x_test": np.array([[40, 41], [2, 3], [42, 43]], np.float32)},
            "Row 101 (train) and row 110 (test) have exactly the same content; a row that was trained on "
            "cannot be tested on. Remove the duplicates, for example with drop_duplicates=True in "
            "Split.from_arrays or load_npz.",
        ),
    ],
)
def test_what_is_malformed_or_shared_is_refused(changes, message):
    assert message_of(**changes) == message


def test_a_target_that_is_not_finite_is_refused():
    y = {f"y_{part}": np.zeros(rows) for part, rows in (("train", 6), ("validation", 3), ("test", 3))}
    y["y_train"][4] = np.inf
    assert message_of(num_classes=None, **y) == (
        "y_train holds NaN or infinite values in rows 4; all values must be finite in single precision. "
        "Remove or repair these rows."
    )


def test_a_redrawn_split_holds_the_rows_it_was_told_to_and_the_same_test_part():
    split = Split(**arguments())
    redrawn = split.redrawn(np.array([8, 0]), np.array([1, 7, 3]))
    np.testing.assert_array_equal(redrawn.x_train, [[16, 17], [0, 1]])
    np.testing.assert_array_equal(redrawn.y_validation, [1, 1, 0])
    np.testing.assert_array_equal(redrawn.train_indices, [108, 100])
    np.testing.assert_array_equal(redrawn.validation_indices, [101, 107, 103])
    assert redrawn.x_test is split.x_test
    assert (redrawn.name, redrawn.num_classes) == ("twelve", 3)


def test_a_redrawn_split_passes_every_check_of_a_new_one_and_can_be_redrawn_again():
    redrawn = Split(**arguments()).redrawn(np.arange(4), np.arange(4, 9)).redrawn([0], [8])
    replace(redrawn)
    np.testing.assert_array_equal(redrawn.development_indices, [100, 108])


@pytest.mark.parametrize(
    ("train", "validation", "message"),
    [
        (
            [0, 1, 2],
            [2, 1],
            "The train and validation parts share the source rows 101, 102; each row may stand in one part "
            "only.",
        ),
        ([0, 9], [1], "The positions of the train part must lie in 0 to 8; received 0 to 9."),
        ([0], [-1, 2], "The positions of the validation part must lie in 0 to 8; received -1 to 2."),
        ([], [0], "The train part is empty: a Split needs at least one training row."),
    ],
)
def test_positions_that_make_no_split_are_refused(train, validation, message):
    with pytest.raises(InvalidInput) as error:
        Split(**arguments()).redrawn(train, validation)
    assert str(error.value) == message


def test_equal_rows_may_be_redrawn_together_but_not_onto_two_sides():
    x = arguments()["x_train"].copy()
    x[4] = x[1]
    split = Split(**arguments(x_train=x))
    split.redrawn([0, 2, 3], [1, 4])
    with pytest.raises(InvalidInput) as error:
        split.redrawn([0, 1], [4, 5])
    assert str(error.value) == (
        "Row 101 (train) and row 104 (validation) have exactly the same content; a row that was trained on "
        "cannot be tested on. Remove the duplicates, for example with drop_duplicates=True in "
        "Split.from_arrays or load_npz."
    )


def test_a_position_may_be_drawn_twice_as_the_bootstrap_does():
    redrawn = Split(**arguments()).redrawn([0, 0, 1], [2])
    assert redrawn.train_indices.tolist() == [100, 100, 101]


def test_an_autoencoders_targets_are_its_inputs():
    split = Split(**arguments()).as_autoencoder()
    assert split.num_classes is None
    assert split.output_shape == (2,)
    for part in ("train", "validation", "test"):
        assert getattr(split, f"y_{part}") is getattr(split, f"x_{part}")


def test_it_goes_through_json_and_comes_back_equal_to_the_last_bit():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(30, 4, 4, 1)), random.normal(size=(30, 2))
    for split in (
        Split(**arguments()),
        Split.from_arrays(x, y, task="regression").redrawn(np.arange(20), np.empty(0, int)),
    ):
        back = Split.from_dict(json.loads(json.dumps(split.to_dict())))
        assert (back.name, back.num_classes) == (split.name, split.num_classes)
        for part in ("train", "validation", "test"):
            for name in (f"x_{part}", f"y_{part}", f"{part}_indices"):
                np.testing.assert_array_equal(getattr(back, name), getattr(split, name))
                assert getattr(back, name).dtype == getattr(split, name).dtype
                assert getattr(back, name).shape == getattr(split, name).shape
