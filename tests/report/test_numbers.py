"""The numbers of a report are told as people tell them."""

import numpy as np
import pytest

from kerasreg.report.numbers import count, duration, interval, listed, metric, number, percent, setting
from tests.helpers.report_pages import plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (3.14159e-5, "3.14e-5"),
        (0.03, "0.03"),
        (26122, "26,122"),
        (2**64 - 1, "18,446,744,073,709,551,615"),
        (10**321, "1" + ",000" * 107),  # a float holds no such number
        (1234.5, "1,234"),
        (2.5e7, "2.5e7"),
    ],
)
def test_numbers_have_three_significant_digits(value, text):
    assert number(value) == text


def test_metrics_keep_their_zeros_so_that_columns_compare():
    assert [metric("mse", value) for value in (0.11, 0.0918, 2.0, 123.4)] == [
        "0.110",
        "0.0918",
        "2.00",
        "123",
    ]
    assert plain(metric("accuracy", 0.9786)) == "97.9 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4 s"),
        (9.96, "10 s"),
        (52.3, "52 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (3900, "1 h 5 min"),
    ],
)
def test_times_are_told_as_people_tell_them(seconds, text):
    assert plain(duration(seconds)) == text


def test_words_and_lists_are_plain():
    assert plain(percent(1.0)) == "100.0 %"
    assert plain(interval("accuracy", [0.974, 0.984])) == "97.4 to 98.4 %"
    assert [count(1, "trial"), count(1000, "trial")] == ["1 trial", "1,000 trials"]
    assert [count(1, "patch"), count(2, "patch")] == ["1 patch", "2 patches"]
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    values = (True, None, "batch", [128, 64], 0.5, {}, {"l2": 1e-4}, 0, np.float64(0.3))
    words = ["yes", "none", "batch", "128, 64", "0.5", "none", "l2: 0.0001", "0", "0.3"]
    assert [setting(value) for value in values] == words
