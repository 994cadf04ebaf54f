"""Tables, tensors and other containers mean as arrays what they meant before, or are refused."""

import fractions

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kerasreg.checks import InvalidInput, UnusualData
from kerasreg.records import Split

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.arange(40) % 2
TABLE = pd.DataFrame(X, columns=list("abc"))
PLAIN = Split.from_arrays(X, Y)


def message_of(x, y=Y, **options):
    with pytest.raises(InvalidInput) as error:
        Split.from_arrays(x, y, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X.astype(">f8"), Y.astype(">i2")),
        (X.astype(np.longdouble), Y.tolist()),
        (np.ma.array(X, mask=False), np.ma.array(Y)),
        (X.astype(object), Y.astype(object)),
        ([[fractions.Fraction(value) for value in row] for row in X], pd.Series(Y, dtype="category")),
        (TABLE.astype("Float64"), pd.Series(Y, dtype="Int64")),
        (TABLE, pd.DataFrame({"label": Y})),
        (np.asfortranarray(X), Y.astype(bool)),
    ],
    ids=["big-endian", "long double", "no mask", "objects", "fractions", "nullable", "pandas", "fortran"],
)
def test_other_containers_of_the_same_numbers_are_the_same_data(x, y):
    split = Split.from_arrays(x, y)
    np.testing.assert_array_equal(split.x_train, PLAIN.x_train)
    np.testing.assert_array_equal(split.y_train, PLAIN.y_train)
    assert split.x_train.dtype == np.float32


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ma.array(X, mask=np.arange(120).reshape(40, 3) == 7),
         "x has masked values in rows 2; a network takes no mask. Remove these rows, or fill them with "
         "x.filled(...)."),
        (TABLE.astype("Float64").reindex([0, 1, 2, 99, *range(4, 40)]),
         "x has missing values (None or NA) in rows 3. Remove or repair these rows."),
        (TABLE.assign(city="Bern"),
         "x must be real numbers; received 'Bern', of str, among others. Encode text and categories as "
         "numbers first."),
        (sparse.csr_matrix(X), "x is a sparse matrix; give all of its numbers, with x.toarray()."),
        (np.zeros(40, dtype=[("a", "f8"), ("b", "f8")]),
         "x is a structured array with the fields a, b; make ordinary columns of them with "
         "numpy.lib.recfunctions.structured_to_unstructured."),
        ((row for row in X),
         "x must be an array; received generator. Give the numbers themselves, as an array or a list "
         "of rows."),
        ({"a": X},
         "x must be an array; received dict. Give the numbers themselves, as an array or a list of rows."),
        (np.zeros((40, 2), "M8[s]"),
         "x must be real numbers; received datetime64[s]. Encode text and categories as numbers first."),
    ],
    ids=["mask", "missing", "text", "sparse", "structured", "generator", "dict", "dates"],
)  # fmt: skip
def test_what_would_lose_its_meaning_as_an_array_is_refused(x, message):
    assert message_of(x) == message


def test_a_mask_over_labels_is_refused_too():
    assert message_of(X, np.ma.array(Y, mask=Y == 1)).startswith(
        "y has masked values in rows 1, 3, 5 and 17 more;"
    )


class DeviceTensor:
    """Tensors that lie on a GPU or need gradients do not become arrays by themselves."""

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.\nMore lines.")


def test_a_tensor_that_gives_no_array_is_refused_with_its_own_reason():
    assert message_of(DeviceTensor()) == (
        "x cannot be made an array (Can't call numpy() on Tensor that requires grad.); give a NumPy array."
    )


def test_tables_in_another_order_of_rows_or_columns_are_refused():
    assert message_of(TABLE, pd.Series(Y).sample(frac=1, random_state=0)) == (
        "x and y have the same index in another order, so that rows would get each other's targets. Align "
        "them with y.loc[x.index]."
    )
    assert message_of(TABLE, x_test=TABLE[["b", "a", "c"]] + 9, y_test=Y) == (
        "x_test has other columns than x, or the same in another order. Take those of x, with "
        "x_test[x.columns]."
    )


def test_rows_that_single_precision_makes_equal_are_not_called_duplicates():
    ids = np.stack([16_777_216 + np.arange(40), np.zeros(40, dtype=int)], axis=1)
    assert message_of(ids) == (
        "Rows that differ are equal in single precision: rows 3 and 4 hold 16777219 and 16777220 in column "
        "0. Subtract a number near them first, or leave the column out if it only names the rows, as an id "
        "or a time does."
    )
    pairs = np.repeat(X[:20], 2, axis=0) + np.tile([0, 1e-13], 20)[:, np.newaxis]
    assert message_of(pairs).startswith(
        "Rows that differ are equal in single precision: rows 4 and 5 hold 1.304"
    )
    with pytest.warns(UnusualData, match=r"^Rows that are equal in single precision alone were dropped"):
        split = Split.from_arrays(pairs, np.arange(40) // 2 % 2, drop_duplicates=True)
    assert len(split.x_development) + len(split.x_test) == 20


def test_a_column_that_single_precision_rounds_is_told():
    times = np.stack([1.7e9 + 3 * np.arange(40), X[:, 0], np.full(40, 0.1)], axis=1)
    with pytest.warns(UnusualData) as told:
        Split.from_arrays(times, Y)
    assert [str(one.message) for one in told] == [
        "Single precision, in which networks compute, rounds column 0 of x by more than a hundredth of its "
        "standard deviation: subtract its mean first, or leave it out if it only names the rows."
    ]
    with pytest.warns(UnusualData) as told:
        Split.from_arrays(X, times[:, 0], task="regression")
    assert [str(one.message) for one in told] == [
        "Single precision, in which networks compute, rounds y by more than a hundredth of its standard "
        "deviation: subtract its mean first."
    ]
    assert told[0].filename == __file__
