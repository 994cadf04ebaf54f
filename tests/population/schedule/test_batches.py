"""The order of the rows is the member's own, and the batches follow it."""

import numpy as np

from kerasreg.population.schedule.batches import batch_order, batches, steps_per_epoch


def test_every_epoch_visits_every_row_once():
    order = batch_order(10, 4, seed=0)
    assert order.shape == (4, 10)
    assert (np.sort(order, axis=1) == np.arange(10)).all()


def test_epochs_differ_from_each_other_and_seeds_too():
    order = batch_order(50, 3, seed=0)
    assert len({tuple(epoch) for epoch in order} | {tuple(batch_order(50, 1, seed=1)[0])}) == 4


def test_a_longer_training_begins_as_the_shorter_one_did():
    assert (batch_order(20, 5, seed=3)[:2] == batch_order(20, 2, seed=3)).all()


def test_batches_are_the_rows_in_order_with_a_smaller_last_one():
    x = np.arange(7, dtype=np.float32).reshape(7, 1)
    y = np.arange(7)
    order = batch_order(7, 2, seed=0)
    given = [(bx.numpy()[:, 0].tolist(), by.numpy().tolist()) for bx, by in batches(x, y, order, 3)]
    expected = [order[epoch, first : first + 3].tolist() for epoch in (0, 1) for first in (0, 3, 6)]
    assert given == [(rows, rows) for rows in expected]
    assert [len(rows) for rows, _ in given] == [3, 3, 1, 3, 3, 1]


def test_steps_count_the_smaller_last_batch():
    assert [steps_per_epoch(rows, 32) for rows in (1, 32, 33, 64)] == [1, 1, 2, 2]
