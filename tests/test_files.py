import os
import stat
from pathlib import Path

import pytest

from kerasreg.files import write_atomically


def test_bytes_and_text_arrive_as_they_are(tmp_path: Path):
    assert write_atomically(tmp_path / "a.bin", b"\x00\r\n\xff") == tmp_path / "a.bin"
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\r\n\xff"
    write_atomically(str(tmp_path / "b.txt"), "λ = 3\r\n")
    assert (tmp_path / "b.txt").read_bytes() == "λ = 3\r\n".encode()


def test_a_second_write_replaces_the_first_and_leaves_nothing_beside_it(tmp_path: Path):
    write_atomically(tmp_path / "a.txt", "a long first text")
    write_atomically(tmp_path / "a.txt", "short")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "short"


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
def test_the_file_has_the_permissions_of_any_new_file(tmp_path: Path):
    (tmp_path / "ordinary").write_text("")
    write_atomically(tmp_path / "a.txt", "text")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ordinary", "a.txt")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_keeps_the_old_file_and_removes_its_own(tmp_path: Path, monkeypatch, error):
    write_atomically(tmp_path / "a.txt", "old")

    def fail(descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        write_atomically(tmp_path / "a.txt", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_the_content_is_on_the_disk_before_the_name_changes(tmp_path: Path, monkeypatch):
    seen = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append((tmp_path / "a.txt").exists()))
    write_atomically(tmp_path / "a.txt", "new")
    assert seen[0] is False


def test_a_partial_file_that_a_killed_process_left_is_taken_over(tmp_path: Path):
    (tmp_path / ".a.txt.partial").write_text("half of someth")
    write_atomically(tmp_path / "a.txt", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_a_folder_that_is_missing_is_an_os_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "a.txt", "text")
