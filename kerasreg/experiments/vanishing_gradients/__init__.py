"""Vanishing gradients: the chain of single neurons, where it can be followed by hand, and real deep networks.

In a chain a_l = s(w_l a_(l-1) + b_l) with the error C = 1/2 (a_L - y)², the chain rule gives

    dC/db_L = (a_L - y) s'(z_L),    dC/db_l = dC/db_(l+1) w_(l+1) s'(z_l),    dC/dw_l = dC/db_l a_(l-1).

Each layer on the way back multiplies by w s'(z). The sigmoid's derivative is at most 1/4, so that

    |dC/db_l| <= |a_L - y| (1/4)^(L - l + 1) |w_(l+1)| ... |w_L|,

which falls by a factor of four or more with each layer unless weights are large; and large weights tend to
drive z to where the derivative is far below 1/4.

Reference:
    Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, TU München, 1991.
    Bengio, Simard and Frasconi, Learning Long-Term Dependencies with Gradient Descent Is Difficult, IEEE
    Transactions on Neural Networks 5, 1994.
    Nielsen, Neural Networks and Deep Learning, 2015, chapter 5.
"""

from kerasreg.lazy import lazy_exports

_HOME = {
    "chain_gradients": "kerasreg.experiments.vanishing_gradients.chain",
    "depth_gradients": "kerasreg.experiments.vanishing_gradients.networks",
    "draw_kernels": "kerasreg.experiments.vanishing_gradients.kernels",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
