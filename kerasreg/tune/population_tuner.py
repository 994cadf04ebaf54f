"""A KerasTuner tuner that trains many trials at once in one compiled program."""

import json
import traceback
from collections.abc import Iterator
from pathlib import Path

import keras
import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus

from kerasreg.checks import (
    MAX_EPOCHS,
    InvalidInput,
    SearchFailed,
    check_one_of,
    check_whole_number,
    shown,
)
from kerasreg.files import write_atomically
from kerasreg.population import UnusableMetric, direction_of, reported_by
from kerasreg.records import Split, TrialRecord
from kerasreg.records.given import check_split
from kerasreg.tune.asking import Batch, batch_size_for, failures_in_order, report, restore_grid
from kerasreg.tune.checkpoints import WEIGHTS, Checkpoints
from kerasreg.tune.folder import held
from kerasreg.tune.hypermodels import RegularizedHyperModel
from kerasreg.tune.jobs import Plan, TrialJob
from kerasreg.tune.members import member_seeds, member_splits, network_of
from kerasreg.tune.memory import Memory
from kerasreg.tune.names import fresh_names
from kerasreg.tune.projects import is_known, opened, reload_oracle, write_whole
from kerasreg.tune.training import Listener, train


class PopulationTuner(keras_tuner.Tuner):
    """Trains the trials of any KerasTuner oracle by tens instead of one by one.

    Any `build(hp)` will do that returns a compiled network, and any hypermodel; a hypermodel's own `fit`
    is not called. Trials of one batch size and number of epochs are trained together, those of one
    architecture in one program; what cannot be is trained with `fit`, and a warning says so.

    Results lie where KerasTuner puts them: the same project goes on where it stopped, and
    `results_summary`, `get_best_hyperparameters` and `get_best_models` work as on every tuner. Beside each
    `trial.json` lies `history.json`, with the metrics of every epoch of every member.

    Args:
        oracle: Who proposes the trials. Its objective must be one metric on validation data, such as
            `keras_tuner.Objective("val_cross_entropy", "min")`.
        hypermodel: A `HyperModel`, or a function that builds a compiled network from `hp`.
        keep_checkpoints: How many of the best trials keep their weights, for `get_best_models`.
        **kwargs: What `keras_tuner.Tuner` takes: `directory`, `project_name`, `overwrite`, …

    Raises:
        InvalidInput: If the oracle is none, the objective is not one metric, there is nothing that builds
            networks, a distribution strategy is given, or `overwrite` would discard a project that another
            process searches.

    Example:
    >>> oracle = keras_tuner.oracles.RandomSearchOracle(
    ...     keras_tuner.Objective("val_cross_entropy", "min"), max_trials=64, seed=1
    ... )
    >>> tuner = PopulationTuner(oracle, MLPHyperModel.for_split(split))  # doctest: +SKIP
    >>> tuner.search(split, epochs=30)  # doctest: +SKIP
    """

    def __init__(
        self,
        oracle: keras_tuner.Oracle,
        hypermodel: keras_tuner.HyperModel | None = None,
        *,
        keep_checkpoints: int = 5,
        **kwargs: object,
    ) -> None:
        if not isinstance(oracle, keras_tuner.Oracle):
            raise InvalidInput(
                "oracle must be one of KerasTuner's oracles, such as "
                f"keras_tuner.oracles.RandomSearchOracle(...); received {_kind(oracle)}."
            )
        if not (isinstance(hypermodel, keras_tuner.HyperModel) or callable(hypermodel)) or isinstance(
            hypermodel, type
        ):
            raise InvalidInput(
                "hypermodel must be a keras_tuner.HyperModel, or a function that builds a compiled network "
                f"from hp; received {_kind(hypermodel)}."
            )
        if type(oracle.objective) is not keras_tuner.Objective:
            raise InvalidInput(
                "The oracle's objective must be one metric, such as "
                'keras_tuner.Objective("val_cross_entropy", "min"), '
                f"which also says which epoch is best; received a {type(oracle.objective).__name__}."
            )
        check_one_of("The direction of the objective", oracle.objective.direction, ("min", "max"))
        if kwargs.get("distribution_strategy") is not None:
            raise InvalidInput("PopulationTuner trains on one device; leave distribution_strategy out.")
        self.keep_checkpoints = check_whole_number("keep_checkpoints", keep_checkpoints, minimum=0)
        write_whole(oracle)
        project = Path(kwargs.get("directory") or ".") / (kwargs.get("project_name") or "untitled_project")
        with opened(project, overwrite=bool(kwargs.pop("overwrite", False))) as self._may_write:
            super().__init__(oracle, hypermodel, **kwargs)
        self._may_write = True  # `search` holds the folder

    def search(
        self,
        split: Split,
        *,
        epochs: int,
        batch_size: int = 32,
        patience: int | None = None,
        folds: int = 1,
        repeats: int | None = None,
        trials_at_once: int | None = None,
        verbose: int = 0,
    ) -> None:
        """Tries the oracle's proposals until it has no more.

        A trial's score is the mean of the objective over its members, each at its best epoch. The members of
        all trials have the same data and the same order of batches.

        Args:
            split: The data.
            epochs: The most epochs to train a network; under Hyperband the oracle says how many.
            batch_size: Rows in a batch, for trials without a hyperparameter of this name.
            patience: Epochs without improvement after which a network stops, or `None` to train them all.
            folds: 1 to validate on the split's validation part; k for k folds of the train and validation
                rows together.
            repeats: Times each configuration is trained, by default the tuner's `executions_per_trial`.
            trials_at_once: The most trials to ask the oracle for at once. By default 128 networks for random
                and grid search and Hyperband, whose proposals do not depend on it, and 4 trials for
                every other oracle, so that it can learn from the scores.
            verbose: Whether KerasTuner prints each trial as it begins and ends, 0 or 1.

        TensorFlow keeps every program that it has compiled until the process ends, so that a search of many
        architectures grows, by up to 22 MB for each; in a fresh process it goes on where it stopped.

        Raises:
            InvalidInput: If an argument is wrong, or another process searches the project.
            UnusableMetric: If a network does not report the objective.
            RuntimeError: If more trials in a row fail than the oracle allows.
            SearchFailed: If none of the trials succeeded.
        """
        check_split("split", split)
        check_whole_number("epochs", epochs, maximum=MAX_EPOCHS)
        check_whole_number("verbose", verbose, minimum=0)
        if patience is not None:
            check_whole_number("patience", patience)
        check_whole_number("batch_size", batch_size)
        repeats = check_whole_number("repeats", self.executions_per_trial if repeats is None else repeats)
        splits = member_splits(split, folds=folds, repeats=repeats, seed=self.oracle.seed)
        if trials_at_once is None:
            trials_at_once = batch_size_for(self.oracle, members=len(splits))
        check_whole_number("trials_at_once", trials_at_once)
        plan = Plan(
            splits=splits,
            seeds=member_seeds(len(splits), seed=self.oracle.seed),
            monitor=self.oracle.objective.name,
            mode=self.oracle.objective.direction,
            patience=patience,
        )
        with held(self.project_dir):
            self._go_on_from_others()
            self.oracle.verbose = verbose
            checkpoints = Checkpoints(self.project_dir, self.oracle, keep=self.keep_checkpoints)
            self.on_search_begin()
            is_last, memory = False, Memory(bounded=False)
            while not is_last:
                self.pre_create_trial()
                batch = Batch(self.oracle, trials_at_once)
                bench = _Bench(self, plan, checkpoints)
                jobs = bench.jobs(batch, epochs, batch_size)
                with failures_in_order(self.oracle):
                    train(jobs, plan, bench, expected=batch.expected)
                is_last = batch.is_last
                if not is_last:
                    memory.check()
            checkpoints.prune(checkpoints.kept(finished=True))
            self.on_search_end()
        self._succeeded(1)

    def _go_on_from_others(self) -> None:
        """Reads the project again if another process has gone on with it since."""
        if not is_known(self.oracle):
            self.oracle.trials.clear()
            self.reload()

    def save(self) -> None:
        """Writes the project's files, each whole or not at all."""
        self.oracle.save()
        write_atomically(self._get_tuner_fname(), json.dumps(self.get_state()))

    def get_best_hyperparameters(self, num_trials: int = 1) -> list[keras_tuner.HyperParameters]:
        """Returns the hyperparameters of the best trials, the best first; none of a trial that failed.

        Raises:
            SearchFailed: If no trial has succeeded.
        """
        return [trial.hyperparameters for trial in self._succeeded(num_trials)]

    def get_best_models(self, num_models: int = 1) -> list[keras.Model]:
        """Returns the networks of the best trials with the weights of their best epochs, the best first.

        Raises:
            InvalidInput: If the weights of so many trials are not kept.
            SearchFailed: If no trial has succeeded.
        """
        trials = self._succeeded(check_whole_number("num_models", num_models))
        folder = Path(self.project_dir)
        kept = sum((folder / f"trial_{trial.trial_id}" / WEIGHTS).exists() for trial in trials)
        if kept < len(trials):
            raise InvalidInput(
                f"get_best_models was asked for {len(trials)} models, and the weights of {kept} of them are "
                f"kept. Ask for fewer, or search with PopulationTuner(..., keep_checkpoints={len(trials)})."
            )
        return [self.load_model(trial) for trial in trials]

    def _succeeded(self, count: int) -> list[Trial]:
        """Returns the best trials, so many at most; KerasTuner would fill up with those that failed."""
        best = self.oracle.get_best_trials(check_whole_number("num_trials", count))
        trials = [trial for trial in best if trial.status == TrialStatus.COMPLETED]
        if not trials:
            messages = [trial.message for trial in self.oracle.trials.values() if trial.message]
            last = f", the last one with: {messages[-1].strip().splitlines()[-1]}" if messages else ""
            raise SearchFailed(f"None of the {len(self.oracle.trials)} trials has succeeded{last}")
        return trials

    def reload(self) -> None:
        """Goes on from the project's files, a grid search in its place as well; damaged ones are rebuilt."""
        reload_oracle(self.oracle, self._populate_initial_space, write=self._may_write)
        restore_grid(self.oracle)


class _Bench(Listener):
    """The trials of a batch: how their networks are built, and what becomes of them."""

    def __init__(self, tuner: PopulationTuner, plan: Plan, checkpoints: Checkpoints) -> None:
        self.tuner, self.plan, self.checkpoints = tuner, plan, checkpoints
        self.trials: dict[str, Trial] = {}
        self.failures: dict[str, tuple[str, str]] = {}
        self.examined = False

    def jobs(self, batch: Batch, epochs: int, batch_size: int) -> Iterator[TrialJob]:
        """Yields the trials as they are asked for.

        When the next one is taken the networks of the one before it have been built. What they declared, such
        as the units of a layer that no trial had before, is then known to the oracle and gets values
        of its own, as it does in KerasTuner.
        """
        for trial in batch:
            self.trials[trial.trial_id] = trial
            self.failures.pop(trial.trial_id, None)  # of an earlier try
            self.tuner.on_trial_begin(trial)
            yield self.job(trial, epochs, batch_size)
            self.tuner.oracle.update_space(trial.hyperparameters)

    def job(self, trial: Trial, epochs: int, batch_size: int) -> TrialJob:
        """Returns a trial as it is to be trained."""
        hypermodel, values = self.tuner.hypermodel, trial.hyperparameters.values
        if isinstance(hypermodel, RegularizedHyperModel):
            values = hypermodel.values(trial.hyperparameters) | values

        def build(number: int) -> keras.Model:
            try:
                return self._network(trial, values, number)
            except Exception as cause:
                wanted = isinstance(cause, keras_tuner.errors.FailedTrialError)
                status = TrialStatus.FAILED if wanted else TrialStatus.INVALID
                self.failures[trial.trial_id] = (status, traceback.format_exc())
                raise

        return TrialJob(
            trial_id=trial.trial_id,
            values=values,
            build=build,
            batch_size=values.get("batch_size", batch_size),
            epochs=values.get("tuner/epochs", epochs),
            initial_epoch=values.get("tuner/initial_epoch", 0),
        )

    def trial_done(self, record: TrialRecord, models: list[keras.Model]) -> None:
        """Keeps what is to be kept of a trial, and ends it."""
        trial = self.trials[record.trial_id]
        self.checkpoints.add(record, models)
        report(self.tuner.oracle, trial, record)
        if trial.trial_id in self.failures:
            trial.status, trial.message = self.failures[trial.trial_id]
        self.tuner.on_trial_end(trial)

    def _network(self, trial: Trial, values: dict, number: int) -> keras.Model:
        tuner, seed = self.tuner, self.plan.seeds[number]
        if isinstance(tuner.hypermodel, RegularizedHyperModel):
            model = network_of(tuner.hypermodel, values, self.plan.splits[number], seed=seed)
            tuner._override_compile_args(model)
        else:
            with fresh_names():
                model = tuner._build_hypermodel(trial.hyperparameters)
        if not isinstance(model, keras.Model):
            raise keras_tuner.errors.FatalTypeError(
                "The function that builds a network must return a compiled keras.Model; received "
                f"{model!r} of type {type(model).__name__}."
            )
        if tuner.max_model_size and model.count_params() > tuner.max_model_size:
            raise keras_tuner.errors.FailedTrialError(
                f"The network has {model.count_params()} parameters, more than the {tuner.max_model_size} of "
                "max_model_size."
            )
        if not self.examined:
            self._check_objective(model)
        if "tuner/trial_id" in values:
            self.checkpoints.load(model, values["tuner/trial_id"], number)
        return model

    def _check_objective(self, model: keras.Model) -> None:
        """Raises `UnusableMetric` where a search would be without its objective, or choose its worst trials.

        KerasTuner guesses the direction of an objective that is given as text by a list of names, on which
        `F1Score` and `R2Score` are missing.
        """
        self.examined = True
        name, direction = self.plan.monitor, self.plan.mode
        reported = reported_by(model, self.plan.splits[0])
        reported.check(name, model)
        metric = reported.metrics.get(name.removeprefix("val_"))
        right = direction if metric is None else direction_of(metric) or direction
        if right != direction:
            raise UnusableMetric(
                f"The objective {name!r} has the direction {direction!r}, and Keras says {right!r} of this "
                f"metric; give the oracle keras_tuner.Objective({name!r}, {right!r})."
            )


def _kind(given: object) -> str:
    """Returns what a message calls something that is not what it should be."""
    return (
        f"the class {given.__name__}"
        if isinstance(given, type)
        else f"{shown(given)} of type {type(given).__name__}"
    )
