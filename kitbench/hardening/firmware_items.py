"""Items that the build and the flash decide: consoles, NVS, roll-back, secrets, debug leftovers."""

from collections.abc import Iterator
from typing import Final

from kitbench.hardening.build_settings import Settings
from kitbench.hardening.facts import Facts
from kitbench.hardening.item import Item, Measure

_NO_BUILD: Final = "no configuration of the build was given"
_GIVE_IT: Final = "give --build with the build folder or its sdkconfig"
#: ESP-IDF's log levels: 0 none, 1 error, 2 warning, 3 info, 4 debug, 5 verbose.
_LEVELS: Final = ("none", "error", "warning", "info", "debug", "verbose")
_LOUDEST: Final = 2
#: Optimisations that are for debugging: their names since ESP-IDF 4.
_DEBUG_OPTIMISATIONS: Final = (
    "COMPILER_OPTIMIZATION_DEBUG",
    "COMPILER_OPTIMIZATION_DEFAULT",
    "COMPILER_OPTIMIZATION_NONE",
    "OPTIMIZATION_LEVEL_DEBUG",
)
_RELEASE_OPTIMISATIONS: Final = (
    "COMPILER_OPTIMIZATION_SIZE",
    "COMPILER_OPTIMIZATION_PERF",
    "OPTIMIZATION_LEVEL_RELEASE",
)
_DEBUG_SERVICES: Final = (
    "ESP_SYSTEM_PANIC_GDBSTUB",
    "ESP_SYSTEM_GDBSTUB_RUNTIME",
    "ESP32_PANIC_GDBSTUB",
    "APPTRACE_DEST_JTAG",
    "FREERTOS_FPU_IN_ISR_DEBUG",
)


def firmware_items(facts: Facts) -> Iterator[Item]:
    """Yield the items in their order."""
    yield _uart_console(facts)
    yield _nvs_encryption(facts)
    yield _anti_rollback(facts)
    yield _plaintext_secrets(facts)
    yield _debug_build(facts)
    yield _log_level(facts)
    yield _core_dump(facts)


def _uart_console(facts: Facts) -> Item:
    measure = Measure("uart-console", "Console on the serial line off")
    fix = "CONFIG_ESP_CONSOLE_NONE=y, and leave esp_console out of the product's build"
    if facts.dump is not None and facts.dump.has_repl:
        return measure.failed("an interactive console (esp_console) is linked in", fix)
    build = facts.build
    if build is None:
        return measure.unclear(_NO_BUILD, _GIVE_IT)
    if build.get("ESP_CONSOLE_NONE") or build.get("CONSOLE_UART_NONE"):
        return measure.passed("CONFIG_ESP_CONSOLE_NONE=y")
    found = next((key for key in _CONSOLES if build.get(key)), None)
    if found is None:
        return measure.unclear("the configuration names no console at all", _GIVE_IT)
    return measure.failed(f"CONFIG_{found}=y", fix)


_CONSOLES: Final = (
    "ESP_CONSOLE_UART_DEFAULT",
    "ESP_CONSOLE_UART_CUSTOM",
    "ESP_CONSOLE_UART",
    "ESP_CONSOLE_USB_CDC",
    "CONSOLE_UART_DEFAULT",
    "CONSOLE_UART",
)


def _nvs_encryption(facts: Facts) -> Item:
    measure = Measure("nvs-encryption", "NVS encrypted")
    fix = "CONFIG_NVS_ENCRYPTION=y with an nvs_keys partition and flash encryption"
    dump, setting = facts.dump, (facts.build or {}).get("NVS_ENCRYPTION")
    if dump is not None and dump.nvs_values:
        return measure.failed(f"{dump.nvs_values} values of NVS stand in the clear", fix)
    if dump is not None and dump.is_readable and dump.has("nvs_keys"):
        return measure.failed("the flash is readable, and with it the keys of NVS in the nvs_keys partition", fix)
    if setting is True:
        return _configured_nvs_encryption(measure, facts, fix)
    if facts.build is not None:
        return measure.failed("CONFIG_NVS_ENCRYPTION is not set", fix)
    seen = "the dump is ciphertext" if dump is not None and dump.is_ciphertext else "no value of NVS, and " + _NO_BUILD
    return measure.unclear(seen, _GIVE_IT)


def _configured_nvs_encryption(measure: Measure, facts: Facts, fix: str) -> Item:
    """The keys of NVS are in flash: without flash encryption they are anybody's."""
    dump = facts.dump
    if dump is not None and dump.is_readable:
        return measure.failed("CONFIG_NVS_ENCRYPTION=y, but there is no nvs_keys partition", fix)
    if _is_encrypted(facts) is False:
        return measure.failed("CONFIG_NVS_ENCRYPTION=y, but flash encryption is off: nvs_keys is in the clear", fix)
    if dump is None or not dump.is_ciphertext:
        return measure.unclear("CONFIG_NVS_ENCRYPTION=y: the configuration only, no flash was seen", "give a dump")
    return measure.passed("CONFIG_NVS_ENCRYPTION=y, and the dump is ciphertext")


def _anti_rollback(facts: Facts) -> Item:
    measure = Measure("anti-rollback", "Old firmware refused")
    fix = "CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK=y with two OTA slots, and raise CONFIG_BOOTLOADER_APP_SECURE_VERSION"
    version = facts.efuses.values.get("SECURE_VERSION") if facts.efuses else None
    if facts.build is not None:
        if not facts.build.get("BOOTLOADER_APP_ANTI_ROLLBACK"):
            return measure.failed("CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK is not set", fix)
        return measure.passed("CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK=y")
    if version:
        return measure.passed(f"SECURE_VERSION in eFuses is {version:#x}")
    seen = "SECURE_VERSION in eFuses is 0: in force or not, nothing was raised" if version == 0 else _NO_BUILD
    return measure.unclear(seen, _GIVE_IT)


def _plaintext_secrets(facts: Facts) -> Item:
    measure = Measure("plaintext-secrets", "No secret in the clear")
    dump = facts.dump
    if dump is None:
        return measure.unclear("no dump was given", "give a dump: kitbench dump")
    if dump.secrets:
        more = f", and {len(dump.secrets) - 1} more" if len(dump.secrets) > 1 else ""
        fix = "leave it out of the image; keep it in encrypted NVS or the secure element, and replace what was out"
        return measure.failed(f"{dump.secrets[0]}{more}", fix)
    if dump.is_ciphertext and facts.efuses is not None and facts.efuses.is_flash_encrypted:
        return measure.passed("flash encryption is on, and the dump is ciphertext throughout")
    if dump.is_ciphertext:
        return measure.unclear("the dump looks random; no eFuses say why", "give --efuses")
    seen = "none was found of the kinds that are searched for; a search proves no absence"
    return measure.unclear(seen, "name the secrets that you know: --secrets FILE")


def _debug_build(facts: Facts) -> Item:
    measure = Measure("debug-build", "Release build")
    fix = "CONFIG_COMPILER_OPTIMIZATION_SIZE=y (or _PERF), and no gdb stub"
    build, dump = facts.build, facts.dump
    if build is None:
        if dump is not None and dump.source_path:
            seen = f"the app names source files of the build's machine: {dump.source_path}"
            hide = "CONFIG_COMPILER_HIDE_PATHS_MACROS=y, CONFIG_COMPILER_OPTIMIZATION_ASSERTIONS_SILENT=y"
            return measure.failed(seen, hide)
        return measure.unclear(_NO_BUILD, _GIVE_IT)
    service = next((key for key in _DEBUG_SERVICES if build.get(key)), None)
    if service is not None:
        return measure.failed(f"CONFIG_{service}=y", fix)
    if (found := next((key for key in _RELEASE_OPTIMISATIONS if build.get(key)), None)) is not None:
        return measure.passed(f"CONFIG_{found}=y")
    if (found := next((key for key in _DEBUG_OPTIMISATIONS if build.get(key)), None)) is not None:
        return measure.failed(f"CONFIG_{found}=y", fix)
    return measure.unclear("the configuration names no optimisation", _GIVE_IT)


def _log_level(facts: Facts) -> Item:
    measure = Measure("log-level", "Quiet log")
    if facts.build is None:
        return measure.unclear(_NO_BUILD, _GIVE_IT)
    levels = {key: _level(facts.build, key) for key in ("LOG_DEFAULT_LEVEL", "BOOTLOADER_LOG_LEVEL")}
    known = {key: level for key, level in levels.items() if level is not None}
    if not known:
        return measure.unclear("the configuration names no log level", _GIVE_IT)
    key, level = max(known.items(), key=lambda pair: pair[1])
    words = f"CONFIG_{key}={level} ({_LEVELS[min(max(level, 0), len(_LEVELS) - 1)]})"
    if level > _LOUDEST:
        return measure.failed(words, "CONFIG_LOG_DEFAULT_LEVEL_ERROR=y, or none; the boot loader's, too")
    return measure.passed(words)


def _level(build: Settings, key: str) -> int | None:
    """Return a level by its number, or by the choice that gives it."""
    value = build.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return next((number for number, word in enumerate(_LEVELS) if build.get(f"{key}_{_CHOICE[word]}")), None)


_CHOICE: Final = {
    "none": "NONE",
    "error": "ERROR",
    "warning": "WARN",
    "info": "INFO",
    "debug": "DEBUG",
    "verbose": "VERBOSE",
}


def _core_dump(facts: Facts) -> Item:
    measure = Measure("core-dump", "No core dump for a thief")
    build = facts.build
    if build is not None and _is_any(build, "ESP_COREDUMP_ENABLE_TO_UART", "ESP32_ENABLE_COREDUMP_TO_UART"):
        seen = "core dumps go to the serial line: they are the RAM, keys in it"
        return measure.failed(seen, _CORE_DUMP_FIX)
    if facts.dump is not None and facts.dump.has("coredump"):
        return _core_dump_partition(measure, facts)
    return measure.unclear(_NO_BUILD, _GIVE_IT) if build is None else _core_dump_setting(measure, build, facts)


def _core_dump_setting(measure: Measure, build: Settings, facts: Facts) -> Item:
    if _is_any(build, "ESP_COREDUMP_ENABLE_TO_NONE", "ESP32_ENABLE_COREDUMP_TO_NONE"):
        return measure.passed("CONFIG_ESP_COREDUMP_ENABLE_TO_NONE=y")
    if not _is_any(build, "ESP_COREDUMP_ENABLE_TO_FLASH", "ESP32_ENABLE_COREDUMP_TO_FLASH"):
        return measure.unclear("the configuration says nothing of core dumps", _GIVE_IT)
    if _is_encrypted(facts):
        seen = "core dumps go to an encrypted flash; the partition's flag was not seen"
        return measure.unclear(seen, "give a dump with its partition table")
    return measure.failed("CONFIG_ESP_COREDUMP_ENABLE_TO_FLASH=y", _CORE_DUMP_FIX)


def _core_dump_partition(measure: Measure, facts: Facts) -> Item:
    assert facts.dump is not None
    name = next(name for name, subtype in facts.dump.partitions if subtype == "coredump")
    if name not in facts.dump.encrypted_partitions or _is_encrypted(facts) is False:
        return measure.failed(f"partition {name!r} keeps the RAM of a crash in the clear", _CORE_DUMP_FIX)
    if _is_encrypted(facts):
        return measure.passed(f"partition {name!r} is encrypted, and flash encryption is on")
    return measure.unclear(f"partition {name!r} is to be encrypted", "give --efuses")


def _is_encrypted(facts: Facts) -> bool | None:
    return facts.efuses.is_flash_encrypted if facts.efuses is not None else None


def _is_any(build: Settings, *names: str) -> bool:
    return any(build.get(name) for name in names)


_CORE_DUMP_FIX: Final = (
    "CONFIG_ESP_COREDUMP_ENABLE_TO_NONE=y and no coredump partition, or flash encryption with the flag encrypted"
)
