import keras
import numpy as np
import pytest
from sklearn.linear_model import Ridge

from kerasreg import Regularization, Split, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.data import load_digits_split, noisy_parabola
from kerasreg.experiments import tikhonov_equivalence
from kerasreg.experiments.tikhonov.record import TikhonovComparison
from kerasreg.seeds import derive_seed
from tests.helpers.interrupted import interrupted_after

S = 0.3


def build_linear(regularization: Regularization, seed: int) -> keras.Model:
    optimizer = keras.optimizers.SGD(0.2, momentum=0.5)
    return build_mlp((3,), None, units=(), regularization=regularization, optimizer=optimizer, seed=seed)


def build_tanh(regularization: Regularization, seed: int) -> keras.Model:
    return build_mlp((1,), None, units=(5,), activation="tanh", regularization=regularization, seed=seed)


def polynomial(seed: int) -> Split:
    """The parabola's points with x, x² and x³ as inputs, and targets to match, so that no weight is 0."""
    split = noisy_parabola(20, test_size=30, seed=seed)
    parts = {}
    for part in ("train", "test"):
        x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
        parts |= {f"x_{part}": np.hstack([x, x**2, x**3]), f"y_{part}": y + x[:, 0] - 0.5 * x[:, 0] ** 3}
    parts |= {"x_validation": parts["x_train"][:0], "y_validation": parts["y_train"][:0]}
    return Split(**{**vars(split), **parts})


@pytest.fixture(scope="module")
def linear() -> TikhonovComparison:
    return tikhonov_equivalence(build_linear, polynomial, noise_stds=(S,), repeats=4, epochs=600, copies=64)


@pytest.fixture(scope="module")
def tanh() -> TikhonovComparison:
    return tikhonov_equivalence(
        build_tanh,
        lambda seed: noisy_parabola(10, test_size=20, seed=seed),
        noise_stds=(0.2,),
        repeats=2,
        epochs=20,
        copies=4,
    )


def ridge(record: TikhonovComparison, repeat: int, noise_std: float) -> Ridge:
    """The sum of squares has n times the mean's penalty, so alpha is n s²."""
    x, y = np.array(record.x_train[repeat]), np.array(record.y_train[repeat])
    return Ridge(alpha=len(x) * noise_std**2).fit(x, y)


def test_the_penalty_of_a_linear_model_makes_it_ridge_regression(linear):
    for repeat in range(4):
        oracle = ridge(linear, repeat, S)
        predicted = linear.values("predictions", "penalty", S)[repeat]
        # 600 steps leave the slowest direction, along the smallest eigenvalue s² at least, far below this
        assert predicted == pytest.approx(oracle.predict(np.array(linear.x_test[repeat])), abs=1e-4)
        found = linear.values("squared_gradient", "penalty", S)[repeat]
        assert found == pytest.approx((oracle.coef_**2).sum(), rel=1e-3)


def test_the_noise_of_a_linear_model_makes_it_ridge_regression_but_for_the_noises_own_luck(linear):
    predicted = linear.values("predictions", "noise", S)
    expected, without = (
        np.array([ridge(linear, each, s).predict(np.array(linear.x_test[each])) for each in range(4)])
        for s in (S, 0.0)
    )
    luck = linear.distance(S, method="other noise")
    distance = np.sqrt(np.mean((predicted - expected) ** 2, axis=1))
    # Two draws of the noise are √2 as far from each other as from what they vary about.
    assert distance.mean() < 2 * luck.mean()
    assert distance.mean() < 0.2 * np.sqrt(np.mean((expected - without) ** 2))
    # Each step is linear in the weights and has noise of its own: the mean weights step as the penalty's do.
    row = linear.comparisons()[0]
    assert row["squared_gap_low"] < 0 < row["squared_gap_high"] < 0.5 * row["luck"] ** 2


def test_what_noise_costs_a_linear_model_is_exactly_its_penalty(linear):
    for method in ("noise", "other noise", "penalty"):
        penalty = S**2 * linear.values("squared_gradient", method, S)
        # sums of 512 errors in single precision
        assert linear.values("noise_cost", method, S) == pytest.approx(penalty, rel=1e-4)
        assert linear.values("noise_cost", method, 0.0) == pytest.approx(0, abs=1e-7)


def test_without_noise_all_methods_are_one_training_though_the_programs_differ(tanh):
    for method in ("other noise", "penalty"):
        found = tanh.values("predictions", method, 0.0)
        # 20 steps of Adam in single precision, summed in another order
        assert found == pytest.approx(tanh.values("predictions", "noise", 0.0), abs=1e-5)
    assert np.all(tanh.distance(0.2, method="other noise") > 1e-5)


def test_the_penalty_is_the_squared_slope_of_the_network(tanh):
    # Trained functions are smooth: a difference of neighboring test points is near the slope between them.
    x = np.array(tanh.x_test[0])[:, 0]
    order = np.argsort(x)
    predicted = tanh.values("predictions", "penalty", 0.2)[0][order]
    slopes = np.diff(predicted) / np.diff(x[order])
    found = tanh.values("squared_gradient", "penalty", 0.2)[0]
    assert (slopes**2).min() <= found <= (slopes**2).max()


def test_the_errors_are_those_of_the_predictions(tanh):
    split = noisy_parabola(10, test_size=20, seed=derive_seed(0, "data", 1))
    predicted = tanh.values("predictions", "noise", 0.2)[1]
    expected = np.mean((predicted - split.y_test) ** 2)
    assert tanh.values("test_mse", "noise", 0.2)[1] == pytest.approx(expected, rel=1e-6)


@pytest.mark.slow
def test_after_ctrl_c_networks_that_had_not_finished_are_nan_and_nothing_is_compared(monkeypatch):
    monkeypatch.setattr("kerasreg.experiments.tikhonov.experiment.fit_population", interrupted_after(1))
    options = {"noise_stds": (0.1,), "repeats": 1, "epochs": 1, "copies": 2}
    record = tikhonov_equivalence(build_tanh, lambda seed: noisy_parabola(10, seed=seed), **options)
    assert record.interrupted
    assert [np.isnan(run.test_mse) for run in record.runs] == [False] + 5 * [True]
    assert np.isnan(record.runs[-1].predictions).all()
    assert record.summary().split("\n")[1].startswith("s = 0.1: no comparison")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"noise_stds": ()}, "noise_stds must hold one or more different numbers; received ()."),
        ({"noise_stds": (0.0,)}, "Each of noise_stds must be a number above 0; received 0.0."),
        ({"copies": 0}, "copies must be a whole number of at least 1; received 0."),
        (
            {"draw": lambda seed: noisy_parabola(10 + seed % 97)},
            "draw must return splits of one size, whatever the seed; their sizes differ.",
        ),
        (
            {"draw": lambda seed: load_digits_split(100)},
            "draw must return a Split for regression with vectors as rows and one target each; received "
            f"{load_digits_split(100)!r}.",
        ),
    ],
)
def test_bad_input_is_refused_before_anything_is_trained(changed, message):
    given = {"build": build_tanh, "draw": lambda seed: noisy_parabola(10, seed=seed)} | changed
    with pytest.raises(InvalidInput) as caught:
        tikhonov_equivalence(**{"repeats": 2} | given)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("knobs", "outputs", "what"),
    [
        ({"normalization": "layer"}, 1, "received a LayerNormalization layer, 'hidden_1_normalization'."),
        ({"dropconnect": 0.5}, 1, "received a DropConnectDense layer, 'hidden_1'."),
        ({"l2": 0.1}, 1, "the layer 'hidden_1' is regularized."),
        ({"max_norm": 1.0}, 1, "the layer 'hidden_1' is regularized."),
        ({"dropout": 0.5}, 1, "the layer 'hidden_1_dropout' is regularized."),
        ({}, 2, "received outputs of shape (None, 2)."),
    ],
)
def test_a_network_that_the_penalty_would_train_otherwise_is_refused(knobs, outputs, what):
    def build(regularization: Regularization, seed: int) -> keras.Model:
        own = Regularization(**knobs)
        return build_mlp((1,), None, units=(5,), output_units=outputs, regularization=own, seed=seed)

    with pytest.raises(InvalidInput) as caught:
        tikhonov_equivalence(build, lambda seed: noisy_parabola(10, seed=seed), repeats=1, noise_stds=(0.1,))
    assert str(caught.value) == (
        "build must return a network of Dense, Activation and GaussianNoise layers and Dropout of rate 0, "
        "with one output and no regularizer but the one it is given; " + what
    )
