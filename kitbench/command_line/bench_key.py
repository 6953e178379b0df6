"""`kitbench bench-key`: the keys of bench and grader."""

from pathlib import Path
from typing import Final

import click

from kitbench.exit_status import ExitStatus
from kitbench.witness import bench_key, grader_key
from kitbench.witness.key_files import default_identity, default_private_key

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_CLASS: Final = click.option(
    "--class", "class_folder", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The class folder, whose bench-keys/ holds what it trusts.",
)  # fmt: skip
_PRIVATE: Final = click.option("--key", type=_FILE, default=default_private_key, help="The private key's file.")


@click.group()
def command() -> None:
    """Make, rotate and revoke the keys of bench and grader.

    Whoever can read a bench's private key can forge witnesses: docs/witness.md says who holds what.

    \b
    Example:
      kitbench bench-key grader --class FOLDER     on the grader's machine
      kitbench bench-key make --class FOLDER       at the bench

    \b
    Exit status: 0 done, 3 usage.
    """  # noqa: D301 - click needs the real backspace


@command.command()
@_CLASS
@_PRIVATE
@click.option("--bench", default="bench", show_default=True, help="The bench's name, as pages show it.")
@click.option("--days", type=click.IntRange(1, 3650), default=bench_key.DEFAULT_DAYS, show_default=True)
def make(*, class_folder: Path, key: Path, bench: str, days: int) -> int:
    """Make a key that the class trusts.

    \b
    Example:
      kitbench bench-key make --class FOLDER --bench left --days 180

    \b
    Exit status: 0 done, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    _show(bench_key.make_key(class_folder, key, bench=bench, days=days), class_folder)
    return ExitStatus.GOOD


@command.command()
@_CLASS
@_PRIVATE
@click.option("--bench", default="bench", show_default=True, help="The bench's name, as pages show it.")
@click.option("--days", type=click.IntRange(1, 3650), default=bench_key.DEFAULT_DAYS, show_default=True)
def rotate(*, class_folder: Path, key: Path, bench: str, days: int) -> int:
    """Destroy the private key and make another; what the old one signed stays valid until that expires.

    \b
    Example:
      kitbench bench-key rotate --class FOLDER

    \b
    Exit status: 0 done, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    bench_key.load_private_key(key)  # nothing else is overwritten
    bench_key.forget_private_key(key)
    _show(bench_key.make_key(class_folder, key, bench=bench, days=days), class_folder)
    return ExitStatus.GOOD


@command.command()
@_CLASS
@click.argument("key_id")
def revoke(*, class_folder: Path, key_id: str) -> int:
    """Revoke a key: nothing that it signed is trusted any more, whenever that was.

    \b
    Example:
      kitbench bench-key revoke --class FOLDER KEY_ID    (as make printed it)

    \b
    Exit status: 0 done, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    revoked = bench_key.revoke_key(class_folder, key_id)
    click.echo(f"bench key {revoked.key_id} is revoked; collect again what it witnessed")
    return ExitStatus.GOOD


@command.command()
@_CLASS
@click.option("--key", type=_FILE, default=default_identity, help="The identity's file.")
def grader(*, class_folder: Path, key: Path) -> int:
    """Make the grader's key pair: bundles are closed to it.

    \b
    Example:
      kitbench bench-key grader --class FOLDER

    \b
    Exit status: 0 done, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    recipient = grader_key.make_grader_key(class_folder, key)
    click.echo(f"{recipient}: benches of {class_folder} close their bundles to it; {key} opens them")
    return ExitStatus.GOOD


def _show(key: bench_key.BenchPublicKey, class_folder: Path) -> None:
    click.echo(f"bench key {key.key_id} of {key.bench!r}, trusted by {class_folder} until {key.expires:%Y-%m-%d}")
