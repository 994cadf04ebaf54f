"""A search of data that may not be as its user thinks says so, and goes on."""

import json
import warnings

import numpy as np
import pytest

from kerasreg.checks import InvalidInput, UnusualData
from kerasreg.records import Split
from kerasreg.tune import search
from kerasreg.tune.__main__ import main

NOTE = (
    "Column 2 is constant in the training rows, but not in row 60 (test): what the difference means cannot "
    "be learned."
)


def arrays():
    random = np.random.default_rng(0)
    x, x_test = random.normal(size=(60, 3)), random.normal(size=(20, 3))
    x[:, 2] = x_test[:, 2] = 0
    x_test[0, 2] = 1
    return {"x": x, "y": (x[:, 0] > 0) * 1, "x_test": x_test, "y_test": (x_test[:, 0] > 0) * 1}


@pytest.mark.slow
def test_the_command_the_search_and_the_report_tell_what_is_unusual(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", **arrays())
    assert main(["--data", "mine.npz", "--max-trials", "1", "--epochs", "1", "--quiet"]) == 0
    assert capsys.readouterr().err == f"kerasreg.tune: {NOTE}\n"
    folder = tmp_path / "kerasreg-tune"
    assert json.loads((folder / "results.json").read_text())["data"]["notes"] == [NOTE]
    assert NOTE in (folder / "report.html").read_text()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualData)
        split = Split.from_arrays(**arrays())
    # another search than the folder's is refused after its data are told of, and nothing is trained
    with pytest.warns(UnusualData) as told, pytest.raises(InvalidInput, match="holds another search"):
        search("mlp", split, max_trials=1, epochs=1, directory=folder)
    assert [str(one.message) for one in told if one.category is UnusualData] == [NOTE]
