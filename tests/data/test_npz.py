"""The arrays of an .npz file become a split."""

import io

import numpy as np
import pytest

from kerasreg.data import load_npz
from kerasreg.data.npz import read_npz
from kerasreg.records import Split
from tests.helpers.npz_files import X, Y, archive_of, message_of

ACCEPTED = (
    "accepted are x and y, or x_train and y_train; besides these x_validation, y_validation, x_test "
    "and y_test"
)


def test_a_file_gives_the_split_that_its_arrays_give(saved_npz):
    options = {"validation_fraction": 0.5, "test_fraction": 0.3, "train_size": 30, "seed": 4}
    split = load_npz(saved_npz(x=X, y=Y), **options)
    expected = Split.from_arrays(X, Y, **options)
    assert split.name == "mine"
    assert split.to_dict() | {"name": "arrays"} == expected.to_dict()


@pytest.mark.parametrize("suffix", ["", "_train"])
def test_your_own_parts_are_kept(saved_npz, suffix):
    split = load_npz(
        saved_npz(
            **{f"x{suffix}": X[:30], f"y{suffix}": Y[:30]},
            x_validation=X[30:50], y_validation=Y[30:50], x_test=X[50:], y_test=Y[50:],
        )
    )  # fmt: skip
    np.testing.assert_array_equal(split.x_train, X[:30].astype(np.float32))
    np.testing.assert_array_equal(split.y_validation, Y[30:50])
    np.testing.assert_array_equal(split.x_test, X[50:].astype(np.float32))


def test_regression_and_duplicates_are_options(saved_npz):
    path = saved_npz(x=np.concatenate([X, X]), y=np.concatenate([X[:, 0], X[:, 0]]))
    split = load_npz(str(path), task="regression", drop_duplicates=True)
    assert split.num_classes is None
    assert len(split.x_development) + len(split.x_test) == 60


@pytest.mark.parametrize("labels", [{}, {"y": np.array(["of", "no", "use"])}])
def test_an_autoencoder_needs_x_alone_and_looks_at_nothing_else(saved_npz, labels):
    split = load_npz(saved_npz(x=X, x_test=X[:5] / 2, **labels), task="autoencoder")
    assert split.num_classes is None
    assert len(split.x_development) == 60
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(split, f"y_{part}"), getattr(split, f"x_{part}"))
    np.testing.assert_array_equal(split.x_test, np.float32(X[:5] / 2))


def test_a_task_that_there_is_not_is_refused(tmp_path):
    assert message_of(tmp_path, task="ranking") == (
        "task must be one of 'classification', 'regression', 'autoencoder'; received 'ranking'."
    )


def test_an_autoencoder_without_x_is_told_what_it_needs(saved_npz):
    path = saved_npz(images=X, y=Y)
    assert message_of(path, task="autoencoder") == (
        f"{path} holds images, y; accepted are x, or x_train; besides these x_validation and x_test."
    )


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({}, "no array"),
        ({"x": X}, "x"),
        ({"images": X, "labels": Y}, "images, labels"),
        ({"x": X, "y": Y, "x_val": X, "y_val": Y}, "x, x_val, y, y_val"),
        ({"x": X, "y": Y, "x_train": X, "y_train": Y}, "x, x_train, y, y_train"),
        ({"x": X, "y_train": Y}, "x, y_train"),
    ],
)
def test_other_names_are_refused_with_those_found_and_those_accepted(saved_npz, arrays, found):
    path = saved_npz(**arrays)
    assert message_of(path) == f"{path} holds {found}; {ACCEPTED}."


def test_one_half_of_a_part_is_refused(saved_npz):
    assert message_of(saved_npz(x=X, y=Y, x_test=X[:5])) == (
        "Only one of x_test and y_test was given; give both or neither."
    )


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X[:0], "y": Y[:0]}, "x has no rows; give at least one, or leave the part out."),
        (
            {"x": X * np.inf, "y": Y},
            "x holds NaN or infinite values in rows 0, 1, 2 and 57 more; all values must be finite in single "
            "precision. Remove or repair these rows.",
        ),
        (
            {"x": X, "y": Y / 2},
            "y must be integer labels; received float64. Fractions such as 0.5, in row 1, name no class: say "
            'task="regression" if they are numbers to predict, or make classes of probabilities, with '
            "(y > 0.5).astype(int).",
        ),
        (
            {"x": X, "y": Y - 1},
            "The smallest label is -1; labels must count the classes from 0. Number them with "
            "np.unique(y, return_inverse=True)[1].",
        ),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(saved_npz, arrays, message):
    assert message_of(saved_npz(**arrays)) == message


def test_a_train_size_above_the_data_is_refused(saved_npz):
    assert message_of(saved_npz(x=X, y=Y), train_size=49) == (
        "train_size must be at most 48, the number of rows that are not test; received 49."
    )


def test_every_array_of_the_file_is_read_as_numpy_reads_it(saved_npz):
    path = saved_npz(x=X, y=Y, other=np.asfortranarray(X), text=np.array(["a"]), scalar=np.array(3))
    with np.load(path, allow_pickle=False) as expected:
        arrays = read_npz(path)
        assert set(arrays) == set(expected.files)
        for key, array in arrays.items():
            np.testing.assert_array_equal(array, expected[key])
            assert array.dtype == expected[key].dtype


def test_numpys_newest_header_is_read(tmp_path):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.arange(3), version=(3, 0))
    path = archive_of(tmp_path / "mine.npz", "x.npy", buffer.getvalue())
    np.testing.assert_array_equal(read_npz(path)["x"], [0, 1, 2])
