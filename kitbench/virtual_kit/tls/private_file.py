"""A file that holds a secret for as long as a library needs to read it, and for nobody else."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def private_file(content: bytes) -> Iterator[str]:
    """Yield the name of a file with `content`: in memory where possible, else with mode 0600; gone afterwards."""
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        handle = os.memfd_create("kit", os.MFD_CLOEXEC)
        try:
            os.write(handle, content)
            yield f"/proc/self/fd/{handle}"
        finally:
            os.close(handle)
        return
    with tempfile.TemporaryDirectory(prefix="kit-") as folder:  # mkdtemp makes it with mode 0700
        path = Path(folder, "secret")
        path.touch(mode=0o600)
        path.write_bytes(content)
        yield str(path)
