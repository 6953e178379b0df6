"""What to do about what is lost: one line for each requirement and each check of the suite, for who must fix it."""

from collections.abc import Mapping
from typing import Final

_PORT: Final = "kitbench dump --port PORT"
_AUDIT: Final = "kitbench audit flash.bin --certificate certificate.pem.crt --html audit.html shows where it is"
_SERIAL: Final = "read serial.log of the run from its last line up"
_MENUCONFIG: Final = "idf.py menuconfig, set the AWS IoT endpoint, build and flash again, dump again"
_ROOT: Final = "verify the server: Amazon Root CA 1 as its root, its host name checked, no fallback without TLS"
_CHIP: Final = "let the TLS library sign in the chip (slot 0), and let no key in flash or code stand in for it"
_CHIP_DUMP: Final = f"flash project_atecc608a/ once more, then: {_PORT} -o flash_atecc608a.bin"

_PERSON: Final = "nothing here: a person marks it"

#: By the name of a requirement or a check.
ADVICE: Final[Mapping[str, str]] = {
    "endpoint_in_answers": "write the endpoint that the course gave you, a host name without https:// and port",
    "endpoint_in_sdkconfig": _MENUCONFIG,
    "endpoint_in_dump": _MENUCONFIG,
    "certificate_is_registered": "hand in the certificate that the course registered for you, not another one",
    "dump_is_whole": f"read the whole flash of the kit once more: {_PORT} -o flash.bin",
    "dump_is_of_the_project": f"build and flash the project that you hand in, then: {_PORT} -o flash.bin",
    "dump_holds_the_key": f"build with your own certificate and key, flash, dump again; {_AUDIT}",
    "offset_is_right": f"look the offset up in the dump that you hand in; {_AUDIT}",
    "atecc608a_project_handed_in": "hand in project_atecc608a/ and flash_atecc608a.bin together, or neither",
    "atecc608a_dump_is_whole": _CHIP_DUMP,
    "atecc608a_dump_is_of_the_project": _CHIP_DUMP,
    "atecc608a_certificate_is_registered": f"give the chip the certificate that is registered for it; {_CHIP_DUMP}",
    "atecc608a_dump_is_clean": f"erase the flash before flashing (esptool erase-flash), and embed no key; {_CHIP_DUMP}",
    "mark_by_hand": _PERSON,
    "rule_handed_in": "hand in what this prints: aws iot get-topic-rule --rule-name NAME > rule.json",
    "table_handed_in": "hand in what this prints: aws dynamodb describe-table --table-name NAME > table.json",
    "partition_table_named": "list them: gen_esp32part.py reads 0xc00 bytes at 0x8000 of the dump",
    "wifi_password_found": "search NVS (nvs.net80211, sta.pswd) and the app's texts, and state where it begins",
    "altered_flash_handed_in": "hand in the very file that was written back: flash.bin with a few bytes changed",
    "altered_flash_boots_as_answered": "esptool image-info says whether checksum and hash of an app still hold",
    "rule_is_triggered_by_what_the_kit_publishes": "let the rule select from the topic that the kit publishes to",
    "table_takes_the_rows_that_the_rule_writes": "let the rule write every key of the table, each of its type",
    "reading_is_followed_from_the_sensor_to_the_table": "publish what the sensor reads, and let the rule keep it",
    "kit_boots_the_app_that_was_built": f"{_SERIAL}: a crash or a boot loop stands there with its place in the source",
    "kit_connects_with_mutual_authentication": f"{_SERIAL}; take client id, certificate and key from the project",
    "deactivated_certificate_is_refused": "try again after a refusal, for ever: the kit must reconnect by itself",
    "kit_refuses_hostile_endpoints": _ROOT,
    "messages_arrive_and_stand_on_the_serial_line": "publish to the topic of the assignment, and print what is sent",
    "kit_that_is_held_in_reset_sends_nothing": "only the kit may publish to its topic: stop scripts and other kits",
    "nonce_from_the_cloud_appears_on_the_serial_line": "subscribe to the topic, and print what arrives",
    "traffic_keeps_within_the_message_budget": "wait between messages (vTaskDelay), about a second",
    "certificate_belongs_to_the_key_in_the_chip": "make the CSR in the chip, and use the certificate that came of it",
    "chip_proves_possession_of_the_key": _CHIP,
    "private_key_is_nowhere_in_flash": f"embed no private key in this variant, in no form; {_CHIP}",
    "firmware_of_the_bench_finds_the_same_key_in_the_chip": _CHIP,
    "private_key_cannot_be_read_from_the_chip": _CHIP,
}
#: Where a project does not come to run at all.
BUILD: Final = "build it here and fix what it says: kitbench build PROJECT -o build"
GAP: Final = "nothing: the grader's kit can judge it, or your own (--kit PORT)"
NOT_JUDGED: Final = "check again; if it stays, send the line to the course"


def advice_unjudged(name: str, lacks: str) -> str:
    """Return what to do about what could not be judged here; `lacks` names a stand-in's gap."""
    if lacks:
        return GAP
    return _PERSON if ADVICE.get(name) == _PERSON else NOT_JUDGED


def advice(name: str, stage: str) -> str:
    """Return what to do about a requirement or check that failed at a stage; a class's own check tells it itself."""
    if stage in {"build", "firmware"}:
        return BUILD
    return ADVICE.get(name, _SERIAL)
