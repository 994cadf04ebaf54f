"""The folder of a search can be written to, and belongs to one process at a time."""

import os
import re
import signal
import subprocess
import sys

import pytest

from kerasreg.checks import InvalidInput
from kerasreg.tune import search
from kerasreg.tune.folder import check_free, held, output_folder

HOLDS = """
import sys
from kerasreg.tune.folder import held
with held(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process, without TensorFlow, that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_process_is_told_who_holds_the_folder(holder, tmp_path):
    with pytest.raises(InvalidInput) as error, held(tmp_path):
        pass
    assert re.fullmatch(
        re.escape(f"Another search is running in '{tmp_path}': process {holder.pid} on ")
        + r"\S+, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\. Wait until it has ended, stop it, or name another "
        r"output directory\.",
        str(error.value),
    )
    holder.communicate("")
    check_free(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_the_lock_of_a_process_that_was_killed_is_taken_over(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with held(tmp_path):
        assert str(os.getpid()) in (tmp_path / ".kerasreg.holder.json").read_text()
    assert [path.name for path in tmp_path.iterdir()] == []


def test_one_process_cannot_hold_a_folder_twice(tmp_path):
    with held(tmp_path), pytest.raises(InvalidInput, match=f"process {os.getpid()} on"):
        check_free(tmp_path)


def test_a_file_system_without_locks_is_told_and_used(tmp_path, monkeypatch):
    def no_locks(lock):
        raise NotImplementedError("no flock")

    monkeypatch.setattr("kerasreg.tune.folder.FileLock.acquire", no_locks)
    with pytest.warns(UserWarning, match="do not run two searches in this folder at once"), held(tmp_path):
        pass


def test_a_path_below_the_home_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert output_folder("~/results") == tmp_path / "results"


@pytest.mark.parametrize(
    ("directory", "why"),
    [
        (None, "must be a path; received None."),
        (5, "must be a path; received 5."),
        ("", "must be a path; received ''."),
        ("a\0b", "'a\\x00b' cannot be written to (embedded null byte); name another one."),
        ("x" * 5000, "cannot be written to (File name too long); name another one."),
        ("~nosuchuser/here", "cannot be written to (Could not determine home directory); name another one."),
        ("file", "'file' cannot be written to (it is a file); name another one."),
        ("link", "'link' cannot be written to (it is a link to what does not exist); name another one."),
    ],
    ids=["None", "number", "empty", "NUL", "long", "no such user", "file", "broken link"],
)
def test_what_is_no_folder_is_one_short_sentence(directory, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nothing")
    with pytest.raises(InvalidInput) as error:
        output_folder(directory)
    assert str(error.value).startswith("The output directory ")
    assert str(error.value).endswith(why)
    assert len(str(error.value)) < 300


def test_a_search_in_a_folder_that_another_process_holds_is_refused_before_it_trains(holder, tmp_path, split):
    with pytest.raises(InvalidInput, match=f"Another search is running in .*: process {holder.pid} on"):
        search("mlp", split, max_trials=1, epochs=1, directory=tmp_path)
    assert not (tmp_path / "results.json").exists()


@pytest.mark.parametrize("code", ["f(", "x = 1", 5])
def test_code_that_makes_no_split_is_refused_before_anything_is_trained(code, tmp_path, split):
    with pytest.raises(InvalidInput, match="data_code must be the Python call that makes the split"):
        search("mlp", split, max_trials=1, epochs=1, directory=tmp_path, data_code=code)
