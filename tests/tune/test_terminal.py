"""The command's words come out in any encoding, and a closed stream ends nothing."""

import os
import subprocess
import sys

import pytest

WORDS = """
import sys
from kerasreg.tune.terminal import steady_streams
steady_streams()
print("\\u2026 8 \\u00d7 8 \\u00b1 1\\u00a0% \\u4e2d \\udcff", flush=True)
print("to standard error", file=sys.stderr)
open("written", "w").write("whole")
"""


def run(code, folder, *, encoding="utf-8", redirect=""):
    """Runs code in a process of its own, through a shell that redirects its streams."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "CODE": code, "PYTHON": sys.executable}
    return subprocess.run(
        f'"$PYTHON" -c "$CODE" {redirect}', shell=True, cwd=folder, env=environment, capture_output=True,
        executable="/bin/bash", check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="bash")
@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "\u2026 8 \u00d7 8 \u00b1 1\u00a0% \u4e2d ".encode() + b"\xff\n"),
        ("ascii", b"... 8 x 8 +/- 1 % \\u4e2d \xff\n"),
        ("latin-1", b"... 8 \xd7 8 \xb1 1\xa0% \\u4e2d \xff\n"),
        ("cp437", b"... 8 x 8 \xf1 1\xff% \\u4e2d \xff\n"),
        ("gbk", "\u2026 8 \u00d7 8 \u00b1 1 % \u4e2d ".encode("gbk") + b"\xff\n"),
        ("cp932", "\u2026 8 \u00d7 8 \u00b1 1 % \u4e2d ".encode("cp932") + b"\xff\n"),
    ],
)
def test_what_an_encoding_lacks_is_written_in_plain_letters(encoding, expected, tmp_path):
    done = run(WORDS, tmp_path, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"to standard error\n")
    assert done.stdout == expected


@pytest.mark.skipif(os.name != "posix", reason="bash")
@pytest.mark.parametrize("redirect", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "| true", ">/dev/full"])
def test_closed_streams_end_nothing_and_leave_no_traceback(redirect, tmp_path):
    done = run(WORDS.replace("print(", "print('x' * 100000);print(", 1), tmp_path, redirect=redirect)
    assert done.returncode == 0
    assert done.stderr in (b"", b"to standard error\n")
    assert (tmp_path / "written").read_text() == "whole"  # and nothing that was printed


@pytest.mark.skipif(os.name != "posix", reason="bash")
def test_the_commands_help_and_its_refusals_come_out_in_ascii(tmp_path):
    command = [sys.executable, "-m", "kerasreg.tune"]
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for arguments, status in ((["--help"], 0), (["--data", b"\xff\xe9.npz"], 2)):
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, check=False
        )
        assert done.returncode == status
        assert b"Traceback" not in done.stderr
