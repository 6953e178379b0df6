"""The audit of a kit's flash in a process of its own: what a student's firmware wrote there is a stranger's, too."""

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits
from kitbench.forensics.audit import audit
from kitbench.forensics.proof.verdict import Verdict

#: 16 MB of flash need 10 s and 500 MB; without the compiled kernel, minutes.
_LIMITS: Final = Limits(seconds=900, cpu_seconds=600, memory=2 << 30, file_size=256 << 20, output=64 << 20)
#: Audits a flash: dump, the device's certificates, others, the ELF, eFuses.
Audit = Callable[
    [bytes, Sequence[x509.Certificate], Sequence[x509.Certificate], bytes | None, Mapping[str, int] | None], Verdict
]


def audit_confined(
    dump: bytes,
    certificates: Sequence[x509.Certificate],
    others: Sequence[x509.Certificate],
    elf: bytes | None,
    efuses: Mapping[str, int] | None,
) -> Verdict:
    """Return what `kitbench.forensics.audit.audit` says.

    Raises:
        KitError: the flash takes more memory or processor time than any kit's.
        BenchError: the audit failed.
    """
    with tempfile.TemporaryDirectory(prefix="kitbench-audit-") as folder:
        scratch = Path(folder).resolve()
        environment = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch))
        box = Box(_LIMITS, writable=(scratch,), executable=(Path(sys.executable),), environment=environment)
        call = ConfinedCall("the kit's flash", "audit", box)
        return call(audit_here, dump, _pems(certificates), _pems(others), elf, dict(efuses or {}))


def audit_here(
    dump: bytes, certificates: Sequence[bytes], others: Sequence[bytes], elf: bytes | None, efuses: Mapping[str, int]
) -> Verdict:
    """Audit in this process, certificates as PEM."""
    own, other = ([x509.load_pem_x509_certificate(pem) for pem in pems] for pems in (certificates, others))
    return audit(dump, certificates=own, other_certificates=other, elf=elf, efuses=efuses)


def _pems(certificates: Sequence[x509.Certificate]) -> list[bytes]:
    return [certificate.public_bytes(Encoding.PEM) for certificate in certificates]
