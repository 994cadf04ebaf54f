"""Trainings that Ctrl-C cut short."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kerasreg.population import fit_population
from kerasreg.records import PopulationHistory


def interrupted_after(finished: int) -> Callable[..., PopulationHistory]:
    """A `fit_population` that Ctrl-C interrupts when the first networks of a call have finished."""

    def fit(models: Any, data: Any, **options: Any) -> PopulationHistory:
        history = fit_population(models, data, **options)
        members = tuple(
            member if place < finished else replace(member, stop_reason="interrupted")
            for place, member in enumerate(history)
        )
        return replace(history, members=members, interrupted=True)

    return fit
