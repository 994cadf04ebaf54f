import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.seeds import derive_seed


def test_the_same_seed_and_purpose_give_the_same_number_on_every_machine():
    assert derive_seed(0, "weights", 3) == derive_seed(np.int64(0), "weights", np.int32(3)) == 1179424976


def test_no_two_purposes_share_a_seed_where_their_words_run_together():
    purposes = [(), (0,), (0, 0), ("x",), ("x", 0), ("x0",), ("x", "0"), (1,), ("1",), ("x", "y"), ("xy",)]
    seeds = [derive_seed(seed, *purpose) for seed in (0, 1, 2**32, 2**32 + 1) for purpose in purposes]
    assert len(set(seeds)) == len(seeds)


def test_a_purpose_may_hold_negative_numbers_and_any_letters():
    assert derive_seed(0, -1, "Gewölbe") != derive_seed(0, 1, "Gewölbe")


def test_derived_seeds_are_spread_evenly_over_1_to_2_to_the_31():
    seeds = np.array([derive_seed(0, "member", number) for number in range(4000)])
    assert seeds.min() >= 1
    assert seeds.max() < 2**31
    assert stats.kstest(seeds / 2**31, "uniform").pvalue > 0.001


@pytest.mark.parametrize("seed", [-1, 1.5, "0", None, True])
def test_a_seed_must_be_a_whole_number_from_0(seed):
    with pytest.raises(InvalidInput) as error:
        derive_seed(seed, "x")
    assert str(error.value) == f"seed must be a whole number of at least 0; received {seed!r}."
