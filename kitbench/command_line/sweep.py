"""`kitbench sweep`: delete what interrupted runs left in the cloud."""

import json
import tempfile
from pathlib import Path
from typing import Final

import click

from kitbench.cloud.endpoint import Endpoint, aws_endpoint, local_endpoint
from kitbench.cloud.things.leftovers import Swept, sweep
from kitbench.cloud.things.recovery import Recovered, recover
from kitbench.errors import UsageError

_EPILOG: Final = """\b
Example:
  kitbench sweep --cloud aws --dry-run
\b
Exit status:
  0  nothing of ours is left, or --dry-run found nothing
  1  --dry-run found something
  2  something could not be deleted or judged
  3  usage
"""


@click.command(name="sweep", epilog=_EPILOG)
@click.option("--cloud", type=click.Choice(["aws", "local"]), required=True, help="Whose account.")
@click.option(
    "--local-iot-core",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="File with the line that `kitbench local-iot-core --json` prints; - is standard input.",
)
@click.option("--profile", help="AWS profile; by default AWS_PROFILE.")
@click.option("--region", help="AWS region; by default the profile's.")
@click.option("--run", "run_id", help="Only this run, expired or not: ten hex digits.")
@click.option("--ledgers", type=click.Path(file_okay=False, path_type=Path), help="Folder of the ledgers.")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and why it is ours; delete nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(  # noqa: PLR0913 - one argument per option
    *,
    cloud: str,
    local_iot_core: Path | None,
    profile: str | None,
    region: str | None,
    run_id: str | None,
    ledgers: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Delete what interrupted runs left in the cloud.

    First by the ledgers of runs that died on this bench, then by name and expiry whatever expired runs of any bench
    left. Foreign things, policies and certificates are never touched.
    """
    with tempfile.TemporaryDirectory() as folder:
        endpoint = _endpoint(cloud, local_iot_core, profile, region, Path(folder))
        recovered = recover(endpoint, ledgers, dry_run=dry_run)
        swept = sweep(endpoint, dry_run=dry_run, run_id=run_id)
    if as_json:
        click.echo(json.dumps(_as_json(recovered, swept, dry_run=dry_run)))
    else:
        _tell(recovered, swept, dry_run=dry_run)
    if swept.troubles or any(one.trouble for one in recovered):
        return 2
    return int(dry_run and bool(swept.removed or recovered))


def _endpoint(
    cloud: str, local_iot_core: Path | None, profile: str | None, region: str | None, folder: Path
) -> Endpoint:
    if cloud == "aws":
        return aws_endpoint(folder, region=region, profile=profile)
    if local_iot_core is None:
        raise UsageError("which local IoT core?", fix="give the file with its JSON line by --local-iot-core")
    try:
        with click.open_file(str(local_iot_core), encoding="utf-8") as file:
            return local_endpoint(file.readline())
    except OSError as error:
        raise UsageError(f"cannot read {local_iot_core}: {error.strerror}") from error


def _as_json(recovered: list[Recovered], swept: Swept, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "ledgers": [
            {"ledger": str(one.path), "removed": list(one.removed), "trouble": one.trouble} for one in recovered
        ],
        "removed": [{"kind": one.kind, "name": one.name, "why": one.why} for one in swept.removed],
        "kept": [{"kind": one.kind, "name": one.name, "why": one.why} for one in swept.kept],
        "troubles": list(swept.troubles),
    }


def _tell(recovered: list[Recovered], swept: Swept, *, dry_run: bool) -> None:
    verb = "would delete" if dry_run else "deleted"
    for ledger in recovered:
        for name in ledger.removed:
            click.echo(f"{verb} {name} (in the ledger {ledger.path.name} of a run that died)")
        if ledger.trouble:
            click.echo(f"left: {ledger.trouble}", err=True)
    for one in swept.removed:
        click.echo(f"{verb} {one.kind} {one.name} ({one.why})")
    for one in swept.kept:
        click.echo(f"in use {one.kind} {one.name} ({one.why})")
    for trouble in swept.troubles:
        click.echo(f"left: {trouble}", err=True)
    if not (recovered or swept.removed or swept.kept or swept.troubles):
        click.echo("nothing of ours in the account")
