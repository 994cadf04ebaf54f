import numpy as np
import pytest
from sklearn.datasets import load_iris

from kerasreg.checks import InvalidInput, UnusualData
from kerasreg.records import Split

PARTS = ("train", "validation", "test")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(100, 3))
Y = np.arange(100) % 4


def message_of(x, y, **options):
    with pytest.raises(InvalidInput) as error:
        Split.from_arrays(x, y, **options)
    return str(error.value)


def sizes(split):
    return [len(getattr(split, f"x_{part}")) for part in PARTS]


def test_arrays_alone_are_drawn_into_three_stratified_parts():
    split = Split.from_arrays(X, Y)
    assert sizes(split) == [56, 24, 20]
    assert (split.num_classes, split.name) == (4, "arrays")
    for part, each in zip(PARTS, (14, 6, 5), strict=True):
        rows = getattr(split, f"{part}_indices")
        np.testing.assert_array_equal(getattr(split, f"x_{part}"), X[rows].astype(np.float32))
        np.testing.assert_array_equal(getattr(split, f"y_{part}"), Y[rows])
        assert np.bincount(getattr(split, f"y_{part}")).tolist() == [each] * 4


def test_parts_you_give_are_kept_in_order_and_numbered_through():
    split = Split.from_arrays(
        X[:50], Y[:50], x_validation=X[50:80], y_validation=Y[50:80], x_test=X[80:], y_test=Y[80:]
    )
    assert sizes(split) == [50, 30, 20]
    np.testing.assert_array_equal(split.train_indices, np.arange(50))
    np.testing.assert_array_equal(split.validation_indices, np.arange(50, 80))
    np.testing.assert_array_equal(split.test_indices, np.arange(80, 100))


def test_a_train_size_counts_train_and_validation_and_leaves_the_test_part_as_it_was():
    whole, small = Split.from_arrays(X, Y), Split.from_arrays(X, Y, train_size=40)
    assert sizes(small) == [28, 12, 20]
    np.testing.assert_array_equal(whole.test_indices, small.test_indices)


def test_a_train_size_keeps_your_own_validation_part_whole():
    own = {"x_validation": X[80:], "y_validation": Y[80:]}
    assert sizes(Split.from_arrays(X[:80], Y[:80], **own, train_size=50)) == [30, 20, 16]
    for train_size in (20, 85):
        assert message_of(X[:80], Y[:80], **own, train_size=train_size) == (
            "train_size must be 21 to 84, as it counts the 20 rows of your own validation part too; "
            f"received {train_size}."
        )


def test_eight_bit_images_become_floats_in_0_to_1_with_a_channel_axis():
    images = RANDOM.integers(0, 256, (20, 5, 4), dtype=np.uint8)
    split = Split.from_arrays(images, np.arange(20) % 2)
    assert split.input_shape == (5, 4, 1)
    np.testing.assert_array_equal(
        split.x_train[..., 0], images[split.train_indices].astype(np.float32) / np.float32(255)
    )


@pytest.mark.parametrize("dtype", ["int16", "float64", "float16"])
def test_other_numbers_stay_as_they_are_in_single_precision(dtype):
    x = np.arange(40).reshape(20, 2).astype(dtype)
    split = Split.from_arrays(x, np.arange(20) % 2)
    assert split.x_train.dtype == np.float32
    np.testing.assert_array_equal(split.x_train, x[split.train_indices])


def test_lists_columns_of_labels_and_true_and_false_are_accepted():
    split = Split.from_arrays([[float(i)] for i in range(20)], [[i % 2 == 0] for i in range(20)])
    assert split.num_classes == 2
    assert split.y_train.dtype == np.int64
    np.testing.assert_array_equal(split.y_train, split.train_indices % 2 == 0)


def test_a_pandas_table_is_accepted():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    np.testing.assert_array_equal(
        Split.from_arrays(table, pd.Series(Y)).x_test, Split.from_arrays(X, Y).x_test
    )


def test_regression_draws_at_random_and_keeps_targets_of_several_numbers():
    split = Split.from_arrays(X, X[:, :2] ** 2, task="regression")
    assert split.num_classes is None
    assert split.output_shape == (2,)
    np.testing.assert_allclose(split.y_train, split.x_train[:, :2] ** 2, rtol=1e-6)  # single precision


def test_duplicates_of_iris_are_refused_until_dropped():
    """Fisher's iris has one flower twice: rows 101 and 142."""
    x, y = load_iris(return_X_y=True)
    for seed in range(20):
        split = Split.from_arrays(x, y, drop_duplicates=True, seed=seed)
        assert sum(sizes(split)) == 149
        kept = np.concatenate([getattr(split, f"{part}_indices") for part in PARTS])
        assert set(range(150)) - set(kept) == {142}
    refused = 0
    for seed in range(20):
        try:
            Split.from_arrays(x, y, seed=seed)
        except InvalidInput:
            refused += 1
    assert 0 < refused < 20


def test_of_duplicates_your_test_part_keeps_its_own():
    split = Split.from_arrays(
        np.concatenate([X[:60], X[90:]]), np.concatenate([Y[:60], Y[90:]]),
        x_validation=X[60:92], y_validation=Y[60:92], x_test=X[80:], y_test=Y[80:], drop_duplicates=True,
    )  # fmt: skip
    assert sizes(split) == [60, 20, 20]


def test_a_part_without_a_row_of_its_own_is_refused():
    assert message_of(X, Y, x_test=X[:5], y_test=Y[:5], x_validation=X[:3], y_validation=Y[:3],
                      drop_duplicates=True) == (
        "Nothing is left of the validation part without duplicates: its rows all stand in another part."
    )  # fmt: skip


@pytest.mark.parametrize("drop_duplicates", [False, True])
def test_parts_of_other_row_shapes_are_refused(drop_duplicates):
    options = {"x_test": X[:, :2], "y_test": Y, "drop_duplicates": drop_duplicates}
    assert message_of(X, Y, **options) == (
        "x_test has rows of shape (2,), but x has rows of shape (3,); all parts must have the same."
    )


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (X[:, 0], "x must have shape (rows, *input_shape); received shape (100,). A single feature is a "
                  "column: x.reshape(-1, 1)."),
        (5.0, "x must have shape (rows, *input_shape); received shape (). A single feature is a "
              "column: x.reshape(-1, 1)."),
        (X.astype(str), "x must be real numbers; received <U32. Encode text and categories as numbers "
                        "first."),
        (X + 1j, "x must be real numbers; received complex128. Encode text and categories as numbers first."),
        ([[1.0], [1.0, 2.0]], "x must be an array; its rows have different shapes."),
        (X[:99], "x has 99 rows and y has 100; they must agree."),
        (X[:, :0], "x has rows of shape (0,), which hold no number at all."),
        (np.where(np.arange(300).reshape(100, 3) == 7, np.nan, X),
         "x holds NaN or infinite values in rows 2; all values must be finite in single precision. Remove or "
         "repair these rows."),
        (np.where(np.arange(300).reshape(100, 3) == 7, 1e300, X),
         "x holds numbers of up to 1e+300 in rows 2, too large for single precision, in which networks "
         "compute. Repair these rows, or divide all by one number."),
    ],
)  # fmt: skip
def test_inputs_must_be_rows_of_finite_numbers(x, message):
    assert message_of(x, Y) == message


def test_no_rows_at_all_are_refused():
    assert message_of(X[:0], Y[:0]) == "x has no rows; give at least one, or leave the part out."


def test_an_empty_test_part_is_refused():
    assert message_of(X, Y, x_test=X[:0], y_test=Y[:0]) == (
        "x_test has no rows; give at least one, or leave the part out."
    )


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (Y.astype(float), "y must be integer labels; received float64. Convert labels with y.astype(int), or "
                          'say task="regression" if they are numbers to predict.'),
        (Y.astype(str), "y must be numbers; received <U21. Names become labels with "
                        "np.unique(y, return_inverse=True)[1]."),
        (np.eye(4, dtype=int)[Y], "y must have shape (rows,); received shape (100, 4). One-hot rows become "
                                  "labels with y.argmax(axis=1)."),
        (Y - 1, "The smallest label is -1; labels must count the classes from 0. Number them with "
             "np.unique(y, return_inverse=True)[1]."),
        (3, "y must have one entry a row; received a single value."),
        (Y * 50, "The largest label is 150, but there are 100 rows in all; labels must count the classes "
                 "from 0. Number them with np.unique(y, return_inverse=True)[1]."),
        (Y * 0, "All labels are 0: there is a single class and nothing to tell apart. Give rows of at least "
                'two classes, num_classes=..., or task="regression".'),
    ],
)  # fmt: skip
def test_labels_must_number_the_classes(y, message):
    assert message_of(X, y) == message


def test_labels_above_the_given_number_of_classes_are_refused():
    assert message_of(X, Y, num_classes=3) == (
        "y must lie in 0 to 2 for 3 classes; received 3 in row 3, 25 such in all."
    )


def test_targets_of_regression_must_be_finite():
    y = X[:, 0].copy()
    y[5] = np.nan
    assert message_of(X, y, task="regression") == (
        "y holds NaN or infinite values in rows 5; all values must be finite in single precision. Remove or "
        "repair these rows."
    )


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (
            1e200,
            "y holds numbers of up to 5e+200 in rows 1, 3, 5 and 47 more, too large for single precision",
        ),
        (
            1e25,
            "y holds numbers of up to 5e+25, whose squared errors single precision, in which networks "
            "compute, cannot hold. Multiply or divide it by one number, so that its standard deviation is "
            "about 1.",
        ),
        (
            1e-30,
            "y holds numbers with a standard deviation of 2.5e-30, whose squared errors single precision",
        ),
    ],
)
def test_targets_whose_squared_errors_leave_single_precision_are_refused(factor, message):
    y = factor * np.tile([0.0, 5.0], len(X) // 2)
    assert message_of(X, y, task="regression").startswith(message)
    Split.from_arrays(X, y / factor, task="regression")
    with pytest.warns(UnusualData, match="^The target is constant"):  # which has no spread to lose
        Split.from_arrays(X, np.full(len(X), 1e-30), task="regression")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x_test": X}, "Only one of x_test and y_test was given; give both or neither."),
        ({"task": "ranking"}, "task must be one of 'classification', 'regression'; received 'ranking'."),
        ({"test_fraction": 0}, "test_fraction must be a number above 0 and below 1; received 0."),
        ({"validation_fraction": 1}, "validation_fraction must be a number above 0 and below 1; received 1."),
        (
            {"train_size": 81},
            "train_size must be at most 80, the number of rows that are not test; received 81.",
        ),
        ({"train_size": 0}, "train_size must be a whole number of at least 1; received 0."),
        (
            {"test_fraction": 0.03},
            "The test part would hold 3 of 100 rows, for 4 classes; a stratified draw needs at least one row "
            "a class in it and in the rest. Take more rows or another fraction.",
        ),
    ],
)
def test_options_outside_their_range_are_refused(options, message):
    assert message_of(X, Y, **options) == message


@pytest.mark.parametrize(
    ("y", "advice"),
    [
        ((RANDOM.random((100, 5)) > 0.6).astype(int), "Several labels a row are not supported: "),
        (np.eye(4)[Y] * 0.8 + 0.05, "Rows of probabilities are not supported; "),
        (X, 'Several numbers a row are targets of task="regression".'),
        (RANDOM.random(100), "or make classes of probabilities, with (y > 0.5).astype(int)."),
        (np.where(Y == 1, np.nan, Y), "It holds NaN or infinite values in rows 1, 5, 9 and 22 more;"),
        (Y.astype(np.uint64) + 2**63, "y holds 9223372036854775811, larger than any label;"),
    ],
)
def test_what_is_no_label_is_told_from_one_hot_rows(y, advice):
    assert advice in message_of(X, y)


def test_one_hot_rows_of_any_dtype_become_labels_with_argmax():
    for dtype in (int, float, bool, np.uint8):
        assert message_of(X, np.eye(4, dtype=dtype)[Y]).endswith(
            "One-hot rows become labels with y.argmax(axis=1)."
        )


@pytest.mark.parametrize(("y", "classes"), [(np.where(Y > 1, 20, 10), 21), (Y + 1, 5), (Y * 2, 7)])
def test_classes_without_a_row_are_refused_unless_their_number_is_given(y, classes):
    said = message_of(X, y)
    assert said.startswith(
        f"The labels go up to {classes - 1}, which makes {classes} classes counted from 0, but"
    )
    assert said.endswith(f"over all parts together, or give num_classes={classes}.")
    assert Split.from_arrays(X, y, num_classes=classes).num_classes == classes


def test_a_class_that_stands_in_the_test_part_alone_is_told():
    with pytest.warns(UnusualData) as told:
        Split.from_arrays(X, Y % 3, x_test=X + 0.5, y_test=Y)
    assert [str(one.message) for one in told] == [
        "25 rows of the test part belong to classes without a training row (class 3), which no network can "
        "learn."
    ]


def test_parts_of_which_some_alone_are_8_bit_images_are_refused():
    images = RANDOM.integers(0, 256, (30, 5, 5), dtype=np.uint8)
    assert message_of(images, Y[:30], x_test=images[:9] + 0.5, y_test=Y[:9]) == (
        "x of uint8 would be divided by 255, and x_test of float64 would not. Give all parts in one dtype: 0 "
        "to 255 with x_test.astype(np.uint8), or 0 to 1 with x / 255."
    )


def test_parts_of_other_dtypes_are_converted_alike():
    split = Split.from_arrays(X, Y, x_test=np.arange(9).reshape(3, 3), y_test=Y[:3].astype(np.int8))
    assert (split.x_test.dtype, split.y_test.dtype) == (np.float32, np.int64)
    np.testing.assert_array_equal(split.x_test, np.arange(9).reshape(3, 3))
