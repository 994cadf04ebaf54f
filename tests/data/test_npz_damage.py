"""Files that are damaged, dangerous or no .npz files are refused in one sentence."""

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
from tests.helpers.npz_files import X, Y, archive_of, message_of


def reading_message_of(path, **options):
    with pytest.raises(InvalidInput) as error:
        read_npz(path, **options)
    return str(error.value)


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
    assert message_of(tmp_path) == f"{tmp_path} is a folder; give an .npz file, as numpy.savez writes it."


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/zero")
def test_a_device_is_no_file():
    assert message_of("/dev/zero") == (
        "/dev/zero is no ordinary file; give an .npz file, as numpy.savez writes it."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; copy or save it again."),
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
    assert (
        reading_message_of(path)
        == f"x in {path} is no array; write the file with numpy.savez(path, x=x, y=y)."
    )


def npy_with_shape(shape):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 16


@pytest.mark.parametrize("shape", ["(5, 3)", "(-1, 2)", "5", "(2,"])
def test_an_array_whose_header_does_not_fit_it_is_refused(tmp_path, shape):
    path = archive_of(tmp_path / "mine.npz", "x.npy", npy_with_shape(shape))
    assert reading_message_of(path) == f"x in {path} is corrupt; copy or write the file again."


def test_an_array_that_promises_more_than_any_memory_holds_is_refused(tmp_path):
    path = archive_of(tmp_path / "mine.npz", "x.npy", npy_with_shape("(1000000000, 1000000000)"))
    assert reading_message_of(path) == f"{path} does not fit into the memory; give a file of fewer rows."


def test_an_encrypted_archive_is_refused(tmp_path):
    path = archive_of(tmp_path / "mine.npz", "x.npy", npy_with_shape("(2,)"))
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag "encrypted" of the member
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and of its entry in the directory
    path.write_bytes(content)
    assert reading_message_of(path) == f"{path} is corrupt or encrypted; copy or write it again."


def test_a_file_that_may_not_be_read_is_refused(saved_npz, monkeypatch):
    path = saved_npz(x=X, y=Y)

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", denied)
    assert message_of(path) == f"{path} cannot be read: Permission denied."


def zeros_of(path, **shapes):
    """Writes arrays of zeros, which take up next to nothing in the file, without ever holding them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, shape in shapes.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array_header_1_0(
                    member, {"descr": "|u1", "fortran_order": False, "shape": shape}
                )
                for _ in range(shape[0]):
                    member.write(bytes(shape[1]))
    return path


def test_what_would_fill_the_memory_is_refused_unread(tmp_path, monkeypatch):
    path = zeros_of(tmp_path / "mine.npz", x=(100, 100_000), y=(100, 1))
    monkeypatch.setattr(zipfile.ZipFile, "read", None)
    assert reading_message_of(path, max_bytes=5_000_000) == (
        f"The arrays in {path} take up 0.01 GB once they are unpacked, more than the limit of 0.005 GB. Give "
        "fewer rows; or, if the memory has room for several times as much, raise the limit: "
        "max_bytes=10000356, in the command --max-data-size 0.1."
    )
    assert "more than the limit of 0.005 GB" in message_of(path, max_bytes=5_000_000)


def test_arrays_that_are_not_used_are_not_read(saved_npz, monkeypatch):
    path = saved_npz(x=X, y=np.zeros((60, 10_000)))
    assert load_npz(path, task="autoencoder", max_bytes=X.nbytes + 200).num_classes is None
    assert set(read_npz(path, ["x"], max_bytes=X.nbytes + 200)) == {"x"}


@pytest.mark.parametrize("limit", [0, 1.5, "much"])
def test_the_limit_is_a_whole_number(saved_npz, limit):
    assert "max_bytes must be a whole number of at least 1" in message_of(
        saved_npz(x=X, y=Y), max_bytes=limit
    )


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "~no-such-user/a", "loop"])
def test_names_that_no_file_can_have_are_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    said = message_of(name)
    assert any(words in said for words in ("cannot be read (", "that this computer lacks"))
    assert len(said) < 250


@pytest.mark.parametrize("path", [None, 5, ["a.npz"]])
def test_a_path_is_text(path):
    assert message_of(path) == f"A path must be text; received {path}."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is no ordinary file" in message_of(tmp_path / "pipe")
