"""Autoencoders against scikit-learn's PCA."""

import re
from dataclasses import replace

import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import mean_squared_error
from sklearn.neighbors import KNeighborsClassifier

from kerasreg import Split, build_autoencoder
from kerasreg.checks import InvalidInput
from kerasreg.experiments import latent_map, nonlinear_gain, principal_subspace
from kerasreg.experiments.autoencoder_pca.components import components_of, error_within, errors_by_number
from tests.helpers.interrupted import interrupted_after
from tests.helpers.small import small_digits


def ellipsoid(seed=0) -> Split:
    """Rows of six numbers that are not centered, of distinct variances along axes that are turned."""
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    x = rng.normal(size=(120, 6)) * [1.0, 0.7, 0.5, 0.2, 0.1, 0.05] @ turned + 0.5
    return Split.from_arrays(x, x[:, 0], task="regression", name="ellipsoid", seed=0)


def parabola(repeat=0) -> Split:
    """Points (t, t²): two numbers that one number tells, by a curve."""
    t = np.random.default_rng(repeat).uniform(-1, 1, size=100)
    return Split.from_arrays(np.stack([t, t**2], axis=1), t, task="regression", name="parabola", seed=0)


class Builder:
    """Builds autoencoders, and keeps them with the seeds it was called with."""

    def __init__(self, shape, **options):
        self.shape, self.options, self.models, self.seeds = shape, options, [], []

    def __call__(self, bottleneck=2, *, seed):
        self.seeds.append(seed)
        self.models.append(build_autoencoder(self.shape, bottleneck=bottleneck, seed=seed, **self.options))
        return self.models[-1]


def linear_builder(rate=0.03, steps=500):
    schedule = keras.optimizers.schedules.CosineDecay(rate, decay_steps=steps)
    adam = keras.optimizers.Adam(schedule, beta_1=0.95, beta_2=0.95)
    return Builder((6,), kind="linear", optimizer=adam)


def rebuilt(split, number, part):
    """What scikit-learn's PCA of the training rows makes of a part."""
    flat = {name: getattr(split, f"x_{name}").reshape(-1, split.x_train[0].size) for name in ("train", part)}
    pca = PCA(number).fit(flat["train"].astype(float))
    return flat[part], pca.inverse_transform(pca.transform(flat[part].astype(float)))


def test_errors_by_number_of_components_are_those_of_scikit_learn():
    split = small_digits()
    pca = components_of(split)
    errors = errors_by_number(pca, split.x_test)
    assert len(errors) == 64
    for number in (1, 5, 40):
        x, again = rebuilt(split, number, "test")
        # PCA(number) takes another algorithm.
        assert errors[number - 1] == pytest.approx(mean_squared_error(x, again), rel=1e-5)
        expected = mean_squared_error(x, np.clip(again, 0.1, 0.8))
        assert error_within(pca, split.x_test, number, 0.1, 0.8) == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_linear_autoencoders_come_to_the_principal_subspace():
    split, build = ellipsoid(), linear_builder()
    found = principal_subspace(build, split, (1, 3), repeats=2, epochs=500)
    for place, number in enumerate((1, 3)):
        for part in ("train", "test"):
            expected = mean_squared_error(*rebuilt(split, number, part))
            assert getattr(found, f"pca_{part}_mse")[place] == pytest.approx(expected, rel=1e-5)
        # What 500 steps leave: a turn of 3 degrees would cost up to 0.3 % of the variance.
        assert found.ratio("train")[place] == pytest.approx([1, 1], abs=3e-3)
        assert found.ratio("test")[place] == pytest.approx([1, 1], abs=0.02)
        assert (found.largest_angle[place] < 3).all()
        assert found.angles[place].shape == (2, number)
    assert found.variances == pytest.approx(PCA().fit(split.x_train).explained_variance_, rel=1e-4)
    assert build.seeds == build.seeds[:2] * 2
    assert build.seeds[0] != build.seeds[1]


def test_a_network_that_diverged_is_nan():
    # The networks of the test above, so that their program is at hand
    found = principal_subspace(linear_builder(rate=1e30), ellipsoid(), (1, 3), repeats=2, epochs=500)
    assert np.isnan(found.train_mse).all()
    assert np.isnan(found.angles[1]).all()
    assert found.summary() == (
        "1 unit: no network finished training.\n3 units: no network finished training."
    )


@pytest.fixture(scope="module")
def bent():
    build = Builder((2,), units=(16,), activation="tanh", output_activation="linear", learning_rate=0.01)
    return nonlinear_gain(build, parabola, (1,), repeats=2, epochs=150, batch_size=16), build


def test_a_curve_that_pca_cannot_follow_is_followed(bent):
    found = bent[0]
    assert found.verdict(1) == "less"
    # PCA loses the variance of t², over two numbers; half of it is much more than is left here.
    assert (found.saved[0] > 0.5).all()
    assert (found.components_needed[0] == 2).all()
    assert found.fresh_data


def test_the_errors_are_those_of_the_trained_networks_on_their_own_draw(bent):
    found, build = bent
    for (place, repeat), model in zip(np.ndindex(1, 2), build.models, strict=True):
        for part in ("train", "validation", "test"):
            x = getattr(parabola(repeat), f"x_{part}")
            expected = np.mean((keras.ops.convert_to_numpy(model(x)) - x) ** 2)
            # The error is a mean in single precision.
            assert getattr(found, f"{part}_mse")[place, repeat] == pytest.approx(expected, rel=1e-4)
    for repeat in range(2):
        expected = mean_squared_error(*rebuilt(parabola(repeat), 1, "test"))
        assert found.pca_test_mse[0, repeat] == pytest.approx(expected, rel=1e-5)
    assert build.seeds[0] != build.seeds[1]


def test_a_latent_map_has_the_codes_of_the_best_network_and_the_accuracy_of_its_neighbors():
    split = small_digits()
    build = Builder((8, 8, 1), units=(8,))
    found = latent_map(build, split, repeats=2, neighbors=5, grid=3, epochs=3)
    best = build.models[int(np.argmin(found.validation_mse))]
    encoder = keras.Model(best.inputs[0], best.get_layer("bottleneck").output)
    codes = {
        part: keras.ops.convert_to_numpy(encoder(getattr(split, f"x_{part}"))) for part in ("train", "test")
    }
    assert found.codes == pytest.approx(codes["test"], abs=1e-5)
    rule = KNeighborsClassifier(5).fit(codes["train"], split.y_train)
    assert found.accuracy[found.shown] == pytest.approx(rule.score(codes["test"], split.y_test))
    pca = PCA(2, svd_solver="full").fit(split.x_train.reshape(-1, 64).astype(float))
    expected = pca.transform(split.x_test.reshape(-1, 64).astype(float))
    assert found.pca_codes == pytest.approx(expected, abs=1e-6)
    # The grid's upper right is the largest of the middle 90 % of both numbers.
    corner = np.quantile(expected, 0.95, axis=0)[None]
    assert found.pca_decoded[0, 2].ravel() == pytest.approx(pca.inverse_transform(corner)[0], abs=1e-6)
    corner = keras.ops.convert_to_tensor(np.quantile(found.codes, 0.95, axis=0)[None].astype("float32"))
    for layer in best.layers[[layer.name for layer in best.layers].index("bottleneck") + 1 :]:
        corner = layer(corner)
    assert found.decoded[0, 2] == pytest.approx(keras.ops.convert_to_numpy(corner)[0], abs=1e-5)


@pytest.mark.parametrize("finished", [0, 1])
def test_after_ctrl_c_a_map_is_of_a_network_that_had_finished_or_of_none(monkeypatch, finished):
    monkeypatch.setattr(
        "kerasreg.experiments.autoencoder_pca.latent.fit_population", interrupted_after(finished)
    )
    found = latent_map(Builder((8, 8, 1), units=(8,)), small_digits(), repeats=2, grid=2, epochs=1)
    assert found.interrupted
    assert np.isfinite(found.accuracy).tolist() == [finished > 0, False]
    assert (found.shown, np.isfinite(found.codes).all(), found.decoded is None) == (0, finished, not finished)
    assert found.summary().startswith("Interrupted")


def without(split, part):
    return replace(
        split,
        **{f"{name}": getattr(split, name)[:0] for name in (f"x_{part}", f"y_{part}", f"{part}_indices")},
    )


def few(rows):
    """Returns the ellipsoid with so many training rows."""
    split = ellipsoid()
    return replace(
        split,
        **{name: getattr(split, name)[:rows] for name in ("x_train", "y_train", "train_indices")},
    )


def dense(bottleneck=2, *, seed):
    return build_autoencoder((6,), units=(4,), bottleneck=bottleneck, seed=seed)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: principal_subspace(dense, ellipsoid(), (2,)),
            "build must return a linear autoencoder, whose only layers with weights are 'bottleneck' and "
            "'output', as build_autoencoder(kind='linear') does; received one with 'encoder_1', "
            "'bottleneck', 'decoder_1', 'output'.",
        ),
        (
            lambda: principal_subspace(lambda bottleneck, seed: dense(3, seed=seed), ellipsoid(), (2,)),
            "build must return an autoencoder of inputs of shape (6,) with a layer 'bottleneck' of 2 units, "
            "as build_autoencoder does; received one with outputs of shape (6,) and 3 units.",
        ),
        (
            lambda: principal_subspace(dense, ellipsoid(), (2, 6)),
            "bottlenecks must be at most 5, as more components reconstruct these training rows exactly; "
            "received 6.",
        ),
        (
            lambda: principal_subspace(dense, ellipsoid(), 2),
            "bottlenecks must be a list of one or more ascending whole numbers of at least 1; received 2.",
        ),
        (
            lambda: principal_subspace(dense, few(1)),
            "PCA needs at least 2 training rows; received 1.",
        ),
        (
            lambda: nonlinear_gain(dense, few(2)),
            "One component reconstructs these training rows exactly, so there is nothing to compare. Pass "
            "more rows, or rows that vary in more than one direction.",
        ),
        (lambda: principal_subspace(dense, [1]), "The data must be a Split; received [1]."),
        (
            lambda: principal_subspace(linear_builder(), ellipsoid(), (2,), batch_size=0),
            "batch_size must be a whole number of at least 1; received 0.",
        ),
        (
            lambda: nonlinear_gain(dense, without(ellipsoid(), "test")),
            "A Split needs test rows to measure reconstructions on, and this one has none.",
        ),
        (
            lambda: nonlinear_gain(dense, lambda: ellipsoid()),
            "splits is called as splits(0), and does not take that: too many positional arguments.",
        ),
        (
            lambda: nonlinear_gain(dense, without(ellipsoid(), "validation")),
            "Early stopping needs validation rows, and the data have none.",
        ),
        (
            lambda: nonlinear_gain(dense, lambda repeat: (ellipsoid, parabola)[repeat](), (1,), repeats=2),
            "Every draw must have inputs of one shape and the same numbers of train, validation and test "
            "rows; received ((6,), 67, 29, 24) and ((2,), 56, 24, 20).",
        ),
        (
            lambda: latent_map(dense, ellipsoid()),
            "A latent map needs images with classes, and validation rows for early stopping.",
        ),
        (
            lambda: latent_map(Builder((8, 8, 1), learning_rate=1e30), small_digits(), repeats=1, epochs=2),
            "Every training diverged, so there is no map. Try a lower learning rate.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, message):
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        call()
