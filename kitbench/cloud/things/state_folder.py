"""Where a bench keeps what has to outlive a run.

Source: XDG Base Directory Specification, `$XDG_STATE_HOME`.
"""

import os
from pathlib import Path


def state_folder() -> Path:
    """Return `$XDG_STATE_HOME/kitbench`, by default `~/.local/state/kitbench`."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "kitbench"
