"""An interrupted search goes on with the trials that it would have had."""

import keras_tuner
import pytest

from kerasreg.tune import PopulationTuner
from tests.helpers.tuners import LOSS, hypermodel, proposals_one_by_one, trials_of


@pytest.mark.parametrize(
    "oracle",
    [
        lambda: keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=5, seed=2),
        lambda: keras_tuner.oracles.GridSearchOracle(LOSS, max_trials=5, seed=2),
    ],
    ids=["random", "grid"],
)
def test_the_same_project_goes_on_where_it_was_interrupted(oracle, split, tmp_path):
    class Interrupted(PopulationTuner):
        def on_trial_end(self, trial):
            super().on_trial_end(trial)
            if len(self.oracle.end_order) == 3:
                raise KeyboardInterrupt

    build = hypermodel(split)
    whole = PopulationTuner(oracle(), build, directory=tmp_path, project_name="whole")
    whole.search(split, epochs=1, trials_at_once=2)
    with pytest.raises(KeyboardInterrupt):
        Interrupted(oracle(), build, directory=tmp_path, project_name="parts").search(
            split, epochs=1, trials_at_once=2
        )
    resumed = PopulationTuner(oracle(), build, directory=tmp_path, project_name="parts")
    assert sum(trial.status == "COMPLETED" for trial in trials_of(resumed)) == 3
    resumed.search(split, epochs=1, trials_at_once=2)
    assert [trial.hyperparameters.values for trial in trials_of(resumed)] == [
        trial.hyperparameters.values for trial in trials_of(whole)
    ]
    scores = [trial.score for trial in trials_of(resumed)]
    assert scores == pytest.approx([trial.score for trial in trials_of(whole)], rel=1e-5)
    assert resumed.remaining_trials == 0


@pytest.mark.parametrize(
    "oracle",
    [keras_tuner.oracles.RandomSearchOracle, keras_tuner.oracles.GridSearchOracle],
    ids=["random", "grid"],
)
def test_an_interrupted_tuner_goes_on_in_the_same_process(oracle, split, tmp_path):
    class Interrupted(PopulationTuner):
        def on_trial_end(self, trial):
            super().on_trial_end(trial)
            if len(self.oracle.end_order) == 1:
                raise KeyboardInterrupt

    build = hypermodel(split)
    tuner = Interrupted(oracle(LOSS, max_trials=5, seed=2), build, directory=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        tuner.search(split, epochs=1, trials_at_once=3)
    tuner.search(split, epochs=1, trials_at_once=3)
    expected = proposals_one_by_one(oracle(LOSS, max_trials=5, seed=2), build, tmp_path, 5)
    assert [trial.hyperparameters.values for trial in trials_of(tuner)] == expected
    assert [trial.status for trial in trials_of(tuner)] == ["COMPLETED"] * 5


def test_a_grid_takes_its_place_again_once_when_it_is_reloaded(split, tmp_path):
    oracle = keras_tuner.oracles.GridSearchOracle(LOSS, max_trials=2, seed=2)
    tuner = PopulationTuner(oracle, hypermodel(split), directory=tmp_path)
    tuner.search(split, epochs=1)
    before = list(oracle._populate_next)
    tuner.search(split, epochs=1)
    assert oracle._populate_next == before
    oracle = keras_tuner.oracles.GridSearchOracle(LOSS, max_trials=2, seed=2)
    PopulationTuner(oracle, hypermodel(split), directory=tmp_path)
    assert oracle._populate_next == ["1"]
