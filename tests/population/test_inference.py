"""What a population predicts at once is what each of its models predicts."""

from dataclasses import replace

import numpy as np
import pytest

from kerasreg import Regularization, build_cnn, build_mlp, fit_population
from kerasreg.checks import InvalidInput
from kerasreg.population import differentiate_population, evaluate_population, predict_population
from tests.helpers.populations import classes

# float32, summed in another order by each program
PARTS = ("train", "validation", "test")
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


@pytest.fixture(scope="module")
def trained():
    """Three trained models, two of one architecture in two widths and one of another."""
    split = classes()
    models = [
        build_mlp(split.input_shape, split.num_classes, units=(4,), seed=0),
        build_mlp(
            split.input_shape,
            split.num_classes,
            units=(7,),
            regularization=Regularization(l2=0.01, dropout=0.3, noise_std=0.2, label_smoothing=0.1),
            seed=1,
        ),
        build_mlp(
            split.input_shape,
            split.num_classes,
            units=(4, 3),
            regularization=Regularization(normalization="batch"),
            seed=2,
        ),
    ]
    fit_population(models, split, epochs=2, batch_size=8)
    return models, split


def test_predictions_are_those_of_each_model(trained):
    models, split = trained
    together = predict_population(models, split.x_test, batch_size=7)
    for model, rows in zip(models, together, strict=True):
        np.testing.assert_allclose(rows, model.predict(split.x_test, verbose=0), **CLOSE)


def test_losses_and_metrics_are_those_of_each_model(trained):
    models, split = trained
    together = evaluate_population(models, split, batch_size=7)
    for model, values in zip(models, together, strict=True):
        alone = model.evaluate(split.x_test, split.y_test, verbose=0, return_dict=True)
        assert set(values) == set(alone)
        for name, value in alone.items():
            assert values[name] == pytest.approx(value, rel=1e-5), name


def test_a_convolutional_network_predicts_the_same_uncompiled_as_keras():
    model = build_cnn((8, 8, 1), 3, blocks=[(4, 3)], dense_units=(), seed=0)
    pictures = np.random.default_rng(0).random((5, 8, 8, 1), np.float32)
    (rows,) = predict_population([model], pictures)
    np.testing.assert_allclose(rows, model.predict(pictures, verbose=0), **CLOSE)
    with pytest.raises(
        InvalidInput, match=r"received x of shape \(5, 8, 8\)\. x\[\.\.\., None\] adds the channel\.$"
    ):
        predict_population([model], pictures[..., 0])


def test_each_model_is_evaluated_on_its_own_rows_however_many(trained):
    models, split = trained
    rows = np.arange(len(split.x_development))
    fewer = split.redrawn(rows[:11], rows[11:15])
    data = [fewer if place % 2 else split for place in range(len(models))]
    for part in ("train", "validation"):
        together = evaluate_population(models, data, part, batch_size=7)
        for model, own, values in zip(models, data, together, strict=True):
            x, y = getattr(own, f"x_{part}"), getattr(own, f"y_{part}")
            alone = model.evaluate(x, y, verbose=0, return_dict=True)
            assert values == pytest.approx(alone, rel=1e-5)


def test_a_part_without_rows_is_refused(trained):
    models, split = trained
    without = split.redrawn(np.arange(len(split.x_development)), np.arange(0))
    with pytest.raises(InvalidInput) as refusal:
        evaluate_population(models, without, "validation")
    assert str(refusal.value) == (
        "Networks cannot be evaluated on the validation part of 'small', which has no rows. Give it "
        "some, or name another part."
    )


def test_inputs_of_another_shape_than_a_model_takes_are_refused(trained):
    models, split = trained
    flat, y = split.x_test.reshape(len(split.x_test), -1)[:, :3], split.y_test
    message = (
        f"The model {models[0].name!r} takes inputs of shape {split.input_shape}; received x of shape "
        f"{flat.shape}."
    )
    for call in (predict_population, differentiate_population):
        with pytest.raises(InvalidInput) as refusal:
            call(models, flat, *([] if call is predict_population else [y]))
        assert str(refusal.value) == message


def test_targets_that_do_not_go_with_the_loss_are_refused(trained):
    models, split = trained
    x, y = split.x_test, split.y_test
    with pytest.raises(InvalidInput) as refusal:
        differentiate_population(models, x, np.eye(3)[y])
    assert str(refusal.value) == (
        f"The model {models[0].name!r} gives outputs of shape (3,) with a loss of the kind 'sparse', for "
        f"targets of shape () a row; received y of shape ({len(y)}, 3)."
    )
    with pytest.raises(InvalidInput, match=r"for the labels 0 to 2; received labels from 5 to 5\.$"):
        differentiate_population(models, x, y + 3)
    with pytest.raises(InvalidInput, match="but the data 'small' has numbers"):
        evaluate_population(models, replace(split, num_classes=None, **_as_numbers(split)))


def _as_numbers(split):
    return {f"y_{part}": getattr(split, f"y_{part}").astype(np.float32) for part in PARTS}


def test_labels_in_a_column_have_the_gradient_of_labels(trained):
    (model, *_), split = trained
    x, y = split.x_test, split.y_test
    (flat,), (column,) = (differentiate_population([model], x, each) for each in (y, y[:, None]))
    for own, other in zip(column, flat, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-7)
