"""A project has the variants that it has configurations for."""

from pathlib import Path

import pytest

from kitbench.bench.builds.variant import NAMED, Variant, check_asked, variants_of
from kitbench.errors import UsageError


def test_configurations_tell_the_variants(tmp_path: Path) -> None:
    assert variants_of(tmp_path) == ()
    (tmp_path / "sdkconfig.ci.release").touch()
    assert variants_of(tmp_path) == ()  # somebody else's
    (tmp_path / "sdkconfig.ci.atecc608a").touch()
    assert variants_of(tmp_path) == (Variant.ATECC608A,)
    (tmp_path / "sdkconfig.ci.embedded_key").touch()
    assert variants_of(tmp_path) == NAMED


def test_project_without_variants_is_built_as_it_is() -> None:
    assert Variant.NONE.firmware == ""
    assert Variant.NONE not in NAMED


def test_variant_that_nobody_knows_is_the_callers_mistake(tmp_path: Path) -> None:
    (tmp_path / "sdkconfig.ci.release").touch()

    check_asked(tmp_path, None)
    check_asked(tmp_path, "release")
    check_asked(tmp_path, "embedded_key")  # the bench asks it of every project
    with pytest.raises(UsageError, match="--variant relaese: did you mean 'release'"):
        check_asked(tmp_path, "relaese")
