import json
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest
from sklearn.linear_model import Ridge

from kerasreg import Split, build_mlp, noisy_parabola
from kerasreg.data import chronological, hold_out, k_fold
from kerasreg.experiments import EstimatorComparison, compare_estimators, cross_validate
from kerasreg.experiments import last_scores as training
from kerasreg.experiments.last_scores import Task, last_scores
from kerasreg.population import fit_population
from kerasreg.records import Split as SplitRecord
from tests.helpers.refusing import refused

TINY = partial(build_mlp, (1,), None, units=(4,), activation="tanh", learning_rate=0.01)


def line_fit(*, seed):
    """A linear network that full-batch descent takes to least squares."""
    return build_mlp((1,), None, units=(), optimizer=keras.optimizers.SGD(0.5), seed=seed)


def by_seed(seed):
    return line_fit(seed=seed)


def series(seed):
    """A fall and a rise: a line through the past knows nothing of what comes after it."""
    rng = np.random.default_rng(seed)
    time = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    y = (np.abs(time[:, 0]) + rng.normal(0, 0.05, 40)).astype(np.float32)
    return Split(
        name="series",
        num_classes=None,
        x_train=time[:30],
        y_train=y[:30],
        x_validation=time[:0],
        y_validation=y[:0],
        x_test=time[30:],
        y_test=y[30:],
        train_indices=np.arange(30),
        validation_indices=np.arange(0),
        test_indices=np.arange(30, 40),
    )


def test_each_fold_scores_what_least_squares_scores_there():
    folds = k_fold(noisy_parabola(12, seed=3), 3)
    scores = cross_validate(line_fit, folds, epochs=200, batch_size=12)
    expected = []
    for fold in folds:
        line = Ridge(alpha=0).fit(fold.x_train, fold.y_train)
        expected.append(np.mean((line.predict(fold.x_validation) - fold.y_validation) ** 2))
    # 200 steps of rate 0.5 shrink the slowest direction, of curvature 0.2 or more, to (1 - 0.1)**200 = 7e-10.
    assert scores.scores == pytest.approx(expected, rel=1e-4)
    assert (scores.train_rows, scores.validation_rows, scores.metric) == ((8, 8, 8), (4, 4, 4), "mse")


def test_turns_with_models_used_again_change_no_score():
    folds = k_fold(noisy_parabola(12, seed=3), 3)
    tasks = [Task(seed, fold) for fold in folds for seed in (0, 1)]
    together = last_scores(by_seed, tasks, epochs=3, batch_size=12)
    in_turns = last_scores(by_seed, tasks, epochs=3, batch_size=12, at_once=2)
    assert in_turns.scores == pytest.approx(together.scores, rel=1e-4)  # sums of another order


@pytest.fixture
def interrupted_after(monkeypatch):
    """Makes the training end as Ctrl-C does, when so many networks of the last turn have finished."""

    def use(count, *, turns=1):
        left = iter(range(turns - 1, -1, -1))

        def fit(models, splits, **options):
            history = fit_population(models, splits, **options)
            if next(left):
                return history
            cut = [replace(member, stop_reason="interrupted") for member in history.members[count:]]
            return replace(history, members=(*history.members[:count], *cut), interrupted=True)

        monkeypatch.setattr(training, "fit_population", fit)

    return use


def test_after_ctrl_c_the_folds_that_had_finished_are_in_the_record(interrupted_after):
    interrupted_after(2)
    scores = cross_validate(line_fit, k_fold(noisy_parabola(12, seed=3), 3), epochs=2, batch_size=12)
    assert np.isfinite(scores.scores).tolist() == [True, True, False]
    assert scores.mean == pytest.approx(np.mean(scores.scores[:2]))
    first, second = scores.summary().splitlines()
    assert first == "Interrupted: networks that had not finished training are left out."
    assert second.startswith("Mean mse over 2 splits: ")


def test_after_ctrl_c_there_is_no_further_turn(interrupted_after):
    interrupted_after(1, turns=2)
    tasks = [Task(seed, noisy_parabola(12, seed=3)) for seed in range(6)]
    tasks = [replace(task, part="test") for task in tasks]
    found = last_scores(by_seed, tasks, epochs=1, batch_size=12, at_once=2)
    assert found.interrupted
    assert np.isfinite(found.scores).tolist() == [True, True, True, False, False, False]


def test_after_an_early_ctrl_c_an_estimator_comparison_says_that_nothing_can_be_said(interrupted_after):
    interrupted_after(0)
    result = compare_estimators(
        line_fit,
        lambda seed: noisy_parabola(12, test_size=5, seed=seed),
        {"a": hold_out},
        epochs=1,
        data_sets=2,
    )
    assert result.summary().endswith("\nNothing can be said: no data set was finished.")
    refused("No data set was finished, so there is nothing to draw.", result.plot_errors)


@pytest.fixture(scope="module")
def compared():
    schemes = {"hold-out": hold_out, "3-fold": partial(k_fold, num_folds=3)}
    return compare_estimators(
        line_fit,
        lambda seed: noisy_parabola(12, test_size=50, seed=seed),
        schemes,
        epochs=200,
        batch_size=12,
        data_sets=2,
        seed=5,
    )


def test_the_truth_is_the_network_of_all_rows_on_the_test_part(compared):
    from kerasreg.seeds import derive_seed

    for number, truth in enumerate(compared.truths):
        split = noisy_parabola(12, test_size=50, seed=derive_seed(5, "data", number))
        line = Ridge(alpha=0).fit(split.x_train, split.y_train)
        expected = np.mean((line.predict(split.x_test) - split.y_test) ** 2)
        assert truth == pytest.approx(expected, rel=1e-4)  # as above
        estimate = 0.0
        for fold in k_fold(split, 3):
            line = Ridge(alpha=0).fit(fold.x_train, fold.y_train)
            estimate += np.mean((line.predict(fold.x_validation) - fold.y_validation) ** 2) / 3
        assert compared.estimates("3-fold")[number] == pytest.approx(estimate, rel=1e-4)
    assert compared.test_rows == (50, 50)


def test_a_comparison_survives_json(compared):
    again = EstimatorComparison.from_dict(json.loads(json.dumps(compared.to_dict())))
    assert again == compared
    assert len(again.to_frame()) == 4


def test_a_shuffled_split_of_a_series_hides_what_comes_later():
    schemes = {"chronological": partial(chronological, num_folds=2), "shuffled": partial(k_fold, num_folds=3)}
    result = compare_estimators(line_fit, series, schemes, epochs=40, batch_size=30, data_sets=2)
    assert (result.estimates("shuffled") < result.estimates("chronological")).all()
    assert (result.errors("shuffled") < 0).all()
    assert result.shift("chronological", "shuffled").value > 0


def test_what_cannot_be_compared_is_refused():
    refused(
        "There is no scheme to compare; pass at least one, such as {'hold-out': hold_out}.",
        lambda: compare_estimators(TINY, noisy_parabola, {}, epochs=1),
    )
    no_test = SplitRecord(
        **{
            **vars(noisy_parabola(4, test_size=1)),
            **{name: getattr(noisy_parabola(4), name)[:0] for name in ("x_test", "y_test", "test_indices")},
        }
    )
    refused(
        "The data set 'parabola' has no test rows, so its true error cannot be measured. Draw it with a "
        "large test part.",
        lambda: compare_estimators(TINY, lambda seed: no_test, {"hold-out": hold_out}, epochs=1),
    )
    refused(
        "There are no splits to train on; pass at least one Split.",
        lambda: cross_validate(TINY, [], epochs=1),
    )
    refused(
        "metric must be one of 'mse'; received 'accuracy'.",
        lambda: cross_validate(TINY, k_fold(noisy_parabola(12), 3), epochs=1, metric="accuracy"),
    )


def test_a_split_without_validation_rows_is_refused():
    refused(
        "A split of 'parabola' has no validation rows to score on. Give each Split some.",
        lambda: cross_validate(line_fit, [noisy_parabola(8, test_size=1)], epochs=1, batch_size=12),
    )


def test_a_diverged_network_is_not_left_out_in_silence():
    build = lambda *, seed: build_mlp(  # noqa: E731 - one line for one test
        (1,), None, units=(), optimizer=keras.optimizers.SGD(1e30), seed=seed
    )
    refused(
        "3 of 3 networks ended without a finite mse, and leaving them out would make the rest look "
        "better than they are. Lower the learning rate, or train fewer epochs.",
        lambda: cross_validate(build, k_fold(noisy_parabola(12, seed=3), 3), epochs=20, batch_size=12),
    )
