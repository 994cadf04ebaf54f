import io
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.data import load_npz
from kerasreg.data.npz import read_npz
from kerasreg.records import Split

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = np.arange(60) % 3
ACCEPTED = (
    "accepted are x and y, or x_train and y_train; besides these x_validation, y_validation, x_test "
    "and y_test"
)


class Trap:
    """What a malicious pickle does: it runs code when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def saved(tmp_path):
    """Writes arrays into a file called mine.npz and returns its path."""

    def save(**arrays):
        np.savez_compressed(tmp_path / "mine.npz", **arrays)
        return tmp_path / "mine.npz"

    return save


def message_of(path, **options):
    with pytest.raises(InvalidInput) as error:
        load_npz(path, **options)
    return str(error.value)


def test_a_file_gives_the_split_that_its_arrays_give(saved):
    options = {"validation_fraction": 0.5, "test_fraction": 0.3, "train_size": 30, "seed": 4}
    split = load_npz(saved(x=X, y=Y), **options)
    expected = Split.from_arrays(X, Y, **options)
    assert split.name == "mine"
    assert split.to_dict() | {"name": "arrays"} == expected.to_dict()


@pytest.mark.parametrize("suffix", ["", "_train"])
def test_your_own_parts_are_kept(saved, suffix):
    split = load_npz(
        saved(
            **{f"x{suffix}": X[:30], f"y{suffix}": Y[:30]},
            x_validation=X[30:50], y_validation=Y[30:50], x_test=X[50:], y_test=Y[50:],
        )
    )  # fmt: skip
    np.testing.assert_array_equal(split.x_train, X[:30].astype(np.float32))
    np.testing.assert_array_equal(split.y_validation, Y[30:50])
    np.testing.assert_array_equal(split.x_test, X[50:].astype(np.float32))


def test_regression_and_duplicates_are_options(saved):
    path = saved(x=np.concatenate([X, X]), y=np.concatenate([X[:, 0], X[:, 0]]))
    split = load_npz(str(path), task="regression", drop_duplicates=True)
    assert split.num_classes is None
    assert len(split.x_development) + len(split.x_test) == 60


@pytest.mark.parametrize("labels", [{}, {"y": np.array(["of", "no", "use"])}])
def test_an_autoencoder_needs_x_alone_and_looks_at_nothing_else(saved, labels):
    split = load_npz(saved(x=X, x_test=X[:5] + 9, **labels), task="autoencoder")
    assert split.num_classes is None
    assert len(split.x_development) == 60
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(split, f"y_{part}"), getattr(split, f"x_{part}"))
    np.testing.assert_array_equal(split.x_test, np.float32(X[:5] + 9))


def test_an_autoencoder_without_x_is_told_what_it_needs(saved):
    path = saved(images=X, y=Y)
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
def test_other_names_are_refused_with_those_found_and_those_accepted(saved, arrays, found):
    path = saved(**arrays)
    assert message_of(path) == f"{path} holds {found}; {ACCEPTED}."


def test_one_half_of_a_part_is_refused(saved):
    assert message_of(saved(x=X, y=Y, x_test=X[:5])) == (
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
            "y must be integer labels; received float64. Convert labels with y.astype(int), or say "
            'task="regression" if they are numbers to predict.',
        ),
        (
            {"x": X, "y": Y - 1},
            "The smallest label is -1; labels must count the classes from 0. Number them with "
            "np.unique(y, return_inverse=True)[1].",
        ),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(saved, arrays, message):
    assert message_of(saved(**arrays)) == message


def test_a_train_size_above_the_data_is_refused(saved):
    assert message_of(saved(x=X, y=Y), train_size=49) == (
        "train_size must be at most 48, the number of rows that are not test; received 49."
    )


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "none.npz"
    assert message_of(path) == f"There is no file {path}; give an .npz file, as numpy.savez writes it."


def test_a_folder_is_no_file(tmp_path):
    assert message_of(tmp_path) == f"{tmp_path} is a folder; give the .npz file itself."


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/null")
def test_a_device_is_no_file():
    assert message_of("/dev/null") == "/dev/null is no ordinary file; give an .npz file."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; copy or write it again."),
        (b"x,y\n1,2\n", "is no .npz file; write one with numpy.savez(path, x=x, y=y)."),
        (b"PK", "is no .npz file; write one with numpy.savez(path, x=x, y=y)."),
    ],
)
def test_other_content_is_no_npz_file(tmp_path, content, message):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    assert message_of(path) == f"{path} {message}"


def test_a_single_saved_array_is_not_enough(tmp_path):
    path = tmp_path / "mine.npy"
    np.save(path, X)
    assert message_of(path) == (
        f"{path} holds a single array, as numpy.save writes it; write x and y with "
        "numpy.savez(path, x=x, y=y)."
    )


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_a_pickle_is_refused_unread(tmp_path, protocol):
    path, touched = tmp_path / "mine.npz", tmp_path / "touched"
    path.write_bytes(pickle.dumps(Trap(touched), protocol=protocol))
    assert message_of(path) == (
        f"{path} is a pickle, which can run any code when it is read and is never read here; write the "
        "arrays with numpy.savez(path, x=x, y=y)."
    )
    assert not touched.exists()


def test_pickled_objects_inside_are_refused_unread(tmp_path, saved):
    touched = tmp_path / "touched"
    path = saved(x=np.array([Trap(touched)], dtype=object), y=Y)
    assert message_of(path) == (
        f"x in {path} holds pickled Python objects, which can run any code when they are read and are never "
        "read here; write plain arrays of numbers."
    )
    assert not touched.exists()


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(saved, keep):
    path = saved(x=X, y=Y)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    assert message_of(path) == f"{path} is truncated: its end is missing; copy or write it again."


def test_a_changed_byte_anywhere_never_gives_a_traceback_or_other_numbers(saved):
    """The archive's check sums find what is changed in an array; what they pass over is harmless."""
    path = saved(x=X[:12], y=Y[:12])
    content = path.read_bytes()
    messages = []
    for position in range(len(content)):
        path.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        try:
            arrays = read_npz(path)
        except InvalidInput as error:
            messages.append(str(error))
            continue
        if set(arrays) == {"x", "y"}:
            np.testing.assert_array_equal(arrays["x"], X[:12])
            np.testing.assert_array_equal(arrays["y"], Y[:12])
    assert len(messages) > len(content) / 2
    assert all(str(path) in message for message in messages)


def test_a_file_with_a_changed_array_is_refused(saved):
    path = saved(x=X, y=Y)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert message_of(path) == f"{path} is corrupt or encrypted; copy or write it again."


def archive_of(path, name, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return path


def test_a_member_that_is_no_array_is_refused(tmp_path):
    path = archive_of(tmp_path / "mine.npz", "x.npy", b"hello")
    assert message_of(path) == f"x in {path} is no array; write the file with numpy.savez(path, x=x, y=y)."


def npy_with_shape(shape):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 16


@pytest.mark.parametrize("shape", ["(5, 3)", "(-1, 2)", "5", "(2,"])
def test_an_array_whose_header_does_not_fit_it_is_refused(tmp_path, shape):
    path = archive_of(tmp_path / "mine.npz", "x.npy", npy_with_shape(shape))
    assert message_of(path) == f"x in {path} is corrupt; copy or write the file again."


def test_an_array_that_promises_more_than_any_memory_holds_is_refused(tmp_path):
    path = archive_of(tmp_path / "mine.npz", "x.npy", npy_with_shape("(1000000000, 1000000000)"))
    assert message_of(path) == f"{path} does not fit into the memory; give a file of fewer rows."


def test_an_encrypted_archive_is_refused(tmp_path):
    path = archive_of(tmp_path / "mine.npz", "x.npy", npy_with_shape("(2,)"))
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag "encrypted" of the member
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and of its entry in the directory
    path.write_bytes(content)
    assert message_of(path) == f"{path} is corrupt or encrypted; copy or write it again."


def test_a_file_that_may_not_be_read_is_refused(saved, monkeypatch):
    path = saved(x=X, y=Y)

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", denied)
    assert message_of(path) == f"{path} cannot be read: Permission denied."


def test_every_array_of_the_file_is_read_as_numpy_reads_it(saved):
    path = saved(x=X, y=Y, other=np.asfortranarray(X), text=np.array(["a"]), scalar=np.array(3))
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
