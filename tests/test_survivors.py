"""Small networks of the units that survived, against the penalised ones."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from kerasreg import load_digits_split, noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.experiments import survivors as module
from kerasreg.experiments.survivors import compare_survivors
from kerasreg.records import PopulationHistory
from kerasreg.records.fingerprints import split_fingerprint
from kerasreg.records.penalties import PenaltyPath
from kerasreg.records.survivors import SurvivorComparison, SurvivorPair
from tests.networks import evaluated
from tests.penalty_paths import DIGITS, SPLIT, STRENGTH, build, digits_path, made_path


def test_small_networks_have_as_many_units_as_survived_and_are_trained_from_scratch():
    path, _ = digits_path("proximal_l1")
    models: list[keras.Model] = []

    def kept(**options):
        models.append(build(**options))
        return models[-1]

    found = compare_survivors(kept, SPLIT, path, epochs=3)
    assert found.strength == STRENGTH == path.best()
    fresh = path.of_strength(STRENGTH, fresh=True)  # these had no part in the choice
    for pair, run, model in zip(found.pairs, fresh, models, strict=False):
        assert pair.units == run.survivors(path.near_zero) == (model.get_layer("hidden_1").units,)
        assert pair.num_params == model.count_params() < found.num_params
        assert pair.penalised == run.errors["test"]
        expected = evaluated(model, SPLIT.x_test, SPLIT.y_test)["cross_entropy"]
        assert pair.small == pytest.approx(expected, rel=1e-4)
        assert pair.seed == run.seed
        assert model.losses == []
    low, high = found.interval()
    assert low < np.mean([pair.difference for pair in found.pairs]) < high
    assert SurvivorComparison.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert len(found.to_frame()) == 3


@pytest.mark.parametrize(
    ("small", "ending"),
    [
        ([0.5, 0.61], "was -0.495 (95 % interval -0.559 to -0.431, 2 pairs on the same data): it is lower."),
        (
            [1.5, 0.75],
            "was 0.075 (95 % interval -5.33 to 5.48, 2 pairs on the same data): no difference shown.",
        ),
        ([np.nan, 0.9], "cannot be told, because a network diverged."),
    ],
)
def test_the_verdict_is_what_the_pairs_show(small, ending):
    pairs = [
        SurvivorPair(repeat=place, seed=place, units=(2 + place,), num_params=5, penalised=large, small=error)
        for place, (large, error) in enumerate(zip([1.0, 1.1], small, strict=True))
    ]
    found = SurvivorComparison(
        penalty="l1", strength=0.1, metric="mse", units=(8,), num_params=25, seconds=1.0, pairs=tuple(pairs)
    )
    assert found.verdict == (
        "With l1 at 0.1, 2 to 3 of 8 hidden units survived. Test mean squared error of networks of that "
        f"size, trained from scratch without a penalty, less that of the penalised ones, {ending}"
    )


def test_survivors_of_another_split_or_of_none_are_refused():
    values = [[1.0, 1.1]]
    path = made_path(values, values)
    with pytest.raises(InvalidInput) as error:
        compare_survivors(build, noisy_parabola(10), path)
    assert str(error.value) == (
        f"The split must be the one of the path, {path.data}; received {noisy_parabola(10).describe()}."
    )
    gone = replace(path, near_zero=2.0, fingerprint=split_fingerprint(SPLIT))
    with pytest.raises(InvalidInput) as error:
        compare_survivors(build, SPLIT, gone)
    assert str(error.value) == (
        "At strength 0 no unit of some hidden layer survived, and a network cannot have a layer of none. "
        "Take a lower strength."
    )


def test_another_draw_of_the_same_data_set_is_refused():
    other = load_digits_split(100, seed=1)
    assert other.describe() == SPLIT.describe()
    path = made_path([[1.0, 1.1]], [[1.0, 1.1]], fingerprint=split_fingerprint(SPLIT))
    with pytest.raises(InvalidInput) as error:
        compare_survivors(build, other, path)
    assert str(error.value) == (
        "The split must be the one of the path; received 'digits' in the same shapes, but with other rows or "
        "another order of them. Draw it as the path's was drawn, with the same seed."
    )


def test_the_fingerprint_is_of_the_rows_and_their_order():
    rows = np.arange(len(SPLIT.x_train))[::-1]
    turned = replace(
        SPLIT,
        x_train=SPLIT.x_train[rows],
        y_train=SPLIT.y_train[rows],
        train_indices=SPLIT.train_indices[rows],
    )
    relabelled = replace(SPLIT, y_test=(SPLIT.y_test + 1) % 10)
    assert len({split_fingerprint(split) for split in (SPLIT, turned, relabelled)}) == 3
    assert split_fingerprint(load_digits_split(100)) == split_fingerprint(DIGITS)


def test_at_a_strength_without_fresh_networks_those_of_the_path_are_compared(monkeypatch):
    values = [[1.0, 1.1], [0.5, 0.6]]
    path = replace(made_path(values, values, fingerprint=split_fingerprint(SPLIT)), fresh=())
    seeds = []

    def stop(models, split, **received):
        seeds.extend(received["seeds"])
        return PopulationHistory(members=(), monitor="val_mse", mode="min", seconds=0.0, interrupted=True)

    monkeypatch.setattr(module, "fit_population", stop)
    with pytest.raises(KeyboardInterrupt):  # after Ctrl-C there is no comparison
        compare_survivors(build, SPLIT, path, strength=0.1)
    assert seeds == [run.seed for run in path.of_strength(0.1)]


def test_diverged_networks_are_refused_as_diverged():
    path = made_path([[1.0, 1.1], [0.5, 0.6]], [[1.0, 1.1], [0.5, 0.6]], fingerprint=split_fingerprint(SPLIT))
    nan = float("nan")
    gone = {"errors": dict.fromkeys(("train", "validation", "test"), nan), "norm": nan}
    gone |= {"incoming": ((nan,) * 4,), "outgoing": ((nan,) * 4,)}
    path = replace(path, runs=(*path.runs[:3], replace(path.runs[3], **gone)), fresh=())
    path = PenaltyPath.from_dict(json.loads(json.dumps(path.to_dict())))
    assert [run.diverged for run in path.runs] == [False, False, False, True]
    with pytest.raises(InvalidInput) as error:
        compare_survivors(build, SPLIT, path, strength=0.1)
    assert str(error.value) == (
        "At strength 0.1, 1 of 2 networks diverged, and of such a network no unit can be said to have "
        "survived. Take another strength, or train with a lower learning rate."
    )


@pytest.mark.parametrize(("options", "expected"), [({}, 7), ({"batch_size": 5}, 5)])
def test_the_small_networks_have_the_paths_batches_unless_told_otherwise(monkeypatch, options, expected):
    path = made_path([[1.0, 1.1], [0.5, 0.6]], [[1.0, 1.1], [0.5, 0.6]], fingerprint=split_fingerprint(SPLIT))
    asked = []

    def stop(models, split, **received):
        asked.append(received["batch_size"])
        raise InterruptedError

    monkeypatch.setattr("kerasreg.experiments.survivors.fit_population", stop)
    with pytest.raises(InterruptedError):
        compare_survivors(build, SPLIT, replace(path, batch_size=7), **options)
    assert asked == [expected]
