"""Pictures of a search: a record in, matplotlib Axes out; nothing is trained here."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.intervals import limits_of, mean_interval
from kerasreg.plotting.axes import (
    BLUE,
    GRAY,
    METRICS,
    ORANGE,
    SKY,
    TRIAL_COLORS,
    VERMILION,
    add_legend,
    clean_axes,
    label_metric,
)
from kerasreg.records import SearchResult, TrialRecord

LOGARITHMIC = ("l1", "l2", "learning_rate")
MOST_CATEGORIES = 6


def plot_learning_curves(result: SearchResult, *, num_trials: int = 5, ax: Axes | None = None) -> Axes:
    """Draws the objective's metric against the epoch for the best trials.

    Validation is solid, training thin and dashed. Where a trial has several members (folds,
    repeats), the line is the mean of those still training at that epoch and the band reaches from the
    lowest to the highest. A dot stands at each member's chosen epoch and score.

    Args:
        result: A search with at least one completed trial.
        num_trials: How many of the best trials to draw, at least 1.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: epochs, counted from 1, against the unpenalized metric.

    Raises:
        InvalidInput: If no trial is completed.
    """
    best = result.ranked()[: check_whole_number("num_trials", num_trials)]
    if not best:
        raise InvalidInput("The search has no completed trial yet, so there are no learning curves to draw.")
    ax = clean_axes(ax)
    metric = result.objective["name"]
    dashed = {"linewidth": 0.9, "linestyle": (0, (4, 2))}
    dot = {"marker": "o", "linestyle": "none", "markeredgecolor": "white", "markersize": 7}
    for rank, trial in enumerate(best):
        style = {"color": TRIAL_COLORS[rank % len(TRIAL_COLORS)], "zorder": 3 - rank / len(best)}
        validation = _by_epoch(trial, f"val_{metric}")
        epochs = np.arange(1, validation.shape[1] + 1)
        label = f"trial {trial.trial_id}" + (", best" if rank == 0 else "")
        ax.plot(epochs, _by_epoch(trial, metric).mean(axis=0), **dashed, **style)
        ax.plot(epochs, validation.mean(axis=0), linewidth=1.4 if rank else 2.4, label=label, **style)
        if len(validation) > 1:
            low, high = validation.min(axis=0), validation.max(axis=0)
            ax.fill_between(epochs, low, high, alpha=0.13, linewidth=0, **style)
        ax.plot(trial.best_epoch, trial.scores, **dot, **(style | {"zorder": 4}))
    ax.plot([], [], color=GRAY, linewidth=1.8, label="validation")
    ax.plot([], [], color=GRAY, **dashed, label="training")
    ax.plot([], [], color=GRAY, **dot, label="chosen epoch")
    label_metric(ax, metric)
    if metric == "accuracy":  # the first epochs, far below, would press the end of the race flat
        worst = min(trial.score for trial in best)
        ax.set_ylim(bottom=max(ax.get_ylim()[0], 1 - 4 * (1 - worst)))
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(ax)
    return ax


def plot_search(result: SearchResult, ax: Axes | None = None) -> Axes:
    """Draws the score of each trial by its number, and the best of those up to it.

    Trials are numbered in the order they were proposed.

    Args:
        result: A search; failed trials are ticks at the edge where the bad scores lie.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: the trials' numbers against the validation score.
    """
    ax = clean_axes(ax)
    numbers = np.array([int(trial.trial_id) for trial in result.trials])
    scores = np.array([trial.score for trial in result.trials], dtype=float)  # None becomes NaN
    better = np.fmin if result.objective["direction"] == "min" else np.fmax
    ax.step(numbers, better.accumulate(scores), where="post", color=ORANGE, linewidth=2, label="best so far")
    ax.plot(numbers, scores, "o", color=BLUE, markersize=6, label="trial")
    _mark_failed(ax, numbers[np.isnan(scores)], result)
    label_metric(ax, result.objective["name"], "validation ")
    ax.set_xlabel("trial, in the order proposed")
    ax.set_xlim(0.4, numbers.max(initial=0) + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(ax)
    return ax


def plot_hyperparameter(result: SearchResult, name: str, *, ax: Axes | None = None) -> Axes:
    """Draws the score of each trial against one of its hyperparameters.

    Args:
        result: A search; failed trials are ticks at the edge where the bad scores lie.
        name: A hyperparameter. Words, switches and a few whole numbers become categories, in order; what
            was searched on a logarithmic scale has a logarithmic axis, and so have l1, l2 and learning_rate
            where they span a decade or more. Where the search's range is recorded the axis shows all of it.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: the hyperparameter against the validation score, the winner marked by a star.

    Raises:
        InvalidInput: If no trial has a hyperparameter of this name.
    """
    known = dict.fromkeys(key for trial in result.trials for key in trial.hyperparameters)
    check_one_of("name", name, tuple(known))
    ax = clean_axes(ax)
    trials = [trial for trial in result.trials if name in trial.hyperparameters]
    searched = result.settings.get("space", {}).get(name, {})
    places = _place(ax, name, [trial.hyperparameters[name] for trial in trials], searched)
    scores = np.array([trial.score for trial in trials], dtype=float)
    chosen = result.winner["trial_id"] if result.winner else None
    won = np.array([trial.trial_id == chosen for trial in trials])
    ax.plot(places[~won], scores[~won], "o", color=BLUE, markersize=6, label="trial")
    if won.any():
        star = {"marker": "*", "color": VERMILION, "markersize": 17, "markeredgecolor": "white"}
        ax.plot(places[won], scores[won], linestyle="none", label="winner", **star)
    _mark_failed(ax, places[np.isnan(scores)], result)
    label_metric(ax, result.objective["name"], "validation ")
    ax.set_xlabel(_short(name), parse_math=False)
    add_legend(ax)
    return ax


def plot_test_scores(result: SearchResult, ax: Axes | None = None, *, metric: str | None = None) -> Axes:
    """Draws the winner as the search saw it, and as fresh seeds and the test data see it.

    The step from the first column to the second is what choosing among trials flatters; the step to the third
    what keeping the best epoch flatters, and how hard the test rows are. Each point is one network at its
    chosen epoch; one whose metric is not finite is left out.

    Args:
        result: A search whose winner has been retrained and tested.
        ax: Where to draw; a new figure if `None`.
        metric: The metric to draw, one of those that were tested; by default the test's own.

    Returns:
        The Axes: a column of points for each of the three, a line at its mean, and for the fresh seeds
        the 95 % interval of the mean over the seeds as a band, or in the test's own metric, on test data,
        the interval for new rows and new seeds; a dashed line where the mark to beat comes to on the test
        data: PCA with as many numbers a row as an autoencoder, a linear model in regression.

    Raises:
        InvalidInput: If the winner has not been tested, or not with this metric.
    """
    if result.test is None:
        raise InvalidInput("The search has no test scores yet: they are taken once, when it has ended.")
    tested = tuple(name for name in result.retraining[0]["test"] if name in METRICS)
    metric = check_one_of("metric", metric or result.test["metric"], tested)
    ax = clean_axes(ax)
    winner = next(trial for trial in result.trials if trial.trial_id == result.winner["trial_id"])
    runs = [(run["history"], run["best_epoch"]) for run in result.retraining]
    columns = (
        (_at_epoch(metric, zip(winner.history, winner.best_epoch, strict=True)), ORANGE),
        (_at_epoch(metric, runs), SKY),
        ([run["test"][metric] for run in result.retraining], BLUE),
    )
    dots = {"marker": "o", "linestyle": "none", "markersize": 8, "markeredgecolor": "white", "zorder": 3}
    for column, (values, color) in enumerate(columns):
        values = [value for value in values if value is not None and np.isfinite(value)]
        if not values:
            continue
        mean, _, ends = mean_interval(values, limits=limits_of(metric))
        if column == 2 and metric == result.test["metric"]:
            ends = result.test["interval_95"]
        sides = [column - 0.35, column + 0.35]
        ax.plot(column + _spread(len(values)), values, color=color, **dots)
        ax.plot(sides, [mean, mean], color=color, linewidth=2.5)
        if column > 0 and ends is not None:  # the networks of the search are the chosen ones
            ax.fill_between(sides, *ends, color=color, alpha=0.2, linewidth=0)
    for name, mark in _marks(result).items() if metric == result.test["metric"] else ():
        ax.plot([1.65, 2.35], [mark, mark], "--", color=GRAY)
        beside = {"xytext": (-6, 0), "textcoords": "offset points", "ha": "right", "va": "center"}
        ax.annotate(name, (1.65, mark), color=GRAY, **beside)
    ax.set_xticks(range(3), ["search,\nvalidation", "fresh seeds,\nvalidation", "fresh seeds,\ntest"])
    ax.set_xlim(-0.6, 2.6)
    label_metric(ax, metric, logarithmic=False)
    return ax


def _marks(result: SearchResult) -> dict[str, float]:
    """Returns the test errors that a network has to beat, by what they are of.

    The error of predicting the mean is left out: it is so far away that the networks would fall into one.
    """
    pca, baselines = result.test.get("pca"), result.test.get("baselines")
    marks = {} if pca is None else {f"PCA with {pca['components']}": pca["mean"]}
    return marks | ({} if baselines is None else {"linear model": baselines["linear"]["mean"]})


def _by_epoch(trial: TrialRecord, metric: str) -> np.ma.MaskedArray:
    """Returns the metric of shape (members, epochs), masked after a member has stopped or where it is NaN."""
    longest = max(len(history[metric]) for history in trial.history)
    values = np.full((len(trial.history), longest), np.nan)
    for row, history in zip(values, trial.history, strict=True):
        row[: len(history[metric])] = history[metric]
    return np.ma.masked_invalid(values)


def _at_epoch(metric: str, runs: Iterable[tuple[dict, int]]) -> list[float]:
    """Returns the validation metric of each (history, chosen epoch)."""
    return [history[f"val_{metric}"][epoch - 1] for history, epoch in runs]


def _spread(count: int) -> np.ndarray:
    """Returns offsets that keep points of one category apart, shape (count,)."""
    return np.linspace(-0.2, 0.2, count) if count > 1 else np.zeros(count)


def _place(ax: Axes, name: str, values: list[Any], searched: dict[str, Any]) -> np.ndarray:
    """Sets up the axis of a hyperparameter and returns where on it each value stands.

    Args:
        ax: The Axes.
        name: The hyperparameter.
        values: Its value in each trial.
        searched: Its range as `results.json` has it, or nothing.
    """
    choices = _choices(searched, values)
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    whole = all(isinstance(value, int) for value in values)
    if numbers and not (whole and len({*choices, *values}) <= MOST_CATEGORIES):
        positive = [value for value in values if value > 0]
        wide = name in LOGARITHMIC and positive and max(positive) >= 10 * min(positive)
        if positive and (searched.get("log") or wide):
            # Linear below the smallest value, so that an exact 0 has a place on the axis too.
            scale = {"linthresh": min(positive)} if min(values) <= 0 else {}
            ax.set_xscale("symlog" if scale else "log", **scale)
        _show_range(ax, searched, values)
        return np.array(values, dtype=float)
    words = [str(value) for value in values]
    categories = sorted({*choices, *values}) if numbers else list(dict.fromkeys([*map(str, choices), *words]))
    categories = [str(category) for category in categories]
    slanted = {"rotation": 30, "ha": "right"} if sum(map(len, categories)) > 36 else {}
    ax.set_xticks(range(len(categories)), map(_short, categories), parse_math=False, **slanted)
    ax.set_xlim(-0.5, len(categories) - 0.5)
    return np.array([categories.index(word) for word in words], dtype=float)


def _choices(searched: dict[str, Any], values: list[Any]) -> list[Any]:
    """Returns the few values that the search could choose from, if all of `values` are among them."""
    choices = list(searched.get("values", []))
    if searched.get("kind") == "Whole" and searched["high"] - searched["low"] < MOST_CATEGORIES:
        choices = list(range(searched["low"], searched["high"] + 1))
    return choices if all(value in choices for value in values) else []


def _show_range(ax: Axes, searched: dict[str, Any], values: list[float]) -> None:
    """Lets the axis show the whole range of the search, if all of `values` lie in it."""
    low, high = searched.get("low", np.inf), searched.get("high", -np.inf)
    if not low <= min(values) <= max(values) <= high or low == high:
        return
    if ax.get_xscale() == "log":
        ax.set_xlim(low * (low / high) ** 0.05, high * (high / low) ** 0.05)
    else:
        ax.set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))


def _short(text: str) -> str:
    """Returns `text`, cut where it would take the Axes' place."""
    return text if len(text) <= 24 else f"{text[:23]}\N{HORIZONTAL ELLIPSIS}"


def _mark_failed(ax: Axes, places: np.ndarray, result: SearchResult) -> None:
    """Draws a tick for each failed trial at the edge where the bad scores lie."""
    if len(places):
        edge = 0.97 if result.objective["direction"] == "min" else 0.03
        tick = {"marker": "x", "color": "black", "markersize": 7, "linestyle": "none", "label": "failed"}
        ax.plot(places, np.full(len(places), edge), transform=ax.get_xaxis_transform(), **tick)
