import json
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest
from scipy import integrate, stats
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from kerasreg import build_mlp, noisy_parabola
from kerasreg.data import k_fold
from kerasreg.experiments import NestedSelection, nested_selection
from tests.helpers.refusing import refused


def expected_maximum(count):
    """The mean of the largest of so many standard normals."""
    return integrate.quad(
        lambda x: x * count * stats.norm.pdf(x) * stats.norm.cdf(x) ** (count - 1), -10, 10
    )[0]


def simulated(*, count, mode, divisions=2000, seed=0):
    """Candidates of equal truth 0, inner scores the means of four normals of SD 2, so of SD 1."""
    rng = np.random.default_rng(seed)
    inner = rng.normal(0, 2, (divisions, count, 4))
    outer = rng.normal(0, 1, (divisions, count))
    return NestedSelection(
        metric="accuracy" if mode == "max" else "mse",
        mode=mode,
        candidates=tuple(map(str, range(count))),
        inner=tuple(tuple(map(tuple, row)) for row in inner.tolist()),
        outer=tuple(map(tuple, outer.tolist())),
        train_rows=(10**6,) * divisions,  # independent divisions, which the correction leaves as they are
        validation_rows=(1,) * divisions,
    )


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("count", [2, 8])
def test_the_optimism_among_equals_is_the_expected_maximum_of_normals(count, mode):
    result = simulated(count=count, mode=mode)
    expected = expected_maximum(count)
    # The mean of 2,000 differences, each of SD 1.5 at the most, has a standard error of 0.034.
    assert result.optimism()[0] == pytest.approx(expected, abs=0.12)
    assert result.optimism_by_choice()[0] == pytest.approx(expected, abs=0.12)
    assert result.gap_without_choice()[0] == pytest.approx(0, abs=0.12)
    assert result.nested_score()[0] == pytest.approx(0, abs=0.12)


def of_row_luck(folds, repeats, *, seed, rows=40, count=5):
    """Equal candidates with luck of SD 1 on each row, the same wherever that row is scored."""
    luck = np.random.default_rng(seed).normal(size=(rows, count))
    inner, outer, sizes = [], [], []
    for repeat in range(repeats):
        for train, validation in KFold(folds, shuffle=True, random_state=1000 * seed + repeat).split(luck):
            parts = [train[part] for _, part in KFold(4).split(train)]
            inner.append(tuple(map(tuple, np.array([luck[part].mean(axis=0) for part in parts]).T.tolist())))
            outer.append(tuple(luck[validation].mean(axis=0).tolist()))
            sizes.append((len(train), len(validation)))
    train_rows, validation_rows = zip(*sizes, strict=True)
    return NestedSelection(
        metric="accuracy",
        mode="max",
        candidates=tuple(map(str, range(count))),
        inner=tuple(inner),
        outer=tuple(outer),
        train_rows=train_rows,
        validation_rows=validation_rows,
    )


@pytest.mark.parametrize(("folds", "repeats"), [(2, 1), (5, 3)])
def test_the_optimism_by_choice_of_folds_that_share_rows_is_the_expected_maximum(folds, repeats):
    results = [of_row_luck(folds, repeats, seed=seed) for seed in range(400)]
    told = [result.optimism_by_choice()[0] for result in results]
    # The inner mean of a candidate is that of the luck of all rows it was chosen on.
    expected = expected_maximum(5) / results[0].train_rows[0] ** 0.5
    assert np.mean(told) == pytest.approx(expected, abs=4 * np.std(told) / 400**0.5)
    # Over complete folds the luck of the rows cancels out, so nothing of the optimism is taken off but
    # the mean gap of all candidates, in every single data set.
    for result in results[:20]:
        whole = np.mean(result.optimism_of_each - result.gaps.mean(axis=1))
        assert result.optimism_by_choice()[0] == pytest.approx(whole, abs=1e-12)


def test_the_optimism_by_choice_of_n_independent_divisions_is_too_small_by_one_nth():
    told = [
        simulated(count=5, mode="max", divisions=3, seed=seed).optimism_by_choice()[0] for seed in range(2000)
    ]
    assert np.mean(told) == pytest.approx(2 / 3 * expected_maximum(5), abs=4 * np.std(told) / 2000**0.5)


def test_the_intervals_hold_the_expected_optimism_as_often_as_promised():
    expected = expected_maximum(3)
    held = 0
    for seed in range(200):
        low, high = simulated(count=3, mode="min", divisions=30, seed=seed).optimism()[1]
        held += low <= expected <= high
    assert 180 <= held <= 199  # 95 % of 200, within 3.3 standard errors of 3.1


def test_fewer_candidates_are_the_first_of_them():
    result = simulated(count=6, mode="min", divisions=50)
    fewer = NestedSelection(
        **vars(result)
        | {
            "candidates": result.candidates[:2],
            "inner": tuple(row[:2] for row in result.inner),
            "outer": tuple(row[:2] for row in result.outer),
        }
    )
    assert result.optimism_of_first(2) == fewer.optimism_by_choice()
    assert result.optimism_of_first(6) == result.optimism_by_choice()


def test_what_training_on_fewer_rows_costs_is_not_put_down_to_the_choice():
    result = simulated(count=4, mode="max", divisions=2000)
    lower = tuple(tuple(tuple(s - 3 for s in scores) for scores in row) for row in result.inner)
    worse = NestedSelection(**vars(result) | {"inner": lower})
    assert worse.gap_without_choice()[0] == pytest.approx(result.gap_without_choice()[0] - 3)
    assert worse.optimism()[0] < 0 < worse.optimism_by_choice()[0]
    assert worse.optimism_by_choice()[0] == pytest.approx(result.optimism_by_choice()[0])


def test_a_candidate_that_fewer_rows_cost_more_is_set_against_itself():
    result = simulated(count=2, mode="max")
    inner = tuple((tuple(s - 1 for s in first), second) for first, second in result.inner)
    uneven = NestedSelection(**vars(result) | {"inner": inner})
    # The mean noise of the larger of N(-1, 1) and N(0, 1), by Clark's formula for their maximum.
    expected = 2**0.5 * stats.norm.pdf(1 / 2**0.5)
    assert uneven.optimism_by_choice()[0] == pytest.approx(expected, abs=0.12)  # as above


def test_every_candidate_is_scored_as_ridge_regression_scores_it():
    def build(l2, *, seed):
        net = build_mlp((1,), None, units=(), optimizer=keras.optimizers.SGD(0.5), seed=seed)
        net.get_layer("output").kernel.regularizer = keras.regularizers.L2(l2)
        return net

    result = nested_selection(
        build,
        {"none": 0.0, "some": 0.3},
        noisy_parabola(12, seed=3),
        partial(k_fold, num_folds=2),
        epochs=200,
        repeats=1,
        batch_size=12,
    )
    from kerasreg.seeds import derive_seed

    outer = k_fold(noisy_parabola(12, seed=3), 2, seed=derive_seed(0, "outer", 0))
    for number, fold in enumerate(outer):
        for place, l2 in enumerate((0.0, 0.3)):
            line = Ridge(alpha=l2 * len(fold.x_train)).fit(fold.x_train, fold.y_train)
            expected = np.mean((line.predict(fold.x_validation) - fold.y_validation) ** 2)
            # 200 steps of rate 0.5 shrink a direction of curvature 0.2 to 7e-10; the rest is rounding.
            assert result.outer[number][place] == pytest.approx(expected, rel=1e-3)
    assert np.array(result.inner).shape == (2, 2, 2)
    assert (result.train_rows, result.validation_rows) == ((6, 6), (6, 6))
    assert (result.chosen == result.inner_means.argmin(axis=1)).all()
    again = NestedSelection.from_dict(json.loads(json.dumps(result.to_dict())))
    assert again == result
    assert len(again.to_frame()) == 4


def test_the_summary_says_what_the_interval_shows():
    shown = simulated(count=5, mode="min").summary()
    assert shown.startswith("The choice made its own score look better than it is, by ")
    unsure = simulated(count=2, mode="min", divisions=3).summary()
    low, high = simulated(count=2, mode="min", divisions=3).optimism_by_choice()[1]
    assert low < 0 < high
    assert unsure.startswith("No optimism of the choice is shown: ")


def test_where_one_candidate_is_always_chosen_the_summary_says_that_nothing_can_be_told():
    result = simulated(count=2, mode="max", divisions=6)
    inner = tuple((first, tuple(s + 100 for s in second)) for first, second in result.inner)
    same = NestedSelection(**vars(result) | {"inner": inner})
    assert same.always_the_same
    assert not result.always_the_same
    assert same.optimism_by_choice()[0] == pytest.approx(0, abs=1e-12)
    assert same.summary().startswith(
        "All outer splits chose '1', so the optimism of the choice cannot be told from the gap of that "
        "candidate.\n"
    )


def test_an_outer_split_that_was_interrupted_is_left_out():
    result = simulated(count=3, mode="min", divisions=8)
    outer = (*result.outer[:7], (0.0, float("nan"), 0.0))
    cut = replace(result, outer=outer, interrupted=True)
    fewer = NestedSelection(
        **vars(result)
        | {name: getattr(result, name)[:7] for name in ("inner", "outer", "train_rows", "validation_rows")}
    )
    assert cut.finished.tolist() == [True] * 7 + [False]
    assert cut.optimism_by_choice() == fewer.optimism_by_choice()
    assert cut.summary().split("\n")[1:] == fewer.summary().split("\n")
    again = NestedSelection.from_dict(json.loads(json.dumps(cut.to_dict())))
    assert again.summary() == cut.summary()


def test_after_an_early_interruption_nothing_can_be_said():
    result = simulated(count=3, mode="min", divisions=4)
    nothing = replace(result, outer=((float("nan"),) * 3,) * 4, interrupted=True)
    assert nothing.summary().endswith(
        "Nothing can be said: 0 of 4 outer splits finished, and at least 2 are needed."
    )
    refused("Fewer than two outer splits finished, so there is nothing to draw.", nothing.plot)


def test_what_gives_no_choice_is_refused():
    folds = partial(k_fold, num_folds=2)
    refused(
        "A choice needs at least two candidates; received 1.",
        lambda: nested_selection(build_mlp, {"one": 1}, noisy_parabola(12), folds, epochs=1),
    )
    refused(
        "An interval needs at least two outer splits; received 1. Use more repeats or folds.",
        lambda: nested_selection(
            build_mlp,
            {"one": 1, "two": 2},
            noisy_parabola(12),
            lambda split, seed: k_fold(split, 2, seed=seed)[:1],
            epochs=1,
            repeats=1,
        ),
    )
    refused(
        "count must be at most 2, the number of candidates; received 3.",
        lambda: simulated(count=2, mode="min", divisions=3).optimism_of_first(3),
    )
    for divisions in (0, 1):
        refused(
            f"The intervals need at least two outer splits; received {divisions}.",
            partial(simulated, count=2, mode="min", divisions=divisions),
        )
    refused(
        "inner and outer must have one row for each of 3 outer splits and one entry for each of 1 "
        "candidates; received the shapes [(3, 2)].",
        lambda: NestedSelection(**vars(simulated(count=2, mode="min", divisions=3)) | {"candidates": ("0",)}),
    )
