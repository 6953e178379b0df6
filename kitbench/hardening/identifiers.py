"""What each item is evidence for, by the identifiers of standards, where their text is about the very thing.

Sources: OWASP IoT Security Testing Guide 1.0, checklist; ETSI EN 303 645 V2.1.1 (tested by ETSI TS 103 701);
EN 18031-1:2024, mechanisms of clause 6; CWE 4.16.
"""

from typing import Final

_PHYSICAL: Final = {"ISTG": ["ISTG-PHY-AUTHZ-001"], "EN 303 645": ["5.6-3"], "EN 18031-1": ["GEC-5"]}
_STORAGE: Final = {"ISTG": ["ISTG-MEM-SCRT-001"], "EN 303 645": ["5.4-1"], "EN 18031-1": ["SSM-3"]}

_IDENTIFIERS: Final[dict[str, dict[str, list[str]]]] = {
    "flash-encryption": _STORAGE | {"CWE": ["CWE-311"]},
    "flash-encryption-mode": _STORAGE | {"CWE": ["CWE-1231"]},
    "flash-encryption-key": {"EN 303 645": ["5.4-1"], "EN 18031-1": ["SSM-3"], "CWE": ["CWE-522"]},
    "flash-encryption-counter": {"CWE": ["CWE-1231"]},
    "secure-boot": {"EN 303 645": ["5.7-1"], "CWE": ["CWE-1326"]},
    "secure-boot-key": {"EN 303 645": ["5.4-1"], "CWE": ["CWE-1231"]},
    "download-mode": _PHYSICAL | {"CWE": ["CWE-1191"]},
    "jtag": {
        "ISTG": ["ISTG-INT-AUTHZ-001"],
        "EN 303 645": ["5.6-4"],
        "EN 18031-1": ["GEC-5"],
        "CWE": ["CWE-1191"],
    },
    "rom-console": _PHYSICAL | {"CWE": ["CWE-1191"]},
    "uart-console": _PHYSICAL | {"ISTG": ["ISTG-PHY-AUTHZ-001", "ISTG-PHY-INFO-001"], "CWE": ["CWE-489"]},
    "nvs-encryption": _STORAGE | {"CWE": ["CWE-312"]},
    "anti-rollback": {"CWE": ["CWE-1328"]},
    "plaintext-secrets": {
        "ISTG": ["ISTG-FW-SCRT-002", "ISTG-FW-SCRT-003", "ISTG-MEM-SCRT-001"],
        "EN 303 645": ["5.4-1", "5.4-3"],
        "EN 18031-1": ["SSM-3"],
        "CWE": ["CWE-312", "CWE-798"],
    },
    "debug-build": {"ISTG": ["ISTG-FW-CONF-002", "ISTG-FW-INFO-002"], "CWE": ["CWE-489"]},
    "log-level": {"ISTG": ["ISTG-PHY-INFO-001"], "CWE": ["CWE-532"]},
    "core-dump": {"ISTG": ["ISTG-MEM-SCRT-001"], "EN 303 645": ["5.4-1"], "CWE": ["CWE-528"]},
}


def identifiers_of(item_id: str) -> dict[str, list[str]]:
    """Return the identifiers by standard."""
    return {standard: list(names) for standard, names in sorted(_IDENTIFIERS[item_id].items())}
