"""Counter-based random numbers: a hash of a member's key, its step, the row and the element.

A mask of 32 x 128 values costs TensorFlow's own generators more than the layer that it masks. Here a number
is a hash of its place in plain 32-bit integer operations, which XLA fuses into whatever uses it. The same
place has the same number whoever the member is trained with, in whatever order, and however wide the layer
is padded, compiled or not.

Reference:
    Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, for numbers
    from counters; Wellons, "Prospecting for Hash Functions" (nullprogram.com/blog/2018/07/31), for the form
    of the hash; github.com/skeeto/hash-prospector, issue 19, for its shifts and multipliers.
    Giles, "Approximating the erfinv Function", GPU Computing Gems, Jade Edition, 2012, for `normal`.
"""

import numpy as np
import tensorflow as tf

from kerasreg.seeds import derive_seed

_FIRST_MULTIPLIER, _SECOND_MULTIPLIER = 0x21F0AAAD, 0xF35A2D97
# Odd numbers that keep steps, rows and elements apart: fractional parts of the golden ratio and of the
# square roots of 2, 3 and 5, the last raised by 1
_GOLDEN, _ROOT_2, _ROOT_3, _ROOT_5 = 0x9E3779B9, 0x6A09E667, 0xBB67AE85, 0x3C6EF373
_BITS = 24  # as many as a float32 holds without rounding

# Giles' polynomials for the inverse error function in single precision, highest power first
_MIDDLE = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087),
    *(-0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
)
_TAIL = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773),
    *(-0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
)


def layer_key(seed: int, *purpose: str | int) -> int:
    """Returns the key of one stream of random numbers, in [0, 2**32).

    Args:
        seed: A member's seed, or the seed of one of its layers, a whole number >= 0.
        *purpose: What the numbers are for, as words and numbers, such as the layer's name.

    Raises:
        InvalidInput: If `seed` is not a whole number >= 0.
    """
    return derive_seed(seed, *purpose, "population")


def uniform(keys: tf.Tensor, steps: tf.Tensor, *, rows: int, elements: int) -> tf.Tensor:
    """Draws evenly from [0, 1), in multiples of 2**-24.

    Args:
        keys: Each member's key, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        rows: Number of rows: the pictures of a batch, or the inputs of a kernel.
        elements: Numbers in each row. A number depends on neither `rows` nor `elements`.

    Returns:
        float32 of shape (P, rows, elements).
    """
    return tf.cast(_integers(keys, steps, rows, elements), tf.float32) * 2.0**-_BITS


def normal(keys: tf.Tensor, steps: tf.Tensor, *, rows: int, elements: int) -> tf.Tensor:
    """Draws from the standard normal distribution, by inverting it; nothing is beyond 5.5.

    Args:
        keys: Each member's key, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        rows: Number of rows.
        elements: Numbers in each row.

    Returns:
        float32 of shape (P, rows, elements).
    """
    # The middles of 2**24 equal parts of (-1, 1): odd numbers below 2**24, so that none is rounded to 1
    odd = 2 * _integers(keys, steps, rows, elements) + (1 - 2**_BITS)
    return _normal_quantiles(tf.cast(odd, tf.float32) * 2.0**-_BITS)


def keep_mask(keys: tf.Tensor, steps: tf.Tensor, rate: tf.Tensor, *, rows: int, elements: int) -> tf.Tensor:
    """Draws which values dropout keeps: where `uniform` of the same key and step is at least `rate`.

    Args:
        keys: Each member's key, uint32 of shape (P,).
        steps: How many steps each member has made, int32 of shape (P,).
        rate: Each member's probability of dropping a value, float32 of shape (P,), in [0, 1).
        rows: Number of rows.
        elements: Values in each row.

    Returns:
        bool of shape (P, rows, elements), each True with probability 1 - rate.
    """
    first_kept = tf.cast(tf.math.ceil(rate * 2.0**_BITS), tf.int32)
    return _integers(keys, steps, rows, elements) >= first_kept[:, None, None]


def _normal_quantiles(places: tf.Tensor) -> tf.Tensor:
    """Returns what a normal number is below with probability (1 + place) / 2, for places in (-1, 1)."""
    # tf.math.erfinv takes a third longer, is off by 0.02 beyond 5, and infinite there when not compiled
    distance = tf.abs(places)
    depth = -tf.math.log((1 - distance) * (1 + distance))
    middle = _polynomial(_MIDDLE, depth - 2.5)
    tail = _polynomial(_TAIL, tf.sqrt(depth) - 3)
    return 2**0.5 * places * tf.where(depth < 5, middle, tail)


def _polynomial(coefficients: tuple[float, ...], values: tf.Tensor) -> tf.Tensor:
    """Evaluates a polynomial, highest power first."""
    total = tf.fill(values.shape, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * values + coefficient
    return total


def _integers(keys: tf.Tensor, steps: tf.Tensor, rows: int, elements: int) -> tf.Tensor:
    """Returns whole numbers spread evenly over [0, 2**24), int32 of shape (P, rows, elements)."""
    # Two words a row, so that two of the many rows of a training do not come to one state by chance
    steps = tf.cast(steps, tf.uint32)
    first = _mix(_mix(keys) + steps * _word(_GOLDEN))
    second = _mix(_mix(keys ^ _word(_ROOT_2)) + steps * _word(_ROOT_3))
    first = _mix(first[:, None] + _multiples(_ROOT_5, rows))  # (P, rows)
    second = _mix(second[:, None] + _multiples(_GOLDEN, rows))
    places = first[..., None] + _multiples(_ROOT_3, elements)  # (P, rows, elements)
    mixed = _mix(places, second[..., None])
    # Through int32, which processors convert to floats faster than uint32
    return tf.cast(tf.bitwise.right_shift(mixed, _word(32 - _BITS)), tf.int32)


def _mix(values: tf.Tensor, second_word: tf.Tensor | None = None) -> tf.Tensor:
    """Returns a hash of each uint32; the second word, where there is one, joins half-way."""
    values = values ^ tf.bitwise.right_shift(values, _word(16))
    values = values * _word(_FIRST_MULTIPLIER)
    if second_word is not None:
        values = values ^ second_word
    values = values ^ tf.bitwise.right_shift(values, _word(15))
    values = values * _word(_SECOND_MULTIPLIER)
    return values ^ tf.bitwise.right_shift(values, _word(15))


def _multiples(factor: int, count: int) -> tf.Tensor:
    """Returns 0, factor, 2 factor, ... modulo 2**32, uint32 of shape (count,)."""
    return tf.constant((np.arange(count, dtype=np.uint64) * factor % 2**32).astype(np.uint32))


def _word(value: int) -> tf.Tensor:
    return tf.constant(value, tf.uint32)
