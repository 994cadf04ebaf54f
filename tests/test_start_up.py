"""What must answer at once does not wait for TensorFlow."""

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
kerasreg.tune.search, kerasreg.experiments.compare, kerasreg.plotting.plot_differences
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
