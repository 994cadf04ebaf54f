import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from kerasreg import Regularization, Split, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.data import load_digits_split, noisy_parabola
from kerasreg.experiments import noise_in_the_network
from kerasreg.experiments.noise.record import NoiseComparison
from kerasreg.population import batch_order
from kerasreg.population.schedule.batches import batches, steps_per_epoch
from kerasreg.seeds import derive_seed
from tests.helpers.interrupted import interrupted_after
from tests.helpers.networks import evaluated
from tests.helpers.populations import fit_with_keras

UPDATES, BATCH = 9, 32  # 70 rows make three batches, so three epochs
# A dropout of 1e-9 never drops anything, and 1 - 1e-9 is 1 in single precision.
STRENGTHS = {"dropout": (1e-9,), "label_smoothing": (0.5,)}
SETTINGS = {"sizes": (100,), "strengths": STRENGTHS, "repeats": 2, "batch_size": BATCH, "seed": 5}


def build(regularization: Regularization, seed: int) -> keras.Model:
    return build_mlp((8, 8, 1), 10, units=(8,), regularization=regularization, learning_rate=0.01, seed=seed)


def draw(size: int, seed: int) -> Split:
    return load_digits_split(size, seed=seed)


@pytest.fixture(scope="module")
def record() -> NoiseComparison:
    return noise_in_the_network(build, draw, updates=UPDATES, **SETTINGS)


def test_a_network_without_noise_is_the_one_that_fit_trains_on_the_same_batches(record):
    run = next(run for run in record.runs if (run.method, run.repeat, run.fresh) == ("none", 1, True))
    split = draw(100, derive_seed(5, "fresh", "data", 1))
    model = build(Regularization(), derive_seed(5, "fresh", "weights", 1))
    order = batch_order(len(split.x_train), 3, seed=derive_seed(5, "fresh", "batches", 1))
    data = batches(split.x_train, split.y_train, order, BATCH).repeat()
    model.run_eagerly = True  # tracing takes longer than the nine steps
    model.fit(data, epochs=3, steps_per_epoch=steps_per_epoch(70, BATCH), shuffle=False, verbose=0)
    for part in ("train", "validation", "test"):
        x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
        expected = evaluated(model, x, y)
        found = getattr(run, part)
        # single precision, summed in another order over nine steps; and not one row is told otherwise
        assert found["cross_entropy"] == pytest.approx(expected["cross_entropy"], rel=1e-4)
        assert found["error"] == pytest.approx(1 - expected["accuracy"], abs=1e-6)
    assert run.train_rows == 70


@pytest.mark.slow
def test_a_network_goes_back_to_its_best_epoch_on_validation_data_where_that_is_asked():
    def hasty(regularization: Regularization, seed: int) -> keras.Model:
        shape = {"units": (8,), "regularization": regularization}
        return build_mlp((8, 8, 1), 10, **shape, learning_rate=0.3, seed=seed)

    record = noise_in_the_network(hasty, draw, updates=2 * UPDATES, restore_best_weights=True, **SETTINGS)
    run = next(run for run in record.runs if (run.method, run.repeat, run.fresh) == ("none", 1, True))
    split = draw(100, derive_seed(5, "fresh", "data", 1))
    model = hasty(Regularization(), derive_seed(5, "fresh", "weights", 1))
    order = derive_seed(5, "fresh", "batches", 1)
    curves, weights = fit_with_keras(model, split, epochs=6, batch_size=BATCH, seed=order)
    best = int(np.argmin(curves["val_cross_entropy"]))
    assert best < 5  # the last epoch's weights would be others
    model.set_weights(weights[best])
    expected = evaluated(model, split.x_test, split.y_test)
    # so large a rate spreads the rounding of single precision
    assert run.test["cross_entropy"] == pytest.approx(expected["cross_entropy"], rel=1e-3)


def test_noise_that_does_nothing_makes_no_difference_as_data_weights_and_batches_are_the_same(record):
    for fresh in (False, True):
        for part in ("train", "validation", "test"):
            assert list(record.differences("dropout", 1e-9, 100, part=part, fresh=fresh)) == [0, 0]


def test_repeats_and_the_fresh_runs_have_data_and_weights_of_their_own(record):
    losses = [run.test["cross_entropy"] for run in record.runs if run.method == "none"]
    assert len(set(losses)) == len(losses) == 4


def test_noise_that_does_something_makes_a_difference(record):
    losses = {
        method: [run.test["cross_entropy"] for run in record.runs if run.method == method]
        for method in ("none", "label_smoothing")
    }
    assert all(map(float.__ne__, losses["none"], losses["label_smoothing"]))


@pytest.mark.slow
def test_regression_is_compared_by_its_mean_squared_error():
    def regressor(regularization: Regularization, seed: int) -> keras.Model:
        return build_mlp((1,), None, units=(4,), regularization=regularization, seed=seed)

    def parabola(size: int, seed: int) -> Split:
        return noisy_parabola(size, test_size=20, seed=seed).redrawn(np.arange(8), np.arange(8, size))

    record = noise_in_the_network(
        regressor, parabola, sizes=(12,), strengths={"noise_std": (0.1,)}, repeats=1, updates=1
    )
    assert record.metric == "mse"
    assert record.summary().startswith("noise_std 0.1, size 12: no difference shown, one repeat has no")
    split = parabola(12, derive_seed(0, "fresh", "data", 0))
    model = regressor(Regularization(), derive_seed(0, "fresh", "weights", 0))
    model.fit(split.x_train, split.y_train, batch_size=8, shuffle=False, verbose=0)  # one batch, any order
    expected = evaluated(model, split.x_test, split.y_test)["mse"]
    assert record.values("none", 0.0, 12, fresh=True)[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"repeats": 0}, "repeats must be a whole number of at least 1; received 0."),
        ({"sizes": ()}, "sizes must be one or more different whole numbers; received ()."),
        ({"sizes": (100, 100)}, "sizes must be one or more different whole numbers; received (100, 100)."),
        (
            {"strengths": {"l2": (0.1,)}},
            "The names in strengths must be one of 'dropout', 'dropconnect', 'noise_std', 'label_smoothing'; "
            "received 'l2'.",
        ),
        (
            {"strengths": {}},
            "strengths must name at least one method of dropout, dropconnect, noise_std, label_smoothing; "
            "received {}.",
        ),
        (
            {"strengths": {"dropout": (0.1, 0.1)}},
            "strengths must hold one or more different numbers for each method; received (0.1, 0.1) "
            "for dropout.",
        ),
        (
            {"strengths": {"dropout": (0.0,)}},
            "Each strength of dropout must be a number above 0; received 0.0.",
        ),
    ],
)
def test_bad_input_is_refused_before_anything_is_trained(changed, message):
    with pytest.raises(InvalidInput) as caught:
        noise_in_the_network(build, draw, **changed)
    assert str(caught.value) == message


def test_a_builder_whose_weights_depend_on_the_noise_is_refused():
    def unpaired(regularization: Regularization, seed: int) -> keras.Model:
        return build(regularization, seed + int(10 * regularization.dropout))

    with pytest.raises(InvalidInput) as caught:
        noise_in_the_network(unpaired, draw, sizes=(100,), strengths={"dropout": (0.5,)})
    assert "initial weights for dropout 0.5 than for none with the same seed" in str(caught.value)


def test_data_without_validation_rows_is_refused():
    with pytest.raises(InvalidInput) as caught:
        noise_in_the_network(build, lambda size, seed: noisy_parabola(size, seed=seed), sizes=(10,))
    assert str(caught.value) == (
        "draw must return a Split with validation rows, to choose the strength by, and test rows; received "
        "Split('parabola': 10 train, 0 validation, 100 test rows of shape (1,), regression)."
    )


@pytest.mark.slow
def test_after_ctrl_c_no_strength_is_chosen_and_nothing_is_compared(monkeypatch):
    monkeypatch.setattr("kerasreg.experiments.noise.experiment.fit_population", interrupted_after(4))
    record = noise_in_the_network(build, draw, updates=1, **SETTINGS)
    assert record.interrupted
    assert not any(run.fresh for run in record.runs)
    assert [np.isnan(run.test["error"]) for run in record.runs] == [False] * 4 + [True] * 2
    told = record.summary().split("\n")
    assert told[0].startswith("Interrupted")
    assert all(sentence.endswith("no fresh networks were trained.") for sentence in told[1:3])
    record.plot([Figure().subplots()])
