"""What a run lays over a copy of a project: its identity's files and its Kconfig values. The project itself stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from kitbench.errors import UsageError
from kitbench.firmware.embedded_identity import Part, embedded_parts
from kitbench.firmware.project import copy_project
from kitbench.firmware.sdkconfig import symbol_name
from kitbench.firmware.setting_names import client_settings, endpoint_settings

#: Where the course's projects embed the identity from.
ROOT_CA_FILE: Final = "main/certs/aws-root-ca.pem"
CERTIFICATE_FILE: Final = "main/certs/certificate.pem.crt"
PRIVATE_KEY_FILE: Final = "main/certs/private.pem.key"


@dataclass(frozen=True, slots=True)
class Overlay:
    """Files and Kconfig values of one run.

    Attributes:
        files: path relative to the project → content; replaces or adds.
        kconfig: symbol, with or without `CONFIG_` → value, strings unquoted; wins over every sdkconfig.
    """

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    kconfig: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for path in self.files:
            check_relative(path)

    @property
    def settings(self) -> dict[str, str]:
        """The Kconfig values by symbol without its prefix."""
        return {symbol_name(name): value for name, value in self.kconfig.items()}

    def lay_over(self, project_copy: Path) -> tuple[PurePosixPath, ...]:
        """Write the files below a private copy of the project; return their relative paths.

        Raises:
            UsageError: the project has a folder where a file should go, or a file in place of its folder.
        """
        files = {**self._under_other_names(project_copy), **self.files}
        for relative, content in files.items():
            target = project_copy / relative
            try:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                target.write_bytes(content)
            except OSError as error:
                raise UsageError(f"cannot lay {relative!r} over the project: {error.strerror}") from error
        return tuple(PurePosixPath(relative) for relative in files)

    def _under_other_names(self, project_copy: Path) -> dict[str, bytes]:
        """Return this identity's files as the project itself calls them."""
        named = {Part.ROOT_CA: ROOT_CA_FILE, Part.CERTIFICATE: CERTIFICATE_FILE, Part.PRIVATE_KEY: PRIVATE_KEY_FILE}
        if PRIVATE_KEY_FILE not in self.files:
            return {}
        parts = embedded_parts(project_copy).items()
        return {str(path): self.files[named[part]] for path, part in parts if named[part] in self.files}

    def merged_with(self, other: "Overlay") -> "Overlay":
        """Return both; where both have a value, `other` has it."""
        return Overlay({**self.files, **other.files}, {**self.settings, **other.settings})


def check_relative(path: str) -> None:
    """Make sure that the path stays below the folder that it is relative to.

    Raises:
        UsageError: it is absolute, empty, or climbs out.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0]:
        raise UsageError(f"overlay path {path!r} leaves the project")


def overlay_of_folder(folder: Path, scratch: Path) -> Overlay:
    """Return the overlay of all files in a folder, copied through `scratch` with the limits of a project."""
    paths = copy_project(folder, scratch)
    return Overlay({str(path): (scratch / path).read_bytes() for path in paths})


def identity_overlay(  # noqa: PLR0913 - all by keyword, each a part of the identity
    *,
    root_ca_pem: bytes,
    certificate_pem: bytes | None,
    private_key_pem: bytes | None,
    mqtt_host: str,
    mqtt_port: int,
    client_id: str,
    kconfig: Mapping[str, str] | None = None,
) -> Overlay:
    """Return the overlay that makes a course project one thing on one endpoint.

    Args:
        root_ca_pem: trust anchor of the endpoint.
        certificate_pem: the thing's certificate; None where it comes over the provisioning console.
        private_key_pem: the thing's key; None where it lives in the secure element.
        mqtt_host: the endpoint's host name.
        mqtt_port: its port.
        client_id: MQTT client id.
        kconfig: further values.
    """
    optional = {CERTIFICATE_FILE: certificate_pem, PRIVATE_KEY_FILE: private_key_pem}
    files = {ROOT_CA_FILE: root_ca_pem} | {path: pem for path, pem in optional.items() if pem is not None}
    settings = endpoint_settings(mqtt_host, mqtt_port) | client_settings(client_id)
    return Overlay(files, settings | dict(kconfig or {}))
