from functools import partial

import numpy as np
import pytest
from keras import layers

from kerasreg import noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.data import k_fold, monte_carlo
from kerasreg.experiments import Comparison, compare
from kerasreg.records import MemberHistory, PopulationHistory, Split, TrainingHistory
from kerasreg.seeds import derive_seed
from tests.helpers.populations import METRICS, classes, fit_with_keras, line, net, sequential

SLOW, FAST = partial(net, rate=0.01), partial(net, rate=0.3)
EPOCHS = 2


@pytest.fixture(scope="module")
def splits() -> list[Split]:
    return monte_carlo(classes(), 3)


@pytest.fixture(scope="module")
def found(splits) -> Comparison:
    """Three configurations, of which two are one."""
    return compare(
        {"slow": SLOW, "fast": FAST, "fast again": FAST},
        splits,
        repeats=2,
        epochs=EPOCHS,
        batch_size=16,
        metric="cross_entropy",
        seed=4,
    )


def test_a_score_is_what_plain_fit_comes_to_on_the_same_batches(splits, found):
    seed = derive_seed(4, "comparison", 1, 0)
    model = FAST(seed)
    curves, _ = fit_with_keras(model, splits[1], epochs=EPOCHS, seed=derive_seed(seed, "order"))
    assert found.scores["fast"][1][0] == pytest.approx(
        curves["val_cross_entropy"][-1], rel=METRICS["rtol"], abs=METRICS["atol"]
    )


def test_every_configuration_has_a_score_on_each_split_and_repeat(found):
    assert {name: np.shape(scores) for name, scores in found.scores.items()} == dict.fromkeys(
        ("slow", "fast", "fast again"), (3, 2)
    )
    assert np.unique(found.scores["fast"]).size == 6
    assert found.majority_error is None  # of the error rate, and these are cross-entropies
    assert (found.num_train, found.num_scored) == ([36] * 3, [16] * 3)
    assert np.array(found.chosen_epochs["slow"]).tolist() == [[EPOCHS] * 2] * 3


def test_one_configuration_with_the_same_seeds_is_equal_to_itself(found):
    pair = found.pair("fast", "fast again")
    assert pair.differences == (0.0, 0.0, 0.0)
    assert pair.decision == "no difference shown"


def test_the_overlap_is_the_part_of_the_training_rows_that_splits_share(splits, found):
    rows = [set(split.train_indices.tolist()) for split in splits]
    shared = [len(rows[one] & rows[other]) / 36 for one, other in ((0, 1), (0, 2), (1, 2))]
    assert found.overlap == pytest.approx(np.mean(shared))
    assert found.design == "resampled"


def test_with_seeds_of_their_own_equal_configurations_differ_and_none_is_shown_better(splits):
    builds = {"A": FAST, "A again": FAST}
    settings = {
        "repeats": 3,
        "epochs": EPOCHS,
        "batch_size": 16,
    }  # as many as above: one program for both
    record = compare(builds, splits, same_seeds=False, seed=1, **settings)
    pair = record.pair("A", "A again")
    assert pair.sd > 0
    assert pair.decision == "no difference shown"
    assert record.metric == "accuracy"
    assert 0.5 < record.majority_error < 0.8  # three classes of about as many rows
    hits = np.array(record.scores["A"]) * 16
    assert hits == pytest.approx(np.round(hits), abs=1e-12)  # whole rows, in double precision


def test_fresh_draws_share_no_row_and_are_scored_on_their_own_test_parts():
    models = []

    def kept(seed: int):
        models.append(line())
        return models[-1]

    x = np.random.default_rng(0).normal(size=(3, 30, 8)).astype(np.float32)
    draws = [Split.from_arrays(rows, rows.sum(axis=1), task="regression", seed=0) for rows in x]
    record = compare({"A": kept, "B": kept}, draws, epochs=1, part="test", metric="mse")
    assert (record.design, record.overlap, record.num_scored) == ("independent", 0.0, [6] * 3)
    expected = [
        float(np.mean((model(split.x_test).numpy()[:, 0] - split.y_test) ** 2))
        for model, split in zip(models, draws * 2, strict=True)
    ]
    assert np.ravel(list(record.scores.values())) == pytest.approx(expected, rel=1e-5)  # single precision


@pytest.fixture
def trained_as(monkeypatch):
    """Makes `compare` take the histories given for what the training came to."""

    def use(*members: MemberHistory, interrupted: bool = False) -> list[dict]:
        calls = []

        def fit_population(models, data, **options):
            calls.append(options)
            return PopulationHistory(
                members=members,
                monitor="val_cross_entropy",
                mode="min",
                seconds=0.0,
                interrupted=interrupted,
            )

        monkeypatch.setattr("kerasreg.experiments.comparison.experiment.fit_population", fit_population)
        return calls

    return use


def member(*losses: float, best_epoch: int, stop_reason: str = "epochs") -> MemberHistory:
    history = TrainingHistory(unit="epoch", metrics={"val_cross_entropy": list(losses)})
    return MemberHistory(
        score=min(losses),
        best_epoch=best_epoch,
        history=history,
        stop_reason=stop_reason,
        seconds=0.0,
        way="population",
    )


@pytest.mark.parametrize(
    ("patience", "scores", "epochs"),
    [(2, [[0.2, 0.3]], [[1, 3]]), (None, [[0.4, 0.3]], [[3, 3]])],
)
def test_the_score_is_that_of_the_best_epoch_with_patience_and_of_the_last_without(
    trained_as, patience, scores, epochs
):
    early, late = member(0.2, 0.3, 0.4, best_epoch=1), member(0.5, 0.4, 0.3, best_epoch=3)
    calls = trained_as(early, late, late, early)
    settings = {"repeats": 2, "metric": "cross_entropy", "patience": patience}
    record = compare({"A": net, "B": net}, classes(), **settings)
    assert (record.scores["A"], record.chosen_epochs["A"]) == (scores, epochs)
    assert record.design == "seeds"
    assert calls[0]["restore_best_weights"] == (patience is not None)
    assert calls[0]["seeds"][:2] == calls[0]["seeds"][2:]


def test_a_diverged_training_has_no_score(trained_as):
    good, bad = member(0.2, best_epoch=1), member(0.1, best_epoch=1, stop_reason="diverged")
    trained_as(good, good, good, bad)
    record = compare({"A": net, "B": net}, classes(), repeats=2, metric="cross_entropy")
    assert record.scores["B"] == [[0.2, pytest.approx(float("nan"), nan_ok=True)]]
    assert record.summary() == (
        "A and B cannot be compared: a network did not finish training in 1 of 2 seeds."
    )


def test_a_comparison_that_was_interrupted_keeps_the_finished_networks_and_gives_no_verdict(trained_as):
    good, cut = member(0.2, best_epoch=1), member(0.1, best_epoch=1, stop_reason="interrupted")
    trained_as(good, good, cut, cut, interrupted=True)
    record = compare({"A": net, "B": net}, classes(), repeats=2, metric="cross_entropy")
    assert (record.scores["A"], record.chosen_epochs["B"]) == ([[0.2, 0.2]], [[0, 0]])
    assert np.isnan(record.scores["B"]).all()
    assert record.summary().splitlines() == [
        "Interrupted: networks that had not finished training are left out.",
        "A and B cannot be compared: a network did not finish training in 2 of 2 seeds.",
    ]


def test_configurations_without_a_metric_in_common_are_refused(splits):
    bare = partial(sequential, (8,), layers.Dense(3), loss="mae", metrics=["mae"])
    with pytest.raises(InvalidInput) as error:
        compare({"A": net, "B": lambda seed: bare()}, splits)
    assert str(error.value) == (
        "All networks must be compiled with the metric 'accuracy' or 'cross_entropy' or 'mse'; they have "
        "cross_entropy, accuracy; mae."
    )


def test_folds_share_rows_even_where_two_training_parts_do_not():
    with pytest.raises(InvalidInput) as error:
        compare({"A": net, "B": net}, k_fold(classes(), 2), part="test")
    assert str(error.value) == (
        "part is 'test', and the splits share rows: the corrected test scores each split on rows of "
        "its own. Use part='validation', or design='independent' if the training rows are."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"builds": {"A": net}}, "builds must have at least two configurations; received ('A',)."),
        (
            {"splits": []},
            "A comparison needs at least two splits, or one split and two repeats; received 0 and repeats=1.",
        ),
        (
            {"splits": [classes()]},
            "A comparison needs at least two splits, or one split and two repeats; received 1 and repeats=1.",
        ),
        (
            {"splits": [noisy_parabola(seed=seed) for seed in range(2)]},
            "part is 'validation', and a split has no validation rows to score.",
        ),
        (
            {"splits": classes(), "repeats": 2, "design": "resampled"},
            "design must be 'auto' with a single split; received 'resampled'.",
        ),
        ({"metric": "mse"}, "metric must be one of 'accuracy', 'cross_entropy'; received 'mse'."),
        ({"margin": -1.0}, "margin must be a number above 0; received -1.0."),
        ({"confidence": 1.0}, "confidence must be a number above 0 and below 1; received 1.0."),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
    ],
)
def test_what_cannot_be_compared_is_refused_before_training(options, message, splits):
    with pytest.raises(InvalidInput) as error:
        compare(**{"builds": {"A": net, "B": net}, "splits": splits, **options})
    assert str(error.value) == message
