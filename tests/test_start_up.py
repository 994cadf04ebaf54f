"""What must answer at once does not wait for TensorFlow."""

import os
import signal
import subprocess
import sys

import pytest


def modules_after(code):
    """Returns the modules that a fresh interpreter has loaded after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


HELP = """
import contextlib, io, runpy, sys
sys.argv = ["kerasreg.tune", "--help"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    runpy.run_module("kerasreg.tune", run_name="__main__")
"""


@pytest.mark.parametrize(
    "code",
    [
        "import kerasreg",
        "import kerasreg.tune",
        "import kerasreg.data, kerasreg.records, kerasreg.plotting, kerasreg.report",
        "from kerasreg import Regularization, Split, load_digits_split; load_digits_split()",
        HELP,
    ],
    ids=["package", "tune", "rooms without networks", "digits", "help"],
)
def test_neither_tensorflow_nor_keras_is_loaded(code):
    assert not {"tensorflow", "keras", "keras_tuner"} & modules_after(code)


@pytest.mark.parametrize("code", ["import kerasreg", HELP], ids=["package", "help"])
def test_help_loads_no_heavy_library_at_all(code):
    assert not {"sklearn", "scipy", "matplotlib", "rich", "pandas"} & modules_after(code)


def test_every_room_is_there_after_importing_the_package_alone():
    code = """
import kerasreg
rooms = "augmentation builders data experiments plotting population records report tune".split()
assert set(rooms) <= set(dir(kerasreg))
kerasreg.tune.search, kerasreg.experiments.compare, kerasreg.plotting.plot_search
assert all(getattr(kerasreg, room).__name__ == f"kerasreg.{room}" for room in rooms)
"""
    assert "kerasreg.tune.searching" in modules_after(code)


def test_every_name_of_the_public_face_is_there():
    import kerasreg
    import kerasreg.tune

    for module in (kerasreg, kerasreg.tune):
        for name in module.__all__:
            assert getattr(module, name).__doc__ or name in ("__version__", "SPACES")
        assert set(module.__all__) <= set(dir(module))
        with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
            module.no_such_name  # noqa: B018


INTERRUPTS = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
def interrupt(event, arguments):
    if event == "import" and arguments[0] == os.environ["INTERRUPTED_AT"]:
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(interrupt)
"""
TAKEN_OVER = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
os.kill(os.getpid(), signal.SIGINT)
os.execv(sys.executable, [sys.executable, "-m", "kerasreg.tune"])
"""
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")


@posix
@pytest.mark.parametrize(
    "module", ["kerasreg.lazy", "kerasreg.tune", "kerasreg.tune.signals", "threading", "numpy"]
)
def test_ctrl_c_at_any_import_of_the_command_is_one_sentence(module, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTS)
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "kerasreg.tune", "--quiet"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": paths, "INTERRUPTED_AT": module},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "kerasreg.tune: Interrupted before the search began.\n"
    assert done.returncode in (130, -signal.SIGINT)
    assert [path.name for path in tmp_path.iterdir()] == ["sitecustomize.py"]


@posix
@pytest.mark.parametrize(
    ("began", "words"),
    [
        ({}, "Interrupted before the search began."),
        (
            {"KERASREG_SEARCH_BEGAN": "1.0"},
            "Interrupted; the finished trials are kept, and the same command goes on from there.",
        ),
    ],
    ids=["first", "fresh"],
)
def test_ctrl_c_waits_until_a_process_that_takes_over_listens(began, words, tmp_path):
    """The process before it has blocked the signals, so that Python's own start cannot be interrupted."""
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_OVER],
        cwd=tmp_path,
        env=os.environ | began,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == f"kerasreg.tune: {words}\n"
    assert done.returncode == 130
