"""What a notebook's text says of its numbers, checked where the notebook is executed for publication."""

import os

CHECKED = "KERASREG_CHECK_CLAIMS"  # notebooks/execute.py sets it to 1


def claim(condition: object, sentence: str) -> None:
    """Says so where a sentence of the text does not hold for the numbers at hand.

    A reader who changes a number is told which sentence no longer holds, and goes on. Where the environment
    variable `KERASREG_CHECK_CLAIMS` is 1, a sentence that does not hold is an error.

    Args:
        condition: Whether the sentence holds: a truth value, or a single NumPy one.
        sentence: What the text says, without a full stop.

    Raises:
        AssertionError: If the condition is false and `KERASREG_CHECK_CLAIMS` is 1.
    """
    if condition:
        return
    message = f"With these numbers the claim does not hold: {sentence}."
    if os.environ.get(CHECKED) == "1":
        raise AssertionError(message)
    print(message)
