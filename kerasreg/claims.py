"""What a notebook's text says of its numbers, checked where the project itself executes the notebook."""

import os
from collections.abc import Callable

CHECKED = "KERASREG_CHECK_CLAIMS"  # notebooks/execute.py sets it to the run it makes: one of RUNS
RUNS = ("whole", "shortened")


def claim(condition: Callable[[], object], sentence: str, *, whole_run: bool = False) -> None:
    """Checks a sentence of a notebook's text against the numbers at hand.

    A reader who changes a number is told which sentence no longer holds, or can no longer be checked, and
    goes on. Where the project executes its notebooks, the environment variable `KERASREG_CHECK_CLAIMS` names
    the run: in a `"whole"` one each sentence must hold, in a `"shortened"` one each that is not for the whole
    run only.

    Args:
        condition: A function without arguments, called at once, that returns whether the sentence holds: a
            truth value, or a single NumPy one.
        sentence: What the text says, without a full stop.
        whole_run: Whether the sentence is expected to hold for the notebook's full numbers only, and not
            when there are fewer epochs, repeats or sizes.

    Raises:
        AssertionError: If the condition is false and must hold in this run. What the condition itself raises
            is passed on under the same circumstances.
    """
    must_hold = os.environ.get(CHECKED) in (RUNS[:1] if whole_run else RUNS)
    try:
        holds = bool(condition())
    except Exception as error:
        if must_hold:
            raise
        print(f"With these numbers the claim cannot be checked: {sentence} ({type(error).__name__}).")
        return
    if holds:
        return
    message = f"With these numbers the claim does not hold: {sentence}."
    if must_hold:
        raise AssertionError(message)
    print(message)
