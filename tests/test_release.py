"""What would be uploaded: contents of wheel and source distribution, their metadata, and what they must never hold."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import kitbench
from kitbench.forensics.window_scan.kernel_file import library_name

ROOT = Path(__file__).parents[1]
#: Of files that only a user's machine has.
SECRET_NAMES = re.compile(r"\.(pem|key|crt|csr|der|p12)$|(^|/)(flash[^/]*\.bin|bench\.toml|roster[^/]*\.csv)$")
PRIVATE_KEY = re.compile(rb"-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\r?\n[A-Za-z0-9+/=\r\n]{100}")
PARTS = (
    "kitbench/py.typed",
    "kitbench/pytest_plugin/fixtures.py",
    "kitbench/grading/command_line.py",
    "kitbench/grading/rubric.toml",
    "kitbench/grading/report/templates/class.html.j2",
    "kitbench/on_kit_suite/test_boot.py",
    "kitbench/reference_firmware/CMakeLists.txt",
    "kitbench/reference_firmware/main/subscribe_publish_sample.c",
    "kitbench/forensics/window_scan/window_kernel.c",
    f"kitbench/forensics/window_scan/{library_name(ROOT / 'kitbench' / 'forensics' / 'window_scan')}",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build as a release is built: the source distribution, and the wheel from that."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "uv", "build", "-q", "-o", str(folder), str(ROOT)], check=True, timeout=280)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(files: tuple[Path, Path]) -> dict[str, bytes]:
    """The wheel's files by name."""
    with zipfile.ZipFile(files[0]) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def source(files: tuple[Path, Path]) -> dict[str, bytes]:
    """The source distribution's files by name, without its one folder."""
    with tarfile.open(files[1]) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        read = ((member.name.split("/", 1)[1], archive.extractfile(member)) for member in members)
        return {name: data.read() for name, data in read if data is not None}


def test_wheel_claims_no_name_but_kitbench(wheel: dict[str, bytes]) -> None:
    tops = {name.split("/")[0] for name in wheel}

    assert tops == {"kitbench", f"kitbench-{kitbench.__version__}.dist-info"}


@pytest.mark.parametrize("part", PARTS)
def test_wheel_has_each_part(wheel: dict[str, bytes], part: str) -> None:
    assert part in wheel


def test_wheel_has_one_kernel_and_says_for_which_machines(files: tuple[Path, Path], wheel: dict[str, bytes]) -> None:
    kernels = [name for name in wheel if re.search(r"window_kernel-.*\.(so|dylib|dll)$", name)]
    tag = message_from_bytes(next(data for name, data in wheel.items() if name.endswith("/WHEEL")))["Tag"]

    assert len(kernels) == 1
    assert re.fullmatch(r"py3-none-(?!any).+", tag)
    assert files[0].name.endswith(f"-{tag}.whl")


def test_source_can_be_built_and_tested(source: dict[str, bytes]) -> None:
    needed = {"pyproject.toml", "hatch_build.py", "Makefile", "constraints.txt", "tox.ini", "tests/test_release.py"}

    assert needed <= set(source)
    assert not [name for name in source if re.search(r"\.(so|dylib|dll|pyc)$", name)]


def test_neither_holds_keys_dumps_or_results(wheel: dict[str, bytes], source: dict[str, bytes]) -> None:
    for files in (wheel, source):
        assert [name for name in files if SECRET_NAMES.search(name)] == []
        assert [name for name, data in files.items() if PRIVATE_KEY.search(data)] == []
        assert not [name for name in files if name.startswith(("grades/", "kitbench/grading/example_class"))]


@pytest.mark.parametrize("name", ["firmware/main/certs/private.pem.key", "flash.bin", "a/bench.toml"])
def test_look_for_secrets_can_fail(name: str) -> None:
    assert SECRET_NAMES.search(name)
    assert PRIVATE_KEY.search(b"-----BEGIN EC PRIVATE KEY-----\n" + b"A" * 160)


def test_registry_would_take_them(files: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == 2


def test_version_is_one_and_the_changelog_knows_it(wheel: dict[str, bytes]) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    metadata = message_from_bytes(next(data for name, data in wheel.items() if name.endswith("/METADATA")))
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert declared == metadata["Version"] == kitbench.__version__
    assert headings[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", heading) for heading in headings[1:])


def test_metadata_says_what_a_registry_shows(wheel: dict[str, bytes]) -> None:
    metadata = message_from_bytes(next(data for name, data in wheel.items() if name.endswith("/METADATA")))

    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Author"]
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert {"virtual", "local", "qemu", "all"} <= set(metadata.get_all("Provides-Extra", []))
