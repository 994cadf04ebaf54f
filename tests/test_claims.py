"""A notebook's claims are messages to its readers, and errors where the project executes the notebook."""

import numpy as np
import pytest

from kerasreg.claims import claim

FALSE = "With these numbers the claim does not hold: more examples help."
UNCHECKED = "With these numbers the claim cannot be checked: more examples help (IndexError)."


@pytest.fixture(params=["a reader's", "shortened", "whole"])
def run(request, monkeypatch):
    monkeypatch.delenv("KERASREG_CHECK_CLAIMS", raising=False)
    if request.param != "a reader's":
        monkeypatch.setenv("KERASREG_CHECK_CLAIMS", request.param)
    return request.param


def test_a_claim_that_holds_says_nothing(run, capsys):
    claim(lambda: np.bool_(True), "more examples help")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("whole_run", [False, True])
def test_a_claim_that_does_not_hold_is_an_error_in_the_runs_it_is_for_and_a_message_elsewhere(
    whole_run, run, capsys
):
    if run == "whole" or (run == "shortened" and not whole_run):
        with pytest.raises(AssertionError) as error:
            claim(lambda: np.bool_(False), "more examples help", whole_run=whole_run)
        assert str(error.value) == FALSE
    else:
        claim(lambda: np.bool_(False), "more examples help", whole_run=whole_run)
        assert capsys.readouterr().out == FALSE + "\n"


@pytest.mark.parametrize("whole_run", [False, True])
def test_a_claim_about_numbers_that_are_not_there_stops_no_reader(whole_run, run, capsys):
    if run == "whole" or (run == "shortened" and not whole_run):
        with pytest.raises(IndexError):
            claim(lambda: np.zeros(2)[3] == 0, "more examples help", whole_run=whole_run)
    else:
        claim(lambda: np.zeros(2)[3] == 0, "more examples help", whole_run=whole_run)
        assert capsys.readouterr().out == UNCHECKED + "\n"
