"""The laboratory of neural-network regularization for Keras: learn, measure, tune.

=====================  =========================================================================
Data                   `load_digits_split`, `load_mnist_subset`, `noisy_parabola`, `load_npz`, `Split`
Pictures               `read_picture`, `patches_split`, `recolor`
What regularizes       `Regularization`, `Augmentation`, `plot_augmentations`, `early_stopping`
Networks               `build_mlp`, `build_cnn`, `build_autoencoder`, `ConvolutionBlock`
Training               `fit_population`: many networks in one compiled program
Tuning                 `kerasreg.tune.search`, or `python -m kerasreg.tune`
=====================  =========================================================================

The rooms behind these names: `kerasreg.data` (with the cross-validation splits), `kerasreg.records`,
`kerasreg.builders`, `kerasreg.population`, `kerasreg.plotting`, `kerasreg.report`, `kerasreg.tune`.
Importing the package loads neither TensorFlow nor Keras; the first use of a network does.
"""

import sys

if sys.argv[:1] == ["-m"] and "kerasreg.tune" in sys.orig_argv:  # Python is on its way to the command

    def _without_traceback(kind: type[BaseException], *error: object) -> None:
        """Says that Ctrl-C came before the command could listen for it."""
        if issubclass(kind, KeyboardInterrupt):
            sys.stderr.write("kerasreg.tune: Interrupted before the search began.\n")
        else:
            sys.__excepthook__(kind, *error)

    sys.excepthook = _without_traceback

from kerasreg.lazy import lazy_exports

__version__ = "0.1.0"

_HOME = {
    "Split": "kerasreg.records",
    "load_digits_split": "kerasreg.data",
    "load_mnist_subset": "kerasreg.data",
    "load_npz": "kerasreg.data",
    "noisy_parabola": "kerasreg.data",
    "read_picture": "kerasreg.data",
    "patches_split": "kerasreg.data",
    "Regularization": "kerasreg.regularization",
    "Augmentation": "kerasreg.augmentation",
    "ConvolutionBlock": "kerasreg.builders",
    "build_mlp": "kerasreg.builders",
    "build_cnn": "kerasreg.builders",
    "build_autoencoder": "kerasreg.builders",
    "early_stopping": "kerasreg.callbacks",
    "plot_augmentations": "kerasreg.previews",
    "fit_population": "kerasreg.population",
    "recolor": "kerasreg.recoloring",
}

# `import kerasreg; kerasreg.tune.search(...)` works, and loads a room when it is first named
_ROOMS = (
    "augmentation",
    "builders",
    "callbacks",
    "data",
    "experiments",
    "layers",
    "losses",
    "plotting",
    "population",
    "records",
    "regularization",
    "report",
    "tune",
)

__all__ = ["__version__", *_HOME]


__getattr__, __dir__ = lazy_exports(__name__, _HOME, _ROOMS)
