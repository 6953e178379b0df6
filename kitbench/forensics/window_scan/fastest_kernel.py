"""The inner loops of the window scans: compiled where this installation has them so, in Python and slower where not.

Both find the same: docs/decisions/0073-window-kernel-in-the-wheel.md.
"""

import functools

from kitbench.forensics.window_scan import compiled_kernel
from kitbench.forensics.window_scan.portable_kernel import PortableKernel
from kitbench.forensics.window_scan.window_kernel import WindowKernel


@functools.cache
def fastest_kernel() -> WindowKernel:
    """Return the fastest kernel that this installation has."""
    return compiled_kernel.load() or PortableKernel()
