"""Is early stopping a squared weight penalty? The quadratic model, and a linear network that is one.

Near its minimum w* the error is E(w) = 1/2 (w - w*)ᵀ H (w - w*). Gradient descent from 0 with rate μ has,
along the eigenvector of H with eigenvalue λ_j, after n steps the weight

    w_j(n) = [1 - (1 - μ λ_j)^n] w_j*,   for the first steps about n μ λ_j w_j*,

and ridge, which minimizes E(w) + alpha/2 |w|², has λ_j / (λ_j + alpha) w_j*. Both leave directions of
large λ_j alone and shrink those of small λ_j. With alpha = 1/(nμ) the two factors agree where n μ λ_j is far
below or far above 1, and differ in between: for small μ λ_j by at most 0.204, at n μ λ_j = 2.51. At this
alpha ridge shrinks more, as long as no μ λ_j is above 1.

The letters differ between the sources:

| meaning | here | the course | Goodfellow et al. |
|---|---|---|---|
| eigenvalue of the Hessian | λ_j | μ_j | λ_i |
| learning rate | μ | λ | ε |
| number of steps | n | n | τ |
| matched penalty | alpha = 1/(nμ) | alpha = 1/(nλ) | alpha = 1/(τε) |

So the course's form of the weight is [1 - (1 - μ_j λ)^n] w_j*, with the limit n μ_j λ w_j*.

Reference:
    Deremble and Tantet, Neural network regularization and deep learning, course notes (LMD/IPSL, Paris).
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 7.8.
    Ali, Kolter and Tibshirani, A Continuous-Time View of Early Stopping for Least Squares, AISTATS 2019: at
    this alpha and for infinitesimal steps the risk is at most 1.69 times that of ridge.
"""

from kerasreg.lazy import lazy_exports

_HOME = {
    "quadratic_descent": "kerasreg.experiments.early_stopping_theory.quadratic",
    "ridge_path": "kerasreg.experiments.early_stopping_theory.quadratic",
    "least_squares_quadratic": "kerasreg.experiments.early_stopping_theory.linear_network",
    "linear_network_equivalence": "kerasreg.experiments.early_stopping_theory.linear_network",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
