import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.regularization import Regularization

KNOBS = "l1, l2, proximal_l1, dropout, dropconnect, noise_std, normalization, label_smoothing, max_norm"


def test_every_knob_is_off_by_default():
    assert Regularization().active() == {}
    assert Regularization() == Regularization(l1=0, dropout=0.0, normalization=None, max_norm=None)


def test_active_names_only_what_is_switched_on():
    chosen = {"l1": 1e-5, "noise_std": 0.1, "normalization": "batch", "max_norm": 3.0}
    assert Regularization(**chosen).active() == chosen


def test_numbers_become_floats_whatever_their_type():
    settings = Regularization(l2=np.float32(0.5), max_norm=np.int64(3), dropout=0)
    assert [type(settings.l2), type(settings.max_norm), type(settings.dropout)] == [float, float, float]


def test_it_cannot_be_changed_once_made():
    with pytest.raises(FrozenInstanceError):
        Regularization().l2 = 0.1


def test_it_goes_through_json_and_comes_back_equal():
    settings = Regularization(
        l1=1e-5, l2=1e-4, dropout=0.3, dropconnect=0.1, noise_std=0.2, normalization="layer",
        label_smoothing=0.1, max_norm=4,
    )  # fmt: skip
    assert Regularization.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    assert list(settings.to_dict()) == KNOBS.split(", ")


@pytest.mark.parametrize("name", ["l1", "l2", "proximal_l1", "noise_std"])
@pytest.mark.parametrize("value", [-1e-6, float("nan"), float("inf"), "0.1", None, True])
def test_penalties_and_noise_are_numbers_from_0(name, value):
    with pytest.raises(InvalidInput) as error:
        Regularization(**{name: value})
    assert str(error.value) == f"{name} must be a number of at least 0; received {value!r}."


@pytest.mark.parametrize("name", ["dropout", "dropconnect", "label_smoothing"])
@pytest.mark.parametrize("value", [-0.1, 1.0, 30, float("nan")])
def test_rates_are_numbers_from_0_to_below_1(name, value):
    with pytest.raises(InvalidInput) as error:
        Regularization(**{name: value})
    assert str(error.value) == f"{name} must be a number of at least 0 and below 1; received {value!r}."


@pytest.mark.parametrize("value", [0, -1.0, float("inf")])
def test_a_bound_on_the_norm_is_above_0(value):
    with pytest.raises(InvalidInput) as error:
        Regularization(max_norm=value)
    assert str(error.value) == f"max_norm must be a number above 0; received {value!r}."


def test_a_normalization_is_one_of_those_there_are():
    with pytest.raises(InvalidInput) as error:
        Regularization(normalization="group")
    assert str(error.value) == "normalization must be one of None, 'batch', 'layer'; received 'group'."


def test_a_record_with_an_unknown_knob_is_refused():
    with pytest.raises(InvalidInput) as error:
        Regularization.from_dict({"l2": 0.1, "drop_out": 0.2, "L1": 0.3})
    assert str(error.value) == f"Regularization has no knob L1, drop_out; its knobs are {KNOBS}."
