"""The image autoencoder against principal components: where they are the same, and what it adds."""

from kerasreg.lazy import lazy_exports

_HOME = {
    "latent_map": "kerasreg.experiments.autoencoder_pca.codes",
    "nonlinear_gain": "kerasreg.experiments.autoencoder_pca.nonlinear",
    "principal_subspace": "kerasreg.experiments.autoencoder_pca.subspace",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
