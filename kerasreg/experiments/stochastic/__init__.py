"""Noise in the network: which kind helps, and what noise on the input is the same as."""

from kerasreg.lazy import lazy_exports

_HOME = {
    "noise_in_the_network": "kerasreg.experiments.stochastic.network",
    "tikhonov_equivalence": "kerasreg.experiments.stochastic.tikhonov",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
