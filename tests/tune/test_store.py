"""The folder of a search holds whole files, and knows the search it belongs to."""

import csv
import errno
import json
import os
import time
from dataclasses import replace

import pytest

from kerasreg.checks import InvalidInput
from kerasreg.records import SearchResult, TrialRecord
from kerasreg.tune.store import ResultStore, json_of
from tests.helpers.search_results import DIGITS


@pytest.fixture
def fresh():
    return SearchResult(
        command="python -m kerasreg.tune",
        seed=0,
        versions={"kerasreg": "0.1.0"},
        data=DIGITS,
        objective={"name": "cross_entropy", "direction": "min"},
        settings={"model": "mlp", "tuner": "random", "epochs": 30},
    )


TRIALS = (
    TrialRecord(
        trial_id="0",
        status="completed",
        hyperparameters={"l2": 0.1, "units": 16},
        score=0.5,
        scores=[0.4, 0.6],
        best_epoch=[1, 1],
        history=[
            {"cross_entropy": [1.0], "val_cross_entropy": [0.4]},
            {"cross_entropy": [2.0], "val_cross_entropy": [0.6]},
        ],
        seconds=1.5,
    ),
    TrialRecord(
        trial_id="1",
        status="failed",
        hyperparameters={"l2": 0.2, "units": 16},
        scores=[float("nan")],
        error="The loss became NaN or infinite in epoch 1.",
    ),
)


def test_what_is_saved_is_read_again(fresh, tmp_path):
    result = replace(fresh, trials=TRIALS)
    ResultStore(tmp_path).save(result)
    stored = ResultStore(tmp_path).open(fresh, overwrite=False)
    assert stored.to_dict() == result.to_dict()
    assert stored.trials[0] == TRIALS[0]


def test_the_json_is_strict(fresh, tmp_path):
    ResultStore(tmp_path).save(replace(fresh, trials=TRIALS))

    def refuse(constant):
        raise AssertionError(constant)

    record = json.loads((tmp_path / "results.json").read_text(), parse_constant=refuse)
    assert record["trials"][1]["scores"] == [None]
    assert next(iter(record)) == "format_version"


def test_the_table_has_a_row_for_each_trial(fresh, tmp_path):
    ResultStore(tmp_path).save(replace(fresh, trials=TRIALS))
    with (tmp_path / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["trial_id"] for row in rows] == ["0", "1"]
    assert [row["l2"] for row in rows] == ["0.1", "0.2"]
    assert rows[0]["score"] == "0.5"
    assert rows[1]["error"] == "The loss became NaN or infinite in epoch 1."


def test_another_search_in_the_folder_is_refused_by_what_differs(fresh, tmp_path):
    store = ResultStore(tmp_path)
    store.save(fresh)
    other = replace(fresh, seed=1, settings=fresh.settings | {"epochs": 40}, data=DIGITS | {"name": "mnist"})
    with pytest.raises(InvalidInput) as error:
        store.open(other, overwrite=False)
    assert str(error.value) == (
        f"'{tmp_path}' holds another search: seed was 0 and is now 1; data name was 'digits' and is now "
        "'mnist'; epochs was 30 and is now 40. Name another output directory, or pass "
        "--overwrite to discard it."
    )
    assert store.open(other, overwrite=True) is other


def test_other_versions_and_another_wording_of_the_command_are_the_same_search(fresh, tmp_path):
    store = ResultStore(tmp_path)
    store.save(fresh)
    other = replace(fresh, command="python -m kerasreg.tune --quiet", versions={"kerasreg": "0.2.0"})
    assert store.open(other, overwrite=False) == replace(fresh, command=other.command)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format_version": 1}', "\0\0\0"])
def test_a_file_that_is_no_result_is_refused(text, fresh, tmp_path):
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(InvalidInput, match=r"cannot be read as a search result: .* pass --overwrite"):
        ResultStore(tmp_path).open(fresh, overwrite=False)


@pytest.mark.parametrize("damage", [{"data": []}, {"settings": None}, {"objective": "x"}, {"trials": 3}])
def test_a_damaged_result_is_refused(damage, fresh, tmp_path):
    record = replace(fresh, trials=TRIALS).to_dict() | damage
    (tmp_path / "results.json").write_text(json.dumps(record))
    with pytest.raises(InvalidInput, match=r"cannot be read as a search result: .* pass --overwrite"):
        ResultStore(tmp_path).open(fresh, overwrite=False)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput) as error:
        ResultStore(tmp_path / "file" / "folder")
    assert str(error.value) == (
        f"The output directory '{tmp_path}/file/folder' cannot be written to (Not a directory); "
        "name another one."
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InvalidInput, match=r"cannot be written to \(Permission denied\)"):
        ResultStore(tmp_path)


def test_a_full_disk_leaves_the_last_whole_result(fresh, tmp_path, monkeypatch):
    store = ResultStore(tmp_path)
    store.save(replace(fresh, trials=TRIALS[:1]))

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        store.save(replace(fresh, trials=TRIALS))
    assert len(json.loads((tmp_path / "results.json").read_text())["trials"]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.json", "trials.csv"]


def test_what_a_killed_process_left_half_written_is_swept_away(tmp_path):
    (tmp_path / ".results.json.partial").write_text("{")
    ResultStore(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_overwriting_spares_a_folder_without_a_search(fresh, tmp_path):
    (tmp_path / "report.html").write_text("mine")
    assert ResultStore(tmp_path).open(fresh, overwrite=True) is fresh
    assert (tmp_path / "report.html").read_text() == "mine"


def test_overwriting_leaves_nothing_of_the_old_search(fresh, tmp_path):
    store = ResultStore(tmp_path)
    store.save(replace(fresh, trials=TRIALS))
    (tmp_path / "figures").mkdir()
    for name in ("best.keras", "report.html", "figures/search.png", "figures/mine.png"):
        (tmp_path / name).write_text("old")
    assert store.open(fresh, overwrite=True) is fresh
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["figures", "mine.png"]


def test_of_many_results_offered_at_once_the_last_is_written(fresh, tmp_path):
    store = ResultStore(tmp_path)
    for count in (0, 1, 2):
        store.offer(replace(fresh, trials=TRIALS[:count]))
    assert not (tmp_path / "results.json").exists()
    store.flush()
    assert len(ResultStore(tmp_path).open(fresh, overwrite=False).trials) == 2


def test_what_is_offered_is_written_soon_without_being_asked_again(fresh, tmp_path):
    ResultStore(tmp_path).offer(replace(fresh, trials=TRIALS))
    deadline = time.monotonic() + 30
    while not (tmp_path / "results.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(ResultStore(tmp_path).open(fresh, overwrite=False).trials) == 2


def test_an_offer_does_not_replace_what_is_saved_after_it(fresh, tmp_path):
    store = ResultStore(tmp_path)
    store.offer(fresh)
    store.save(replace(fresh, trials=TRIALS))
    store.flush()
    assert len(ResultStore(tmp_path).open(fresh, overwrite=False).trials) == 2


def test_an_offer_that_could_not_be_written_is_said_at_the_next(fresh, tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    store = ResultStore(tmp_path)
    monkeypatch.setattr("kerasreg.tune.store.write_atomically", full)
    store.offer(fresh)
    store._timer.join()
    with pytest.raises(OSError, match="No space left on device"):
        store.offer(fresh)


@pytest.mark.parametrize("failure", [OSError("no space left"), ValueError("not JSON compliant")])
def test_what_could_not_be_written_beside_the_training_is_kept_for_the_flush(
    failure, fresh, tmp_path, monkeypatch
):
    def fail(path, content):
        raise failure

    store = ResultStore(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("kerasreg.tune.store.write_atomically", fail)
        store.offer(replace(fresh, trials=TRIALS[:1]))
        store._timer.join()
        with pytest.raises(type(failure), match=str(failure)):
            store.offer(replace(fresh, trials=TRIALS))
    store.flush()
    assert len(ResultStore(tmp_path).open(fresh, overwrite=False).trials) == 2


def test_a_flush_says_that_what_was_kept_cannot_be_written(fresh, tmp_path, monkeypatch):
    def fail(path, content):
        raise ValueError("not JSON compliant")

    monkeypatch.setattr("kerasreg.tune.store.write_atomically", fail)
    store = ResultStore(tmp_path)
    store.offer(fresh)
    store._timer.join()
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.flush()


def test_each_trial_has_a_line_of_its_own(fresh):
    lines = json_of(replace(fresh, trials=TRIALS)).splitlines()
    assert [json.loads(line.rstrip(","))["trial_id"] for line in lines if '"trial_id"' in line] == ["0", "1"]
