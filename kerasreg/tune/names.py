"""The numbers that Keras gives to equal names."""

import collections
from collections.abc import Iterator
from contextlib import contextmanager

from keras.src.backend.common import global_state

_COUNTERS = "object_name_uids"  # where Keras counts the names that it has given


@contextmanager
def fresh_names() -> Iterator[None]:
    """Lets a network have the names that it would have as the first one of a process.

    `keras.metrics.AUC()` is `auc`, and `auc_1` in the next network, so that no objective has the same name
    twice. KerasTuner clears Keras' session before each trial; here the other networks of a batch are being
    compiled meanwhile, so only the counting of names begins anew, and goes on afterwards where it was.
    """
    before = global_state.get_global_attribute(_COUNTERS)
    global_state.set_global_attribute(_COUNTERS, collections.defaultdict(int))
    try:
        yield
    finally:
        global_state.set_global_attribute(_COUNTERS, before)
