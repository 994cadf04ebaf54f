"""What always predicting the most frequent class comes to, which stands beside the error of networks."""

from collections.abc import Iterable, Iterator

import numpy as np

from kerasreg.records.split import Split


def majority_class(split: Split) -> int:
    """Returns the class with the most rows in training and validation; of equals the first."""
    known = np.concatenate([np.reshape(part, -1) for part in (split.y_train, split.y_validation)])
    return int(np.bincount(known.astype(int), minlength=split.num_classes).argmax())


def majority_error(splits: Iterable[Split], part: str = "test") -> float | None:
    """Returns the error rate of always predicting the most frequent class.

    Args:
        splits: Data sets, at least one; the class is that of the training and validation rows of each.
        part: `"validation"` or `"test"`, the rows it is of.

    Returns:
        The mean over the data sets, in [0, 1]; `None` for numbers, and where one has no such rows.
    """
    errors = []
    for split in splits:
        labels = getattr(split, f"y_{part}")
        if split.num_classes is None or not len(labels):
            return None
        errors.append(float(np.mean(labels != majority_class(split))))
    return float(np.mean(errors))


def majority_sentences(error: float | None) -> Iterator[str]:
    """Yields one sentence on what `majority_error` returned, or none."""
    if error is not None:
        yield f"Always predicting the most frequent class has an error of {100 * error:.1f} %."
