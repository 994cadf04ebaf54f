"""What every test shares: the quiet start of TensorFlow, where MNIST lies, digits, files, and Axes."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Keeps the garbage collector from what stays to the tests' end, which took about a tenth of their time.

    Imported modules and tests are half a million objects, and every full collection would visit them all.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """The MNIST archive in $KERASREG_DATA_DIR; tests that need it are skipped without it."""
    folder = os.environ.get("KERASREG_DATA_DIR")
    path = Path(folder) / "mnist.npz" if folder else None
    if path is None or not path.is_file():
        pytest.skip("needs MNIST: set KERASREG_DATA_DIR to the folder that holds mnist.npz")
    return path


@pytest.fixture
def ax():
    """The Axes of a figure of its own."""
    from matplotlib.figure import Figure  # not before the backend is set above

    return Figure(layout="constrained").subplots()


@pytest.fixture(scope="session")
def split():
    """A few handwritten digits."""
    from tests.helpers.small import small_digits  # here, so that tests without data load nothing

    return small_digits()


@pytest.fixture
def saved_npz(tmp_path):
    """Writes arrays into a file called mine.npz and returns its path."""

    def save(**arrays):
        np.savez_compressed(tmp_path / "mine.npz", **arrays)
        return tmp_path / "mine.npz"

    return save


@pytest.fixture
def saved_picture(tmp_path):
    """Saves a Pillow image under a file's name and returns its path."""

    def save(image, name="picture.png", **options):
        image.save(tmp_path / name, **options)
        return tmp_path / name

    return save
