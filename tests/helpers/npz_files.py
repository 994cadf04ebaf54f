"""Arrays for .npz files, and what is said of a file that is refused."""

import zipfile

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.data import load_npz

X = np.random.default_rng(0).normal(size=(60, 3))
Y = np.arange(60) % 3


def message_of(path, **options):
    with pytest.raises(InvalidInput) as error:
        load_npz(path, **options)
    return str(error.value)


def archive_of(path, name, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return path
