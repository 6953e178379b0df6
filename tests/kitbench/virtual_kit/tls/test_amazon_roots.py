"""The stand-in's root is trusted where Amazon's is, and nowhere else."""

import hashlib
import re
import ssl

import certifi
from cryptography import x509

from kitbench.cloud.root_ca import amazon_root_ca_1
from kitbench.virtual_kit.tls.amazon_roots import AMAZON_ROOTS, with_stand_in
from tests.kitbench.local_iot_core.certificates import self_signed

AMAZON = x509.load_pem_x509_certificate(amazon_root_ca_1())
STAND_IN, _ = self_signed("stand-in")
OTHER, _ = self_signed("other")


def test_beside_amazons_root_the_stand_ins_is_trusted() -> None:
    assert with_stand_in((OTHER, AMAZON), (STAND_IN,)) == (OTHER, AMAZON, STAND_IN)


def test_firmware_that_trusts_another_root_does_not_trust_the_stand_in() -> None:
    assert with_stand_in((OTHER,), (STAND_IN,)) == (OTHER,)


def test_fingerprints_are_those_of_the_roots_that_every_machine_has() -> None:
    context = ssl.create_default_context(cafile=certifi.where())
    named = zip(context.get_ca_certs(), context.get_ca_certs(binary_form=True), strict=True)
    amazons = {
        hashlib.sha256(der).hexdigest()
        for described, der in named
        if re.search("Amazon Root CA|Starfield Services Root", str(described["subject"]))
    }

    assert amazons == AMAZON_ROOTS
