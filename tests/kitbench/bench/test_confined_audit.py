"""The audit in a process of its own says what the audit says."""

from dataclasses import replace

import pytest

from kitbench.bench import confined_audit
from kitbench.bench.confined_audit import audit_confined
from kitbench.errors import KitError
from kitbench.forensics.audit import audit
from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.proof.verdict import Outcome, Verdict
from kitbench.virtual_kit.toolchain.compilation import symbol_elf
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash, rsa_key
from tests.optional_part import LINUX

ELF = symbol_elf.write([], module=b"")
OWN, OTHER = [certificate_of(ec_key())], [certificate_of(rsa_key())]


def timeless(verdict: Verdict) -> Verdict:
    return replace(verdict, time="", scan=replace(verdict.scan, seconds={}))


def test_verdict_is_the_one_of_an_audit_in_this_process() -> None:
    dump, efuses = flash(pem(ec_key())), {"JTAG_DISABLE": 1}

    seen = audit_confined(dump, OWN, OTHER, ELF, efuses)

    assert seen.outcome is Outcome.FOUND
    assert seen.device_keys[0].place.partition is not None
    assert timeless(seen) == timeless(audit(dump, certificates=OWN, other_certificates=OTHER, elf=ELF, efuses=efuses))


@LINUX.needed
def test_flash_that_takes_more_than_any_kits_is_the_firmwares_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined_audit, "_LIMITS", replace(confined_audit._LIMITS, cpu_seconds=1))

    with pytest.raises(KitError, match="the kit's flash takes too much processor time"):
        audit_confined(flash(b"nothing"), OWN, OTHER, ELF, None)
