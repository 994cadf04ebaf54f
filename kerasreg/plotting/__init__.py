"""Pictures: a record in, matplotlib Axes out; nothing is computed here, and nothing trained."""

from kerasreg.plotting.axes import METRICS
from kerasreg.plotting.search import (
    plot_hyperparameter,
    plot_learning_curves,
    plot_search,
    plot_test_scores,
)

__all__ = [
    "METRICS",
    "plot_hyperparameter",
    "plot_learning_curves",
    "plot_search",
    "plot_test_scores",
]
