"""What a search says in words: the answer, its caveats, and how it was measured."""

import numpy as np

from kerasreg.intervals import mean_interval
from kerasreg.plotting import METRICS
from kerasreg.records import SearchResult
from kerasreg.regularization import Regularization
from kerasreg.report.naming import rows_word
from kerasreg.report.numbers import (
    NO_BREAK,
    count,
    duration,
    listed,
    metric,
    percent,
    plural,
    setting,
)
from kerasreg.report.tested import interval_words, majority

MODELS = {
    "mlp": "multilayer perceptron",
    "cnn": "convolutional network",
    "autoencoder": "autoencoder",
}
TUNERS = {
    "random": "random search",
    "grid": "grid search",
    "bayesian": "Bayesian optimization",
    "hyperband": "Hyperband",
}
KNOBS = {
    "l1": "l1 = {}",
    "l2": "l2 = {}",
    "noise_std": "input noise {}",
    "normalization": "{} normalization",
    "label_smoothing": "label smoothing {}",
    "max_norm": "max norm {}",
}
ENDS = {
    "max_trials": "all the trials it was given are done",
    "time_budget": "its time budget was used up",
    "space_exhausted": "every configuration in its space was tried",
}


def objective_words(result: SearchResult) -> str:
    """Returns what a score is, such as `validation cross-entropy`."""
    return f"validation {METRICS[result.objective['name']][0]}"


def network(result: SearchResult) -> str:
    """Returns the kind of the searched network, with its article."""
    words = MODELS[result.settings["model"]]
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def regularized(result: SearchResult) -> str:
    """Returns what regularizes the winner, such as `with l2 = 3.1e-5 and dropout 0.3`."""
    arguments = result.winner["arguments"]
    knobs = Regularization.from_dict(arguments.get("regularization") or {}).active()
    words = [KNOBS.get(name, f"{name} {{}}").format(setting(value)) for name, value in knobs.items()]
    if arguments.get("augmentation"):
        words.append("augmentation")
    return f"with {listed(words)}" if words else "without regularization"


def answer(result: SearchResult) -> str:
    """Returns the search's result in one or two sentences."""
    if result.test is not None:
        return _tested(result)
    if result.winner is not None:
        return (
            f"The search chose trial {result.winner['trial_id']}, {network(result)} {regularized(result)}. "
            "It is being retrained with fresh seeds; there is no test result yet."
        )
    tried = len(result.trials)
    best = result.ranked()
    if result.stopped_by is None:
        planned = result.settings.get("max_trials")
        of = f" of {planned:,}" if planned else ""
        state = f"The search is under way: {tried:,}{of} trials have ended."
        if best:
            score = metric(result.objective["name"], best[0].score)
            state += (
                f" The best so far is trial {best[0].trial_id}, with a {objective_words(result)} of {score}."
            )
        return f"{state} There is no test result yet: the test data are used once, at the end."
    if not best:
        return (
            f"The search found no network: {count(tried, 'trial')} ended, and none was completed. "
            "The causes stand below."
        )
    return "The search has ended, and its winner has not been retrained: there is no test result."


def _tested(result: SearchResult) -> str:
    test, rows = result.test, result.data["test_rows"]
    if test["mean"] is None:
        return (
            f"The search chose trial {result.winner['trial_id']}, {network(result)} {regularized(result)}, "
            f"but of its {count(len(test['scores']), 'fresh seed')} not all gave a network with a finite "
            f"{METRICS[test['metric']][0]}: there is no test result to rely on."
        )
    mean = metric(test["metric"], test["mean"])
    if test["metric"] == "accuracy":
        verb = f"classifies {mean} of the {count(rows, f'test {rows_word(result)}')} correctly"
    elif result.settings["model"] == "autoencoder":
        verb = f"rebuilds the {count(rows, f'test {rows_word(result)}')} with a mean squared error of {mean}"
    else:
        error = METRICS[test["metric"]][0]
        verb = f"predicts the {count(rows, f'test {rows_word(result)}')} with a {error} of {mean}"
    subject = network(result)
    said = f"{subject[0].upper()}{subject[1:]} {regularized(result)} {verb} ({interval_words(result)})."
    return " ".join(filter(None, [said, majority(result)]))


def against_pca(result: SearchResult) -> str | None:
    """Returns the test error of PCA with as many numbers a row, and whether the network's is less.

    They are compared in pairs, each pair fitted to the same training rows.
    """
    mark = (result.test or {}).get("pca")
    if mark is None or result.test["mean"] is None:
        return None
    mean, _, ends = mean_interval(1 - np.divide(result.test["scores"], mark["scores"]))
    found = f"{percent(abs(mean))} {'less' if mean > 0 else 'more'}"
    if ends is None:
        found += " (one network, without an interval)"
    else:
        low, high = ends if mean > 0 else (-ends[1], -ends[0])
        seeds = count(len(mark["scores"]), "fresh seed")
        span = f"95{NO_BREAK}% interval {100 * low:.1f} to {percent(high)} over {seeds}, in pairs"
        found += f" ({span})" if low > 0 else f" on average, which shows no difference ({span})"
    rows = plural(f"test {rows_word(result)}")
    return (
        f"The mark to beat: PCA with {count(mark['components'], 'component')}, fitted to the same training "
        f"{plural(rows_word(result))}, rebuilds the {rows} with a mean squared error of "
        f"{metric('mse', mark['mean'])}. The network's is {found}."
    )


def facts(result: SearchResult) -> list[tuple[str, str]]:
    """Returns the search's circumstances as pairs of a word and a value."""
    data, failed = result.data, sum(trial.score is None for trial in result.trials)
    sizes = data["input_shape"]
    sizes = sizes[:-1] if len(sizes) == 3 and sizes[-1] == 1 else sizes  # a gray picture has two sizes
    shape = f"{NO_BREAK}\N{MULTIPLICATION SIGN}{NO_BREAK}".join(map(str, sizes))
    rows = [f"{data[f'{part}_rows']:,} {part}" for part in ("train", "validation", "test")]
    trials = f"{len(result.trials):,}" + (f", of which {failed:,} failed" if failed else "")
    times = [f"{stage} {duration(seconds)}" for stage, seconds in result.seconds.items()]
    ended = ENDS.get(result.stopped_by, "it is still under way")
    return [
        ("Data", f"{data['name']}, {plural(rows_word(result))} of {shape}: {', '.join(rows)}"),
        ("Trials", trials),
        ("Time", ", ".join(times) or "not recorded"),
        ("The search", f"{TUNERS[result.settings['tuner']]}; {ended}"),
    ]


def measured(result: SearchResult) -> list[str]:
    """Returns how the numbers came about, one sentence or two a step."""
    settings, words = result.settings, objective_words(result)
    folds, repeats = settings.get("folds") or 1, settings.get("repeats") or 1
    networks = "one network"
    if folds * repeats > 1:
        parts = [f"{folds} folds"] * (folds > 1) + [f"{repeats} repeats"] * (repeats > 1)
        networks = f"{folds * repeats} networks ({listed(parts)})"
    patience = settings.get("patience")
    stop = f", stopped after {count(patience, 'epoch')} without improvement" if patience else ""
    mean = "their mean" if folds * repeats > 1 else "its"
    steps = [
        f"Each trial trained {networks} for at most {count(settings['epochs'], 'epoch')}{stop}. "
        f"Its score is {mean} {words} at the best epoch, without the weight penalties.",
        "Trials were compared by this score alone. Test data had no part in choosing.",
    ]
    if result.objective["name"] == "standardized_mse":
        steps.append(
            "The standardized mean squared error divides each target's squared errors by the variance of its "
            "training rows, so that all targets count alike, whatever their units. Predicting the mean comes "
            "to about 1."
        )
    if result.test is not None:
        seeds = count(len(result.test["scores"]), "fresh seed")
        steps.append(
            f"The winner was built anew and trained with {seeds}, each on train and validation data divided "
            "anew. Only then were the test data used, once for each seed."
        )
    if result.test is not None and result.test["interval_95"] is not None:
        word = plural(rows_word(result))
        steps.append(
            f"All fresh networks are tested on the same {word}. The interval adds up what other seeds and "
            f"divisions and what other {word} would change."
            if len(result.test["scores"]) > 1
            else f"The interval says what other {word} would change. One seed says nothing of others."
        )
        if len(result.test["scores"]) > 1:
            name, scores = result.test["metric"], result.test["scores"]
            steps.append(
                f"Over the seeds alone, on these test {word}, the {METRICS[name][0]} goes from "
                f"{metric(name, min(scores))} to {metric(name, max(scores))}."
            )
    steps.append(
        f"All random choices derive from the seed {result.seed}: the same command on the same machine gives "
        "the same trials."
    )
    return steps
