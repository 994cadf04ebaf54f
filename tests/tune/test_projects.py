"""A project of which a file is damaged goes on, with every trial that the other files know."""

import json
import shutil

import keras_tuner
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.tune import PopulationTuner
from kerasreg.tune.folder import held
from tests.helpers.tuners import LOSS, hypermodel, trials_of

ORACLES = {
    "random": lambda trials: keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=trials, seed=2),
    "grid": lambda trials: keras_tuner.oracles.GridSearchOracle(LOSS, max_trials=trials, seed=2),
    "bayesian": lambda trials: keras_tuner.oracles.BayesianOptimizationOracle(LOSS, trials, seed=2),
    "hyperband": lambda trials: keras_tuner.oracles.HyperbandOracle(LOSS, max_epochs=3, seed=2),
}


@pytest.fixture(scope="module")
def projects(split, tmp_path_factory):
    """A folder with a project of each oracle, three trials each (Hyperband decides how many)."""
    folder = tmp_path_factory.mktemp("projects")
    for name, oracle in ORACLES.items():
        tuner = PopulationTuner(oracle(3), hypermodel(split), directory=folder, project_name=name)
        tuner.search(split, epochs=1)
    return folder


def resumed(name, folder, split, trials=3, **options):
    oracle = ORACLES[name](trials)
    return PopulationTuner(oracle, hypermodel(split), directory=folder, project_name=name, **options)


def told(tuner):
    return [(trial.status, trial.score, trial.hyperparameters.values) for trial in trials_of(tuner)]


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("text", [None, "", '{"ongoing_tri', "[]", '{"start_order": 3}'])
def test_a_damaged_oracle_is_rebuilt_from_the_trials(name, text, projects, split, tmp_path):
    shutil.copytree(projects / name, tmp_path / name)
    whole = resumed(name, tmp_path, split)
    path = tmp_path / name / "oracle.json"
    path.unlink() if text is None else path.write_text(text)
    with pytest.warns(
        UserWarning, match=r"oracle.json' could not be read .*; it was rebuilt from its trials"
    ):
        again = resumed(name, tmp_path, split)
    assert told(again) == told(whole)
    assert again.oracle.start_order == sorted(whole.oracle.start_order)
    state, expected = again.oracle.get_state(), whole.oracle.get_state()
    same = ["run_times", "retry_queue", "id_to_hash", "ongoing_trials"]
    assert {key: state[key] for key in same} == {key: expected[key] for key in same}
    assert set(state["tried_so_far"]) == set(expected["tried_so_far"])
    assert state["seed_state"] >= expected["seed_state"]  # no number is drawn twice
    assert state.get("current_bracket") == expected.get("current_bracket")
    again.search(split, epochs=1)
    assert told(again) == told(whole)


@pytest.mark.parametrize("file", ["trial.json", "history.json", "tuner0.json"])
@pytest.mark.parametrize("text", [None, '{"trial_id": '])
@pytest.mark.filterwarnings("ignore:.*could not be read:UserWarning")
def test_any_other_damaged_file_loses_no_score(file, text, projects, split, tmp_path):
    shutil.copytree(projects / "random", tmp_path / "random")
    whole = told(resumed("random", tmp_path, split))
    folder = tmp_path / "random"
    path = folder / file if file == "tuner0.json" else folder / "trial_1" / file
    path.unlink() if text is None else path.write_text(text)
    again = resumed("random", tmp_path, split)
    assert [one[:2] for one in told(again)] == [pytest.approx(one[:2]) for one in whole]
    assert [one[2]["l2"] for one in told(again)] == [one[2]["l2"] for one in whole]
    assert again.remaining_trials == 0


def test_a_trial_that_neither_file_knows_is_counted_as_failed(projects, split, tmp_path):
    shutil.copytree(projects / "random", tmp_path / "random")
    for file in ("trial.json", "history.json"):
        (tmp_path / "random" / "trial_1" / file).write_text("{")
    with pytest.warns(UserWarning, match="the trial was counted as failed"):
        again = resumed("random", tmp_path, split, trials=4)
    again.search(split, epochs=1)
    assert [trial.status for trial in trials_of(again)] == ["COMPLETED", "FAILED", "COMPLETED", "COMPLETED"]


def test_each_file_is_written_whole(projects):
    assert not list(projects.rglob("*.partial"))
    for path in projects.rglob("*.json"):
        json.loads(path.read_text())


def files_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_trial_whose_first_file_was_being_written_at_a_kill_had_not_begun(projects, split, tmp_path):
    shutil.copytree(projects / "random", tmp_path / "random")
    whole = told(resumed("random", tmp_path, split))
    (tmp_path / "random" / "trial_3").mkdir()
    (tmp_path / "random" / "trial_3" / ".trial.json.partial").write_text("{")
    again = resumed("random", tmp_path, split)
    assert told(again) == whole
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize("name", ["random", "bayesian"])
def test_a_trial_that_the_oracle_had_not_written_down_at_a_kill_is_proposed_again(
    name, projects, split, tmp_path
):
    for run in ("whole", "killed"):
        shutil.copytree(projects / name, tmp_path / run / name)
    whole, killed = (resumed(name, tmp_path / run, split, trials=4) for run in ("whole", "killed"))
    path = tmp_path / "killed" / name / "oracle.json"
    before = path.read_text()
    killed.oracle.create_trial("worker")
    path.write_text(before)
    again = resumed(name, tmp_path / "killed", split, trials=4)
    assert len(again.oracle.trials) == 3
    for tuner in (whole, again):
        tuner.search(split, epochs=1)
    assert len(told(again)) == 4
    assert told(again) == told(whole)


def test_a_project_that_another_process_searches_is_not_discarded(projects, split):
    before = files_in(projects / "random")
    with (
        held(projects / "random"),
        pytest.raises(InvalidInput, match=r"Another search is running in .*: process "),
    ):
        resumed("random", projects, split, overwrite=True)
    assert files_in(projects / "random") == before


def test_a_project_that_another_process_searches_is_looked_at_without_writing(projects, split, tmp_path):
    shutil.copytree(projects / "random", tmp_path / "random")
    whole = told(resumed("random", tmp_path, split))
    (tmp_path / "random" / "trial_1" / ".history.json.partial").write_text("{")  # the other one writes it
    with held(tmp_path / "random"):
        before = files_in(tmp_path)
        tuner = resumed("random", tmp_path, split, trials=4)
        assert told(tuner) == whole
        with pytest.raises(InvalidInput, match=r"Another search is running in .*: process "):
            tuner.search(split, epochs=1)
        assert files_in(tmp_path) == before


def test_a_project_that_is_overwritten_begins_anew(projects, split, tmp_path):
    shutil.copytree(projects / "random", tmp_path / "random")
    (tmp_path / "random" / "note.txt").write_text("of an earlier search")
    tuner = resumed("random", tmp_path, split, overwrite=True)
    assert told(tuner) == []
    assert files_in(tmp_path) == {}
