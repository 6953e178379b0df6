"""Files that are made to harm whoever reads them; each maker writes one, to the path that it is given."""

import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from grading.hand_in.decompression import zstd

Make = Callable[[Path], object]


def _padded(content: bytes) -> bytes:
    return content.ljust(-(-len(content) // 512) * 512, b"\0")


def _header(kind: bytes, size: int, name: str = "x") -> bytes:
    header = tarfile.TarInfo(name)
    header.type, header.size = kind, size
    return header.tobuf()


def pax_of_many_records(path: Path) -> None:
    """Write a PAX header of 32 MB: a dictionary entry for every hundred bytes."""
    record = b"100 comment=" + b"x" * 87 + b"\n"
    content = record * ((32 << 20) // len(record))
    with zstd.open(path, "wb") as file:
        file.write(_header(tarfile.XHDTYPE, len(content)) + _padded(content))


def sparse_map(path: Path) -> None:
    """Write a map of GNU's PAX format 1.0 that claims as many entries as it can."""
    names = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
    entries = b"9" * 12 + b"\n" + b"999\n" * (8 << 20)
    with zstd.open(path, "wb") as file:
        file.write(_header(tarfile.XHDTYPE, len(names)) + _padded(names))
        file.write(_header(tarfile.REGTYPE, len(entries), "flash.bin") + _padded(entries))


def tar_of_many_names(path: Path) -> None:
    """Write a tar of 400,000 empty members."""
    member = tarfile.TarInfo("a").tobuf()
    with zstd.open(path, "wb") as file:
        for _ in range(200):
            file.write(member * 2000)


def zip_of_many_names(path: Path) -> None:
    """Write a zip whose directory names 600,000 members."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 600_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, count * len(entry), 0, 0)
    path.write_bytes(entry * count + end)


def zip_bomb(path: Path) -> None:
    """Write a zip of 40 members of 64 MB each."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(40):
            with archive.open(f"{number}.bin", "w") as member:
                for _ in range(16):
                    member.write(bytes(4 << 20))


def zips_in_zips(path: Path) -> None:
    """Write zips in zips, nine deep, sixteen wide."""
    content = b"x" * 1000
    for level in range(9):
        inner = path.with_name(f"inner-{level}.zip")
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{number}.zip" if level else f"{number}.txt", content)
        content = inner.read_bytes()
        inner.unlink()
    path.write_bytes(content)


ARCHIVES: Final[Mapping[str, Make]] = {
    "pax.tar.zst": pax_of_many_records,
    "sparse.tar.zst": sparse_map,
    "names.tar.zst": tar_of_many_names,
    "names.zip": zip_of_many_names,
    "bomb.zip": zip_bomb,
    "nested.zip": zips_in_zips,
}

TOML: Final[Mapping[str, str]] = {
    "brackets": "a = " + "[" * 100_000,
    "braces": "a = " + "{a=" * 60_000,
    "dots": "a" + ".a" * 100_000 + " = 1",
    "quoted dots": '"\u2028"' + '."\u2028"' * 30_000 + " = 1",
    "digits": "a = " + "9" * 200_000,
    "tables": "".join(f"[a{number}.b]\n" for number in range(20_000)),
    "arrays": "[[a]]\n" * 40_000,
    "nested tables": "\n".join("[" + ".".join(["a"] * 290) + f".b{number}]" for number in range(400)),
    "strings": 'a = """' + '"" ' * 80_000,
    "escapes": 'a = "' + "\\u0041" * 40_000 + '"',
    "long endpoint": f'endpoint = "{"a" * 70_000}"',
    "endpoint of blanks": f'endpoint = "{" " * 70_000}"',
    "many keys": "".join(f'a{number} = ""\n' for number in range(5_000)),
    "long key": "a" * 70_000 + ' = ""',
    "nothing": "\n" * 250_000,
    "controls": "\x00\x1b[2J" * 20_000,
}

SDKCONFIGS: Final[Mapping[str, str]] = {
    "newlines": "\n" * 200_000,
    "blanks and newlines": " \n\t\n" * 60_000,
    "quotes": 'CONFIG_AWS_IOT_MQTT_HOST="' + '\\"' * 100_000,
    "one symbol": 'CONFIG_AWS_IOT_MQTT_HOST="a"\n' * 8_000,
    "line separators": "CONFIG_AWS_IOT_MQTT_HOST=\u2028" * 8_000,
    "a macro": 'CONFIG_AWS_IOT_MQTT_HOST="$(shell,touch /tmp/kitbench-escaped)"\n',
}

_BEGIN: Final = b"-----BEGIN CERTIFICATE-----\n"
_END: Final = b"\n-----END CERTIFICATE-----\n"
CERTIFICATES: Final[Mapping[str, bytes]] = {
    "ASN.1 in ASN.1": b"\x30\x80" * 60_000,
    "length beyond the end": b"\x30\x84\xff\xff\xff\xff" + bytes(1000),
    "length of lengths": b"\x30\xff" + b"\xff" * 200,
    "many beginnings": _BEGIN * 9000,
    "many endings": _BEGIN + _END * 9000,
    "base64 without end": _BEGIN + b"MIIC" * 60_000,
    "many of nothing": (_BEGIN + b"MAA=" + _END) * 4000,
    "text of brackets": b"<br" * 80_000,
    "NULs": bytes(250_000),
}
