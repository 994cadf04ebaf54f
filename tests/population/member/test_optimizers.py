"""The update of a population is the `update_step` of Keras' optimizers, with numbers of each member's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasreg.population.member.optimizers import read_optimizer, update
from kerasreg.population.member.part import UnstackableModel
from tests.helpers.populations import sequential

optimizers, schedules = keras.optimizers, keras.optimizers.schedules
STEPS = 5

UPDATES = {
    "Adam": [
        lambda: optimizers.Adam(0.01),
        lambda: optimizers.AdamW(0.02, beta_1=0.5, beta_2=0.9, epsilon=1e-3, weight_decay=0.1),
    ],
    "SGD": [lambda: optimizers.SGD(0.1), lambda: optimizers.SGD(0.2, momentum=0.9, weight_decay=0.1)],
    "Nesterov": [
        lambda: optimizers.SGD(0.1, momentum=0.5, nesterov=True),
        lambda: optimizers.SGD(0.2, momentum=0.9, nesterov=True),
    ],
    "RMSprop": [
        lambda: optimizers.RMSprop(0.01),
        lambda: optimizers.RMSprop(0.02, rho=0.5, momentum=0.9, epsilon=1e-3),
    ],
    "centered": [
        lambda: optimizers.RMSprop(0.01, centered=True),
        lambda: optimizers.RMSprop(0.02, rho=0.5, momentum=0.9, centered=True),
    ],
}


def read(optimizer):
    return read_optimizer(sequential((2,), keras.layers.Dense(1), loss="mse", optimizer=optimizer).optimizer)


@pytest.mark.parametrize("name", UPDATES)
def test_updates_are_those_of_keras_for_gradients_of_every_size(name):
    """Gradients of the size of epsilon show it, those of 1 and more show the rest."""
    makers = UPDATES[name]
    sizes = np.logspace(-9, 2, 12, dtype=np.float32)
    gradients = (
        np.random.default_rng(0).normal(size=(STEPS, len(makers), len(sizes))).astype(np.float32) * sizes
    )
    start = np.random.default_rng(1).normal(size=(len(makers), len(sizes))).astype(np.float32)

    read_ones = [read(make()) for make in makers]
    weight = tf.constant(start)
    state = {name: tf.zeros_like(weight) for name in read_ones[0].state_names}
    for step in range(STEPS):
        weight, state = update(
            read_ones[0].kind,
            weight,
            tf.constant(gradients[step]),
            state,
            rate=tf.constant([[float(one.learning_rates(np.array([step]))[0])] for one in read_ones]),
            count=tf.constant([[float(step)]] * len(makers)),
            hyperparameters={
                key: tf.constant([[one.hyperparameters[key]] for one in read_ones])
                for key in read_ones[0].hyperparameters
            },
        )
    for member, make in enumerate(makers):
        variable, optimizer = keras.Variable(start[member]), make()
        for step in range(STEPS):
            optimizer.apply_gradients([(tf.constant(gradients[step, member]), variable)])
        # the moves, not the weights, so that a small one counts; 1 - beta_2 is exact to 1e-5
        moved, expected = weight[member] - start[member], variable.numpy() - start[member]
        np.testing.assert_allclose(moved, expected, rtol=3e-5, atol=3e-7)


SCHEDULES = {
    "constant": lambda: 0.25,
    "cosine": lambda: schedules.CosineDecay(0.1, 10),
    "cosine to a part": lambda: schedules.CosineDecay(0.1, 10, alpha=0.3),
    "cosine with warm-up": lambda: schedules.CosineDecay(0.01, 10, warmup_target=0.2, warmup_steps=5),
    "cosine with a target and no warm-up": lambda: schedules.CosineDecay(0.01, 10, warmup_target=0.2),
    "cosine with warm-up steps and no target": lambda: schedules.CosineDecay(0.01, 10, warmup_steps=5),
    "exponential": lambda: schedules.ExponentialDecay(0.1, 3, 0.5),
    "exponential in steps": lambda: schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_learning_rates_are_those_of_keras_at_every_step(name):
    schedule = SCHEDULES[name]()
    steps = np.arange(25)
    expected = [float(schedule(int(step))) if callable(schedule) else schedule for step in steps]
    found = read(optimizers.Adam(schedule)).learning_rates(steps)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_a_rate_assigned_after_compiling_is_the_one_that_counts():
    model = sequential((2,), keras.layers.Dense(1), loss="mse", optimizer=optimizers.Adam(0.1))
    model.optimizer.learning_rate = 0.5
    assert read_optimizer(model.optimizer).learning_rates(np.arange(2)).tolist() == [0.5, 0.5]


ONE_BY_ONE = " Pass fallback=True to train such models one by one."
REFUSED = [
    (
        lambda: optimizers.Nadam(),
        "The optimizer Nadam cannot train a population; it can be Adam, AdamW, SGD, RMSprop." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.Adam(clipnorm=1.0),
        "The optimizer has clipnorm=1.0 where a population needs None." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.SGD(clipvalue=0.5),
        "The optimizer has clipvalue=0.5 where a population needs None." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.SGD(global_clipnorm=2.0),
        "The optimizer has global_clipnorm=2.0 where a population needs None." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.Adam(use_ema=True),
        "The optimizer has use_ema=True where a population needs False." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.Adam(amsgrad=True),
        "The optimizer has amsgrad=True where a population needs False." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.SGD(gradient_accumulation_steps=2),
        "The optimizer has gradient_accumulation_steps=2 where a population needs None." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.SGD(loss_scale_factor=2.0),
        "The optimizer has loss_scale_factor=2.0 where a population needs None." + ONE_BY_ONE,
    ),
    (
        lambda: optimizers.Adam(schedules.InverseTimeDecay(0.1, 3, 0.5)),
        "The learning rate schedule InverseTimeDecay is not covered by populations; it can be a constant, "
        "CosineDecay or ExponentialDecay." + ONE_BY_ONE,
    ),
]


@pytest.mark.parametrize(
    ("make", "message"), REFUSED, ids=lambda value: value[:50] if isinstance(value, str) else ""
)
def test_what_is_not_covered_is_refused(make, message):
    with pytest.raises(UnstackableModel) as error:
        read(make())
    assert str(error.value) == message
