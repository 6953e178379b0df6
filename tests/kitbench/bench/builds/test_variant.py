"""A project has the variants that it has configurations for."""

from pathlib import Path

from kitbench.bench.builds.variant import NAMED, Variant, variants_of


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
