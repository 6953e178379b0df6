"""A labgrid-client of one place: prints what labgrid 26.0.1 prints, keeps the holder in a file, notes requests."""

import os
import sys
from pathlib import Path

FOLDER = Path(os.environ["FAKE_LABGRID"])
HOLDER = FOLDER / "holder"
SHOWN = """Place 'red':
  tags: board=esp32
  acquired: {holder}
Acquired resource 'NetworkSerialPort' (bench-a/kit1/NetworkSerialPort/NetworkSerialPort):
  {{'acquired': 'red',
   'avail': True,
   'cls': 'NetworkSerialPort',
   'params': {{'extra': {{'proxy': 'localhost', 'proxy_required': False}},
              'host': '127.0.0.1',
              'port': 5001,
              'protocol': '{protocol}',
              'speed': 115200}}}}
"""


def refused(why: str) -> int:
    """Say why on standard error; return the exit status."""
    sys.stderr.write(f"{why}\n")
    return 1


def main() -> int:  # noqa: C901, PLR0911, PLR0912 - one case per request
    """Answer one request."""
    arguments = sys.argv[1:]
    me = f"lab-pc/{os.environ['LG_USERNAME']}"
    with (FOLDER / "requests").open("a") as log:
        log.write(" ".join(arguments) + "\n")
    holder = HOLDER.read_text() if HOLDER.exists() else ""
    match arguments:
        case _ if (FOLDER / "down").exists():
            return refused("Server error: Error: Could not connect to coordinator")
        case ["-p", "red" | "+TOKEN", "acquire"]:
            if holder:
                return refused(f"labgrid-client: Error: Place red is already acquired by {holder}. To work …")
            if (FOLDER / "reserved").exists() and "red" in arguments:
                return refused("Server error: Error: Place red was not reserved for lab-pc/me")
            HOLDER.write_text(me)
        case ["-p", "red" | "+TOKEN", "show"]:
            protocol = (FOLDER / "protocol").read_text() if (FOLDER / "protocol").exists() else "rfc2217"
            sys.stdout.write(SHOWN.format(holder=holder, protocol=protocol) + "\n")
        case ["-p", "red" | "+TOKEN", "release-from", whose]:
            if holder != whose:
                return refused(f"Server error: Error: Place red is not acquired by {whose}")
            HOLDER.unlink()
        case ["-p", "red" | "+TOKEN", "release"]:
            if holder != me:
                return refused("labgrid-client: Error: place red is acquired by a different user")
            HOLDER.unlink(missing_ok=True)
        case ["reserve", "--shell", *_]:
            sys.stdout.write("export LG_TOKEN=TOKEN" + "\n")
        case ["wait", "TOKEN"] | ["cancel-reservation", "TOKEN"]:
            pass
        case ["who"]:
            sys.stdout.write("User  Host  Place  Changed" + "\n")
            if holder:
                host, _, user = holder.partition("/")
                sys.stdout.write(f"{user} {host} red 2026-11-30" + "\n")
        case _:
            return refused(f"labgrid-client: Error: place pattern {arguments[1]} matches nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
