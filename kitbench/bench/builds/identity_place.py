"""Where the identity of a device comes from in a run."""

from enum import StrEnum


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
