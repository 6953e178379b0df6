"""`kitbench verify`: show what a bundle witnesses."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits
from kitbench.errors import KitError, UsageError
from kitbench.exit_status import ExitStatus
from kitbench.witness.bench_key import FOLDER, BenchPublicKey, read_public_key
from kitbench.witness.bundle import verify_bundle
from kitbench.witness.error import WitnessError

#: Of reading a bundle: its members stay sealed.
_LIMITS: Final = Limits(seconds=120, cpu_seconds=30, memory=512 << 20, file_size=1 << 20)


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--public-key", "keys", multiple=True, type=click.Path(path_type=Path, exists=True),
    help="A bench's .pub, or a folder of them [default: bench-keys/ beside the bundle's folder].",
)  # fmt: skip
def command(*, bundle: Path, keys: tuple[Path, ...]) -> int:
    """Show what a bundle witnesses, once its signature was checked; the dump in it stays closed.

    \b
    Example:
      kitbench verify witnessed/s01.kitbench --public-key bench-keys

    \b
    Exit status: 0 it holds, 1 damaged, forged, expired, revoked or not trusted, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    beside = bundle.absolute().parent.parent / FOLDER
    folders = keys or ((beside,) if beside.is_dir() else ())
    files = [file for path in folders for file in (sorted(path.glob("*.pub")) if path.is_dir() else [path])]
    if not files:
        raise UsageError("there is no public key to check with", stage="witness", fix="name it: --public-key FILE")
    trusted = {key.key_id: key for key in map(read_public_key, files)}
    read = ConfinedCall(bundle.name, "witness", Box(_LIMITS, readable=(bundle.resolve(),)))
    try:
        seen = read(witnessed_in, bundle.resolve(), trusted)
    except KitError as error:
        click.echo(f"{bundle}: not a witness: {error}", err=True)
        return ExitStatus.FOUND_OR_FAILED
    click.echo(json.dumps(seen, indent=2))
    return ExitStatus.GOOD


def witnessed_in(bundle: Path, trusted: Mapping[str, BenchPublicKey]) -> dict[str, Any]:
    """Return what a bundle witnesses and who signed it, as JSON; called in a confined process.

    Raises:
        KitError: it is no witness.
    """
    try:
        verified = verify_bundle(bundle, trusted)
    except WitnessError as error:
        raise KitError(error.message, stage=error.stage, fix=error.fix) from error
    return {**verified.witness.to_json(), "bench": verified.key.bench, "key_id": verified.key.key_id}
