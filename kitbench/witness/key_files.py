"""Where private keys are unless told otherwise: in the user's configuration, readable by nobody else."""

import os
from pathlib import Path


def default_private_key() -> Path:
    """Return the bench's private key: ~/.config/kitbench/bench-key.pem."""
    return _folder() / "bench-key.pem"


def default_identity() -> Path:
    """Return the grader's identity of age: ~/.config/kitbench/grader-key.txt."""
    return _folder() / "grader-key.txt"


def _folder() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kitbench"
