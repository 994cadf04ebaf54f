import re

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from kerasreg.checks import InvalidInput
from kerasreg.population.kernels.random_numbers import keep_mask, layer_key, normal, uniform

ERRORS = 5  # standard errors allowed: 6e-7 of good generators would fail, and this one is always the same
KEYS = [layer_key(seed, layer) for seed in (0, 1, 2) for layer in ("dropout", "dropout_1")] + [0, 1, 2, 3]
STEPS, ROWS, ELEMENTS = 12, 24, 128


def each_key_and_step(keys: list[int], num_steps: int) -> tuple[tf.Tensor, tf.Tensor]:
    return (
        tf.constant(np.repeat(keys, num_steps), tf.uint32),
        tf.constant(np.tile(np.arange(num_steps), len(keys)), tf.int32),
    )


def of_the_hash(
    keys: list[int], num_steps: int = STEPS, rows: int = ROWS, elements: int = ELEMENTS
) -> np.ndarray:
    """Numbers in [0, 1) of shape (keys, steps, rows, elements)."""
    numbers = uniform(*each_key_and_step(keys, num_steps), rows=rows, elements=elements)
    return numbers.numpy().reshape(len(keys), num_steps, rows, elements)


def counter(multipliers: tuple[int, int, int, int]):
    """A generator that counts without mixing, to see each check fail: a multiple of each coordinate."""

    def numbers(
        keys: list[int], num_steps: int = STEPS, rows: int = ROWS, elements: int = ELEMENTS
    ) -> np.ndarray:
        axes = np.ix_(
            *(np.asarray(axis, np.uint64) for axis in (keys, *map(range, (num_steps, rows, elements))))
        )
        total = sum(axis * np.uint64(multiplier) for axis, multiplier in zip(axes, multipliers, strict=True))
        return (total % np.uint64(2**32) / 2**32).astype(np.float32)

    return numbers


golden_counter = counter((0x9E3779B9, 0x6A09E667, 0xBB67AE85, 0x3C6EF373))
without_steps = counter((0x9E3779B9, 0, 0xBB67AE85, 0x3C6EF373))
in_small_parts = counter((1, 1, 1, 1))


def even(generate) -> bool:
    """Whether the numbers of each key fill [0, 1) evenly, by their distribution and by each bit."""
    numbers = generate(KEYS).reshape(len(KEYS), -1)
    distributions = all(stats.kstest(values, "uniform").pvalue > 1e-6 for values in numbers)
    bits = np.unpackbits((numbers * 2**24).astype(">u4").view(np.uint8).reshape(-1, 4), axis=1)[:, 8:]
    return bool(distributions and (abs(bits.mean(axis=0) - 0.5) < ERRORS * 0.5 / numbers.size**0.5).all())


def even_in_pairs(generate) -> bool:
    """Whether neighbors along each axis fill 16 x 16 cells evenly (Knuth's serial test)."""
    cells = (generate(KEYS) * 16).astype(int)
    for axis in range(4):
        one, next_one = (
            np.take(cells, range(0, cells.shape[axis] - 1, 2), axis),
            np.take(cells, range(1, cells.shape[axis], 2), axis),
        )
        counts = np.bincount((16 * one + next_one).ravel(), minlength=256)
        if stats.chisquare(counts).pvalue < 1e-6:
            return False
    return True


def uncorrelated_along_axes(generate) -> bool:
    """Whether numbers up to 4 keys, steps, rows or elements apart are uncorrelated, whole and halved."""
    numbers = generate(KEYS) - 0.5
    for values in (numbers, np.sign(numbers), np.abs(numbers) - 0.25):
        for axis in range(4):
            for lag in (1, 2, 3, 4):
                length = values.shape[axis]
                one = np.take(values, range(length - lag), axis).ravel().astype(float)
                other = np.take(values, range(lag, length), axis).ravel().astype(float)
                if abs(np.corrcoef(one, other)[0, 1]) > ERRORS / one.size**0.5:
                    return False
    return True


def uncorrelated_rows(generate) -> bool:
    """Whether no two rows of any key and step are alike or opposite."""
    rows = generate(KEYS).reshape(-1, ELEMENTS)
    pairs = len(rows) * (len(rows) - 1) / 2
    # What independent rows exceed once in a million such tests (Fisher's z, error 1 / sqrt(n - 3))
    limit = np.tanh(stats.norm.isf(0.5e-6 / pairs) / (ELEMENTS - 3) ** 0.5)
    return bool(abs(np.triu(np.corrcoef(rows), 1)).max() < limit)


def never_repeats(generate) -> bool:
    """Whether no two of steps 0 to 2000 have the same mask, in a single row of 64."""
    masks = np.packbits(generate(KEYS[:3], num_steps=2001, rows=1, elements=64) >= 0.5, axis=-1)
    return all(len(np.unique(of_key.reshape(2001, 8), axis=0)) == 2001 for of_key in masks)


CHECKS = {
    even: in_small_parts,
    even_in_pairs: golden_counter,
    uncorrelated_along_axes: golden_counter,
    uncorrelated_rows: golden_counter,
    never_repeats: without_steps,
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_numbers_pass(check):
    assert check(of_the_hash)


@pytest.mark.parametrize("check", CHECKS)
def test_a_plain_counter_fails(check):
    """Each check can fail."""
    assert not check(CHECKS[check])


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_generator_passes(check):
    """No check asks for more than NumPy's generator has."""
    random = np.random.default_rng(0)

    def of_numpy(keys, num_steps=STEPS, rows=ROWS, elements=ELEMENTS):
        return random.random((len(keys), num_steps, rows, elements), dtype=np.float32)

    assert check(of_numpy)


def test_uniform_numbers_have_the_moments_of_the_uniform_distribution():
    numbers = of_the_hash(KEYS).astype(float)
    for power in (1, 2, 3, 4):
        variance = 1 / (2 * power + 1) - 1 / (power + 1) ** 2
        assert np.mean(numbers**power) == pytest.approx(
            1 / (power + 1), abs=ERRORS * (variance / numbers.size) ** 0.5
        )
    assert numbers.min() >= 0
    assert numbers.max() < 1


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.1, 0.3, 0.5, 0.9, 0.999])
def test_a_mask_drops_at_its_rate(rate):
    keys, steps = each_key_and_step(KEYS, STEPS)
    mask = keep_mask(keys, steps, tf.fill(keys.shape, rate), rows=ROWS, elements=ELEMENTS).numpy()
    error = (rate * (1 - rate) / mask.size) ** 0.5
    assert mask.mean() == pytest.approx(1 - rate, abs=ERRORS * error)
    # Two neighbors are both kept as often as two independent draws
    both = (mask[..., ::2] & mask[..., 1::2]).mean()
    chance = (1 - rate) ** 2
    assert both == pytest.approx(chance, abs=ERRORS * (chance * (1 - chance) / (mask.size / 2)) ** 0.5)


def test_each_member_drops_at_its_own_rate_where_its_uniform_number_is_below():
    keys = tf.constant(KEYS[:4], tf.uint32)
    steps = tf.constant([0, 5, 5, 1000])
    rates = np.float32([0, 0.2, 0.5, 0.99])
    size = {"rows": ROWS, "elements": ELEMENTS}
    mask = keep_mask(keys, steps, tf.constant(rates), **size).numpy()
    np.testing.assert_array_equal(mask, uniform(keys, steps, **size).numpy() >= rates[:, None, None])
    assert mask[0].all()


def test_normal_numbers_have_the_moments_and_the_tails_of_the_normal_distribution():
    keys, steps = each_key_and_step(KEYS, STEPS)
    numbers = normal(keys, steps, rows=ROWS, elements=4 * ELEMENTS).numpy().astype(float).ravel()
    moments = {0: 1, 1: 0, 2: 1, 3: 0, 4: 3, 5: 0, 6: 15, 8: 105}
    for power in (1, 2, 3, 4):
        error = ((moments[2 * power] - moments[power] ** 2) / numbers.size) ** 0.5
        assert np.mean(numbers**power) == pytest.approx(moments[power], abs=ERRORS * error)
    assert stats.kstest(numbers, "norm").pvalue > 1e-6
    for sign in (-1, 1):
        expected = numbers.size * stats.norm.sf(4)  # 47 numbers beyond 4 on either side
        assert abs((sign * numbers > 4).sum() - expected) < ERRORS * expected**0.5
    assert 4.5 < abs(numbers).max() < 5.5


def test_normal_numbers_are_the_quantiles_of_the_uniform_ones():
    place = {"keys": tf.constant(KEYS, tf.uint32), "steps": tf.range(len(KEYS)), "rows": 200, "elements": 100}
    expected = special.ndtri(uniform(**place).numpy().astype(float) + 2.0**-25)
    # Giles' approximation is good to 4e-7 of the number, float32 adds as much
    np.testing.assert_allclose(normal(**place).numpy(), expected, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("draw", [uniform, normal])
def test_a_member_draws_the_same_in_any_company(draw):
    size = {"rows": 5, "elements": 7}
    keys, steps = np.uint32(KEYS), np.int32([0, 1, 2, 3, 2000, 7, 7, 0, 0, 12345])
    together = draw(tf.constant(keys), tf.constant(steps), **size).numpy()
    order = np.random.default_rng(0).permutation(len(keys))
    shuffled = draw(tf.constant(keys[order]), tf.constant(steps[order]), **size).numpy()
    np.testing.assert_allclose(shuffled, together[order], rtol=0 if draw is uniform else 2e-6)
    for place in range(len(keys)):
        one = slice(place, place + 1)
        alone = draw(tf.constant(keys[one]), tf.constant(steps[one]), **size).numpy()
        # Bit for bit, but for the logarithm in `normal`: processors take eight at once, or the rest singly
        np.testing.assert_allclose(alone[0], together[place], rtol=0 if draw is uniform else 2e-6)


@pytest.mark.parametrize("draw", [uniform, normal])
def test_more_rows_and_elements_change_no_number(draw):
    keys, steps = tf.constant(KEYS, tf.uint32), tf.range(len(KEYS))
    small = draw(keys, steps, rows=5, elements=7).numpy()
    large = draw(keys, steps, rows=32, elements=128).numpy()
    np.testing.assert_allclose(large[:, :5, :7], small, rtol=0 if draw is uniform else 2e-6)


def test_compiled_numbers_and_masks_are_the_same_bit_for_bit():
    keys, steps = each_key_and_step(KEYS, STEPS)
    rates = tf.linspace(0.0, 0.9, len(keys))

    def numbers() -> tf.Tensor:
        return uniform(keys, steps, rows=ROWS, elements=ELEMENTS)

    def masks() -> tf.Tensor:
        return keep_mask(keys, steps, rates, rows=ROWS, elements=ELEMENTS)

    for draw in (numbers, masks):
        np.testing.assert_array_equal(tf.function(draw, jit_compile=True)().numpy(), draw().numpy())


def test_compiled_normal_numbers_are_the_same_to_rounding():
    keys, steps = each_key_and_step(KEYS, STEPS)

    def numbers() -> tf.Tensor:
        return normal(keys, steps, rows=ROWS, elements=ELEMENTS)

    plain, compiled = numbers().numpy(), tf.function(numbers, jit_compile=True)().numpy()
    np.testing.assert_allclose(compiled, plain, rtol=2e-6)  # logarithms differ in the last bit


def test_layer_keys_differ_by_seed_and_by_purpose():
    keys = {
        layer_key(seed, name, place)
        for seed in range(100)
        for name in ("dropout", "noise")
        for place in (0, 1)
    }
    assert len(keys) == 400
    assert all(0 <= key < 2**32 for key in keys)
    assert layer_key(3, "dropout") == layer_key(3, "dropout")


def test_a_layer_key_needs_a_whole_seed():
    message = "seed must be a whole number of at least 0; received -1."
    with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
        layer_key(-1)
