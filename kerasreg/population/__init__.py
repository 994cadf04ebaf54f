"""Training: networks fitted from a seed alone, one by one or many in one compiled program."""

from kerasreg.lazy import lazy_exports

_HOME = {
    "fit_population": "kerasreg.population.trainer",
    "predict_population": "kerasreg.population.inference",
    "evaluate_population": "kerasreg.population.inference",
    "differentiate_population": "kerasreg.population.gradients",
    "compile_ahead": "kerasreg.population.ahead",
    "UnstackableModel": "kerasreg.population.parts",
    "fit_one": "kerasreg.population.single",
    "FitFailed": "kerasreg.population.trainer",
    "UnusableMetric": "kerasreg.population.reported",
    "direction_of": "kerasreg.population.reported",
    "reported_by": "kerasreg.population.reported",
    "batch_order": "kerasreg.population.batches",
    "without_retracing_advice": "kerasreg.population.quiet",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
