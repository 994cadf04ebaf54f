"""What every test shares: the quiet start of TensorFlow, where MNIST lies, and an Axes to draw on."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")


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
