"""Fixtures that build and run small C programs."""

from collections.abc import Iterator

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, Compiler, MemoryFlash, Run, RunProgram, image_of


@pytest.fixture(scope="session")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    """The C compiler with the shims, shared by the session."""
    return Compiler(tmp_path_factory.mktemp("programs"))


@pytest.fixture
def run_program(compiler: Compiler) -> Iterator[RunProgram]:
    """Compile a program, put it into flash, start it; stopped at the end."""
    runs: list[Run] = []

    def start(program: str, *, flash: MemoryFlash | None = None, flags: tuple[str, ...] = (), **options: object) -> Run:
        memory = flash or MemoryFlash()
        image = image_of(compiler.build(program, *flags))
        memory.data[APP_OFFSET : APP_OFFSET + len(image)] = image
        run = Run(memory, **options)  # type: ignore[arg-type] # options are Run's own fields
        runs.append(run)
        run.start()
        return run

    yield start
    for run in runs:
        run.stop()
