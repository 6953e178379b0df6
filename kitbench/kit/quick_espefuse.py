"""Espressif's espefuse as it is, with the bench's RFC 2217 client, which needs a second where pyserial's needs fifteen.

python -m kitbench.kit.quick_espefuse --port rfc2217://127.0.0.1:PORT summary --format json
"""

import sys

import espefuse  # type: ignore[import-untyped]

from kitbench.kit.serial_port import use_quick_rfc2217


def main() -> None:
    """Run espefuse on the process's arguments; ends the process with its status."""
    # esp_rfc2217_server needs pyserial's client: its URL says so by an option that only that client follows.
    if not any("ign_set_control" in argument for argument in sys.argv):
        use_quick_rfc2217()
    espefuse._main()  # noqa: SLF001 - what its own entry point calls


if __name__ == "__main__":
    main()
