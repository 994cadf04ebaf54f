"""The mark an autoencoder has to beat: PCA with as many numbers a row."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from kerasreg.records import Split

ROUNDING = 1e-9  # of the variance: an error below is none


def pca_mark(splits: Sequence[Split], components: int) -> dict[str, Any] | None:
    """Returns PCA's mean squared error on test rows, fitted to the training rows of each split.

    Args:
        splits: The data of the networks it is compared with, as `Split.as_autoencoder` makes them.
        components: Numbers a row is reduced to, the autoencoder's bottleneck.

    Returns:
        `components`, `scores` (one a split) and their `mean`; `None` where PCA leaves nothing out, since
        there are no more training rows or numbers in a row than that, or the rows lie in so small a space.

    Reference:
        Baldi and Hornik, Neural Networks and Principal Component Analysis, Neural Networks 2, 1989: no
        linear autoencoder does better on the rows it is fitted to.
    """
    first = splits[0]
    if components >= min(*(len(split.x_train) for split in splits), math.prod(first.input_shape)):
        return None
    scores = [_test_error(split, components) for split in splits]
    if min(scores) < ROUNDING * np.var(first.x_test):
        return None
    return {"components": components, "scores": scores, "mean": float(np.mean(scores))}


def _test_error(split: Split, components: int) -> float:
    train, test = (x.reshape(len(x), -1).astype(float) for x in (split.x_train, split.x_test))
    # Exact ones: what scikit-learn takes by itself is an approximation where there are few components.
    solver = "covariance_eigh" if len(train) > train.shape[1] else "full"
    pca = PCA(components, svd_solver=solver).fit(train)
    return float(np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2))
