"""One seed in, as many independent seeds out as there are random choices to make."""

import hashlib

from kerasreg.checks import check_whole_number


def derive_seed(seed: int, *purpose: str | int) -> int:
    """Derives the seed of one random choice from the seed of the whole.

    Whatever is random in the package (initial weights, shuffling, dropout, splits, the search) draws
    from its own derived seed, so that switching one of them on leaves the others as they were: a
    network with and without dropout starts from the same weights.

    Args:
        seed: The seed of the whole, a whole number >= 0.
        *purpose: What the derived seed is for, as words and numbers, such as `"shuffle", 3`.

    Returns:
        An int in [1, 2**31), the same on every machine. Never 0, which KerasTuner takes for "no seed".

    Raises:
        InvalidInput: If `seed` is not a whole number >= 0.

    Example:
    >>> derive_seed(0, "dropout", 1) == derive_seed(0, "dropout", 1)
    True
    >>> derive_seed(0, "dropout", 1) == derive_seed(0, "dropout", 2)
    False
    """
    seed = check_whole_number("seed", seed, minimum=0)
    words = [word if isinstance(word, str) else int(word) for word in purpose]
    # A hash of the written-out list, because numpy.random.SeedSequence takes (5,) and (5, 0) for one.
    digest = hashlib.blake2b(repr([seed, *words]).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % (2**31 - 1) + 1
