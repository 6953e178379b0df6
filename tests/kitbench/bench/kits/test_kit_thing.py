"""A thing without a certificate says what kept the kit from one, and blames nobody else for it."""

from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from kitbench.bench.builds.variant import Variant
from kitbench.bench.kits.kit_thing import KitThing
from kitbench.cloud.things.client_identity import Topics
from kitbench.errors import BenchError, CloudError, Fault, GapError, KitbenchError, KitError


def thing(variant: Variant = Variant.ATECC608A) -> KitThing:
    ledger: Any = SimpleNamespace(run=SimpleNamespace(name=lambda role: f"run-{role}"))
    cloud: Any = None
    return KitThing(cloud, ledger, variant, Topics.both("lab/kit"), stack=ExitStack())


def test_kit_that_never_ran_is_the_benchs_affair() -> None:
    with pytest.raises(BenchError, match="it never ran") as caught:
        _ = thing().certificate

    assert caught.value.fault is Fault.BENCH


@pytest.mark.parametrize(
    "error",
    [
        BenchError("the secure element is not locked"),
        CloudError("cannot create the certificate: Throttling"),
        GapError("the Internet"),
        KitError("the CSR's signature is not valid"),
    ],
)
def test_what_kept_it_from_a_certificate_is_the_reason_of_all_that_need_one(error: KitbenchError) -> None:
    kit = thing()
    kit.hindrance = error

    for needs_one in (lambda: kit.identity, lambda: kit.certificates):
        with pytest.raises(KitbenchError) as caught:
            needs_one()
        assert caught.value is error


@pytest.mark.parametrize(("variant", "asks"), [(Variant.ATECC608A, True), (Variant.EMBEDDED_KEY, False)])
def test_only_a_kit_with_a_secure_element_asks_for_its_certificate(variant: Variant, *, asks: bool) -> None:
    assert thing(variant).needs_enrolment is asks
