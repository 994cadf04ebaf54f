"""One by one or together, with a time budget or without, a search is the same search."""

import pytest

from kerasreg.tune import running, search
from kerasreg.tune.asking import LEARNING_BATCH
from kerasreg.tune.settings import ENGINES, TUNERS
from tests.helpers.alike import ROUNDING, assert_alike, assert_same_search
from tests.helpers.small import QUICK

pytestmark = pytest.mark.slow

# of a population four networks begin, since the pace is not known yet
SEARCHES = {
    "population": {**QUICK, "max_trials": 6, "fresh_seeds": 1, "engine": "population"},
    "fit": {**QUICK, "max_trials": 2, "fresh_seeds": 1, "engine": "fit"},
}


@pytest.fixture(scope="module")
def whole(split, tmp_path_factory):
    """A search by each engine that nothing ended early."""
    return {
        engine: search("mlp", split, directory=tmp_path_factory.mktemp(engine), **options)
        for engine, options in SEARCHES.items()
    }


def test_one_by_one_the_same_seed_is_the_same_search_to_the_last_bit(whole, split, tmp_path):
    again = search("mlp", split, directory=tmp_path, **SEARCHES["fit"])
    assert_same_search(whole["fit"], again, rel=0.0)


@pytest.mark.parametrize("tuner", TUNERS)
def test_both_engines_try_the_same_trials(tuner, split, tmp_path):
    """Without dropout and noise the networks themselves are the same, but for the order of the sums.

    Bayesian search has modelled by the fifth trial, Hyperband has promoted by the fourth; the others do not
    look at the scores.
    """
    options = {
        **QUICK,
        "tuner": tuner,
        "max_trials": 5 if tuner in ("bayesian", "hyperband") else 2,
        "epochs": 3,
        "fresh_seeds": 1,
        "search_over": ("l2", "learning_rate"),
        "fixed": {"num_layers": 1, "units": 8, "batch_size": 128},
    }
    found = [
        search("mlp", split, directory=tmp_path / engine, engine=engine, **options) for engine in ENGINES
    ]
    for ours, theirs in zip(found[0].trials, found[1].trials, strict=True):
        # Bayesian search models the scores, whose last digits differ, in its fifth trial
        assert_alike(ours.hyperparameters, theirs.hyperparameters, rel=1e-2 if tuner == "bayesian" else 1e-12)
        assert ours.score == pytest.approx(theirs.score, rel=1e-2 if tuner == "bayesian" else ROUNDING)


@pytest.mark.parametrize(("engine", "begun"), [("population", 4), ("fit", 1)])
def test_a_time_budget_ends_the_search_and_the_same_call_goes_on(engine, begun, whole, split, tmp_path):
    options = SEARCHES[engine]
    short = search("mlp", split, directory=tmp_path, time_budget=1e-6, **options)
    assert short.stopped_by == "time_budget"
    assert len(short.trials) == begun
    assert len(short.test["scores"]) == 1
    continued = search("mlp", split, directory=tmp_path, **options)
    assert_same_search(continued, whole[engine])


def test_a_bayesian_search_asks_for_the_same_batches_with_and_without_a_time_budget(
    split, tmp_path, monkeypatch
):
    """It learns from the scores between the batches; others of another size would be other proposals."""
    ask, sizes = running.ask, []

    def watch(oracle, at_most):
        sizes.append(at_most)
        return ask(oracle, at_most)

    monkeypatch.setattr(running, "ask", watch)
    fixed = {"num_layers": 1, "units": 8, "batch_size": 128}
    options = {**QUICK, "tuner": "bayesian", "max_trials": 6, "epochs": 1, "fresh_seeds": 1, "fixed": fixed}
    options |= {"folds": 2, "search_over": ("l2",)}
    search("mlp", split, directory=tmp_path / "hurried", time_budget=1e-6, **options)
    assert sizes == [LEARNING_BATCH, LEARNING_BATCH]  # of the second no trial was begun
    continued = search("mlp", split, directory=tmp_path / "hurried", time_budget=600, **options)
    assert sizes == [LEARNING_BATCH] * 4  # and of the last the six trials leave two
    assert [trial.status for trial in continued.trials] == ["completed"] * 6
