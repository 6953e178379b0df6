"""The file that a key passes through."""

import os
from pathlib import Path

import pytest

from kitbench.virtual_kit.tls.private_file import private_file


def test_content_is_readable_inside_and_gone_afterwards() -> None:
    with private_file(b"secret") as name:
        assert Path(name).read_bytes() == b"secret"

    assert not Path(name).exists()


def test_nothing_reaches_the_disk_where_memory_will_do() -> None:
    with private_file(b"secret") as name:
        assert hasattr(os, "memfd_create") == ("memfd" in os.path.realpath(name))


def test_file_on_disk_is_for_its_owner_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)

    with private_file(b"secret") as name:
        path = Path(name)
        assert path.read_bytes() == b"secret"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700

    assert not path.parent.exists()
