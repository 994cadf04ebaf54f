"""Records compared as far as two trainings in different company can be equal."""

import pytest

# The same network beside others is the same sum in another order; a few epochs spread that to 1e-5 or so.
ROUNDING = 1e-4


def assert_alike(ours, theirs, *, rel=ROUNDING, without=("seconds", "command")):
    """Asserts that two records are equal but for rounding and for what the clock says."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        for name in ours:
            if name not in without:
                assert_alike(ours[name], theirs[name], rel=rel, without=without)
    elif isinstance(ours, list | tuple):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_alike(one, other, rel=rel, without=without)
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=rel, abs=rel * 1e-2, nan_ok=True)
    else:
        assert ours == theirs


def assert_same_search(ours, theirs, **options):
    """Equal but for rounding, what the clock says and how it was called."""
    assert_alike(ours.to_dict(), theirs.to_dict(), **options)
