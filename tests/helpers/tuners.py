"""Small searches with a `PopulationTuner`, and what KerasTuner itself would propose."""

import keras
import keras_tuner

from kerasreg.tune import MLPHyperModel

LOSS = keras_tuner.Objective("val_cross_entropy", "min")
SMALL = {"num_layers": 1, "units": 8, "batch_size": 70}


def hypermodel(split, **options):
    return MLPHyperModel.for_split(split, **{"search_over": ["l2", "dropout"], "fixed": SMALL, **options})


def anyones_build(hp):
    """A network that knows nothing of this package."""
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(hp.Choice("units", [4, 8]), activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(hp.Float("rate", 1e-3, 1e-1, sampling="log")),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def trials_of(tuner):
    return [trial for _, trial in sorted(tuner.oracle.trials.items())]


def weights_kept(tuner, folder):
    return sorted(path.parent.name for path in folder.glob("*/trial_*/checkpoint.weights.h5"))


def proposals_one_by_one(oracle, build, folder, count):
    """What an oracle proposes when each trial ends before the next is asked for."""
    keras_tuner.Tuner(oracle, build, directory=folder, project_name="oracle")
    oracle.verbose = 0
    proposed = []
    for _ in range(count):
        trial = oracle.create_trial("tuner0")
        if trial.status != "RUNNING":
            break
        getattr(build, "build", build)(trial.hyperparameters)
        proposed.append(trial.hyperparameters.values)
        oracle.update_trial(trial.trial_id, {oracle.objective.name: 1.0})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    return proposed
