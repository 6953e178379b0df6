"""The embedded private key is readable in flash: whoever holds the kit for a minute has it."""

import re

import pytest

from kitbench import Verdict, VerdictOutcome

#: What a linker calls the start of an embedded file, such as the course's `private.pem.key`; people rename it.
EMBEDDED_FILE = re.compile(r"_binary_\w+_start")

pytestmark = [pytest.mark.hardware]


@pytest.mark.variants("embedded_key")
def test_private_key_is_found_in_the_dump(verdict: Verdict) -> None:
    """The dump holds the private key of the kit's certificate: offset, partition, address and PEM lines are known."""
    assert verdict.outcome is VerdictOutcome.FOUND, verdict.reason
    pem = next((finding for finding in verdict.device_keys if finding.form == "pem"), None)
    assert pem is not None, "a private key was found, but not the one of the kit's certificate"
    assert pem.is_verified
    assert pem.place.partition == "factory"
    assert any(map(EMBEDDED_FILE.fullmatch, pem.place.symbols)), f"the key stands at {pem.place.symbols}, in no file"
    assert pem.place.address is not None


@pytest.mark.variants("embedded_ec_key")
def test_window_scan_finds_an_embedded_ec_key(verdict: Verdict) -> None:
    """Control of the absence scan: an EC key that is there, in a certificate made from a CSR, is found by it."""
    forms = [form for finding in verdict.device_keys for form in (finding.form, *finding.confirmed_by)]

    assert verdict.outcome is VerdictOutcome.FOUND, verdict.reason
    assert any(form.endswith("raw_big_endian") for form in forms), "the window scan missed the EC key in the flash"
