"""The root that AWS IoT endpoints of type Data-ATS chain to: Amazon Root CA 1.

Source: https://www.amazontrust.com/repository/. The certificate comes from `certifi`, its fingerprint is pinned.
"""

import re
import ssl
from hashlib import sha256
from pathlib import Path
from typing import Final

import certifi

from kitbench.errors import BenchError

#: SHA-256 of the DER of "CN=Amazon Root CA 1, O=Amazon, C=US", as the repository above prints it.
AMAZON_ROOT_CA_1_SHA256: Final = "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e"
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\n")


def amazon_root_ca_1(bundle: Path | None = None) -> bytes:
    """Return Amazon Root CA 1 as PEM out of a bundle, by default `certifi`'s.

    Raises:
        BenchError: the bundle cannot be read or does not hold it.
    """
    path = bundle or Path(certifi.where())
    try:
        text = path.read_text(encoding="ascii", errors="ignore")
    except OSError as error:
        raise BenchError(f"cannot read the CA bundle {path}: {error.strerror}", stage="provision") from error
    for match in _PEM.finditer(text):
        pem = match[0]
        if sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() == AMAZON_ROOT_CA_1_SHA256:
            return pem.encode("ascii")
    raise BenchError(f"{path} does not hold Amazon Root CA 1", stage="provision", fix="reinstall `certifi`")
