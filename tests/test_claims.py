"""A notebook's claims are a message to its readers, and an error where it is executed for publication."""

import numpy as np
import pytest

from kerasreg.claims import claim

MESSAGE = "With these numbers the claim does not hold: more examples help."


@pytest.mark.parametrize("checked", ["0", "1"])
def test_a_claim_that_holds_says_nothing(checked, monkeypatch, capsys):
    monkeypatch.setenv("KERASREG_CHECK_CLAIMS", checked)
    claim(np.bool_(True), "more examples help")
    assert capsys.readouterr().out == ""


def test_a_claim_that_does_not_hold_is_a_message_to_a_reader(monkeypatch, capsys):
    monkeypatch.delenv("KERASREG_CHECK_CLAIMS", raising=False)
    claim(np.bool_(False), "more examples help")
    assert capsys.readouterr().out == MESSAGE + "\n"


def test_a_claim_that_does_not_hold_is_an_error_where_claims_are_checked(monkeypatch):
    monkeypatch.setenv("KERASREG_CHECK_CLAIMS", "1")
    with pytest.raises(AssertionError) as error:
        claim(np.bool_(False), "more examples help")
    assert str(error.value) == MESSAGE
