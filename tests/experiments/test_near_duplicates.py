import json

import keras
import numpy as np
import pytest
from scipy import stats
from sklearn.model_selection import GroupKFold

from kerasreg import Split, build_mlp
from kerasreg.experiments import DuplicateHarm, duplicate_harm
from kerasreg.experiments import last_scores as training
from kerasreg.experiments.near_duplicates import experiment
from kerasreg.records import FoldScores
from tests.helpers.refusing import refused

FEATURES = 48


def with_duplicates(copies=3, originals=24):
    """Noise to learn by heart: more features than originals, so that a line fits them all."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(originals), copies)
    x = rng.normal(size=(originals, FEATURES))[groups] + rng.normal(0, 0.01, (len(groups), FEATURES))
    y = rng.normal(size=originals)[groups]
    test = {"x_test": rng.normal(size=(40, FEATURES)), "y_test": rng.normal(size=40)}
    split = Split.from_arrays(x, y, task="regression", **test)
    return split, groups[split.development_indices]


def line_fit(*, seed):
    return build_mlp((FEATURES,), None, units=(), optimizer=keras.optimizers.SGD(0.02), seed=seed)


def test_a_network_that_learns_by_heart_looks_good_across_and_not_when_grouped():
    split, groups = with_duplicates()
    harm = duplicate_harm(line_fit, split, groups, epochs=100, num_folds=5, repeats=2)
    assert harm.across.mean < 0.2 < 0.5 < harm.grouped.mean
    assert harm.truth()[0] > 0.5
    assert harm.difference()[0] == pytest.approx(np.mean(harm.across.scores) - np.mean(harm.grouped.scores))
    assert harm.summary().startswith("Near-duplicates across the parts make the score look better: ")
    assert DuplicateHarm.from_dict(json.loads(json.dumps(harm.to_dict()))) == harm
    assert len(harm.to_frame()) == 10


def test_grouped_folds_hold_whole_groups_as_group_k_fold_does(monkeypatch):
    split, groups = with_duplicates()
    seen = []

    def no_training(build, tasks, **options):
        seen.extend(tasks)
        return training.LastScores("mse", [1.0] * len(tasks), False)

    monkeypatch.setattr(experiment, "last_scores", no_training)
    duplicate_harm(line_fit, split, groups, epochs=1, num_folds=5, repeats=1)
    group_of = dict(zip(split.development_indices, groups, strict=True))
    oracle = GroupKFold(5).split(groups, groups=groups)
    sizes = sorted(len(validation) for _, validation in oracle)
    across, grouped = seen[:5], seen[5:10]
    assert sorted(len(task.split.x_validation) for task in grouped) == sizes
    both = [
        {group_of[row] for row in task.split.train_indices}
        & {group_of[row] for row in task.split.validation_indices}
        for task in [*across, *grouped]
    ]
    assert all(both[:5])
    assert not any(both[5:])
    assert [task.part for task in seen[:11]] == [*["validation"] * 10, "test"]
    assert len(seen[10].split.x_train) == len(groups)
    assert training.Task is type(seen[0])


def fold_scores(metric, scores):
    count = len(scores)
    return FoldScores(
        metric=metric, scores=tuple(scores), train_rows=(90,) * count, validation_rows=(10,) * count
    )


@pytest.mark.parametrize(
    ("metric", "across", "verdict"),
    [
        ("accuracy", (0.9, 0.91, 0.92), "Near-duplicates across the parts make the score look better"),
        ("accuracy", (0.1, 0.11, 0.12), "Near-duplicates across the parts make the score look worse"),
        ("mse", (0.1, 0.11, 0.12), "Near-duplicates across the parts make the score look better"),
        ("mse", (0.4, 0.5, 0.63), "No effect of near-duplicates across the parts is shown"),
    ],
)
def test_the_verdict_follows_the_interval(metric, across, verdict):
    harm = harm_of(across, (0.5, 0.52, 0.51), metric)
    assert harm.summary().startswith(f"{verdict}: across minus together is ")


def harm_of(across, grouped, metric="mse"):
    return DuplicateHarm(
        across=fold_scores(metric, across),
        grouped=fold_scores(metric, grouped),
        truths=(0.5,),
        mode="max" if metric == "accuracy" else "min",
        groups=5,
        rows=100,
    )


def test_the_interval_of_the_difference_adds_the_corrected_variances_of_both_ways():
    across, grouped = (0.1, 0.14, 0.11, 0.2), (0.5, 0.3, 0.45, 0.6)
    mean, interval = harm_of(across, grouped).difference()
    variance = (np.var(across, ddof=1) + np.var(grouped, ddof=1)) * (1 / 4 + 10 / 90)
    expected = stats.t.interval(0.95, 3, np.mean(across) - np.mean(grouped), variance**0.5)
    assert mean == pytest.approx(np.mean(across) - np.mean(grouped))
    assert interval == pytest.approx(expected)


def test_the_order_of_the_folds_changes_nothing():
    across, grouped = (0.1, 0.2, 0.3, 0.4), (0.3, 0.41, 0.52, 0.61)
    told, turned = harm_of(across, grouped), harm_of(across, grouped[::-1])
    assert turned.difference()[0] == pytest.approx(told.difference()[0])
    assert turned.difference()[1] == pytest.approx(told.difference()[1])
    assert turned.summary() == told.summary()
    # Paired by fold, the first order would have an SD of 0.008 and show a difference.
    assert told.summary() == (
        "No effect of near-duplicates across the parts is shown: across minus together is -0.21 (corrected "
        "95 % interval -0.566 to 0.146, not paired by fold).\n"
        "Mean mse: 0.25 with near-duplicates across the parts, 0.46 with them together, 0.5 on the test "
        "rows.\n"
        "100 rows in 5 groups, 4 folds."
    )


@pytest.mark.parametrize("counts", [(3, 2), (1, 1)])
def test_ways_without_equally_many_scores_are_refused(counts):
    refused(
        "across and grouped must have equally many scores, at least two; received "
        f"{counts[0]} and {counts[1]}.",
        lambda: harm_of(*((0.5,) * count for count in counts)),
    )


def test_after_an_early_interruption_nothing_can_be_said():
    nan = float("nan")
    harm = harm_of((0.5, nan, nan), (nan, nan, nan))
    assert harm.summary() == "Nothing can be said: fewer than two networks of a method finished training."
    assert len(harm.to_frame()) == 3
    refused("Fewer than two networks of a method finished, so there is nothing to draw.", harm.plot)


def test_networks_that_were_interrupted_are_left_out():
    across, grouped = (0.1, 0.14, 0.11, 0.2), (0.5, 0.3, 0.45, 0.6)
    cut = harm_of((*across, float("nan")), (*grouped, float("nan")))
    assert cut.difference() == harm_of(across, grouped).difference()


def test_groups_that_do_not_suit_are_refused():
    split, groups = with_duplicates()
    refused(
        "groups must hold one number for each of the 72 rows of x_development; received the shape (71,).",
        lambda: duplicate_harm(line_fit, split, groups[1:], epochs=1),
    )
    refused(
        "5 folds need at least 5 groups; there are 2. Use fewer folds.",
        lambda: duplicate_harm(line_fit, split, groups % 2, epochs=1),
    )
