"""Keys in forms that people have are found by their public key alone."""

import base64
import json

import pytest

from kitbench.forensics.canaries.disguise import der
from kitbench.forensics.keys.examination import examine
from kitbench.forensics.keys.target import Target, fingerprint
from kitbench.forensics.texts.disguise import BYTES
from tests.kitbench.forensics.flash_sample import ec_key

KEY = ec_key()
SCALAR = KEY.private_numbers().private_value.to_bytes(32)
#: Two and three codes at once, as a web page in a file system or a log in flash may hold a key.
PILED = {
    "openssl in JSON in JSON": json.dumps(
        json.dumps("priv:\n" + ":\n".join("    " + SCALAR[at : at + 15].hex(":") for at in (0, 15, 30)))
    ).encode(),
    "openssl in a quoted page": b"&gt; priv:<br>\n"
    + b":<br>\n".join(b"&gt;&nbsp; " + SCALAR[at : at + 15].hex(":").encode() for at in (0, 15, 30)),
    "Ascii85 in a string of C": b'"' + base64.a85encode(SCALAR).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"',
    "base32 in groups": b"-".join(base64.b32encode(SCALAR)[at : at + 4].lower() for at in range(0, 52, 4)),
    "cells of a table": b"".join(b"<tr><td>%02x</td></tr>\n" % byte for byte in SCALAR),
    "bytes of Python over lines": b"".join(b"    %r\n" % SCALAR[at : at + 8] for at in range(0, 32, 8)),
}
FORMS = {**{name: form(SCALAR) for name, form in BYTES.items()}, **{f"der {n}": f(der(KEY)) for n, f in BYTES.items()}}


def test_keys_in_all_forms_are_found() -> None:
    forms = FORMS | PILED
    image = bytearray(b"\x80" * 100)
    places = {}
    for name, text in forms.items():
        places[name] = (len(image), len(image) + len(text))
        image += text + b"\x80" * 100

    seen = examine(bytes(image), [Target(KEY.public_key(), "given")])

    own = [
        one.hull
        for one in seen.sightings
        if one.key and fingerprint(one.key.public_key()) == fingerprint(KEY.public_key())
    ]
    missed = [name for name, (begin, end) in places.items() if not any(begin <= at and to <= end for at, to in own)]
    assert missed == []


@pytest.mark.parametrize("name", BYTES)
def test_forms_differ_from_the_bytes(name: str) -> None:
    """Control: no form is a plain copy, which any scan would see."""
    assert SCALAR not in BYTES[name](SCALAR)
