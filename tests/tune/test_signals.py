"""Ctrl-C and SIGTERM end the command with a word, soon, and without a traceback or a folder left behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="POSIX signals"),
]
LISTENS = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "os.execv(sys.executable, [sys.executable, '-u', '-m', 'kerasreg.tune', *sys.argv[1:]])"
)


@pytest.fixture
def command(tmp_path):
    """Starts the command with a temporary folder of its own, where Ctrl-C is not ignored."""
    (tmp_path / "temporary").mkdir()
    started = []

    def start(*arguments, in_background=False):
        code = LISTENS.replace("default_int_handler", "SIG_IGN") if in_background else LISTENS
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    assert list((tmp_path / "temporary").glob("kerasreg-*")) == []


def wait_for(process, words):
    """Reads what the command prints up to a line that holds these words."""
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(process.stderr.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_a_signal_while_tensorflow_is_loaded_ends_the_command_at_once(number, command):
    process = command()
    wait_for(process, "starting TensorFlow")
    time.sleep(0.5)
    process.send_signal(number)
    _, error = process.communicate(timeout=10)
    assert process.returncode == 130
    assert error == "kerasreg.tune: Interrupted before the search began.\n"


@pytest.mark.parametrize("engine", ["population", "fit"])
def test_the_first_signal_is_answered_at_once_and_the_second_ends_the_command(engine, command):
    """Both come while the first program is traced and compiled, or its first epochs are trained."""
    process = command("cnn", "--engine", engine, "--max-trials", "4", "--epochs", "500", "--patience", "500")
    wait_for(process, "training 4 trials together")
    time.sleep(2)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert process.stderr.readline() == "kerasreg.tune: Finishing the epoch; Ctrl-C again to stop now.\n"
    assert time.monotonic() - began < 2
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, error = process.communicate(timeout=30)
    assert time.monotonic() - began < 4  # two seconds, on a machine that is not busy
    assert process.returncode == 130
    assert "No trial has finished, so nothing is kept; the same command begins anew." in error
    assert "Traceback" not in error


def test_a_job_in_the_background_heeds_no_ctrl_c_and_ends_at_once_when_it_is_terminated(command):
    process = command("--max-trials", "4", "--epochs", "500", "--patience", "500", in_background=True)
    wait_for(process, "training 4 trials together")
    process.send_signal(signal.SIGINT)
    time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error.startswith("kerasreg.tune: Stopped. ")
