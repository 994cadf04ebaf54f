"""A penalty path has the minima of scikit-learn and SciPy, and says of its weights what they are."""

import json
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.neural_network import MLPClassifier, MLPRegressor

from kerasreg import Regularization, build_mlp, load_digits_split, noisy_parabola
from kerasreg.checks import InvalidInput
from kerasreg.experiments.penalties import penalty_path, strength_of_beta, with_penalised_biases
from kerasreg.experiments.survivors import compare_survivors
from kerasreg.records.fingerprints import split_fingerprint
from kerasreg.records.penalties import MAGNITUDE_EDGES, PenaltyPath, paired_sentence
from kerasreg.records.survivors import SurvivorComparison, SurvivorPair
from tests.networks import train_a_step
from tests.penalty_paths import made_path

RATE, STRENGTH, UNITS = 0.3, 0.02, 6
SPLIT = load_digits_split(100)
BUILT: list[keras.Model] = []


def build(**options) -> keras.Model:
    """Keeps what it builds, so that the trained weights can be looked at."""
    model = build_mlp(SPLIT.input_shape, 10, optimizer="sgd", learning_rate=RATE, **options)
    BUILT.append(model)
    return model


def digits_path(penalty: str) -> tuple[PenaltyPath, list[keras.Model]]:
    BUILT.clear()
    path = penalty_path(
        build, SPLIT, [STRENGTH], penalty=penalty, units=(UNITS,), repeats=3, epochs=40, near_zero=0.01
    )
    return path, list(BUILT)


@pytest.fixture(scope="module")
def proximal() -> tuple[PenaltyPath, list[keras.Model]]:
    return digits_path("proximal_l1")


@pytest.fixture(scope="module")
def subgradient() -> tuple[PenaltyPath, list[keras.Model]]:
    return digits_path("l1")


def test_proximal_l1_makes_exact_zeros_and_subgradient_l1_near_ones(proximal, subgradient):
    for (path, _), some in ((proximal, True), (subgradient, False)):
        assert (path.values("share_zero")[1] > 0).all() == some
        assert (path.values("share_near_zero")[1] > 0.3).all()
        assert not path.values("share_zero")[0].any()


def test_repeats_without_a_penalty_are_the_same_whatever_the_penalty(proximal, subgradient):
    for name in ("test_cross_entropy", "norm"):
        np.testing.assert_allclose(proximal[0].values(name)[0], subgradient[0].values(name)[0], rtol=1e-4)


def test_a_run_says_of_its_weights_what_they_are(proximal):
    path, models = proximal
    for run, model in zip(path.runs, models, strict=True):
        first, _, second, _ = model.get_weights()
        everything = np.concatenate([first.ravel(), second.ravel()])
        assert run.norm == pytest.approx(np.linalg.norm(everything), rel=1e-5)
        assert (run.num_weights, sum(run.zeros.values())) == (everything.size, (everything == 0).sum())
        assert run.num_near_zero == (np.abs(everything) <= 0.01).sum()
        for name, kernel in (("hidden_1", first), ("output", second)):
            assert sum(run.magnitudes[name]) == np.count_nonzero(kernel) == kernel.size - run.zeros[name]
            large = MAGNITUDE_EDGES[:-1] >= 0.1  # an edge of the bins
            assert np.sum(np.array(run.magnitudes[name])[large]) == (np.abs(kernel) >= 0.1).sum()


def test_errors_are_those_of_keras_own_evaluate(proximal):
    path, models = proximal
    expected = models[-1].evaluate(SPLIT.x_test, SPLIT.y_test, verbose=0, return_dict=True)
    assert path.runs[-1].errors["test"] == pytest.approx(expected["cross_entropy"], rel=1e-4)
    assert path.runs[-1].accuracies["test"] == pytest.approx(expected["accuracy"], abs=1e-6)


def test_the_network_does_without_the_units_that_did_not_survive(proximal):
    """Their weights set to zero, and what they gave to all inputs alike put into the output's biases."""
    path, models = proximal
    lost = 0
    for run, model in zip(path.runs, models, strict=True):
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


@pytest.mark.parametrize("kind", ["regressor", "classifier"])
def test_the_minimum_of_scikit_learn_is_one_of_keras_at_the_strength_documented(kind):
    random = np.random.default_rng(0)
    x = random.normal(size=(30, 4))
    score = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    options = {"activation": "tanh", "solver": "lbfgs", "alpha": 1.0, "tol": 1e-9, "max_iter": 5000}
    options |= {"hidden_layer_sizes": (5,), "random_state": 0}
    if kind == "regressor":
        y, strength, outputs = score, 1.0 / 30, None
        fitted = MLPRegressor(**options).fit(x, y)
    else:
        y, strength, outputs = np.digitize(score, [-0.5, 0.5]), 1.0 / 60, 3
        fitted = MLPClassifier(**options).fit(x, y)
    model = build_mlp(
        (4,), outputs, units=(5,), activation="tanh", regularization=Regularization(l2=strength)
    )
    weights = zip(fitted.coefs_, fitted.intercepts_, strict=True)
    model.set_weights([array for pair in weights for array in pair])
    assert_minimum(model, x, y, tolerance=2e-4)


def assert_minimum(model: keras.Model, x: np.ndarray, y: np.ndarray, *, tolerance: float) -> None:
    """Asserts that a long step against the gradient moves no weight by more than the tolerance.

    The optimizers of the oracles stop where the gradient is about that; a wrong factor of 2 in the penalty
    leaves 1e-2.
    """
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(1.0), model.loss, run_eagerly=True)
    model.train_on_batch(x.astype(np.float32), y)
    moved = max(np.abs(now - then).max() for now, then in zip(model.get_weights(), before, strict=True))
    assert moved < tolerance
    model.set_weights(before)
    for layer in model.layers:
        if getattr(layer, "kernel_regularizer", None) is not None:
            layer.kernel_regularizer.l2 *= 2
    model.train_on_batch(x.astype(np.float32), y)
    moved = max(np.abs(now - then).max() for now, then in zip(model.get_weights(), before, strict=True))
    assert moved > 10 * tolerance


def test_the_lectures_minimum_with_beta_is_that_of_the_strength_it_is_converted_to():
    split, beta, units = noisy_parabola(10), 0.9, 3
    x, y = split.x_train.astype(float), split.y_train.astype(float)
    shapes = [(1, units), (units,), (units, 1), (1,)]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def parts(flat):
        return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]

    def lecture(flat):
        first, bias, second, output = parts(flat)
        residuals = (np.tanh(x @ first + bias) @ second + output)[:, 0] - y
        return beta * 0.5 * (residuals**2).sum() + (1 - beta) * 0.5 * (flat**2).sum()

    begin = np.random.default_rng(0).normal(size=ends[-1])
    found = optimize.minimize(lecture, begin, options={"gtol": 1e-6})
    strength = strength_of_beta(beta, error_factor=10 / 2, penalty_factor=1 / 2)
    model = with_penalised_biases(
        build_mlp((1,), None, units=(units,), activation="tanh", regularization=Regularization(l2=strength))
    )
    model.set_weights(parts(found.x))
    assert_minimum(model, split.x_train, split.y_train, tolerance=2e-5)


def test_the_path_with_biases_penalised_comes_to_the_minimum_of_scipy():
    """At a strength at which the penalty leaves one minimum alone: all weights at zero but the last bias."""
    split, strength = noisy_parabola(10), 1.0
    build = partial(build_mlp, (1,), None, activation="tanh", optimizer="sgd", learning_rate=0.1)
    options = {"units": (2,), "repeats": 2, "epochs": 200, "batch_size": 10}
    path = penalty_path(build, split, [strength], penalise_biases=True, **options)
    y = split.y_train.astype(float)
    offset = optimize.minimize_scalar(lambda bias: ((y - bias) ** 2).mean() + strength * bias**2).x
    np.testing.assert_allclose(path.values("train_mse")[1], ((y - offset) ** 2).mean(), rtol=1e-4)
    assert path.values("norm")[1].max() < 1e-3
    assert path.biases
    with pytest.raises(InvalidInput) as error:
        path.best()
    assert str(error.value) == "The split had no validation rows, by which a strength could be chosen."


def test_penalised_biases_survive_saving(tmp_path):
    for knob in ("l2", "proximal_l1"):
        model = with_penalised_biases(build_mlp((4,), 3, regularization=Regularization(**{knob: 0.1})))
        train_a_step(model, np.ones((2, 4), "float32"), np.array([0, 1]))
        model.save(tmp_path / "model.keras")
        layer = keras.saving.load_model(tmp_path / "model.keras").get_layer("hidden_1")
        assert layer.bias_regularizer is layer.bias.regularizer
        assert (layer.bias_constraint is None) == (knob == "l2")
        assert (layer.bias_regularizer is None) == (knob != "l2")


def test_a_path_goes_through_json_and_comes_back_equal(proximal):
    path, _ = proximal
    again = PenaltyPath.from_dict(json.loads(json.dumps(path.to_dict())))
    assert again == path
    assert len(again.to_frame()) == 6


def test_bands_are_students_intervals_and_nan_where_a_network_diverged():
    values = [[1.0, 1.2, 1.5], [0.5, 0.7, np.nan]]
    mean, low, high = made_path(values, values).band("validation_mse")
    expected = stats.t.interval(0.95, 2, np.mean(values[0]), stats.sem(values[0]))
    np.testing.assert_allclose([low[0], high[0]], expected)
    assert mean[0] == pytest.approx(np.mean(values[0]))
    assert np.isnan([mean[1], low[1], high[1]]).all()


def test_the_summary_tells_a_difference_from_none():
    validation = [[1.0, 1.1], [0.5, 0.6]]
    better, unclear = [[1.0, 1.1], [0.50, 0.61]], [[1.0, 1.1], [0.5, 1.3]]
    assert made_path(validation, better).summary() == (
        "Of 2 strengths of l2, 0.1 had the least mean validation mean squared error. Test mean squared error "
        "with it, less that without, was -0.495 (95 % interval -0.559 to -0.431, 2 pairs on the same data): "
        "it is lower. The strength was chosen on these same networks, and the interval is not adjusted for "
        "that. There 30 % of the weights were exactly zero, 50 % at most 0.001 in magnitude, and 2 "
        "of 4 hidden units survived, on average."
    )
    assert "2 pairs on the same data): no difference shown." in made_path(validation, unclear).summary()
    assert "Test" not in made_path(validation[::-1], better).summary()  # no penalty was best
    third = [*validation, [np.nan, 0.1]]
    assert made_path(third, third).summary().endswith(" 1 of 6 networks diverged.")


def test_a_sentence_says_so_where_nothing_can_be_shown():
    assert paired_sentence("It", [0.5, np.nan]) == "It cannot be told, because a network diverged."
    assert (
        paired_sentence("It", [0.5]) == "It was 0.5 in the one pair there is, which shows nothing by itself."
    )
    assert paired_sentence("It", [0.5, 0.51]).endswith("it is higher.")
    # without an interval there is none to adjust
    assert "adjusted" not in paired_sentence("It", [0.5], chosen=True)
    assert "adjusted" not in paired_sentence("It", [0.5, np.nan], chosen=True)


def test_where_every_strength_diverged_none_is_the_best():
    values = [[np.nan, 1.0]]
    with pytest.raises(InvalidInput) as error:
        made_path(values, values).best()
    message = "At every strength some network diverged; train with a lower learning rate."
    assert str(error.value) == message


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
        "The networks must have dense layers alone, whose weights into and out of each unit can be told; "
        "received the layer 'hidden_1_normalization' (BatchNormalization)."
    )


def test_small_networks_have_as_many_units_as_survived_and_are_trained_from_scratch(proximal):
    path, _ = proximal
    BUILT.clear()
    found = compare_survivors(build, SPLIT, path, strength=STRENGTH, epochs=3)
    assert found.chosen == (path.best() == STRENGTH)
    for pair, run, model in zip(found.pairs, path.of_strength(STRENGTH), BUILT, strict=False):
        assert pair.units == run.survivors(path.near_zero) == (model.get_layer("hidden_1").units,)
        assert pair.num_params == model.count_params() < found.num_params
        assert pair.penalised == run.errors["test"]
        expected = model.evaluate(SPLIT.x_test, SPLIT.y_test, verbose=0, return_dict=True)["cross_entropy"]
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
    caveat = " The strength was chosen on these same networks, and the interval is not adjusted for that."
    assert replace(found, chosen=True).verdict == found.verdict + (caveat if "interval" in ending else "")


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
    assert split_fingerprint(load_digits_split(100)) == split_fingerprint(SPLIT)


def test_diverged_networks_are_refused_as_diverged():
    path = made_path([[1.0, 1.1], [0.5, 0.6]], [[1.0, 1.1], [0.5, 0.6]], fingerprint=split_fingerprint(SPLIT))
    nan = float("nan")
    gone = {"errors": dict.fromkeys(("train", "validation", "test"), nan), "norm": nan}
    gone |= {"incoming": ((nan,) * 4,), "outgoing": ((nan,) * 4,)}
    path = replace(path, runs=(*path.runs[:3], replace(path.runs[3], **gone)))
    path = PenaltyPath.from_dict(json.loads(json.dumps(path.to_dict())))
    assert [run.diverged for run in path.runs] == [False, False, False, True]
    with pytest.raises(InvalidInput) as error:
        compare_survivors(build, SPLIT, path, strength=0.1)
    assert str(error.value) == (
        "At strength 0.1, 1 of 2 networks diverged, and of such a network no unit can be said to have "
        "survived. Take another strength, or train with a lower learning rate."
    )


def test_beta_is_a_fraction_and_factors_are_above_0():
    for options, message in (
        ({"beta": 1.0}, "beta must be a number above 0 and below 1; received 1.0."),
        ({"beta": 0.5, "error_factor": 0}, "error_factor must be a number above 0; received 0."),
        ({"beta": 0.5, "penalty_factor": -1}, "penalty_factor must be a number above 0; received -1."),
    ):
        with pytest.raises(InvalidInput) as error:
            strength_of_beta(**options)
        assert str(error.value) == message


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
