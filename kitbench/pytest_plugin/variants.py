"""Which variants of its firmware a test is run for, where the project has variants."""

from typing import Final

import pytest

from kitbench.bench.builds.variant import NAMED, Variant, variants_of
from kitbench.bench.kits.kit_choice import LACKS
from kitbench.errors import UsageError
from kitbench.pytest_plugin.options import read_options

LACKED_KEY: Final = pytest.StashKey[list[str]]()


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run an on-kit test once per variant asked for and suited: `@pytest.mark.variants("atecc608a")` names the suited.

    A project without variants has its tests run once, without a parameter.
    """
    if not {"variant", "on_kit_run"} <= set(metafunc.fixturenames) or _is_parametrized_by_user(metafunc):
        return
    suited = metafunc.definition.get_closest_marker("variants")
    known = _named(metafunc.config) or project_variants(metafunc.config)
    if not known and suited is None:
        return
    is_usual = suited is not None or bool(_named(metafunc.config))
    chosen = [v for v in known if (is_usual or v is not Variant.EMBEDDED_EC_KEY) and (not suited or v in suited.args)]
    metafunc.parametrize("variant", chosen, indirect=True, scope="session", ids=[v.value for v in chosen])


def deselect_unsuited(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests for which no variant that was asked for is suited, and those of variants that the kit lacks."""
    lacked = lacked_variants(config)
    config.stash[LACKED_KEY] = sorted({lacked[variant] for item in items if (variant := _variant_of(item)) in lacked})
    unsuited = [item for item in items if not _is_suited(_variant_of(item)) or _variant_of(item) in lacked]
    if unsuited:
        config.hook.pytest_deselected(items=unsuited)
        items[:] = [item for item in items if item not in unsuited]


def lacked_variants(config: pytest.Config) -> dict[object, str]:
    """Return why the kit cannot have a variant, for those that were not asked for by name: that is a mistake."""
    try:
        options = read_options(config)
    except UsageError:  # told when the run starts
        return {}
    return {variant: why for (kit, variant), why in LACKS.items() if kit == options.kit and not options.variants}


def project_variants(config: pytest.Config) -> tuple[Variant, ...]:
    """Return the variants of the project that would be built, none where it cannot be told."""
    try:
        options = read_options(config)
        return () if options.build else variants_of(options.source.project)
    except UsageError:  # told when the run starts
        return ()


def usual_variant(config: pytest.Config) -> Variant:
    """Return the variant of a test that was not asked for one: the first asked for, or the project's first."""
    return next(iter(_named(config) or project_variants(config)), Variant.NONE)


def _named(config: pytest.Config) -> tuple[Variant, ...]:
    names = config.getoption("--variant") or []
    return tuple(variant for variant in NAMED if variant.value in names)


def _is_parametrized_by_user(metafunc: pytest.Metafunc) -> bool:
    markers = metafunc.definition.iter_markers("parametrize")
    return any("variant" in str(marker.args[0] if marker.args else marker.kwargs.get("argnames")) for marker in markers)


def _is_suited(variant: object) -> bool:
    return variant is None or isinstance(variant, Variant)


def _variant_of(item: pytest.Item) -> object:
    is_on_kit = "on_kit_run" in getattr(item, "fixturenames", ())
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("variant") if callspec and is_on_kit else None
