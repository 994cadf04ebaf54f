"""The laboratory: one question a file, each answered by a record with every raw number in it."""

from kerasreg.lazy import lazy_exports

_HOME: dict[str, str] = {
    "least_squares_quadratic": "kerasreg.experiments.early_stopping_theory.linear_network",
    "linear_network_equivalence": "kerasreg.experiments.early_stopping_theory.linear_network",
    "quadratic_descent": "kerasreg.experiments.early_stopping_theory.quadratic",
    "ridge_path": "kerasreg.experiments.early_stopping_theory.quadratic",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
