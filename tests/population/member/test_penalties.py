"""Penalties and bounds on the weights of all members are those of Keras for each."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasreg.population.member.penalties import bounded, penalty, penalty_gradient

MEMBERS = 3
L1, L2 = np.float32([0.0, 0.1, 0.3]), np.float32([0.2, 0.0, 0.4])


def weights(*shape):
    """Some weights of every member, zeros and a column of zeros among them."""
    values = np.random.default_rng(0).normal(size=(MEMBERS, *shape)).astype(np.float32)
    values[..., 0] = 0
    return tf.constant(values)


@pytest.mark.parametrize("shape", [(4,), (5, 4), (3, 3, 2, 4)], ids=str)
def test_penalties_and_their_gradients_are_those_of_keras(shape):
    values = weights(*shape)
    found = penalty(values, tf.constant(L1), tf.constant(L2))
    gradient = penalty_gradient(values, tf.constant(L1), tf.constant(L2))
    for member in range(MEMBERS):
        with tf.GradientTape() as tape:
            tape.watch(weight := values[member])
            expected = keras.regularizers.L1L2(float(L1[member]), float(L2[member]))(weight)
        np.testing.assert_allclose(found[member], expected, rtol=1e-5)
        np.testing.assert_allclose(gradient[member], tape.gradient(expected, weight), rtol=1e-6)


def test_a_penalty_that_nobody_has_is_left_out():
    values = weights(4)
    assert penalty(values, None, None).numpy().tolist() == [0, 0, 0]
    assert penalty_gradient(values, None, None) == 0
    np.testing.assert_allclose(
        penalty(values, tf.constant(L1), None), penalty(values, tf.constant(L1), tf.zeros(MEMBERS))
    )


@pytest.mark.parametrize(
    ("shape", "axes"), [((4,), (0,)), ((5, 4), (0,)), ((5, 4), (-1,)), ((3, 3, 2, 4), (0, 1, 2))], ids=str
)
def test_bounds_are_those_of_max_norm(shape, axes):
    values, largest = weights(*shape), np.float32([0.5, 100.0, 0.0])
    found = bounded(values, tf.constant(largest), axes)
    for member in (0, 1):
        expected = keras.constraints.MaxNorm(float(largest[member]), axis=list(axes))(values[member])
        np.testing.assert_allclose(found[member], expected, rtol=1e-6)
    np.testing.assert_array_equal(found[2], values[2])  # 0 stands for no bound
