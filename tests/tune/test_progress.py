"""What is shown while a search goes on, and when it has ended."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import TimeRemainingColumn

from kerasreg.report.numbers import metric
from kerasreg.tune.progress import BarProgress, LineProgress, progress_on
from kerasreg.tune.settings import SearchSettings
from kerasreg.tune.summary import print_summary
from tests.helpers.search_results import digits_search

SETTINGS = SearchSettings(model="mlp", max_trials=12, folds=2)


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=100)


def after(trials):
    """A search as it was after so many trials."""
    whole = digits_search(folds=2)
    return replace(whole, trials=whole.trials[:trials], winner=None, retraining=(), test=None)


def test_a_log_gets_a_line_for_each_trial(console):
    progress = LineProgress(console)
    progress.search_begins(SETTINGS, after(0))
    for trials in (1, 5):
        progress.trial_done(after(trials).trials[-1], after(trials))
    progress.retraining_begins(5, 0)
    score = after(1).trials[0].score
    assert console.file.getvalue().splitlines() == [
        f"trial 1: cross_entropy {score:.4f}, best cross_entropy {score:.4f} (3.5 s), 1 of 12 ended",
        "trial 5: failed: The loss became NaN in epoch 3: the learning rate is too large for this network. "
        "(1.2 s), 5 of 12 ended",
        "retraining the winner with 5 fresh seeds",
    ]


def test_trials_that_are_trained_together_are_counted_beforehand(console):
    progress = LineProgress(console)
    progress.batch_begins(1)  # its own line will come when it has ended
    progress.batch_begins(10)
    assert console.file.getvalue() == "training 10 trials together\n"


def test_a_resumed_search_says_so(console):
    LineProgress(console).search_begins(SETTINGS, after(3))
    assert console.file.getvalue() == "resuming after 3 finished trials\n"


def test_a_terminal_gets_a_bar_with_the_best_score_and_the_time_left():
    terminal = Console(file=io.StringIO(), width=120, force_terminal=True)
    progress = progress_on(terminal)
    assert isinstance(progress, BarProgress)
    with progress:
        progress.search_begins(SETTINGS, after(0))
        task = progress.bar.tasks[0]
        assert (task.completed, task.total) == (0, 12 * 2 + 5)
        progress.member_done()
        progress.member_done()
        progress.trial_done(after(1).trials[0], after(1))
        assert task.completed == 2
        assert task.fields["best"] == f"best cross_entropy {after(1).trials[0].score:.4f}"
        progress.trial_done(after(5).trials[4], after(5))  # failed in its first network
        assert task.completed == 10
        progress.retraining_begins(5, 2)
        progress.retraining_done({})
        assert (task.completed, task.total, task.description) == (3, 5, "retraining the winner")
    assert "trial 5 failed: The loss became NaN in epoch 3" in terminal.file.getvalue()
    assert TimeRemainingColumn in [type(column) for column in progress.bar.columns]


def test_elsewhere_there_are_lines(console):
    assert isinstance(progress_on(console), LineProgress)


def test_the_summary_has_the_best_trials_the_winner_and_the_answer(console):
    result = digits_search()
    print_summary(result, Path("folder"), console, brief=False)
    text = console.file.getvalue()
    assert "Best 5 of 12 trials, 1 failed" in text
    best = result.ranked()[0]
    assert metric("cross_entropy", best.score) in text
    assert f"Winner: trial {best.trial_id}, num_layers {best.hyperparameters['num_layers']}, units" in text
    assert "l1" not in text  # it is switched off, and did not vary
    assert "95\N{NO-BREAK SPACE}% interval" in text
    assert text.endswith("Report: folder/report.html\n")


def test_a_brief_summary_is_the_answer_and_the_report(console):
    print_summary(digits_search(), Path("folder"), console, brief=True)
    answer, report = console.file.getvalue().splitlines()
    assert "of the 360 test images correctly" in answer
    assert report == "Report: folder/report.html"
