"""The two window kernels, so that the same tests run both."""

import pytest

from kitbench.forensics.window_scan import compiled_kernel, window_scan_ec, window_scan_rsa
from kitbench.forensics.window_scan.portable_kernel import PortableKernel
from kitbench.forensics.window_scan.window_kernel import WindowKernel


@pytest.fixture(params=["compiled", "portable"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> WindowKernel:
    """Let all scans of a test use one of them."""
    chosen = compiled_kernel.load() if request.param == "compiled" else PortableKernel()
    assert chosen is not None, "this checkout has no compiled kernel: make .venv/.ready"
    for scan in (window_scan_ec, window_scan_rsa):
        monkeypatch.setattr(scan, "fastest_kernel", lambda: chosen)
    return chosen
