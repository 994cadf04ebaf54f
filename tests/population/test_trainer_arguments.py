"""What a population cannot train is refused in words, or trained one by one."""

import re

import keras
import numpy as np
import pytest
from keras import layers

from kerasreg.checks import InvalidInput
from kerasreg.population import UnstackableModel
from tests.helpers.populations import (
    assert_same_weights,
    classes,
    fit_together,
    fit_with_keras,
    glorot,
    line,
    net,
    numbers,
    sequential,
    split_of,
    table,
)


def refused_net():
    return sequential(
        (8,),
        layers.Dense(4, "tanh", kernel_initializer=glorot(1)),
        layers.UnitNormalization(),
        layers.Dense(3, kernel_initializer=glorot(2)),
        metrics=["accuracy"],
    )


WHY = (
    "The layer {name!r} (UnitNormalization) is of a kind that cannot be stacked, which a population "
    "cannot train."
)
ADVICE = " Change it, or pass fallback=True to train such models one by one."


def test_a_model_that_cannot_be_stacked_is_refused_before_any_training():
    models = [net(), refused_net()]
    before = models[0].get_weights()
    with pytest.raises(UnstackableModel) as error:
        fit_together(models, classes())
    assert str(error.value) == WHY.format(name=models[1].layers[1].name) + ADVICE
    assert_same_weights(models[0].get_weights(), before, rtol=0, atol=0)


def test_the_fallback_trains_it_with_fit_and_says_so():
    models, split = [net(), refused_net(), net(1)], classes()
    why = WHY.format(name=models[1].layers[1].name)
    message = (
        f"1 of 3 models are trained one by one with fit: UnitNormalization \N{MULTIPLICATION SIGN} 1. {why}"
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$"):
        history = fit_together(models, split, fallback=True, restore_best_weights=True)
    assert [member.way for member in history] == ["population", "fit", "population"]
    assert [len(member.history) for member in history] == [3, 3, 3]
    oracle = refused_net()
    curves, weights = fit_with_keras(oracle, split, epochs=3)
    np.testing.assert_allclose(history[1].history.metrics["val_loss"], curves["val_loss"], rtol=1e-4)
    assert history[1].stop_reason == "epochs"
    best = int(np.argmin(curves["val_loss"]))  # neither penalties nor smoothing, so this is its cross-entropy
    assert_same_weights(models[1].get_weights(), weights[best])


def test_the_fallback_trains_without_a_validation_part():
    with pytest.warns(UserWarning, match="one by one"):
        history = fit_together([refused_net()], classes(train=40, validation=0), fallback=True)
    assert (history.monitor, history[0].stop_reason) == (None, "epochs")


def test_the_fallback_takes_metrics_in_every_form_that_keras_does():
    accuracy = keras.metrics.sparse_categorical_accuracy
    for metrics in ([accuracy], ["accuracy", accuracy]):
        model = refused_net()
        model.compile(model.optimizer, model.loss, metrics=metrics)
        with pytest.warns(UserWarning, match="one by one"):
            history = fit_together([model], classes(), epochs=1, fallback=True)
        assert history[0].stop_reason == "epochs"


def two(options):
    return [net(), net(1)], classes(), options


WRONG = [
    (lambda: ([], classes(), {}), "models must hold at least one model; received none."),
    (
        lambda: ([net()], [classes(), classes()], {}),
        "data must be one Split or one for each of the 1 models; received 2.",
    ),
    (
        lambda: ([net(), net()], (table(), table()), {}),
        "Each of data must be a Split; received an array of shape (56, 8). Make one of your arrays with "
        "Split.from_arrays(x, y).",
    ),
    (
        lambda: ([net(), net()], [classes(), classes((4, 2))], {}),
        "All splits must have rows of one shape; received ['((4, 2), ())', '((8,), ())'].",
    ),
    (lambda: two({"epochs": 0}), "epochs must be a whole number of at least 1; received 0."),
    (lambda: two({"batch_size": 0}), "batch_size must be a whole number of at least 1; received 0."),
    (lambda: two({"patience": 0}), "patience must be a whole number of at least 1; received 0."),
    (
        lambda: two({"members_per_program": 0}),
        "members_per_program must be a whole number of at least 1; received 0.",
    ),
    (lambda: two({"initial_epoch": -1}), "initial_epoch must be a whole number of at least 0; received -1."),
    (
        lambda: two({"initial_epoch": 3}),
        "epochs must be above initial_epoch; received 3 and 3.",
    ),
    (lambda: two({"min_delta": -0.1}), "min_delta must be a number of at least 0; received -0.1."),
    (lambda: two({"mode": "least"}), "mode must be one of 'auto', 'min', 'max'; received 'least'."),
    (lambda: two({"seeds": [1]}), "seeds must hold one seed for each of 2 models; received 1."),
    (lambda: two({"seeds": [1, -2]}), "seeds must be a whole number of at least 0; received -2."),
    (
        lambda: ([net()], classes(train=40, validation=0), {"patience": 2, "seeds": None}),
        "patience needs a validation part in every split, and one has none.",
    ),
    (
        lambda: ([net()], classes(train=40, validation=0), {"monitor": "val_accuracy"}),
        "monitor needs a validation part in every split, and one has none.",
    ),
    (
        lambda: ([net(), line()], classes(), {}),
        "The models have losses of different kinds; name the metric to choose by as monitor.",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_what_cannot_be_used_is_refused_in_words(make, message):
    models, data, options = make()
    with pytest.raises(InvalidInput) as error:
        fit_together(models, data, **options)
    assert str(error.value) == message


def test_a_model_is_no_two_members():
    model = net()
    with pytest.raises(InvalidInput) as error:
        fit_together([model, model], classes())
    assert (
        str(error.value) == "The same model stands several times among the models; build one for each member."
    )


def assert_refused(message, *arguments, **options):
    with pytest.raises(InvalidInput) as error:
        fit_together(*arguments, **options)
    assert str(error.value) == message


def test_a_monitor_that_no_member_has_is_refused():
    model = net()
    assert_refused(
        f"'val_f1' is no validation metric of the model {model.name!r}, which reports val_loss, "
        "val_cross_entropy, val_accuracy. Choose by one of these, or compile the model with the metric.",
        [model],
        classes(),
        monitor="val_f1",
    )


def test_data_that_the_model_does_not_take_is_refused():
    model = net()
    assert_refused(
        f"The model {model.name!r} takes inputs of shape (8,), but the data 'small' has rows of shape (4,).",
        [model],
        classes((4,)),
    )


def test_targets_that_the_model_does_not_give_are_refused():
    given = (
        f"The model {(model := net()).name!r} gives outputs of shape (3,) with a loss of the kind 'sparse'"
    )
    assert_refused(f"{given}, but the data 'small' has numbers of shape ().", [model], numbers(()))
    four = split_of(table(), np.arange(56) % 4)
    assert_refused(f"{given}, but the data 'small' has labels of 4 classes of shape ().", [model], four)
