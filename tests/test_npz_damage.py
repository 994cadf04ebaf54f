"""Files that are damaged, dangerous or no .npz files are refused in one sentence."""

import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.data.npz import read_npz
from tests.npz_files import X, Y, archive_of, message_of


class Trap:
    """What a malicious pickle does: it runs code when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


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


def test_pickled_objects_inside_are_refused_unread(tmp_path, saved_npz):
    touched = tmp_path / "touched"
    path = saved_npz(x=np.array([Trap(touched)], dtype=object), y=Y)
    assert message_of(path) == (
        f"x in {path} holds pickled Python objects, which can run any code when they are read and are never "
        "read here; write plain arrays of numbers."
    )
    assert not touched.exists()


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(saved_npz, keep):
    path = saved_npz(x=X, y=Y)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    assert message_of(path) == f"{path} is truncated: its end is missing; copy or write it again."


def test_a_changed_byte_anywhere_never_gives_a_traceback_or_other_numbers(saved_npz):
    """The archive's check sums find what is changed in an array; what they pass over is harmless."""
    path = saved_npz(x=X[:12], y=Y[:12])
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


def test_a_file_with_a_changed_array_is_refused(saved_npz):
    path = saved_npz(x=X, y=Y)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert message_of(path) == f"{path} is corrupt or encrypted; copy or write it again."


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


def test_a_file_that_may_not_be_read_is_refused(saved_npz, monkeypatch):
    path = saved_npz(x=X, y=Y)

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", denied)
    assert message_of(path) == f"{path} cannot be read: Permission denied."
