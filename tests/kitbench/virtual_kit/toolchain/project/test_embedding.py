"""Embedded files: what stands in the object, and under which names."""

import pytest

from kitbench.virtual_kit.toolchain.compilation.compiler import assemble
from kitbench.virtual_kit.toolchain.compilation.embedded_files import is_public
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.project.embedding import assembly


@pytest.mark.parametrize(("is_text", "tail"), [(True, b"\0\x05\0\0\0"), (False, b"\x05\0\0\0")])
def test_content_is_verbatim_with_its_length(confinement: Confinement, *, is_text: bool, tail: bytes) -> None:
    source = confinement.scratch / "data.s"
    source.write_text(assembly("data_txt", b"\x00hi\xff\n", is_text=is_text))

    assemble(confinement, source, source.with_suffix(".o"), timeout_s=20)

    made = source.with_suffix(".o").read_bytes()
    assert b"\x00hi\xff\n" + tail in made
    for name in (b"data_txt", b"_binary_data_txt_start", b"_binary_data_txt_end", b"data_txt_length"):
        assert name in made


def test_name_in_c_begins_with_no_digit(confinement: Confinement) -> None:
    """AWS names a certificate by ten hex digits; CMake puts `_` before a digit, where it is the first."""
    source = confinement.scratch / "data.s"
    source.write_text(assembly("7c1f_certificate", b"x", is_text=True))

    assemble(confinement, source, source.with_suffix(".o"), timeout_s=20)

    made = source.with_suffix(".o").read_bytes()
    for name in (b"_7c1f_certificate", b"_7c1f_certificate_length", b"_binary_7c1f_certificate_start"):
        assert name in made


def test_empty_file_has_symbols_too(confinement: Confinement) -> None:
    source = confinement.scratch / "data.s"
    source.write_text(assembly("empty", b"", is_text=False))

    assemble(confinement, source, source.with_suffix(".o"), timeout_s=20)

    assert b"_binary_empty_end" in source.with_suffix(".o").read_bytes()


@pytest.mark.parametrize(
    ("of_identity", "content", "expected"),
    [
        (True, b"-----BEGIN CERTIFICATE-----", True),
        (True, b"-----BEGIN EC PRIVATE KEY-----", False),
        (True, b"\x30\x82 a key in DER", False),
        (False, b"a page of the project", True),
        (False, b'#define KEY "-----BEGIN RSA PRIVATE KEY-----"', False),
    ],
)
def test_only_what_can_be_no_key_is_kept(*, of_identity: bool, content: bytes, expected: bool) -> None:
    assert is_public(content, of_identity=of_identity) is expected
