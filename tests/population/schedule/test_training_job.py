"""A member's rows, its epochs and when it stops, without any training."""

from types import SimpleNamespace

import numpy as np
import pytest

from kerasreg.population.schedule.batches import batch_order
from kerasreg.population.schedule.training_job import Job, in_batches, never_begun


def job(**options):
    settings = {
        "index": 0,
        "member": SimpleNamespace(optimizer=SimpleNamespace(learning_rates=lambda steps: 1 / (1 + steps))),
        "train": np.arange(100, 110, dtype=np.int32),
        "validation": np.arange(3, dtype=np.int32),
        "seed": 4,
        "batch_size": 4,
        "epoch": 0,
        "epochs": 9,
        "patience": None,
    }
    return Job(**(settings | options))


def run(job, scores, loss=1.0):
    """Records epochs with these scores, less being better, as a program would; returns the job."""
    best = np.inf
    for score in scores:
        job.record({"loss": loss, "val_mse": score}, score=score, improved=score < best)
        job.seconds += 0.5
        best = min(best, score) if score == score else best
        if job.stop_reason:
            break
    return job


def test_batches_are_filled_up_with_no_rows():
    assert in_batches(np.arange(5), 3).tolist() == [[0, 1, 2], [3, 4, -1]]
    assert in_batches(np.arange(4), 2).tolist() == [[0, 1], [2, 3]]
    assert in_batches(np.arange(0), 2).shape == (0, 2)


def test_the_order_of_rows_is_that_of_batch_order():
    member = job()
    order = batch_order(10, 3, seed=4)
    for epoch in range(3):
        rows = member.order()
        assert rows.shape == (3, 4)
        assert rows.ravel().tolist() == [*(100 + order[epoch]).tolist(), -1, -1]
        run(member, [1.0])


def test_the_order_of_a_later_epoch_does_not_need_the_earlier_ones():
    assert job(epoch=2).order().ravel()[:10].tolist() == (100 + batch_order(10, 3, seed=4)[2]).tolist()


def test_learning_rates_go_on_from_epoch_to_epoch_and_begin_anew_with_a_training():
    member = job()
    assert member.rates() == pytest.approx([1, 1 / 2, 1 / 3])
    run(member, [1.0])
    assert member.rates() == pytest.approx([1 / 4, 1 / 5, 1 / 6])
    assert job(epoch=5).rates() == pytest.approx([1, 1 / 2, 1 / 3])


@pytest.mark.parametrize(
    ("patience", "scores", "length", "best", "reason"),
    [
        (None, [5, 4, 6, 7, 8], 5, 2, None),
        (None, [5, 4, 6, 7, 8, 9, 9, 9, 9], 9, 2, "epochs"),
        (1, [5, 4, 6, 1], 3, 2, "patience"),
        (2, [5, 4, 6, 3, 4, 5, 1], 6, 4, "patience"),
        (2, [5, 6, 7, 1], 3, 1, "patience"),
        (1, [np.nan, np.nan, 3], 2, 0, "diverged"),
        (3, [np.nan, np.inf, 3, 4], 4, 3, None),
    ],
)
def test_patience_counts_epochs_without_improvement(patience, scores, length, best, reason):
    member = run(job(patience=patience), scores)
    assert (len(member.curves["loss"]), member.best_epoch, member.stop_reason) == (length, best, reason)


def test_a_loss_that_is_no_number_ends_the_training():
    member = run(job(), [3.0])
    run(member, [2.0], loss=np.nan)
    record = member.history()
    assert (record.stop_reason, record.diverged) == ("diverged", True)
    assert np.isnan(record.score)


def test_the_certain_epochs_are_those_that_patience_leaves():
    assert job().certain_epochs() == 9
    member = run(job(patience=3), [5.0, 6.0])
    assert member.certain_epochs() == 2
    assert run(job(patience=30), [5.0]).certain_epochs() == 8
    assert run(job(patience=1), [np.nan]).certain_epochs() == 1  # the first epoch is never the last


def test_the_record_of_a_training_under_way_is_of_an_interrupted_one():
    record = run(job(), [5.0, 4.0, 6.0]).history()
    assert (record.stop_reason, record.score, record.best_epoch) == ("interrupted", 4.0, 2)
    assert record.seconds == pytest.approx(1.5)


def test_epochs_are_counted_from_the_first_of_all():
    record = run(job(epoch=5), [5.0, 4.0, 6.0, 7.0]).history()
    assert (record.initial_epoch, record.best_epoch, record.stop_reason) == (5, 7, "epochs")
    assert record.to_row()["val_mse"] == 4.0


def test_a_member_that_never_began_has_no_epochs():
    record = never_begun("population")
    assert (len(record.history), record.stop_reason, record.best_epoch) == (0, "interrupted", 0)
