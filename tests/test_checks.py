import re
from fractions import Fraction

import numpy as np
import pytest

from kerasreg.checks import (
    InvalidInput,
    SearchFailed,
    check_ascending,
    check_fraction,
    check_number,
    check_numbers,
    check_one_of,
    check_whole_number,
    entries,
    shown,
)


def test_the_two_errors_are_told_apart_and_are_caught_as_pythons_own():
    assert issubclass(InvalidInput, ValueError)
    assert issubclass(SearchFailed, RuntimeError)


@pytest.mark.parametrize("value", [1, 7, np.int64(7), np.uint8(7)])
def test_whole_numbers_of_any_integer_type_come_back_as_int(value):
    checked = check_whole_number("epochs", value)
    assert type(checked) is int
    assert checked == value


@pytest.mark.parametrize("value", [0, -3, 1.0, "3", True, None, 2.5, np.array(3)])
def test_anything_else_is_no_whole_number(value):
    message = f"epochs must be a whole number of at least 1; received {value!r}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        check_whole_number("epochs", value)


def test_the_minimum_of_a_whole_number_is_itself_accepted_and_named():
    assert check_whole_number("seed", 0, minimum=0) == 0
    with pytest.raises(InvalidInput, match=r"^seed must be a whole number of at least 0; received -1\.$"):
        check_whole_number("seed", -1, minimum=0)


@pytest.mark.parametrize("value", [0, 0.25, np.float32(0.5), Fraction(1, 4)])
def test_numbers_of_any_real_type_come_back_as_float(value):
    checked = check_number("l2", value)
    assert type(checked) is float
    assert checked == value


@pytest.mark.parametrize(
    "value", [-1e-9, float("nan"), float("inf"), "0.1", True, None, 1j, [], np.array(0.1)]
)
def test_anything_else_is_no_number(value):
    message = f"l2 must be a number of at least 0; received {value!r}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        check_number("l2", value)


def test_a_number_too_large_for_a_float_is_refused():
    message = f"l2 must be a number of at least 0; received {shown(10**400)}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        check_number("l2", 10**400)


def test_the_upper_end_of_a_range_is_excluded_and_named():
    with pytest.raises(
        InvalidInput, match=r"^dropout must be a number of at least 0 and below 1; received 1\.0\.$"
    ):
        check_number("dropout", 1.0, below=1.0)


@pytest.mark.parametrize("value", [0, 1, -0.1, 1.1, float("nan")])
def test_a_fraction_lies_strictly_between_0_and_1(value):
    message = f"validation_fraction must be a number above 0 and below 1; received {value!r}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        check_fraction("validation_fraction", value)
    assert check_fraction("validation_fraction", 0.3) == 0.3


@pytest.mark.parametrize("values", [[1, 2], [[0.5], [1]], np.zeros((2, 0)), [True, False], 3])
def test_numbers_in_equal_rows_come_back_as_numpy_has_them(values):
    np.testing.assert_array_equal(check_numbers("ships", values), np.array(values), strict=True)


@pytest.mark.parametrize("values", ["sea.png", None, [["1", "2"]], [1j], {"a": 1}])
def test_anything_else_holds_no_numbers(values):
    message = f"ships must hold numbers; received {values!r}."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        check_numbers("ships", values)


def test_unequal_rows_are_refused_without_printing_all_of_them():
    with pytest.raises(InvalidInput) as error:
        check_numbers("ships", [[1], *([[1, 2]] * 500)])
    assert str(error.value) == (
        "ships must hold numbers in rows of equal lengths; received "
        "[[1], [1, 2], [1, 2], [1, 2], [1, 2], [1, 2], ...]."
    )


def test_a_choice_is_one_of_those_listed():
    assert check_one_of("tuner", "grid", ("random", "grid")) == "grid"
    for value in ("gird", ["grid"]):
        message = f"tuner must be one of 'random', 'grid'; received {value!r}."
        with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
            check_one_of("tuner", value, ("random", "grid"))


@pytest.mark.parametrize(
    "check", [check_whole_number, check_fraction, lambda *given: check_one_of(*given, (1,))]
)
def test_an_array_is_named_by_its_shape_and_not_printed(check):
    with pytest.raises(InvalidInput, match=r"; received an array of shape \(40, 2\)\.$"):
        check("seed", np.zeros((40, 2)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("digits", "'digits'"),
        (np.int64(3), "np.int64(3)"),
        (np.array(3), "array(3)"),
        (list(range(90)), "[0, 1, 2, 3, 4, 5, ...]"),
        pytest.param(10**9000, "a whole number of 29,898 bits", id="digits that Python does not write"),
        (10**150, "100000000000000000...0000000000000000000"),
    ],
)
def test_of_what_is_long_a_message_prints_the_beginning(value, text):
    assert shown(value) == text


@pytest.mark.parametrize("values", [[1, 2], (1, 2), range(1, 3), np.array([1, 2])])
def test_lists_tuples_and_arrays_of_one_axis_have_entries(values):
    assert entries(values) == [1, 2]
    assert check_ascending("sizes", values) == (1, 2)


@pytest.mark.parametrize("values", [3, None, "12", b"12", {1: 2}, np.ones((2, 2)), np.array(3), []])
def test_nothing_else_has_entries(values):
    assert entries(values) == []


@pytest.mark.parametrize("values", [(), 3, None, "12", (2, 1), (1, 1), (0, 1), (1.0, 2.0), [[1], [1, 2]]])
def test_anything_else_is_not_ascending(values):
    message = (
        f"sizes must be a list of one or more ascending whole numbers of at least 1; received {values!r}."
    )
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        check_ascending("sizes", values)
