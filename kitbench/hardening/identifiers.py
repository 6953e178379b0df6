"""What each item is evidence for, by the identifiers of standards, where their text is about the very thing.

Each identifier was looked up with its title: OWASP IoT Security Testing Guide, checklist of its repository; provisions
of ETSI EN 303 645 V2.1.1 (tested by ETSI TS 103 701) word for word in several public texts that quote it; CWE.
EN 18031 is sold, and no text that quotes it was found: its one mechanism is marked as not verified, and no other is
claimed.
"""

from typing import Final

#: Identifiers whose text was not read in the standard, nor quoted from it.
NOT_VERIFIED: Final = frozenset({"SSM-3"})
NOT_VERIFIED_WORDS: Final = "not verified against the standard's text"

#: Identifier → its title, or the provision in its standard's words; of one that is not verified, ours.
_TITLES: Final = {
    "ISTG-MEM-SCRT-001": "Unencrypted Storage of Secrets",
    "ISTG-MEM-INFO-001": "Disclosure of Source Code and Binaries",
    "ISTG-FW[INST]-CRYPT-001": "Insufficient Verification of the Bootloader Signature",
    "ISTG-FW[UPDT]-LOGIC-001": "Insufficient Rollback Protection",
    "ISTG-FW-INFO-002": "Disclosure of Implementation Details",
    "ISTG-FW-INFO-004": "Insecure Binary Compilation Options",
    "ISTG-FW-CONF-002": "Presence of Unnecessary Software and Functionalities",
    "ISTG-FW-SCRT-002": "Unencrypted Storage of Secrets",
    "ISTG-FW-SCRT-003": "Usage of Hardcoded Secrets",
    "ISTG-INT-AUTHZ-001": "Unauthorized Access to the Interface",
    "ISTG-INT[UART]-AUTHZ-001": "Unauthenticated Access to Serial Console",
    "ISTG-INT[UART]-AUTHZ-002": "Bootloader Interrupt via Serial Console",
    "ISTG-INT[UART]-INFO-002": "Disclosure of Sensitive Data in Serial Output",
    "5.4-1": "Sensitive security parameters in persistent storage shall be stored securely by the device",
    "5.4-3": "Hard-coded critical security parameters in device software source code shall not be used",
    "5.6-3": "Device hardware should not unnecessarily expose physical interfaces to attack",
    "5.6-4": "Where a debug interface is physically accessible, it shall be disabled in software",
    "5.7-1": "The consumer IoT device should verify its software using secure boot mechanisms",
    "SSM-3": "Confidentiality of what is stored",
    "CWE-311": "Missing Encryption of Sensitive Data",
    "CWE-312": "Cleartext Storage of Sensitive Information",
    "CWE-489": "Active Debug Code",
    "CWE-528": "Exposure of Core Dump File to an Unauthorized Control Sphere",
    "CWE-798": "Use of Hard-coded Credentials",
    "CWE-1191": "On-Chip Debug and Test Interface With Improper Access Control",
    "CWE-1233": "Security-Sensitive Hardware Controls with Missing Lock Bit Protection",
    "CWE-1326": "Missing Immutable Root of Trust in Hardware",
    "CWE-1328": "Security Version Number Mutable to Older Versions",
}

_STORAGE: Final = {"ISTG": ["ISTG-MEM-SCRT-001"], "EN 303 645": ["5.4-1"], "EN 18031-1": ["SSM-3"]}
_SERIAL_CONSOLE: Final = {"ISTG": ["ISTG-INT[UART]-AUTHZ-001"], "EN 303 645": ["5.6-3", "5.6-4"]}

_IDENTIFIERS: Final[dict[str, dict[str, list[str]]]] = {
    "flash-encryption": _STORAGE | {"ISTG": ["ISTG-MEM-SCRT-001", "ISTG-MEM-INFO-001"], "CWE": ["CWE-311"]},
    "flash-encryption-mode": _STORAGE,
    "flash-encryption-key": {"EN 303 645": ["5.4-1"], "EN 18031-1": ["SSM-3"]},
    "flash-encryption-counter": {"CWE": ["CWE-1233"]},
    "secure-boot": {"ISTG": ["ISTG-FW[INST]-CRYPT-001"], "EN 303 645": ["5.7-1"], "CWE": ["CWE-1326"]},
    "secure-boot-key": {"EN 303 645": ["5.4-1"], "CWE": ["CWE-1233"]},
    "download-mode": {
        "ISTG": ["ISTG-INT[UART]-AUTHZ-002"],
        "EN 303 645": ["5.6-3", "5.6-4"],
        "CWE": ["CWE-1191"],
    },
    "jtag": {"ISTG": ["ISTG-INT-AUTHZ-001"], "EN 303 645": ["5.6-4"], "CWE": ["CWE-1191"]},
    "rom-console": _SERIAL_CONSOLE | {"CWE": ["CWE-1191"]},
    "uart-console": _SERIAL_CONSOLE | {"CWE": ["CWE-489"]},
    "nvs-encryption": _STORAGE | {"CWE": ["CWE-312"]},
    "anti-rollback": {"ISTG": ["ISTG-FW[UPDT]-LOGIC-001"], "CWE": ["CWE-1328"]},
    "plaintext-secrets": {
        "ISTG": ["ISTG-FW-SCRT-002", "ISTG-FW-SCRT-003", "ISTG-MEM-SCRT-001"],
        "EN 303 645": ["5.4-1", "5.4-3"],
        "EN 18031-1": ["SSM-3"],
        "CWE": ["CWE-312", "CWE-798"],
    },
    "debug-build": {"ISTG": ["ISTG-FW-CONF-002", "ISTG-FW-INFO-002", "ISTG-FW-INFO-004"], "CWE": ["CWE-489"]},
    "log-level": {"ISTG": ["ISTG-INT[UART]-INFO-002"]},
    "core-dump": {"ISTG": ["ISTG-MEM-SCRT-001"], "EN 303 645": ["5.4-1"], "CWE": ["CWE-528"]},
}


def identifiers_of(item_id: str) -> dict[str, list[str]]:
    """Return the identifiers by standard."""
    return {standard: list(names) for standard, names in sorted(_IDENTIFIERS[item_id].items())}


def title_of(identifier: str) -> str:
    """Return what an identifier stands for: in the words of its standard, or in ours and saying so."""
    title = _TITLES[identifier]
    return f"{title} ({NOT_VERIFIED_WORDS})" if identifier in NOT_VERIFIED else title
