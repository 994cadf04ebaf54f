"""Training: networks fitted from a seed alone, so that the same call gives the same network."""

from kerasreg.population.batches import batch_order
from kerasreg.population.quiet import without_retracing_advice
from kerasreg.population.single import fit_one
from kerasreg.population.trainer import architecture, fit_population

__all__ = ["architecture", "batch_order", "fit_one", "fit_population", "without_retracing_advice"]
