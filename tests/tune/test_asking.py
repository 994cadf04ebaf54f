"""What an oracle proposes does not depend on how many trials are asked for at once."""

import keras_tuner
import pytest

from kerasreg.records import TrialRecord
from kerasreg.tune.asking import LEARNING_BATCH, ask, batch_size_for, failures_in_order, report

LOSS = keras_tuner.Objective("val_loss", "min")
ORACLES = {
    "random": lambda: keras_tuner.oracles.RandomSearchOracle(LOSS, max_trials=9, seed=4),
    "grid": lambda: keras_tuner.oracles.GridSearchOracle(LOSS, seed=4),
    "hyperband": lambda: keras_tuner.oracles.HyperbandOracle(LOSS, max_epochs=9, seed=4),
    "bayesian": lambda: keras_tuner.oracles.BayesianOptimizationOracle(
        LOSS, max_trials=9, num_initial_points=5, seed=4
    ),
}


def build(hp):
    """Declares a space of which a grid has 2 times 11 points."""
    hp.Boolean("deep")
    hp.Float("rate", 0, 1)


def prepared(oracle, folder):
    keras_tuner.Tuner(oracle, build, directory=folder, project_name="space")
    oracle.verbose = 0
    return oracle


def recorded(trial, score):
    return TrialRecord(
        trial_id=trial.trial_id,
        status="completed",
        hyperparameters={},
        score=score,
        scores=[score],
        best_epoch=[1],
        history=[{"val_loss": [score]}],
    )


def score_of(trial):
    """A made-up landscape with its lowest point at a rate of 0.5."""
    values = trial.hyperparameters.values
    return (values["rate"] - 0.5) ** 2 + 0.01 * values["deep"] + 1e-4 * int(trial.trial_id)


def all_trials(oracle, at_most, *, backwards=False):
    """Runs an oracle to its end, and returns its proposals and the sizes of the batches."""
    proposals, sizes, is_last = [], [], False
    while not is_last:
        batch, is_last = ask(oracle, at_most)
        sizes.append(len(batch))
        proposals += [trial.hyperparameters.values for trial in batch]
        for trial in reversed(batch) if backwards else batch:
            report(oracle, trial, recorded(trial, score_of(trial)))
            oracle.end_trial(trial)
    return proposals, sizes


@pytest.mark.parametrize("name", ["random", "grid", "hyperband"])
def test_many_at_once_are_those_that_come_one_by_one(name, tmp_path):
    one_by_one, _ = all_trials(prepared(ORACLES[name](), tmp_path / "one"), 1)
    together, sizes = all_trials(prepared(ORACLES[name](), tmp_path / "many"), 100)
    assert together == one_by_one
    assert max(sizes) >= 5


@pytest.mark.parametrize("name", ORACLES)
def test_the_order_in_which_trials_end_changes_nothing_and_proposals_are_pythons_numbers(name, tmp_path):
    first, _ = all_trials(prepared(ORACLES[name](), tmp_path / "one"), 4)
    second, _ = all_trials(prepared(ORACLES[name](), tmp_path / "many"), 4, backwards=True)
    assert first == second
    # KerasTuner's Bayesian oracle proposes numpy.float64 once it has modelled the scores
    kinds = {type(value) for values in first for value in values.values()}
    assert kinds <= {bool, int, float, str, type(None)}


def test_a_grid_comes_whole(tmp_path):
    proposals, sizes = all_trials(prepared(ORACLES["grid"](), tmp_path), 100)
    assert sizes == [22, 0]  # that there is no more is only said once they have ended
    assert len({str(values) for values in proposals}) == 22


def test_hyperband_comes_by_rounds(tmp_path):
    """Li et al., 2018, algorithm 1: of each round a third goes on, for three times the epochs."""
    proposals, sizes = all_trials(prepared(ORACLES["hyperband"](), tmp_path), 100)
    rounds = [proposals[sum(sizes[:number]) : sum(sizes[: number + 1])] for number in range(len(sizes))]
    for batch in rounds:
        assert len({(values["tuner/round"], values["tuner/epochs"]) for values in batch}) <= 1
    assert [batch[0]["tuner/epochs"] for batch in rounds if batch] == [1, 3, 9, 3, 9, 9]


def test_few_are_asked_of_an_oracle_that_learns():
    assert batch_size_for(ORACLES["bayesian"](), members=1) == LEARNING_BATCH
    assert batch_size_for(ORACLES["random"](), members=1) == 128
    assert batch_size_for(ORACLES["random"](), members=50) == 2
    assert batch_size_for(ORACLES["random"](), members=500) == 1


def test_the_metrics_reported_are_the_mean_over_the_members_at_their_best(tmp_path):
    oracle = prepared(ORACLES["random"](), tmp_path)
    (trial,), _ = ask(oracle, 1)
    history = [
        {"val_loss": [0.5, 0.3, 0.4], "accuracy": [0.1, 0.2, 0.3]},
        {"val_loss": [0.1], "accuracy": [0.4]},
    ]
    record = TrialRecord(
        trial_id="0",
        status="completed",
        hyperparameters={},
        score=0.2,
        scores=[0.3, 0.1],
        best_epoch=[2, 1],
        history=history,
    )
    report(oracle, trial, record)
    oracle.end_trial(trial)
    assert trial.score == pytest.approx(0.2)
    assert trial.best_step == 0  # the mean of 1 and 0, as KerasTuner rounds it
    assert trial.metrics.get_best_value("accuracy") == pytest.approx(0.3)


@pytest.mark.parametrize("name", ["random", "grid", "bayesian"])
def test_trials_that_have_not_ended_come_first_when_asked_again(name, tmp_path):
    oracle = prepared(ORACLES[name](), tmp_path)
    batch, _ = ask(oracle, 4)
    for trial in batch[:2]:
        report(oracle, trial, recorded(trial, score_of(trial)))
        oracle.end_trial(trial)
    again, is_last = ask(oracle, 4)
    assert not is_last
    assert [trial.trial_id.lstrip("0") for trial in again] == ["2", "3", "4", "5"]
    assert len({trial.trial_id for trial in oracle.ongoing_trials.values()}) == 4
    few, _ = ask(oracle, 3)
    assert [trial.trial_id for trial in few] == [trial.trial_id for trial in again[:3]]


def test_failures_are_counted_in_the_order_of_the_trials(tmp_path):
    """Three failures of nine that end first are no three in a row."""
    oracle = prepared(ORACLES["random"](), tmp_path)
    batch, _ = ask(oracle, 9)
    failed = {"1", "4", "7"}
    with failures_in_order(oracle):
        for trial in sorted(batch, key=lambda trial: trial.trial_id not in failed):
            record = recorded(trial, 1.0)
            if trial.trial_id in failed:
                record = TrialRecord(
                    trial_id=trial.trial_id, status="failed", hyperparameters={}, error="no luck"
                )
            report(oracle, trial, record)
            oracle.end_trial(trial)
    assert oracle.end_order == [str(number) for number in range(9)]
    assert oracle.trials["4"].message == "no luck"
