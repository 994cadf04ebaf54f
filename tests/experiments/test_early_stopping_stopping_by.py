import numpy as np
import pytest

from kerasreg.checks import InvalidInput
from kerasreg.experiments import stopping_by
from tests.helpers.overtrained import keras_stopping


def random_walk(seed, *, steps=25):
    """Noise around a bowl, rounded so that ties and changes of exactly min_delta come up."""
    random = np.random.default_rng(seed)
    bowl = 0.004 * (np.arange(steps) - 12) ** 2 + random.normal(0, 0.1, size=steps)
    return np.round(0.6 + bowl, 2).tolist()


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("min_delta", [0.0, 0.01, 0.1])
@pytest.mark.parametrize("patience", [1, 2, 5, 20])
def test_the_replay_chooses_and_stops_as_the_callback_of_keras(patience, min_delta, mode):
    for seed in range(4):
        curve = random_walk(seed)
        options = {"patience": patience, "min_delta": min_delta, "mode": mode}
        assert stopping_by(curve, **options) == keras_stopping(curve, **options)


def test_a_metric_that_is_not_finite_is_no_improvement_to_keras_either():
    for curve in ([0.5, float("nan"), 0.4, float("inf"), 0.6, 0.7], [float("nan"), 0.4, 0.3, 0.2]):
        for patience in (1, 2):
            options = {"patience": patience, "min_delta": 0.0, "mode": "min"}
            assert stopping_by(curve, **options) == keras_stopping(curve, **options)


def test_one_epoch_is_chosen_and_does_not_stop():
    assert stopping_by([0.3], patience=1) == (1, 1, False)


def test_an_empty_curve_and_an_unknown_mode_are_refused():
    with pytest.raises(InvalidInput) as error:
        stopping_by([], patience=1)
    assert str(error.value) == "curve must hold one value for each epoch; received an array of shape (0,)."
    with pytest.raises(InvalidInput) as error:
        stopping_by([1.0], patience=1, mode="auto")
    assert str(error.value) == "mode must be one of 'min', 'max'; received 'auto'."
