"""Items that eFuses decide: encryption, secure boot, and the doors into the chip."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kitbench.hardening.efuse_table import EfuseTable
from kitbench.hardening.facts import Facts
from kitbench.hardening.item import Item, Measure

_NO_EFUSES: Final = "no eFuses were given"
_GIVE_THEM: Final = "give --port, or --efuses with what `espefuse summary --format json` writes"
#: FLASH_CRYPT_CNT with every bit set: it can never become even again.
_FULL_COUNT: Final = 0x7F
#: eFuses of release mode: the serial loader neither encrypts nor decrypts (ESP-IDF, "Flash Encryption").
_LOADER_LIMITS: Final = ("DISABLE_DL_ENCRYPT", "DISABLE_DL_DECRYPT", "DISABLE_DL_CACHE")


def efuse_items(facts: Facts) -> Iterator[Item]:
    """Yield the items in their order."""
    efuses = facts.efuses or EfuseTable({})
    given = facts.efuses is not None
    yield _flash_encryption(efuses, facts, given=given)
    yield _encryption_mode(efuses, given=given)
    yield _encryption_key(efuses, given=given)
    yield _encryption_counter(efuses, given=given)
    yield _secure_boot(efuses, given=given)
    yield _secure_boot_key(efuses, given=given)
    for door in _DOORS:
        yield door.item(efuses, given=given)


def _unknown(measure: Measure, field: str, *, given: bool) -> Item:
    seen = f"{field} is not in the eFuses given" if given else _NO_EFUSES
    return measure.unclear(seen, _GIVE_THEM)


def _flash_encryption(efuses: EfuseTable, facts: Facts, *, given: bool) -> Item:
    measure = Measure("flash-encryption", "Flash encryption")
    fix = "CONFIG_SECURE_FLASH_ENC_ENABLED=y with release mode; it burns eFuses for ever"
    readable = facts.dump is not None and facts.dump.is_readable
    if efuses.is_flash_encrypted is None:
        if readable:
            return measure.failed("the dump is in the clear", fix)
        return _unknown(measure, "FLASH_CRYPT_CNT", given=given)
    count = efuses.values["FLASH_CRYPT_CNT"]
    if not efuses.is_flash_encrypted:
        seen = f"off: FLASH_CRYPT_CNT={count:#x} has an even number of bits; a minute with the kit reads its flash"
        return measure.failed(seen, fix)
    if readable:
        seen = f"FLASH_CRYPT_CNT={count:#x} says on, but the dump is in the clear: is it of this device?"
        return measure.unclear(seen, "read the dump again by esptool's read-flash")
    return measure.passed(f"on: FLASH_CRYPT_CNT={count:#x}")


def _encryption_mode(efuses: EfuseTable, *, given: bool) -> Item:
    measure = Measure("flash-encryption-mode", "Flash encryption in release mode")
    if not efuses.is_flash_encrypted:
        return _without_encryption(measure, efuses, given=given)
    if efuses.is_set("UART_DOWNLOAD_DIS"):
        return measure.passed("the serial loader is closed: UART_DOWNLOAD_DIS")
    states = {field: efuses.is_set(field) for field in _LOADER_LIMITS}
    unset = [field for field, state in states.items() if state is False]
    if unset:
        fix = "CONFIG_SECURE_FLASH_ENCRYPTION_MODE_RELEASE=y, or burn them by espefuse"
        return measure.failed(f"development mode: {', '.join(unset)} not set", fix)
    if None in states.values():
        return _unknown(measure, next(field for field, state in states.items() if state is None), given=given)
    return measure.passed(f"{', '.join(_LOADER_LIMITS)} are set")


def _encryption_key(efuses: EfuseTable, *, given: bool) -> Item:
    measure = Measure("flash-encryption-key", "Key of flash encryption closed to software")
    if not efuses.is_flash_encrypted:
        return _without_encryption(measure, efuses, given=given)
    readable, writeable = efuses.is_readable("BLOCK1"), efuses.is_writeable("BLOCK1")
    if readable:
        fix = "espefuse read-protect-efuse BLOCK1; the key has been open, so that a new device is better"
        return measure.failed("BLOCK1 can be read: any firmware prints the key", fix)
    if readable is None or writeable is None:
        return _unknown(measure, "RD_DIS or WR_DIS", given=given)
    if writeable:
        fix = "espefuse write-protect-efuse BLOCK1"
        return measure.failed("BLOCK1 is read protected, but its bits can still be set", fix)
    return measure.passed("BLOCK1 is read and write protected")


def _encryption_counter(efuses: EfuseTable, *, given: bool) -> Item:
    measure = Measure("flash-encryption-counter", "Flash encryption cannot be turned off")
    if not efuses.is_flash_encrypted:
        return _without_encryption(measure, efuses, given=given)
    count, writeable = efuses.values["FLASH_CRYPT_CNT"], efuses.is_writeable("FLASH_CRYPT_CNT")
    if count == _FULL_COUNT:
        return measure.passed(f"FLASH_CRYPT_CNT={count:#x}: every bit is set")
    if writeable is None:
        return _unknown(measure, "WR_DIS", given=given)
    if writeable:
        seen = f"FLASH_CRYPT_CNT={count:#x} can be written: one more bit turns encryption off"
        return measure.failed(seen, "espefuse write-protect-efuse FLASH_CRYPT_CNT")
    return measure.passed(f"FLASH_CRYPT_CNT={count:#x} is write protected")


def _without_encryption(measure: Measure, efuses: EfuseTable, *, given: bool) -> Item:
    """What is missing has no mode, key or counter to be good."""
    if efuses.is_flash_encrypted is None:
        return _unknown(measure, "FLASH_CRYPT_CNT", given=given)
    return measure.unclear("flash encryption is off: see there", "turn flash encryption on")


def _secure_boot(efuses: EfuseTable, *, given: bool) -> Item:
    measure = Measure("secure-boot", "Secure boot")
    first, second = efuses.is_set("ABS_DONE_0"), efuses.is_set("ABS_DONE_1")
    if second:
        return measure.passed("V2: ABS_DONE_1 is set")
    if first:
        return measure.passed("V1: ABS_DONE_0 is set; chips from revision 3 on have V2, the better one")
    if first is None or second is None:
        return _unknown(measure, "ABS_DONE_0 or ABS_DONE_1", given=given)
    fix = "CONFIG_SECURE_BOOT=y with V2, and sign each build; it burns eFuses for ever"
    return measure.failed("off: ABS_DONE_0 and ABS_DONE_1 are 0; any firmware starts", fix)


def _secure_boot_key(efuses: EfuseTable, *, given: bool) -> Item:
    measure = Measure("secure-boot-key", "Key of secure boot locked")
    first, second = efuses.is_set("ABS_DONE_0"), efuses.is_set("ABS_DONE_1")
    if not first and not second:
        if first is None or second is None:
            return _unknown(measure, "ABS_DONE_0 or ABS_DONE_1", given=given)
        return measure.unclear("secure boot is off: see there", "turn secure boot on")
    if efuses.is_readable("BLOCK2") is None or efuses.is_writeable("BLOCK2") is None:
        return _unknown(measure, "RD_DIS or WR_DIS", given=given)
    if efuses.is_writeable("BLOCK2"):
        return measure.failed("BLOCK2 can be written", "espefuse write-protect-efuse BLOCK2")
    return _locked_for_v2(measure, efuses) if second else _locked_for_v1(measure, efuses)


def _locked_for_v1(measure: Measure, efuses: EfuseTable) -> Item:
    """V1's key is a secret."""
    if efuses.is_readable("BLOCK2"):
        fix = "espefuse read-protect-efuse BLOCK2; the key has been open, so that a new device is better"
        return measure.failed("V1's secret key in BLOCK2 can be read", fix)
    return measure.passed("BLOCK2 is read and write protected")


def _locked_for_v2(measure: Measure, efuses: EfuseTable) -> Item:
    """V2's block holds the digest of a public key: it must stay what it is, and readable."""
    if efuses.is_writeable("RD_DIS"):
        seen = "RD_DIS can be written: read protecting BLOCK2 makes V2's digest zeros that an attacker knows"
        return measure.failed(seen, "espefuse write-protect-efuse RD_DIS")
    return measure.passed("BLOCK2 and RD_DIS are write protected")


@dataclass(frozen=True, slots=True)
class _Door:
    """A way into the chip that one eFuse closes, in chips from a revision on."""

    measure: Measure
    field: str
    opened: str
    fix: str
    from_revision: int = 0

    def item(self, efuses: EfuseTable, *, given: bool) -> Item:
        """Return whether it is closed."""
        state = efuses.is_set(self.field)
        if state is None:
            return _unknown(self.measure, self.field, given=given)
        if state:
            return self.measure.passed(f"closed: {self.field} is set")
        revision = efuses.values.get("WAFER_VERSION_MAJOR", self.from_revision)
        if revision < self.from_revision:
            seen = f"open, and a chip of revision {revision} cannot close it"
            return self.measure.unclear(seen, f"chips from revision {self.from_revision} on have {self.field}")
        return self.measure.failed(f"{self.opened}: {self.field} is 0", self.fix)


_DOORS: Final = (
    _Door(
        Measure("download-mode", "Serial loader (download mode) closed"),
        "UART_DOWNLOAD_DIS",
        "open, esptool reads and writes the flash over the serial line",
        "CONFIG_SECURE_DISABLE_ROM_DL_MODE=y; chips from revision 3 on",
        from_revision=3,
    ),
    _Door(
        Measure("jtag", "JTAG closed"),
        "JTAG_DISABLE",
        "open, RAM and flash can be read and changed through the debug pins",
        "espefuse burn-efuse JTAG_DISABLE; secure boot and flash encryption do it by themselves",
    ),
    _Door(
        Measure("rom-console", "The ROM's BASIC console closed"),
        "CONSOLE_DEBUG_DISABLE",
        "open, the ROM falls back to an interpreter when no app starts",
        "espefuse burn-efuse CONSOLE_DEBUG_DISABLE",
    ),
)
