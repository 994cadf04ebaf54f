"""Records of autoencoders against PCA, made by hand."""

from typing import Any

import numpy as np

from kerasreg.experiments.autoencoder_pca.latent_record import LatentMap
from kerasreg.experiments.autoencoder_pca.nonlinear_record import NonlinearGain
from kerasreg.experiments.autoencoder_pca.subspace_record import PrincipalSubspace


def subspace(**changes: Any) -> PrincipalSubspace:
    """Two bottlenecks with three networks each; with two units they are PCA, with one 1, 2 and 3 % worse."""
    pca = np.array([0.4, 0.1])
    ratio = np.array([[1.01, 1.02, 1.03], [1.0, 1.0, 1.0]])
    values = {
        "data": "dots",
        "bottlenecks": (1, 2),
        "train_rows": 50,
        "test_rows": 20,
        "train_mse": ratio * pca[:, None],
        "test_mse": ratio * 2 * pca[:, None],
        "pca_train_mse": pca,
        "pca_test_mse": 2 * pca,
        "angles": (np.array([[1.0], [2.0], [6.0]]), np.array([[0.5, 0.1]] * 3)),
        "variances": np.array([3.0, 2.0, 0.5]),
        "stop_reason": np.full((2, 3), "epochs"),
        "settings": {"epochs": 5, "batch_size": None, "seed": 0},
        "seconds": 1.0,
    }
    return PrincipalSubspace(**values | changes)


def gain(**changes: Any) -> NonlinearGain:
    """Three bottlenecks: the first saves half of PCA's error, the second is like it, the third is worse."""
    curve = np.array([0.8, 0.4, 0.2, 0.1, 0.0])
    of_pca = curve[[0, 1, 2]][:, None] * np.ones(3)
    ratio = np.array([[0.49, 0.5, 0.51], [0.9, 1.0, 1.1], [1.19, 1.2, 1.21]])
    values = {
        "data": "dots",
        "bottlenecks": (1, 2, 3),
        "num_parameters": (10, 20, 30),
        "train_rows": 50,
        "validation_rows": 10,
        "test_rows": 20,
        "fresh_data": True,
        "train_mse": ratio * of_pca / 2,
        "validation_mse": ratio * of_pca,
        "test_mse": ratio * of_pca,
        "pca_by_number": np.tile(curve, (3, 1)),
        "pca_within_range": 0.9 * of_pca,
        "best_epoch": np.full((3, 3), 4),
        "stop_reason": np.full((3, 3), "patience"),
        "settings": {"epochs": 9, "batch_size": 8, "patience": 2, "seed": 0},
        "seconds": 1.0,
    }
    return NonlinearGain(**values | changes)


def latent(**changes: Any) -> LatentMap:
    """Six images of 2 x 3 pixels in three classes, and a grid of four decoded ones."""
    values = {
        "data": "dots",
        "labels": np.array([0, 0, 1, 1, 2, 2]),
        "codes": np.arange(12.0).reshape(6, 2),
        "pca_codes": -np.arange(12.0).reshape(6, 2),
        "shown": 1,
        "test_mse": np.array([0.3, 0.25, 0.3]),
        "validation_mse": np.array([0.3, 0.2, 0.3]),
        "pca_test_mse": 0.5,
        "accuracy": np.array([0.8, 0.82, 0.84]),
        "pca_accuracy": 0.5,
        "decoded": np.arange(24.0).reshape(2, 2, 2, 3, 1) / 24,
        "pca_decoded": np.zeros((2, 2, 2, 3, 1)),
        "settings": {"neighbors": 2, "epochs": 9, "batch_size": 8, "patience": 2, "seed": 0},
        "seconds": 1.0,
    }
    return LatentMap(**values | changes)
