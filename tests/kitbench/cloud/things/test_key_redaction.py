"""No record of botocore's shows a private key."""

import logging

import pytest

from kitbench.cloud.things.key_redaction import redact_keys

_KEY = "-----BEGIN RSA PRIVATE KEY-----\\nMIIE{}\\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("logger", ["botocore.parsers", "botocore.endpoint", "urllib3.connectionpool"])
@pytest.mark.parametrize("ending", ["whole", "cut"])
def test_key_is_left_out_whole_or_cut(caplog: pytest.LogCaptureFixture, logger: str, ending: str) -> None:
    redact_keys()
    key = _KEY if ending == "whole" else _KEY[:45]

    with caplog.at_level(logging.DEBUG):
        logging.getLogger(logger).debug("Response body:\n%s", {"PrivateKey": key}.__str__().encode())

    assert "Response body" in caplog.text
    assert "[private key left out]" in caplog.text
    assert "MIIE" not in caplog.text


def test_other_records_pass_unchanged(caplog: pytest.LogCaptureFixture) -> None:
    redact_keys()

    with caplog.at_level(logging.DEBUG):
        logging.getLogger("botocore.parsers").debug("Response body:\n%s", b"{}")

    assert caplog.records[0].args == (b"{}",)


def test_two_keys_in_one_record_are_both_left_out(caplog: pytest.LogCaptureFixture) -> None:
    redact_keys()

    with caplog.at_level(logging.DEBUG):
        logging.getLogger("botocore.parsers").debug("%s between %s", _KEY, _KEY)

    assert caplog.messages == ["[private key left out] between [private key left out]"]
