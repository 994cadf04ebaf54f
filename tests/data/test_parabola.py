import numpy as np
import pytest
from scipy import stats

from kerasreg.checks import InvalidInput
from kerasreg.data import noisy_parabola


def test_ten_points_to_train_on_none_to_choose_by_a_hundred_to_test():
    split = noisy_parabola()
    assert split.name == "parabola"
    assert split.num_classes is None
    assert (split.x_train.shape, split.y_train.shape) == ((10, 1), (10,))
    assert (split.x_validation.shape, split.y_validation.shape) == ((0, 1), (0,))
    assert (split.x_test.shape, split.y_test.shape) == ((100, 1), (100,))
    assert {split.x_train.dtype, split.y_train.dtype, split.y_test.dtype} == {np.dtype("float32")}


def test_without_noise_every_point_lies_on_the_parabola():
    split = noisy_parabola(50, noise_std=0)
    np.testing.assert_allclose(split.y_train, split.x_train[:, 0] ** 2, rtol=1e-6)  # single precision


def test_the_points_are_uniform_and_the_noise_is_normal_with_the_given_deviation():
    split = noisy_parabola(20, test_size=20_000, noise_std=0.5, seed=4)
    assert stats.kstest(split.x_test[:, 0], stats.uniform(-1, 2).cdf).pvalue > 0.001
    noise = split.y_test - split.x_test[:, 0] ** 2
    assert stats.kstest(noise, stats.norm(0, 0.5).cdf).pvalue > 0.001


def test_the_best_possible_model_has_the_irreducible_error():
    split = noisy_parabola(test_size=50_000)
    error = np.mean((split.y_test - split.x_test[:, 0] ** 2) ** 2)
    assert error == pytest.approx(0.04, rel=0.03)  # five standard errors: sqrt(2 / 50,000) is 0.6 %


def test_the_first_points_stay_when_more_are_asked_for():
    few, many = noisy_parabola(10, seed=3), noisy_parabola(40, test_size=300, seed=3)
    np.testing.assert_array_equal(few.x_train, many.x_train[:10])
    np.testing.assert_array_equal(few.y_train, many.y_train[:10])
    np.testing.assert_array_equal(few.y_test, many.y_test[:100])


def test_another_seed_gives_other_points():
    assert not np.isin(noisy_parabola(seed=1).x_train, noisy_parabola(seed=2).x_train).any()


def test_points_never_meet_though_single_precision_has_few_numbers():
    """50,000 draws from 2**25 numbers meet dozens of times, and a Split refuses rows that do."""
    split = noisy_parabola(25_000, test_size=25_000)
    assert len(np.unique(np.concatenate([split.x_train, split.x_test]))) == 50_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"train_size": 0}, "train_size must be a whole number of at least 1; received 0."),
        ({"test_size": -1}, "test_size must be a whole number of at least 1; received -1."),
        ({"noise_std": -0.1}, "noise_std must be a number of at least 0; received -0.1."),
        ({"seed": -1}, "seed must be a whole number of at least 0; received -1."),
    ],
)
def test_arguments_outside_their_range_are_refused(arguments, message):
    with pytest.raises(InvalidInput) as error:
        noisy_parabola(**arguments)
    assert str(error.value) == message
