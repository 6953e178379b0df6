"""Where the identity of a device comes from in a run."""

from enum import StrEnum
from typing import Final

from kitbench.errors import UsageError


class IdentityPlace(StrEnum):
    """Where certificate and key are, and who brings them.

    Attributes:
        SOURCE: laid over the project's source before it is built; the usual one where the bench builds.
        KEEP: in the build already; nothing is registered or changed, the kit is only observed. Usual with --build.
        REGISTERED: in the build already; the bench registers its certificate in the account for the run.
        NVS: made for the run, in an NVS image that is flashed beside the app.
        SECURE_CERT: the same in an image of the partition `esp_secure_cert`.
    """

    SOURCE = "source"
    KEEP = "keep"
    REGISTERED = "registered"
    NVS = "nvs"
    SECURE_CERT = "esp_secure_cert"


#: What `--identity` takes: the source is the bench's own, where it builds.
NAMED: Final = tuple(place.value for place in IdentityPlace if place is not IdentityPlace.SOURCE)


def check_identity(identity: str | None, *, has_build: bool, has_certificate: bool) -> None:
    """Make sure that `--identity`, `--device-certificate` and `--build` go together.

    Raises:
        UsageError: they do not.
    """
    if not has_build and (identity or has_certificate):
        raise UsageError("--identity and --device-certificate are for a finished build", stage="options", fix="--build")
    if identity == IdentityPlace.REGISTERED and not has_certificate:
        raise UsageError("--identity registered: which certificate?", stage="options", fix="--device-certificate FILE")
