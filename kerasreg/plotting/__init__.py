"""Pictures: a record in, matplotlib Axes out; nothing is computed here, and nothing trained."""

from kerasreg.plotting.augmentation_preview import plot_augmentation_preview
from kerasreg.plotting.axes import METRICS
from kerasreg.plotting.recolored import plot_recolored
from kerasreg.plotting.reconstructions import plot_rebuilt_picture, plot_reconstructions
from kerasreg.plotting.search import (
    plot_hyperparameter,
    plot_learning_curves,
    plot_search,
    plot_test_scores,
)

__all__ = [
    "METRICS",
    "plot_augmentation_preview",
    "plot_hyperparameter",
    "plot_learning_curves",
    "plot_rebuilt_picture",
    "plot_recolored",
    "plot_reconstructions",
    "plot_search",
    "plot_test_scores",
]
