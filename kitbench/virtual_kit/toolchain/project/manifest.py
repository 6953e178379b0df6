"""`idf_component.yml`: which other components a component wants from the component registry, and which ESP-IDF.

Source: IDF Component Manager, "Manifest File Format". Nothing is ever fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import KitError

NAME: Final = "idf_component.yml"
_MAX_SIZE: Final = 64 * 1024
_DEFAULT_NAMESPACE: Final = "espressif"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A component that the manifest wants.

    Attributes:
        name: with its namespace, such as `espressif/led_strip`; `idf` is ESP-IDF itself.
        version: what versions will do, such as `^2.5`; "" for any.
        path: where it is instead of in the registry; may begin with `${IDF_PATH}`.
        wanted_by: the manifest, as messages show it.
    """

    name: str
    version: str
    path: str
    wanted_by: str

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders' names under which it may be in `components/` or `managed_components/`."""
        return (self.name.replace("/", "__"), self.name.rpartition("/")[2])


def read_manifest(folder: Path, root: Path) -> tuple[Dependency, ...]:
    """Return what the component in `folder` wants; nothing where it has no manifest.

    Raises:
        KitError: the manifest is no YAML, or of another form.
    """
    path = folder / NAME
    if not path.is_file():
        return ()
    shown = path.relative_to(root).as_posix()
    text = path.read_text("utf-8", "replace")
    if len(text) > _MAX_SIZE:
        raise KitError(f"{shown}: larger than {_MAX_SIZE} bytes", stage="build")
    import yaml  # noqa: PLC0415 - slow to load, and few components have a manifest

    try:
        content = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise KitError(f"{shown}:{line}: is no YAML", stage="build") from error
    wanted = content.get("dependencies") if isinstance(content, dict) else None
    return tuple(_dependencies(wanted, shown)) if isinstance(wanted, dict) else ()


def _dependencies(wanted: dict[Any, Any], shown: str) -> Iterator[Dependency]:
    for key, value in wanted.items():
        name = str(key) if "/" in str(key) or key == "idf" else f"{_DEFAULT_NAMESPACE}/{key}"
        details = value if isinstance(value, dict) else {"version": value}
        path = _text(details.get("path")) or _text(details.get("override_path"))
        yield Dependency(name, _text(details.get("version")), path, shown)


def _text(value: Any) -> str:
    """Return a scalar as a text, "" for all else: of aliases in aliases the text would fill any memory."""
    return str(value) if isinstance(value, str | int | float) else ""
