"""A penalty path says of its networks' errors and weights what they are."""

import numpy as np
import pytest

from kerasreg import Regularization, build_mlp, noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.experiments import penalty_path
from kerasreg.experiments.penalties.record import MAGNITUDE_EDGES
from tests.helpers.interrupted import interrupted_after
from tests.helpers.networks import evaluated
from tests.helpers.penalty_paths import SPLIT, UNITS, build, digits_path


@pytest.mark.slow
def test_proximal_l1_makes_exact_zeros_and_subgradient_l1_near_ones():
    for penalty, some in (("proximal_l1", True), ("l1", False)):
        path, _ = digits_path(penalty)
        assert (path.values("share_zero")[1] > 0).all() == some
        assert (path.values("share_near_zero")[1] > 0.3).all()
        assert not path.values("share_zero")[0].any()


def test_repeats_without_a_penalty_are_the_same_whatever_the_penalty():
    proximal, subgradient = digits_path("proximal_l1")[0], digits_path("l1")[0]
    for name in ("test_cross_entropy", "norm"):
        np.testing.assert_allclose(proximal.values(name)[0], subgradient.values(name)[0], rtol=1e-4)


def test_fresh_networks_have_seeds_of_their_own_which_no_penalty_and_the_chosen_strength_share():
    path, _ = digits_path("proximal_l1")
    seeds = {
        (kind, strength): [run.seed for run in path.of_strength(strength, fresh=kind)]
        for kind in (False, True)
        for strength in path.strengths
    }
    assert path.best() > 0
    assert seeds[True, 0.0] == seeds[True, path.best()]
    assert seeds[False, 0.0] == seeds[False, path.best()]
    assert len({*seeds[True, 0.0], *seeds[False, 0.0]}) == 6
    assert len(path.fresh) == 6


@pytest.mark.slow
def test_after_ctrl_c_networks_that_had_not_finished_are_nan_and_no_fresh_ones_are_trained(monkeypatch):
    monkeypatch.setattr("kerasreg.experiments.penalties.experiment.fit_population", interrupted_after(3))
    path = penalty_path(build, SPLIT, [0.1], units=(UNITS,), repeats=2, epochs=1)
    assert path.interrupted
    assert path.fresh == ()
    assert np.isnan(path.values("test_cross_entropy")).tolist() == [[False, False], [False, True]]
    assert np.isnan(path.values("norm")).tolist() == [[False, False], [False, True]]
    assert path.summary().startswith("Interrupted")


def test_a_run_says_of_its_weights_what_they_are():
    path, models = digits_path("proximal_l1")
    for run, model in zip((*path.runs, *path.fresh), models, strict=True):
        first, _, second, _ = model.get_weights()
        everything = np.concatenate([first.ravel(), second.ravel()])
        assert run.norm == pytest.approx(np.linalg.norm(everything), rel=1e-5)
        assert (run.num_weights, sum(run.zeros.values())) == (everything.size, (everything == 0).sum())
        assert run.num_near_zero == (np.abs(everything) <= 0.01).sum()
        for name, kernel in (("hidden_1", first), ("output", second)):
            assert sum(run.magnitudes[name]) == np.count_nonzero(kernel) == kernel.size - run.zeros[name]
            large = MAGNITUDE_EDGES[:-1] >= 0.1  # an edge of the bins
            assert np.sum(np.array(run.magnitudes[name])[large]) == (np.abs(kernel) >= 0.1).sum()


def test_errors_are_those_of_keras_own_evaluate():
    path, models = digits_path("proximal_l1")
    expected = evaluated(models[-1], SPLIT.x_test, SPLIT.y_test)
    assert path.fresh[-1].errors["test"] == pytest.approx(expected["cross_entropy"], rel=1e-4)
    assert path.fresh[-1].accuracies["test"] == pytest.approx(expected["accuracy"], abs=1e-6)


def test_the_network_does_without_the_units_that_did_not_survive():
    """Their weights set to zero, and what they gave to all inputs alike put into the output's biases."""
    path, models = digits_path("proximal_l1")
    lost = 0
    for run, model in zip((*path.runs, *path.fresh), models, strict=True):
        first, bias, second, output_bias = model.get_weights()
        dead = (np.array(run.incoming[0]) == 0) | (np.array(run.outgoing[0]) == 0)
        assert run.survivors(0.0) == (UNITS - dead.sum(),)
        lost += dead.sum()
        before = model(SPLIT.x_test).numpy()
        output_bias = output_bias + np.maximum(bias, 0)[dead] @ second[dead]
        first[:, dead], second[dead] = 0, 0
        twin = build_mlp(SPLIT.input_shape, 10, units=(UNITS,))
        twin.set_weights([first, bias, second, output_bias])
        np.testing.assert_allclose(twin(SPLIT.x_test), before, rtol=1e-4, atol=1e-5)
    assert lost > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strengths": [0.0]}, "Each strength must be a number above 0; received 0.0."),
        ({"strengths": []}, "strengths must have at least one entry; received none."),
        ({"units": ()}, "units must have at least one entry; received none."),
        ({"penalty": "l3"}, "penalty must be one of 'l2', 'l1', 'proximal_l1'; received 'l3'."),
        ({"near_zero": 0}, "near_zero must be a number above 0; received 0."),
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(options, message):
    with pytest.raises(InvalidInput) as error:
        penalty_path(build, SPLIT, **{"strengths": [0.1], "epochs": 1} | options)
    assert str(error.value) == message


def test_networks_with_other_weights_than_dense_layers_are_refused():
    def normalized(regularization, **options):
        return build_mlp((8, 8, 1), 10, regularization=Regularization(normalization="batch"), **options)

    with pytest.raises(InvalidInput) as error:
        penalty_path(normalized, SPLIT, [0.1], units=(3,), repeats=1)
    assert str(error.value) == (
        "The networks must have dense layers only, whose weights into and out of each unit can be counted; "
        "received the layer 'hidden_1_normalization' (BatchNormalization)."
    )


def test_networks_that_are_measured_by_another_error_are_refused():
    def absolute(**options):
        model = build_mlp((1,), None, **options)
        model.compile(loss="mae")
        return model

    with pytest.raises(InvalidInput, match="compiled with the metric 'mse'; they have mae"):
        penalty_path(absolute, noisy_parabola(10), [0.1], units=(3,), repeats=1)
