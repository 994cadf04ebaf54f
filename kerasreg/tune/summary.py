"""What the command prints when a search has ended."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from kerasreg.records import SearchResult
from kerasreg.report import (
    against_marks,
    against_pca,
    answer,
    never_predicted,
    recall,
    regression_errors,
    search_and_test,
)
from kerasreg.report.numbers import count, metric, setting

OFF = (0, "none", None)


def print_summary(result: SearchResult, directory: Path, console: Console, *, brief: bool) -> None:
    """Prints the leaderboard, the winner, its test result, and where the report lies.

    Args:
        result: A finished search.
        directory: The folder of its files.
        console: Where to print.
        brief: Whether to print the test result and the report's place only.
    """

    def say(sentence: str | None) -> None:
        if sentence:
            console.print(sentence, soft_wrap=True, highlight=False, markup=False)

    if not brief:
        console.print(leaderboard(result))
        say(f"Winner: trial {result.winner['trial_id']}, {settings_in_words(result)}")
    say(answer(result))
    say(never_predicted(result))
    if not brief:
        say(recall(result))
        say(regression_errors(result))
        say(against_marks(result))
        say(against_pca(result))
        say(search_and_test(result))
    say(f"Report: {directory / 'report.html'}")


def leaderboard(result: SearchResult, *, rows: int = 5) -> Table:
    """Returns the best trials as a table, with the hyperparameters that varied."""
    ranked = result.ranked()[:rows]
    varied, name = result.varied(), result.objective["name"]
    failed = sum(trial.score is None for trial in result.trials)
    title = f"Best {len(ranked)} of {count(len(result.trials), 'trial')}"
    title += f", {failed} failed" if failed else ""
    table = Table(title=title, title_justify="left")
    for column in ("trial", f"validation_{name}", *varied):
        table.add_column(column.replace("_", " "), justify="right")  # spaces let a long one be wrapped
    for trial in ranked:
        values = [setting(trial.hyperparameters.get(name, "")) for name in varied]
        table.add_row(trial.trial_id, metric(name, trial.score), *values)
    return table


def settings_in_words(result: SearchResult) -> str:
    """Returns the winner's hyperparameters that are not switched off, in one line."""
    return ", ".join(
        f"{name} {setting(value)}"
        for name, value in result.winner["hyperparameters"].items()
        if value not in OFF
    )
