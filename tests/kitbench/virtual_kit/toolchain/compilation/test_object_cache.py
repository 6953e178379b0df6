"""Objects by content."""

from collections.abc import Callable
from pathlib import Path

from kitbench.virtual_kit.toolchain.compilation.object_cache import Dependency, ObjectCache, key_of


def hashes(known: dict[str, str]) -> Callable[[str], str | None]:
    def look_up(name: str) -> str | None:
        return known.get(name)

    return look_up


def test_stored_object_is_found_while_its_dependencies_are_the_same(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path / "objects")
    cache.store("key", b"object", [Dependency("./a.h", "1")])

    assert cache.find("key", hashes({"./a.h": "1"})) == b"object"
    assert cache.find("key", hashes({"./a.h": "2"})) is None
    assert cache.find("key", hashes({})) is None
    assert cache.find("other", hashes({"./a.h": "1"})) is None


def test_broken_entry_is_no_entry(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path)
    for content in ("", "[]", '{"dependencies": 1}', '{"dependencies": []}'):
        (tmp_path / "key.json").write_text(content)

        assert cache.find("key", hashes({})) is None


def test_key_depends_on_where_parts_end() -> None:
    assert key_of("ab", "c") != key_of("a", "bc")
    assert key_of("ab", "c") == key_of(b"ab", b"c")
