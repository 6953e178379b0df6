"""Keys are made, a virtual kit is witnessed, and the bundle shows it to whoever has the public key."""

import hashlib
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kitbench.command_line import cli, run
from kitbench.command_line.collect import kind_of
from kitbench.exit_status import ExitStatus
from kitbench.kit.qemu import arguments, factory_efuses
from kitbench.kit.serial_port import AttachedPort
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from tests.kitbench.forensics.flash_sample import code, flash


@pytest.fixture(name="classroom")
def _classroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "roster.csv").write_text("id,endpoint,certificate_sha256\ns01,a,b\n", encoding="utf-8")
    for action in ("grader", "make"):
        assert run(cli, ["bench-key", action, "--class", str(folder)]) == ExitStatus.GOOD
    return folder


def collect(classroom: Path, kit: str, *more: str, student: str = "s01") -> int:
    return run(cli, ["collect", "--class", str(classroom), "--student", student, "--kit", kit, *more])


def test_virtual_kit_is_witnessed_as_such(classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = flash(b"the virtual kit acts it.", size=0x200000)
    (tmp_path / "flash.img").write_bytes(image)
    (classroom / "known-images").mkdir()
    (classroom / "known-images" / "sample.bin").write_bytes(image)

    with VirtualKit(KitOptions(flash_file=tmp_path / "flash.img")) as kit:
        assert collect(classroom, kit.url, "--boot-seconds", "0.5") == ExitStatus.GOOD
        mac = kit.mac
    capsys.readouterr()
    status = run(cli, ["verify", str(classroom / "witnessed" / "s01.kitbench")])

    seen = json.loads(capsys.readouterr().out)
    assert status == ExitStatus.GOOD
    assert (seen["student"], seen["kit"]["kind"], seen["kit"]["mac"]) == ("s01", "virtual", mac)
    assert seen["apps"] == {"factory": "00" * 32}


def test_student_takes_less_than_a_minute_on_a_real_line(
    classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kit's own credentials and storage differ from the class's image; what crosses the line takes seconds."""
    known = flash(b"the virtual kit acts it." + code(0x80000), size=0x400000)
    own = bytearray(known)
    for at in (0x9000, 0x60000, 0x200000):  # NVS, a key in the app, a file system
        own[at : at + 0x3000] = code(0x3000)
    (tmp_path / "flash.img").write_bytes(own)
    (classroom / "known-images").mkdir()
    (classroom / "known-images" / "sample.bin").write_bytes(known)

    with VirtualKit(KitOptions(flash_file=tmp_path / "flash.img")) as kit:
        assert collect(classroom, kit.url, "--boot-seconds", "0.2") == ExitStatus.GOOD

    found = re.search(r"\(([\d,]+) of 4,194,304 bytes over the line\)", capsys.readouterr().out)
    assert found
    transferred = int(found[1].replace(",", ""))
    assert 0x9000 <= transferred < len(own) // 8
    # 10 bits a byte at 115200 baud even, where the bridge takes no more; and 8 s of digests, boot log and handshake.
    assert transferred * 10 / 115200 + 5 + 8 < 60


def test_qemus_files_are_witnessed_as_such(classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "qemu_flash.bin").write_bytes(flash(size=0x200000))
    (tmp_path / "qemu_efuse.bin").write_bytes(factory_efuses())

    assert collect(classroom, "qemu", "--flash", str(tmp_path)) == ExitStatus.GOOD
    capsys.readouterr()
    assert run(cli, ["verify", str(classroom / "witnessed" / "s01.kitbench")]) == ExitStatus.GOOD
    assert json.loads(capsys.readouterr().out)["kit"]["kind"] == "qemu"


def test_what_a_qemu_ran_on_is_witnessed_once_it_has_ended(
    classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stand-in takes `-machine esp32`'s command line, runs on the two files, and leaves them behind."""
    image, fuses = tmp_path / "qemu_flash.bin", tmp_path / "qemu_efuse.bin"
    image.write_bytes(flash(size=0x200000))
    fuses.write_bytes(factory_efuses())
    call = [sys.executable, "-m", "tests.conformance.qemu_system_xtensa", "-nographic", "-machine", "esp32"]
    drive = ["-drive", f"file={image},if=mtd,format=raw", "-qmp", "tcp:127.0.0.1:0,server,wait=off"]
    with subprocess.Popen(
        [*call, *shlex.split(arguments(fuses)), *drive], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as machine:
        assert machine.stdout is not None
        said = machine.stdout.readline() + machine.stdout.readline()
        assert machine.stdin is not None
        machine.stdin.close()
        assert machine.wait(60) == 0

    assert said.startswith(b"Adding SPI flash device\n")
    assert collect(classroom, "qemu", "--flash", str(tmp_path)) == ExitStatus.GOOD
    capsys.readouterr()
    assert run(cli, ["verify", str(classroom / "witnessed" / "s01.kitbench")]) == ExitStatus.GOOD
    seen = json.loads(capsys.readouterr().out)
    assert seen["kit"]["kind"] == "qemu"
    assert seen["flash_sha256"] == hashlib.sha256(image.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("port", "flash_", "kind"),
    [
        ("/dev/ttyUSB0", b"", "real"),
        ("/dev/ttyS0", b"", "remote"),
        ("/dev/pts/3", b"", "remote"),
        ("rfc2217://127.0.0.1:4000", b"", "remote"),
        ("/dev/ttyUSB0", b"... the virtual kit acts it. ...", "virtual"),
    ],
)
def test_kit_is_real_only_on_this_machines_own_usb(
    port: str, flash_: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [AttachedPort("/dev/ttyUSB0", "CP210x"), AttachedPort("/dev/ttyS0", "")]
    monkeypatch.setattr("kitbench.command_line.collect.attached_ports", lambda: ports)

    assert kind_of(port, flash_) == kind


def test_nobody_of_the_roster_is_not_witnessed(classroom: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert collect(classroom, "/dev/null", student="s02") == ExitStatus.USAGE
    assert "s02 is not in" in capsys.readouterr().err


def test_revoked_key_collects_and_verifies_nothing(
    classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "qemu_flash.bin").write_bytes(flash(size=0x200000))
    (tmp_path / "qemu_efuse.bin").write_bytes(factory_efuses())
    collect(classroom, "qemu", "--flash", str(tmp_path))
    (public,) = (classroom / "bench-keys").glob("*.pub")

    assert run(cli, ["bench-key", "revoke", "--class", str(classroom), public.stem]) == ExitStatus.GOOD

    assert collect(classroom, "qemu", "--flash", str(tmp_path)) == ExitStatus.USAGE
    assert run(cli, ["verify", str(classroom / "witnessed" / "s01.kitbench")]) == ExitStatus.FOUND_OR_FAILED
    assert "was revoked on" in capsys.readouterr().err


def test_rotated_key_is_another_and_the_first_stays_trusted(classroom: Path, tmp_path: Path) -> None:
    private = tmp_path / "config" / "kitbench" / "bench-key.pem"
    before = private.read_bytes()

    assert run(cli, ["bench-key", "rotate", "--class", str(classroom)]) == ExitStatus.GOOD

    assert private.read_bytes() != before
    assert len(list((classroom / "bench-keys").glob("*.pub"))) == 2


def test_key_is_never_overwritten_by_make(classroom: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli, ["bench-key", "make", "--class", str(classroom)]) == ExitStatus.USAGE
    assert "is there already" in capsys.readouterr().err


def test_verify_loads_nothing_that_a_bare_machine_lacks() -> None:
    code = "import sys, kitbench.command_line.verify; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not set(ended.stdout.split()) & {
        "esptool",
        "boto3",
        "pytest",
        "numpy",
        "wasmtime",
        "serial",
        "rich",
        "jinja2",
    }


def test_verify_without_a_public_key_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.kitbench").write_bytes(b"PK")

    assert run(cli, ["verify", str(tmp_path / "x.kitbench")]) == ExitStatus.USAGE
    assert "no public key" in capsys.readouterr().err


#: What the packages of a bare environment bring: each other one is made not to be there.
_BARE = """
import sys
from importlib.metadata import packages_distributions
kept = {"kitbench", "click", "cryptography", "cffi", "pycparser"}
for module, distributions in packages_distributions().items():
    if not kept & {name.lower() for name in distributions}:
        sys.modules[module] = None
from kitbench.command_line import cli, run
sys.exit(run(cli, sys.argv[1:]))
"""


def test_verify_needs_neither_extras_nor_compiler_nor_a_home(classroom: Path, tmp_path: Path) -> None:
    with VirtualKit(KitOptions(flash_file=_image(tmp_path))) as kit:
        assert collect(classroom, kit.url, "--boot-seconds", "0.5") == ExitStatus.GOOD
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    bundle, keys = classroom / "witnessed" / "s01.kitbench", classroom / "bench-keys"
    call = [sys.executable, "-P", "-c", _BARE, "verify", str(bundle), "--public-key", str(keys)]

    bare = subprocess.run(
        call, env={"HOME": str(home), "PATH": ""}, capture_output=True, text=True, check=False, timeout=120
    )

    assert (bare.returncode, json.loads(bare.stdout or "{}").get("student")) == (0, "s01"), bare.stderr
    assert list(home.iterdir()) == []


def _image(folder: Path) -> Path:
    path = folder / "flash.img"
    path.write_bytes(flash(b"the virtual kit acts it.", size=0x200000))
    return path
