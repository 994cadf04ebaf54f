"""What the test of the winner says in words: by class, and beside the search's score."""

import math
from typing import Any

import numpy as np

from kerasreg.plotting import METRICS
from kerasreg.records import SearchResult
from kerasreg.report.naming import rows_word
from kerasreg.report.numbers import NO_BREAK, count, interval, listed, metric, number, percent, plural

MOST_CLASSES_IN_A_SENTENCE = 4


def interval_words(result: SearchResult) -> str:
    """Returns the interval of the test result and what it holds for, to stand in brackets."""
    test, word = result.test, rows_word(result)
    seeds = len(test["scores"])
    if seeds > 1:
        holds_for, networks = f"new {plural(word)} and new seeds", f"mean of {seeds} networks"
    else:
        holds_for, networks = f"new {plural(word)}", "one network, so not for new seeds"
    if test["interval_95"] is None:
        return networks
    ends = interval(test["metric"], test["interval_95"])
    return f"95{NO_BREAK}% interval {ends} for {holds_for}; {networks}"


def majority(result: SearchResult) -> str | None:
    """Returns what always predicting the most frequent class would come to, beside the network's accuracy."""
    classes = (result.test or {}).get("classes")
    if classes is None:
        return None
    frequent = classes["majority"]
    always = f"Always predicting class {frequent['class']}, the most frequent one, classifies"
    share = f"{percent(frequent['accuracy'])} correctly"
    low, high = result.test["interval_95"] or (0, 1)
    if low <= frequent["accuracy"] <= high:
        return f"{always} {share}: the network is not shown to do better."
    if frequent["accuracy"] > high:
        return f"{always} {share}: the network does worse."
    return f"{always} {share}."


def recall(result: SearchResult) -> str | None:
    """Returns the share of each class that is found, or of the worst and the best of many classes."""
    classes = (result.test or {}).get("classes")
    if classes is None:
        return None
    word = rows_word(result)
    known = [index for index, share in enumerate(classes["recall"]) if share is not None]

    def told(index: int) -> str:
        of = count(classes["rows"][index], f"test {word}")
        return f"{percent(classes['recall'][index])} of class {index} ({of})"

    if len(known) <= MOST_CLASSES_IN_A_SENTENCE:
        return f"Recall, the share of a class that is found: {listed([told(index) for index in known])}."
    worst = min(known, key=lambda index: classes["recall"][index])
    best = max(known, key=lambda index: classes["recall"][index])
    return f"Recall, the share of a class that is found, goes from {told(worst)} to {told(best)}."


def never_predicted(result: SearchResult) -> str | None:
    """Returns a warning where the networks never predict a class that is among the test rows."""
    classes = (result.test or {}).get("classes")
    if classes is None:
        return None
    missing = [
        index
        for index, (rows, times) in enumerate(zip(classes["rows"], classes["predicted"], strict=True))
        if rows and not times
    ]
    if not missing:
        return None
    seeds, word = len(result.test["scores"]), f"test {rows_word(result)}"
    who = "The network never predicts" if seeds == 1 else f"None of the {seeds} networks ever predicts"
    named = [f"{index} ({count(classes['rows'][index], word)})" for index in missing]
    return f"Warning: {who[0].lower()}{who[1:]} class {' or '.join(named)}."


def class_rows(result: SearchResult) -> list[tuple[str, ...]]:
    """Returns a row for each class: its number, test rows, recall, and what it is most often taken for."""
    classes = (result.test or {}).get("classes")
    if classes is None:
        return []
    rows = []
    for index, (its_rows, share) in enumerate(zip(classes["rows"], classes["recall"], strict=True)):
        taken_for = ""
        if classes["confusion"] is not None:
            others = np.array(classes["confusion"][index])
            others[index] = 0
            if others.any():
                total = its_rows * len(result.test["scores"])
                taken_for = f"class {others.argmax()} ({percent(others.max() / total)})"
        found = "" if share is None else percent(share)
        rows.append((str(index), f"{its_rows:,}", found, taken_for))
    return rows


def search_and_test(result: SearchResult) -> str | None:
    """Returns how the test lies to the search's score, and by which of the two steps between them.

    A cause is named only where the interval of a step leaves out 0.
    """
    if result.test is None:
        return None
    name, gaps = result.objective["name"], result.score_gaps or {}
    chosen, rows = gaps.get("validation_minus_search"), gaps.get("test_minus_validation")
    words = METRICS[name][0]
    if rows is None:
        return f"One of the fresh networks diverged: their {words} is not compared with the search's."
    tested = float(np.mean([run["test"][name] for run in result.retraining]))
    if chosen is None:
        validated = tested - rows["difference"]
        return (
            f"The search's score, {metric(name, result.winner['score'])}, is of a shorter training and is "
            f"not compared with the fresh networks'. Their test {words} is {metric(name, tested)}, "
            f"{_apart(name, rows['difference'])} their validation {words} of {metric(name, validated)} "
            f"{_bracket(name, rows)}{_of_rows(result, rows)}."
        )
    score = result.winner["score"]
    return (
        f"Test {words} is {_apart(name, tested - score)} the search's validation score "
        f"({metric(name, tested)} and {metric(name, score)}). The fresh networks' validation {words} is "
        f"{_apart(name, chosen['difference'])} that score "
        f"{_bracket(name, chosen)}{_of_choice(result, chosen)}. "
        f"Their test {words} is {_apart(name, rows['difference'])} their validation {words} "
        f"{_bracket(name, rows)}{_of_rows(result, rows)}."
    )


def _of_choice(result: SearchResult, gap: dict[str, Any]) -> str:
    worse = _shown(result, gap)
    if worse is None:
        return ", which shows no selection optimism"
    if worse:
        tried = count(len(result.ranked()), "trial")
        return f": selection optimism, since the best of {tried} was chosen by this score"
    return ": the score did not promise too much"


def _of_rows(result: SearchResult, gap: dict[str, Any]) -> str:
    worse, word = _shown(result, gap), plural(rows_word(result))
    if worse is None:
        return ", which shows no difference"
    if worse:
        return f": the test {word} are harder, or keeping the best epoch flattered the validation"
    return f": these test {word} are easier"


def _shown(result: SearchResult, gap: dict[str, Any]) -> bool | None:
    """Returns whether what comes later is worse, or `None` where the interval holds 0 or there is none."""
    ends = gap["interval_95"]
    if ends is None or ends[0] <= 0 <= ends[1]:
        return None
    return (ends[0] > 0) == (result.objective["direction"] == "min")


def _apart(name: str, difference: float) -> str:
    """Returns a difference before the thing it is a difference from: `0.0132 above`."""
    if not math.isfinite(difference) or difference == 0:
        return "equal to"
    side = "above" if difference > 0 else "below"
    if name == "accuracy":
        return f"{100 * abs(difference):.1f} percentage points {side}"
    return f"{number(abs(difference), zeros=True)} {side}"


def _bracket(name: str, gap: dict[str, Any]) -> str:
    ends = gap["interval_95"]
    if ends is None:
        return "(without an interval)"
    if name == "accuracy":
        return f"(95{NO_BREAK}% interval {100 * ends[0]:+.1f} to {100 * ends[1]:+.1f} points)"
    low, high = (f"{'+' if end > 0 else ''}{number(end, zeros=True)}" for end in ends)
    return f"(95{NO_BREAK}% interval {low} to {high})"
