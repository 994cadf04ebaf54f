"""The report of a search: one HTML file that needs nothing beside it."""

import base64
import hashlib
import os
from html import escape
from pathlib import Path

import numpy as np

from kerasreg.files import write_atomically
from kerasreg.plotting import METRICS
from kerasreg.records import SearchResult, TrialRecord
from kerasreg.report import markup, sentences, tested
from kerasreg.report.figures import (
    Picture,
    course_pictures,
    hyperparameter_pictures,
    reconstruction_pictures,
    test_pictures,
)
from kerasreg.report.naming import rows_word
from kerasreg.report.numbers import count, duration, metric, plural, setting, span
from kerasreg.report.rebuild import snippet
from kerasreg.report.regression_sentences import against_marks, regression_errors

LEADERBOARD_ROWS = 10
BY_NAME = (
    "Each dot is one trial; failed trials, if any, stand at the edge. The hyperparameters were varied "
    "together, so a good value here may owe its score to another one there."
)


def write_report(result: SearchResult, output_dir: str | os.PathLike) -> Path:
    """Writes `report.html` and, beside it, its pictures as `figures/*.png`.

    The page carries its pictures, style and script within itself, so it can be mailed and opened
    anywhere. A search under way, or one in which every trial failed, has a report too. Each file is
    replaced in one step; pictures of an earlier report that this one does not have are left.

    Args:
        result: The search.
        output_dir: Where to write; it is made if it is missing.

    Returns:
        The path of `report.html`.

    Raises:
        OSError: If the folder cannot be written.
    """
    output_dir = Path(output_dir)
    (output_dir / "figures").mkdir(parents=True, exist_ok=True)
    page, pictures = _drawn(result)
    for picture in pictures:
        write_atomically(output_dir / "figures" / picture.file_name, picture.png)
    return write_atomically(output_dir / "report.html", page)


def report_in_frame(result: SearchResult, *, height: str = "45rem") -> str:
    """Returns HTML that shows the report in a frame of its own, apart from a notebook's styles.

    Args:
        result: The search.
        height: The frame's height, as CSS has it.
    """
    page, _ = _drawn(result)
    style = f"width: 100%; height: {height}; border: 1px solid #dcdcdc; background: #fff"
    frame = 'sandbox="allow-scripts" allow="clipboard-write" title="Report of the search"'
    return f'<iframe {frame} style="{escape(style)}" srcdoc="{escape(page)}"></iframe>'


def _drawn(result: SearchResult) -> tuple[str, list[Picture]]:
    """Returns the page, and its pictures."""
    course, by_name = course_pictures(result), hyperparameter_pictures(result)
    fresh, rebuilt = test_pictures(result), reconstruction_pictures(result)
    sections = [
        _winner(result),
        _leaderboard(result),
        _pictures("curves", "How the best trials learned", course),
        _pictures("hyperparameters", "Score against each hyperparameter", by_name, before=BY_NAME),
        _pictures("test", "What the search promised, and what the test says", fresh),
        _classes(result),
        _pictures("reconstructions", "Originals and reconstructions", rebuilt, style="pictures wide"),
        markup.section("measured", "How it was measured", [markup.items(sentences.measured(result))]),
        _repeat(result),
    ]
    page = _page(result, [part for part in sections if part])
    return page, [*course, *by_name, *fresh, *rebuilt]


def _page(result: SearchResult, sections: list[str]) -> str:
    """Returns the whole page; its policy lets a browser load nothing and run no script but its own."""
    here = Path(__file__)
    style = here.with_name("page.css").read_text(encoding="utf-8")
    script = here.with_name("page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"{result.data['name']}: tuning {sentences.network(result)}"
    notes = [
        *result.data.get("notes", ()),
        tested.never_predicted(result),
        tested.recall(result),
        regression_errors(result),
        against_marks(result),
        sentences.against_pca(result),
        tested.search_and_test(result),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">',
            markup.element("title", title),
            f"<style>\n{style}</style>",
            "</head>",
            '<body style="margin: 0">',
            '<div class="kerasreg-report">',
            "<header>",
            markup.element("h1", title),
            markup.element("p", sentences.answer(result), class_="answer"),
            "</header>",
            "<main>",
            '<section aria-label="Facts">',
            markup.definitions(sentences.facts(result)),
            *(markup.element("p", note) for note in notes if note),
            "</section>",
            *sections,
            "</main>",
            "</div>",
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _winner(result: SearchResult) -> str | None:
    """Returns the winner's settings: what was searched first, with the ranges that were searched."""
    if result.winner is None:
        return None
    chosen, ranges = result.winner["hyperparameters"], result.settings.get("space", {})
    rows = [(name, setting(chosen[name]), span(ranges[name])) for name in ranges if name in chosen]
    rows += [(name, setting(value), "fixed") for name, value in chosen.items() if name not in ranges]
    parameters = f"It has {count(result.winner['num_parameters'], 'parameter')}."
    return markup.section(
        "winner",
        f"The winner: trial {result.winner['trial_id']}",
        [
            markup.element("p", parameters),
            markup.table("Its settings", ("setting", "value", "searched"), rows),
        ],
    )


def _leaderboard(result: SearchResult) -> str | None:
    """Returns the best trials as a table and the failed ones with their causes."""
    if not result.trials:
        return None
    best, names = result.ranked(), result.varied()
    failed = [trial for trial in result.trials if trial.score is None]
    parts = []
    if best:
        head = (
            "rank",
            "trial",
            f"validation {METRICS[result.objective['name']][0]}",
            "best epoch",
            "time",
            *names,
        )
        shown = best[:LEADERBOARD_ROWS]
        rows = [_row(rank, trial, result, names) for rank, trial in enumerate(shown, start=1)]
        winner = result.winner["trial_id"] if result.winner else None
        marked = next((row for row, trial in enumerate(shown) if trial.trial_id == winner), None)
        caption = f"The best {len(shown)} of {count(len(best), 'completed trial')}"
        if len(best[0].scores) > 1:
            spread = "\N{PLUS-MINUS SIGN} is the standard deviation over the networks of a trial."
            parts.append(markup.element("p", spread))
        parts.append(markup.table(caption, head, rows, marked=marked))
    if failed:
        parts.append(markup.element("h3", f"Failed: {count(len(failed), 'trial')}"))
        causes = [f"Trial {trial.trial_id}: {trial.error or 'the cause is not recorded'}" for trial in failed]
        parts.append(markup.items(causes, tag="ul"))
    return markup.section("leaderboard", "Leaderboard" if best else "The trials", parts)


def _row(rank: int, trial: TrialRecord, result: SearchResult, names: list[str]) -> tuple[str, ...]:
    name = result.objective["name"]
    score = metric(name, trial.score)
    if len(trial.scores) > 1:
        score += f" \N{PLUS-MINUS SIGN} {metric(name, float(np.std(trial.scores, ddof=1)))}"
    values = [setting(trial.hyperparameters[key]) if key in trial.hyperparameters else "" for key in names]
    epochs = ", ".join(str(epoch) for epoch in trial.best_epoch)
    return str(rank), trial.trial_id, score, epochs, duration(trial.seconds), *values


def _classes(result: SearchResult) -> str | None:
    """Returns the recall of each class and what it is most often taken for."""
    rows = tested.class_rows(result)
    if not rows:
        return None
    head = ("class", f"test {plural(rows_word(result))}", "recall", "most often taken for")
    caption = "The mean over the fresh networks. Recall is the share of a class that is found."
    return markup.section("classes", "Class by class", [markup.table(caption, head, rows)])


def _pictures(
    name: str, heading: str, pictures: list[Picture], *, before: str = "", style: str = "pictures"
) -> str | None:
    if not pictures:
        return None
    figures = [markup.picture(each.png, each.size, each.alt, each.caption) for each in pictures]
    words = [markup.element("p", before)] if before else []
    return markup.section(name, heading, [*words, f'<div class="{style}">', *figures, "</div>"])


def _repeat(result: SearchResult) -> str:
    """Returns what it takes to do the same again."""
    parts = [
        markup.element("p", "The same search again, in a terminal:"),
        markup.code(result.command, "the command"),
    ]
    if result.winner is not None:
        parts += [
            markup.element("p", "The winner alone, built and trained anew in Python:"),
            markup.code(snippet(result), "the code"),
        ]
    ranges = {name: span(searched) for name, searched in result.settings.get("space", {}).items()}
    settings = [
        (
            name,
            "; ".join(f"{key}: {words}" for key, words in ranges.items())
            if name == "space"
            else setting(value),
        )
        for name, value in result.settings.items()
    ]
    parts += [
        markup.table("Settings of the search", ("setting", "value"), [*settings, ("seed", str(result.seed))]),
        markup.table("Versions", ("package", "version"), list(result.versions.items())),
    ]
    return markup.section("repeat", "To repeat it", parts)
