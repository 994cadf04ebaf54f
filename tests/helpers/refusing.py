"""That bad input is refused, in exactly these words."""

from collections.abc import Callable

import pytest

from kerasreg.checks import InvalidInput


def refused(message: str, call: Callable[[], object]) -> None:
    """Asserts that the call raises `InvalidInput` with the whole message."""
    with pytest.raises(InvalidInput) as error:
        call()
    assert str(error.value) == message
