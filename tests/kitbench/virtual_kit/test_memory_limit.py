"""Beyond the limit memory is refused; the limit is meant for processes of their own, and so are these tests."""

import subprocess
import sys

from kitbench.virtual_kit.memory_limit import KIT_BYTES, PROCESS_BYTES
from tests.optional_part import LINUX

pytestmark = LINUX.needed  # only Linux counts private memory in RLIMIT_DATA
TAKE = "bytearray(1 << 30)\nprint('taken')\n"
LIMIT = "from kitbench.virtual_kit import memory_limit as m\nm.PROCESS_BYTES = 1 << 28\nm.limit_memory(1)\n"


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program in a process of its own."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)


def test_memory_beyond_the_limit_is_refused() -> None:
    done = run(LIMIT + TAKE)

    assert "MemoryError" in done.stderr
    assert not done.stdout


def test_control_without_a_limit_it_is_there() -> None:
    assert run(TAKE).stdout == "taken\n"


def test_each_kit_adds_its_share() -> None:
    program = (
        "import resource\nfrom kitbench.virtual_kit.memory_limit import limit_memory\n"
        "limit_memory(3)\nprint(resource.getrlimit(resource.RLIMIT_DATA)[0])\n"
    )

    assert int(run(program).stdout) == PROCESS_BYTES + 3 * KIT_BYTES


def test_stricter_limit_stays() -> None:
    program = (
        "import resource\nfrom kitbench.virtual_kit.memory_limit import limit_memory\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 31))\n"
        "limit_memory(3)\nprint(resource.getrlimit(resource.RLIMIT_DATA) == (1 << 30, 1 << 31))\n"
    )

    assert run(program).stdout == "True\n"
