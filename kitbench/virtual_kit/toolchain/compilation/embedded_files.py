"""Turns the files that components embed into objects; those that could hold a key are made anew each time."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from kitbench.errors import KitError
from kitbench.firmware import sdkconfig
from kitbench.firmware.project import read_regular_file
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, assemble
from kitbench.virtual_kit.toolchain.compilation.object_cache import ObjectCache, key_of
from kitbench.virtual_kit.toolchain.project import embedding
from kitbench.virtual_kit.toolchain.project.component import EmbeddedFile


def embed(files: Sequence[EmbeddedFile], compiler: Compiler) -> list[tuple[Path, str]]:
    """Return an object for each file, with the file's name as messages show it.

    Raises:
        KitError: a file is missing or too large, or two have the same symbol.
    """
    symbols: dict[str, EmbeddedFile] = {}
    for file in files:
        if file.symbol in symbols and symbols[file.symbol].path != file.path:
            raise KitError(f"{file.line}: two embedded files are called {file.path.name!r}", stage="build")
        symbols[file.symbol] = file
    return [_object(file, number, compiler) for number, file in enumerate(symbols.values())]


def _object(file: EmbeddedFile, number: int, compiler: Compiler) -> tuple[Path, str]:
    shown = file.path.relative_to(compiler.root).as_posix()
    if not file.path.is_file():
        raise KitError(f"{file.line}: embedded file {shown!r} does not exist", stage="build")
    content = read_regular_file(file.path, PurePosixPath(shown), embedding.MAX_SIZE)
    text = embedding.assembly(file.symbol, content, is_text=file.is_text)
    cache = compiler.cache if is_public(content, of_identity=file.path in compiler.identity_files) else None
    made, is_new = _assembled(text, f"embedded-{number}", cache, compiler)
    if is_new:
        compiler.compiled.append(shown)
    return made, shown


def embed_texts(texts: Mapping[str, str], compiler: Compiler) -> Path:
    """Return an object that defines each symbol as a text with its NUL, for shims that want a project's own words."""
    parts = [
        embedding.assembly(symbol, sdkconfig.encode(text), is_text=True, is_kept=False)
        for symbol, text in texts.items()
    ]
    return _assembled("\n".join(parts), "texts", compiler.cache, compiler)[0]


def _assembled(text: str, name: str, cache: ObjectCache | None, compiler: Compiler) -> tuple[Path, bool]:
    """Return the object of an assembly, and whether the cache did not have it."""
    key = key_of(zig.version(), *zig.assemble_flags(), text)
    source = compiler.scratch / f"{name}.s"
    made = source.with_suffix(".o")
    if cache and (found := cache.find(key, lambda _: None)):
        made.write_bytes(found)
        return made, False
    source.write_text(text)
    assemble(compiler.confinement, source, made, timeout_s=compiler.remaining_s())
    if cache:
        cache.store(key, made.read_bytes(), [])
    return made, True


def is_public(content: bytes, *, of_identity: bool) -> bool:
    """Whether an object of this content may be kept: a run's own files only when they are plain certificates."""
    if b"PRIVATE KEY" in content:
        return False
    return not of_identity or content.lstrip().startswith((b"-----BEGIN CERTIFICATE", b"#"))
