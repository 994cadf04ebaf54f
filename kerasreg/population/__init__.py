"""Training of Keras models from a seed: one with `model.fit`, or many in one compiled program."""

from kerasreg.lazy import lazy_exports

_HOME = {
    "fit_population": "kerasreg.population.trainer",
    "predict_population": "kerasreg.population.inference",
    "evaluate_population": "kerasreg.population.inference",
    "differentiate_population": "kerasreg.population.gradients",
    "compile_ahead": "kerasreg.population.ahead_compilation",
    "UnstackableModel": "kerasreg.population.member.part",
    "fit_one": "kerasreg.population.single_fit",
    "FitFailed": "kerasreg.population.trainer",
    "UnusableMetric": "kerasreg.population.member.reported_metrics",
    "direction_of": "kerasreg.population.member.reported_metrics",
    "reported_by": "kerasreg.population.member.reported_metrics",
    "batch_order": "kerasreg.population.schedule.batches",
    "without_retracing_advice": "kerasreg.population.tensorflow_logging",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)
