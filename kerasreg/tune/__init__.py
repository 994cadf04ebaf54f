"""Finding a well-regularized network: `python -m kerasreg.tune`, or `search` from Python.

`search` runs the whole of it. `PopulationTuner` is a KerasTuner tuner for anyone's `build(hp)`;
`MLPHyperModel`, `CNNHyperModel` and `AutoencoderHyperModel` go into any KerasTuner tuner by hand. Nothing
here loads TensorFlow before it is used.
"""

from kerasreg.lazy import lazy_exports

_HOME = {
    "search": "kerasreg.tune.searching",  # a module called search would hide the function
    "PopulationTuner": "kerasreg.tune.population_tuner",
    "MLPHyperModel": "kerasreg.tune.hypermodels",
    "CNNHyperModel": "kerasreg.tune.hypermodels",
    "AutoencoderHyperModel": "kerasreg.tune.hypermodels",
    "Real": "kerasreg.tune.spaces",
    "Whole": "kerasreg.tune.spaces",
    "OneOf": "kerasreg.tune.spaces",
    "SPACES": "kerasreg.tune.spaces",
    "DEFAULT_SEARCH_OVER": "kerasreg.tune.spaces",
}

__all__ = list(_HOME)


__getattr__, __dir__ = lazy_exports(__name__, _HOME)
