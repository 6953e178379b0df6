"""A bundle shows what a bench saw, or says in words why it does not."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kitbench.witness import bench_key, bundle
from kitbench.witness.bench_key import BenchPublicKey, make_key, revoke_key, trusted_keys
from kitbench.witness.bundle import Kit, Verified, Witness, verify_bundle, write_bundle
from kitbench.witness.error import WitnessError
from kitbench.witness.grader_key import make_grader_key
from tests.kitbench.witness.bench import IDENTITY, PRIVATE, collected, witness

FLASH = bytes(range(256)) * 64


@pytest.fixture(name="classroom")
def _classroom(tmp_path: Path) -> Path:
    make_grader_key(tmp_path, tmp_path / IDENTITY)
    make_key(tmp_path, tmp_path / PRIVATE, bench="lab 2")
    return tmp_path


def verified(classroom: Path, path: Path) -> Verified:
    return verify_bundle(path, trusted_keys(classroom))


def test_bundle_is_read_back(classroom: Path) -> None:
    path = collected(classroom, FLASH)

    seen = verified(classroom, path)

    assert seen.witness == witness(FLASH)
    assert seen.key.bench == "lab 2"
    assert seen.open_flash(classroom / IDENTITY) == FLASH


def test_bundle_holds_no_flash_in_clear(classroom: Path) -> None:
    path = collected(classroom, b"-----BEGIN RSA PRIVATE KEY-----" * 50)

    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"PRIVATE KEY" not in content
    assert (classroom / PRIVATE).stat().st_mode & 0o77 == 0
    assert (classroom / IDENTITY).stat().st_mode & 0o77 == 0


def test_bundle_opens_with_the_graders_key_alone(classroom: Path, tmp_path: Path) -> None:
    path = collected(classroom, FLASH)
    make_grader_key(tmp_path / "other", tmp_path / "other.txt")

    with pytest.raises(WitnessError, match="not sealed to the grader's key"):
        verified(classroom, path).open_flash(tmp_path / "other.txt")


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def manifest_changed(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | changes, indent=1).encode()

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (manifest_changed(student="s02"), "forged or altered"),
        (manifest_changed(kit={"kind": "real", "chip": "ESP32", "mac": "", "efuses": {}}), "forged or altered"),
        (manifest_changed(key_id="00" * 8), "is not trusted here"),
        (manifest_changed(format=2), "has format 2, this kitbench reads 1"),
        (lambda members: members.pop("manifest.sig"), "no whole bundle"),
        (lambda members: members.pop("flash.age"), "no whole bundle"),
        (
            lambda members: members.update({"flash.age": members["boot_log.age"]}),
            "flash.age is not what the bench signed",
        ),
        (lambda members: members.update({"manifest.sig": bytes(64)}), "forged or altered"),
        (lambda members: members.update({"manifest.sig": bytes(65)}), "larger than any bundle's"),
        (lambda members: members.update({"manifest.json": b"[]"}), "the manifest is none"),
    ],
)
def test_forged_bundle_is_no_witness(classroom: Path, change: Callable[[dict[str, bytes]], None], reason: str) -> None:
    path = collected(classroom, FLASH)
    rewritten(path, change)

    with pytest.raises(WitnessError, match=reason):
        verified(classroom, path)


def with_comment(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"real"


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(path.read_bytes() + b"\0" * 100),
        lambda path: path.write_bytes(b"#!/bin/sh\n" + path.read_bytes()),
        lambda path: rewritten(path, lambda members: members.update({"notes.txt": b"trust me"})),
        with_comment,
    ],
)
def test_bundle_with_something_beside_what_is_signed_is_no_witness(
    classroom: Path, change: Callable[[Path], None]
) -> None:
    path = collected(classroom, FLASH)
    change(path)

    with pytest.raises(WitnessError, match="holds something beside what a bench writes"):
        verified(classroom, path)


def test_format_of_the_future_is_told_as_one_whatever_else_it_holds(classroom: Path) -> None:
    def later(members: dict[str, bytes]) -> None:
        manifest_changed(format=2)(members)
        members["photo.age"] = members.pop("boot_log.age")

    path = collected(classroom, FLASH)
    rewritten(path, later)

    with pytest.raises(WitnessError, match=r"has format 2, this kitbench reads 1 — use the kitbench"):
        verified(classroom, path)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_truncated_bundle_is_no_witness(classroom: Path, keep: float) -> None:
    path = collected(classroom, FLASH)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep >= 1 else keep * len(content))])

    with pytest.raises(WitnessError, match="no whole bundle"):
        verified(classroom, path)


def test_bundle_by_a_key_of_ones_own_is_no_witness(classroom: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_grader_key(home, home / IDENTITY)
    make_key(home, home / PRIVATE, bench="lab 2")

    with pytest.raises(WitnessError, match="is not trusted here"):
        verified(classroom, collected(home, FLASH))


def test_bundle_by_a_revoked_key_is_no_witness_whenever_it_was_made(classroom: Path) -> None:
    path = collected(classroom, FLASH)
    (key_id,) = trusted_keys(classroom)

    revoke_key(classroom, key_id)

    with pytest.raises(WitnessError, match="was revoked on"):
        verified(classroom, path)


@pytest.mark.parametrize("days", [-2, 300])
def test_bundle_from_outside_the_keys_time_is_no_witness(classroom: Path, days: int) -> None:
    path = collected(classroom, FLASH, at=datetime.now(UTC) + timedelta(days=days))

    with pytest.raises(WitnessError, match="was not valid"):
        verified(classroom, path)


def with_times(classroom: Path, created: datetime, expires: datetime) -> None:
    (file,) = (classroom / "bench-keys").glob("*.pub")
    (key,) = trusted_keys(classroom).values()
    file.write_text(replace(key, created=created, expires=expires).to_text(), encoding="utf-8")


@pytest.mark.parametrize("hours", [-1, 1])
def test_bundle_ends_with_its_key(classroom: Path, hours: int) -> None:
    """Whoever finds an expired key could write any time into a bundle; one hour later is the control."""
    now = datetime.now(UTC)
    with_times(classroom, now - timedelta(days=9), now + timedelta(hours=hours))
    path = collected(classroom, FLASH, at=now - timedelta(days=5))

    if hours > 0:
        assert verified(classroom, path).witness.student == "s01"
    else:
        with pytest.raises(WitnessError, match=r"expired on .*: collect again"):
            verified(classroom, path)


def test_bundle_outlives_the_rotation_of_its_key(classroom: Path) -> None:
    path = collected(classroom, FLASH)
    bench_key.forget_private_key(classroom / PRIVATE)
    make_key(classroom, classroom / PRIVATE, bench="lab 2")

    assert len(trusted_keys(classroom)) == 2
    assert verified(classroom, path).witness.student == "s01"


def test_bundle_with_more_in_it_than_this_version_knows_is_read(
    classroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later kitbench may add fields within the same format."""
    told = Witness.to_json
    monkeypatch.setattr(Witness, "to_json", lambda self: {**told(self), "temperature": 21})

    assert verified(classroom, collected(classroom, FLASH)).witness == witness(FLASH)


def test_flash_that_is_not_the_one_signed_for_is_told(classroom: Path) -> None:
    (key,) = trusted_keys(classroom).values()
    path = classroom / "odd.kitbench"
    write_bundle(path, witness(FLASH), flash=b"other", boot_log=b"", class_folder=classroom,
                 private_file=classroom / PRIVATE, key=key)  # fmt: skip

    with pytest.raises(WitnessError, match="not the one that the bench signed for"):
        verified(classroom, path).open_flash(classroom / IDENTITY)


def test_stream_that_unfolds_without_end_is_cut(monkeypatch: pytest.MonkeyPatch, classroom: Path) -> None:
    monkeypatch.setattr(bundle, "_LARGEST_FLASH", 1000)
    path = collected(classroom, FLASH)

    with pytest.raises(WitnessError, match="does not end"):
        verified(classroom, path).open_flash(classroom / IDENTITY)


def test_witness_names_the_kind_of_its_kit() -> None:
    virtual = replace(witness(FLASH), kit=Kit("virtual", "ESP32", "", {}))

    assert virtual.to_json()["kit"]["kind"] == "virtual"


def test_public_key_survives_its_file() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    public = bytes(range(32))
    key = BenchPublicKey(bench_key.key_id_of(public), "lab", public, now, now + timedelta(days=1), now)

    assert bench_key.parse_public_key(key.to_text(), name="x") == key
