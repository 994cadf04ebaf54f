"""Time is divided between those who work side by side."""

import pytest

from kerasreg.population.schedule.shared_clock import SharedClock


def test_shares_add_up_to_the_time_in_which_anybody_worked():
    """Alone from 1 to 3, two from 3 to 7, alone from 7 to 8; nobody until 20; alone for one more second."""
    times = iter([1.0, 3.0, 7.0, 8.0, 20.0, 21.0])
    clock = SharedClock(now=lambda: next(times))
    first = clock.begin()
    second = clock.begin()
    assert clock.end(first) == pytest.approx(2 + 4 / 2)
    assert clock.end(second) == pytest.approx(4 / 2 + 1)
    third = clock.begin()
    assert clock.end(third) == pytest.approx(1)
