"""Principal components of the training rows, and reconstruction errors from the leading ones."""

import numpy as np
from sklearn.decomposition import PCA

from kerasreg.records import Split


def components_of(split: Split) -> PCA:
    """Returns all the principal components of a split's training rows, in double precision."""
    return PCA(svd_solver="full").fit(_flat(split.x_train))


def errors_by_number(pca: PCA, x: np.ndarray) -> np.ndarray:
    """Returns the mean squared error of rows reconstructed from the first component, the first two, ...

    The components are orthonormal, so the squared error from k components is the squared distance of a row
    from the mean minus its first k squared coordinates.

    Args:
        pca: All components of the training rows.
        x: Inputs of shape (n, ...).

    Returns:
        Array of shape (components,), descending.
    """
    rows = _flat(x)
    explained = np.cumsum(np.mean(pca.transform(rows) ** 2, axis=0))
    left = np.mean(np.sum((rows - pca.mean_) ** 2, axis=1)) - explained
    return np.maximum(left, 0.0) / rows.shape[1]  # all components leave nothing but rounding


def error_within(pca: PCA, x: np.ndarray, number: int, low: float, high: float) -> float:
    """Returns the mean squared error of rows reconstructed from components and clipped to [low, high]."""
    rows, basis = _flat(x), pca.components_[:number]
    rebuilt = pca.mean_ + (rows - pca.mean_) @ basis.T @ basis
    return float(np.mean((np.clip(rebuilt, low, high) - rows) ** 2))


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1).astype(float)
