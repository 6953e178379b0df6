"""Makes the index of names anew from git checkouts; run by hand when a version of ESP-IDF comes or goes.

    python -m kitbench.firmware.esp_idf_index.make --git espressif/esp-idf=DIR --git DaveGamble/cJSON=DIR …

`sources.toml` says which repositories and commits; of the files only names are kept, and who has them.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from kitbench.firmware.esp_idf_index.c_header import Name, names_in
from kitbench.firmware.esp_idf_index.component_folders import include_folders
from kitbench.firmware.esp_idf_index.git_tree import GitTree, read_tree
from kitbench.firmware.esp_idf_index.kind import Kind
from kitbench.firmware.esp_idf_index.names_file import NAMES_FILE, Entry, write_names

_SOURCES: Final = Path(__file__).with_name("sources.toml")
_COMPONENT: Final = re.compile(r"components/([^/]+)/")
_KCONFIG_FILE: Final = re.compile(r"components/([^/]+)/(?:.*/)?Kconfig[^/]*")
_KCONFIG_SYMBOL: Final = re.compile(r"^\s*(?:menu)?config\s+(\w+)", re.MULTILINE)
_CMAKE_FILE: Final = re.compile(
    r"tools/cmake/[^/]+\.cmake|components/[^/]+/[^/]*\.cmake|components/ulp/cmake/.*\.cmake"
)
_CMAKE_LISTS: Final = re.compile(r"components/.*/CMakeLists\.txt")
_CMAKE_FUNCTION: Final = re.compile(r"^\s*(?:function|macro)\s*\(\s*([A-Za-z]\w+)", re.MULTILINE | re.IGNORECASE)
#: Not for an ESP32's app: other chips, the boot loader's own, tests, what stands in for the chip on a PC.
_ASIDE: Final = re.compile(r"/(?:esp32[a-z]\w*|test_apps|host_test|tests?|mocks|linux|subproject|examples)/")
_C_LIBRARY: Final = "C library"
_BLUETOOTH_API: Final = re.compile(r"esp_\w+\.h|(?:host|nimble|services)/.*")

_Repositories = Mapping[str, Path]


@click.command()
@click.option("--sources", type=click.Path(path_type=Path), default=_SOURCES, help="What to read.")
@click.option("--output", type=click.Path(path_type=Path), default=NAMES_FILE, help="The index to write.")
@click.option("--git", "places", multiple=True, required=True, metavar="OWNER/NAME=DIR", help="A git folder.")
def command(sources: Path, output: Path, places: tuple[str, ...]) -> None:
    """Write the index of names from the checkouts that are named."""
    repositories = {name: Path(folder) for name, _, folder in (place.partition("=") for place in places)}
    wanted = tomllib.loads(sources.read_text(encoding="utf-8"))
    library = list(_c_library(wanted["c_library"], repositories))
    versions: dict[str, list[Entry]] = {}
    for version in wanted["version"]:
        versions[version["name"]] = [*library, *_entries_of(version, repositories)]
        click.echo(f"{version['name']}: {len(set(versions[version['name']]))} names")
    write_names(output, versions)
    click.echo(f"{output}: {output.stat().st_size} bytes")


def _entries_of(version: Mapping[str, Any], repositories: _Repositories) -> Iterator[Entry]:
    tree = read_tree(repositories["espressif/esp-idf"], version["ref"])
    mounted = {
        path: read_tree(repositories[name], ref or tree.submodules[path])
        for path, (name, ref) in version["submodules"].items()
    }
    paths = [*tree.files, *(f"{at}/{path}" for at, module in mounted.items() for path in module.files)]
    yield from _build_entries(tree)
    menus = [path for path in paths if _KCONFIG_FILE.fullmatch(path) and not _ASIDE.search(path)]
    for path, text in _read(tree, mounted, menus):
        component = path.split("/")[1]
        yield from (Entry(Kind.KCONFIG, match[1], component, "") for match in _KCONFIG_SYMBOL.finditer(text))
    lists = [path for path in paths if _CMAKE_LISTS.fullmatch(path) and not _ASIDE.search(path)]
    headers = dict(_public_headers(paths, dict(_read(tree, mounted, lists))))
    for path, text in _read(tree, mounted, headers):
        component, shortest = path.split("/")[1], min(headers[path], key=len)
        yield from (Entry(Kind.HEADER, header, component, shortest) for header in headers[path])
        yield from (
            Entry(name.kind, name.text, component, shortest)
            for name in names_in(text)
            if _is_worth_it(name, component, shortest)
        )


def _is_worth_it(name: Name, component: str, header: str) -> bool:
    """Leave out what no project names and would be half of the index: registers' fields, a stack's inner names."""
    if header.endswith("_ll.h") or (component == "bt" and not _BLUETOOTH_API.match(header)):
        return False
    return name.kind is not Kind.FIELD or component not in {"soc", "xtensa"}


def _build_entries(tree: GitTree) -> Iterator[Entry]:
    """Yield components and the build system's functions."""
    for component in sorted({match[1] for path in tree.files if (match := _COMPONENT.match(path))}):
        yield Entry(Kind.COMPONENT, component, component, "")
    for path, text in tree.read(path for path in tree.files if _CMAKE_FILE.fullmatch(path)):
        component = path.split("/")[1] if path.startswith("components/") else ""
        yield from (Entry(Kind.CMAKE, match[1].lower(), component, "") for match in _CMAKE_FUNCTION.finditer(text))


def _public_headers(paths: Iterable[str], lists: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each public header's path with the names by which it can be included; `lists` are the CMakeLists.txt."""
    folders: dict[str, list[re.Pattern[str]]] = defaultdict(list)
    for path, text in lists.items():
        component, *inner = path.split("/")[1:-1]
        folders[component] += include_folders(text, "/".join(inner))
    for path in paths:
        if not path.endswith((".h", ".hpp")) or _ASIDE.search(path) or not _COMPONENT.match(path):
            continue
        _, component, *parts = path.split("/")
        if names := _include_names(parts, folders[component]):
            yield path, names


def _include_names(parts: Sequence[str], folders: Sequence[re.Pattern[str]]) -> list[str]:
    roots = [at for at in range(len(parts)) if any(folder.fullmatch("/".join(parts[:at])) for folder in folders)]
    # A component's own folder is one only where nothing else is: many name it for their sources' sake.
    return ["/".join(parts[at:]) for at in roots if at or len(roots) == 1]


def _read(tree: GitTree, mounted: Mapping[str, GitTree], headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = list(headers)
    yield from tree.read(path for path in wanted if path in tree.files)
    for at, module in mounted.items():
        inner = [path.removeprefix(f"{at}/") for path in wanted if path.startswith(f"{at}/") and path not in tree.files]
        yield from (
            (f"{at}/{path}", text) for path, text in module.read(path for path in inner if path in module.files)
        )


def _c_library(source: Mapping[str, Any], repositories: _Repositories) -> Iterator[Entry]:
    tree = read_tree(repositories[source["repository"]], source["ref"])
    for folder in source["folders"]:
        for path, text in tree.read(
            path for path in tree.files if path.startswith(f"{folder}/") and path.endswith(".h")
        ):
            header = path.removeprefix(f"{folder}/")
            yield Entry(Kind.HEADER, header, _C_LIBRARY, header)
            yield from (Entry(name.kind, name.text, _C_LIBRARY, header) for name in names_in(text))


if __name__ == "__main__":
    command()
