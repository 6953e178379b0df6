"""What stands backwards or under rot13 is turned back around what it must hold."""

import pytest

from kitbench.forensics.canaries.disguise import der, pem
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.xor_mask import NEEDLES
from kitbench.forensics.texts.disguise import rot13
from kitbench.forensics.texts.turned import turned_layers
from tests.kitbench.forensics.flash_sample import ec_key

PEM, DER = pem(ec_key()), der(ec_key())


@pytest.mark.parametrize(
    ("turned", "plain", "form"),
    [(rot13(PEM), PEM, "rot13"), (PEM[::-1], PEM, "reversed"), (DER[::-1], DER, "reversed")],
    ids=["PEM under rot13", "PEM backwards", "DER backwards"],
)
def test_key_is_turned_back_at_its_place(turned: bytes, plain: bytes, form: str) -> None:
    image = bytes(9000) + turned + bytes(5000)

    (layer,) = turned_layers(Layer(image), NEEDLES)

    at = layer.data.index(plain)
    assert layer.form == form
    assert layer.extent(at, at + len(plain)) == (9000, 9000 + len(turned))


def test_plain_key_gives_no_layer() -> None:
    assert list(turned_layers(Layer(PEM + DER), NEEDLES)) == []
