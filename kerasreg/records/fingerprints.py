"""Whether two data sets of the same shape hold the same numbers."""

import hashlib

import numpy as np

from kerasreg.records.split import PARTS, Split


def split_fingerprint(split: Split) -> str:
    """Returns a SHA-256 over all rows of a split in their order, as hexadecimal digits.

    Shapes are not in it: compare `Split.describe` beside it.
    """
    digest = hashlib.sha256()
    for part in PARTS:
        for array in (getattr(split, f"x_{part}"), getattr(split, f"y_{part}")):
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
