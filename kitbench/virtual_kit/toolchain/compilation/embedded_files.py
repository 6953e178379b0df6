"""Turns the files that components embed into objects; those that could hold a key are made anew each time."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from kitbench.errors import KitError
from kitbench.firmware.project import read_regular_file
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, assemble
from kitbench.virtual_kit.toolchain.compilation.object_cache import key_of
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
    key = key_of(zig.version(), *zig.assemble_flags(), text)
    cache = compiler.cache if is_public(content, of_identity=file.path in compiler.identity_files) else None
    source = compiler.scratch / f"embedded-{number}.s"
    made = source.with_suffix(".o")
    if cache and (found := cache.find(key, lambda _: None)):
        made.write_bytes(found)
        return made, shown
    source.write_text(text)
    assemble(compiler.confinement, source, made, timeout_s=compiler.remaining_s())
    compiler.compiled.append(shown)
    if cache:
        cache.store(key, made.read_bytes(), [])
    return made, shown


def is_public(content: bytes, *, of_identity: bool) -> bool:
    """Whether an object of this content may be kept: a run's own files only when they are plain certificates."""
    if b"PRIVATE KEY" in content:
        return False
    return not of_identity or content.lstrip().startswith((b"-----BEGIN CERTIFICATE", b"#"))
