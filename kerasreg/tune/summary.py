"""What the command prints when a search has ended."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from kerasreg.records import SearchResult


def print_summary(result: SearchResult, directory: Path, console: Console, *, brief: bool) -> None:
    """Prints the leaderboard, the winner, its test result, and where the report lies.

    Args:
        result: A finished search.
        directory: The folder of its files.
        console: Where to print.
        brief: Whether to leave the leaderboard and the settings out.
    """
    if not brief:
        console.print(leaderboard(result))
        console.print(
            f"Winner: trial {result.winner['trial_id']}, {settings_in_words(result)}", soft_wrap=True
        )
    console.print(test_in_words(result), soft_wrap=True)
    console.print(optimism_in_words(result), soft_wrap=True)
    console.print(f"Report: {directory / 'report.html'}", soft_wrap=True, markup=False)


def leaderboard(result: SearchResult, *, rows: int = 5) -> Table:
    """Returns the best trials as a table, with what was searched over."""
    ranked = result.ranked()[:rows]
    constant = {
        name
        for name in ranked[0].hyperparameters
        if len({str(trial.hyperparameters.get(name)) for trial in result.trials}) == 1
    }
    names = [name for name in ranked[0].hyperparameters if name not in constant and "/" not in name]
    table = Table(title=f"Best {len(ranked)} of {len(result.trials)} trials", title_justify="left")
    for column in ("trial", f"validation_{result.objective['name']}", *names):
        table.add_column(column.replace("_", " "), justify="right")  # so that a long one is wrapped
    for trial in ranked:
        values = [brief_value(trial.hyperparameters[name]) for name in names]
        table.add_row(trial.trial_id, f"{trial.score:.4f}", *values)
    return table


def brief_value(value: Any) -> str:
    """Returns a value with at most three significant digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def settings_in_words(result: SearchResult) -> str:
    """Returns the winner's builder arguments in one line."""
    arguments = result.winner["arguments"]
    return ", ".join(
        f"{name} {brief_value(value)}"
        for name, value in {**arguments, **arguments["regularization"]}.items()
        if name != "regularization"
    )


def test_in_words(result: SearchResult) -> str:
    """Returns the test result with its interval in a sentence."""
    test = result.test
    if test["mean"] is None:
        return f"Test {test['metric']}: none, for a network diverged when the winner was retrained"
    scale, unit = (100, " %") if test["metric"] == "accuracy" else (1, "")
    digits = 2 if test["metric"] == "accuracy" else 4
    text = f"Test {test['metric']}: {scale * test['mean']:.{digits}f}{unit}"
    if test["interval_95"] is not None:
        low, high = (scale * bound for bound in test["interval_95"])
        text += f", SD {scale * test['sd']:.{digits}f}, 95 % interval {low:.{digits}f} to {high:.{digits}f}"
    return f"{text} ({len(test['scores'])} fresh seeds, {result.data['test_rows']} test rows)"


def optimism_in_words(result: SearchResult) -> str:
    """Returns the gap between search and test in a sentence."""
    name = result.objective["name"]
    if result.selection_optimism is None:
        return "Selection optimism: none, for a network diverged when the winner was retrained"
    score = result.ranked()[0].score
    return (
        f"Selection optimism: {result.selection_optimism:+.4f} in {name} "
        f"(the search promised {score:.4f}; positive means it promised too much)"
    )
