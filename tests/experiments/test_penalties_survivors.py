"""Small networks of the units that survived, against the penalized ones."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from kerasreg import load_digits_split, noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.experiments import compare_survivors
from kerasreg.experiments.penalties.record import PenaltyPath
from kerasreg.experiments.penalties.survivors_record import SurvivorComparison
from kerasreg.records.fingerprints import split_fingerprint
from tests.helpers.interrupted import interrupted_after
from tests.helpers.networks import evaluated
from tests.helpers.penalty_paths import DIGITS, SPLIT, STRENGTH, build, digits_path, made_path

FIT = "kerasreg.experiments.penalties.survivors.fit_population"


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
        assert pair.penalized == run.errors["test"]
        expected = evaluated(model, SPLIT.x_test, SPLIT.y_test)["cross_entropy"]
        assert pair.small == pytest.approx(expected, rel=1e-4)
        assert pair.seed == run.seed
        assert model.losses == []
    low, high = found.interval()
    assert low < np.mean([pair.difference for pair in found.pairs]) < high
    assert SurvivorComparison.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert len(found.to_frame()) == 3


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
        "At strength 0 no unit of some hidden layer survived, and a layer needs at least one. Take "
        "a lower strength."
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
    relabeled = replace(SPLIT, y_test=(SPLIT.y_test + 1) % 10)
    assert len({split_fingerprint(split) for split in (SPLIT, turned, relabeled)}) == 3
    assert split_fingerprint(load_digits_split(100)) == split_fingerprint(DIGITS)


def test_at_a_strength_without_fresh_networks_those_of_the_path_are_compared(monkeypatch):
    values = [[1.0, 1.1], [0.5, 0.6]]
    path = replace(made_path(values, values, fingerprint=split_fingerprint(SPLIT)), fresh=())
    seeds = []

    def stop(models, split, **received):
        seeds.extend(received["seeds"])
        raise InterruptedError

    monkeypatch.setattr(FIT, stop)
    with pytest.raises(InterruptedError):
        compare_survivors(build, SPLIT, path, strength=0.1)
    assert seeds == [run.seed for run in path.of_strength(0.1)]


def test_diverged_networks_are_refused_as_diverged():
    path = made_path([[1.0, 1.1], [0.5, 0.6]], [[1.0, 1.1], [0.5, 0.6]], fingerprint=split_fingerprint(SPLIT))
    nan = float("nan")
    gone = {"errors": dict.fromkeys(("train", "validation", "test"), nan), "norm": nan}
    gone |= {"incoming": ((nan,) * 4,), "outgoing": ((nan,) * 4,)}
    path = replace(path, runs=(*path.runs[:3], replace(path.runs[3], **gone)), fresh=())
    path = PenaltyPath.from_dict(json.loads(json.dumps(path.to_dict())))
    assert [run.finished for run in path.runs] == [True, True, True, False]
    with pytest.raises(InvalidInput) as error:
        compare_survivors(build, SPLIT, path, strength=0.1)
    assert str(error.value) == (
        "At strength 0.1, 1 of 2 networks diverged or were interrupted, so their surviving units cannot be "
        "counted. Take another strength, or train with a lower learning rate."
    )


@pytest.mark.parametrize(("options", "expected"), [({}, 7), ({"batch_size": 5}, 5)])
def test_the_small_networks_have_the_paths_batches_unless_told_otherwise(monkeypatch, options, expected):
    path = made_path([[1.0, 1.1], [0.5, 0.6]], [[1.0, 1.1], [0.5, 0.6]], fingerprint=split_fingerprint(SPLIT))
    asked = []

    def stop(models, split, **received):
        asked.append(received["batch_size"])
        raise InterruptedError

    monkeypatch.setattr(FIT, stop)
    with pytest.raises(InterruptedError):
        compare_survivors(build, SPLIT, replace(path, batch_size=7), **options)
    assert asked == [expected]


def test_after_ctrl_c_a_small_network_that_had_not_finished_has_no_error(monkeypatch):
    values = [[1.0, 1.1], [0.5, 0.6]]
    path = replace(made_path(values, values, fingerprint=split_fingerprint(SPLIT)), metric="cross_entropy")
    monkeypatch.setattr(FIT, interrupted_after(1))
    found = compare_survivors(build, SPLIT, path, strength=0.1)
    assert found.interrupted
    assert [np.isnan(pair.small) for pair in found.pairs] == [False, True]
    assert found.summary().split("\n")[1].startswith("No comparison")
