"""Populations of networks trained together."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras

from kerasreg.population.single import fit_one
from kerasreg.records import Split
from kerasreg.records.population_history import MemberHistory, PopulationHistory


def architecture(model: keras.Model) -> Any:
    return tuple((type(layer).__name__, tuple(w.shape for w in layer.weights)) for layer in model.layers)


def fit_population(
    models: Sequence[keras.Model],
    data: Split | Sequence[Split],
    *,
    epochs: int,
    batch_size: int = 32,
    patience: int | None = None,
    monitor: str | None = None,
    mode: str = "auto",
    min_delta: float = 0.0,
    seeds: Sequence[int] | None = None,
    initial_epoch: int = 0,
    restore_best_weights: bool = True,
    fallback: bool = False,
    members_per_program: int | None = None,
    progress: bool = False,
    member_done: Callable[[int, MemberHistory], None] | None = None,
) -> PopulationHistory:
    began = time.monotonic()
    splits = [data] * len(models) if isinstance(data, Split) else data
    monitor = monitor or "val_cross_entropy"
    mode = ("max" if monitor.endswith("accuracy") else "min") if mode == "auto" else mode
    members = []
    for number, (model, split) in enumerate(zip(models, splits, strict=True)):
        member = fit_one(
            model,
            split,
            epochs=epochs,
            batch_size=batch_size,
            patience=patience,
            monitor=monitor,
            mode=mode,
            seed=seeds[number] if seeds else 0,
        )
        members.append(member)
        if member_done:
            member_done(number, member)
    return PopulationHistory(
        members=tuple(members),
        monitor=monitor,
        mode=mode,
        seconds=time.monotonic() - began,
        interrupted=False,
        programs=0,
        compile_seconds=0.0,
    )
