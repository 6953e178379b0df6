"""What of a hand-in is there already, and what each requirement rests on."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from kitbench.rule_and_table import RULE_FILE, TABLE_FILE

from ..hand_in.dump_lab import ALTERED_FILE, DumpLab
from ..hand_in.submission import ANSWERS_FILE, CERTIFICATE_FILE, Submission
from ..judgement import MISSING, Problem
from ..variant import Variant
from .own_entry import OwnEntry


class Part(StrEnum):
    """A part of a hand-in, by the name that it has there."""

    ANSWERS = ANSWERS_FILE
    CERTIFICATE = CERTIFICATE_FILE
    ENDPOINT = "the endpoint"
    RULE = RULE_FILE
    TABLE = TABLE_FILE
    PROJECT = Variant.EMBEDDED_KEY.project_folder
    DUMP = Variant.EMBEDDED_KEY.dump_file
    ALTERED = ALTERED_FILE
    CHIP_PROJECT = Variant.ATECC608A.project_folder
    CHIP_DUMP = Variant.ATECC608A.dump_file


#: Requirement → what it cannot be judged without. What is missing is not lost.
NEEDS: Final[Mapping[str, tuple[Part, ...]]] = {
    "endpoint_in_answers": (Part.ANSWERS, Part.ENDPOINT),
    "endpoint_in_sdkconfig": (Part.PROJECT, Part.ENDPOINT),
    "endpoint_in_dump": (Part.DUMP, Part.ENDPOINT),
    "certificate_is_registered": (Part.CERTIFICATE,),
    "dump_is_whole": (Part.DUMP,),
    "dump_is_of_the_project": (Part.DUMP, Part.PROJECT),
    "dump_holds_the_key": (Part.DUMP, Part.CERTIFICATE),
    "offset_is_right": (Part.ANSWERS, Part.DUMP, Part.CERTIFICATE),
    "atecc608a_project_handed_in": (Part.CHIP_PROJECT, Part.CHIP_DUMP),
    "atecc608a_dump_is_whole": (Part.CHIP_DUMP,),
    "atecc608a_dump_is_of_the_project": (Part.CHIP_DUMP, Part.CHIP_PROJECT),
    "atecc608a_certificate_is_registered": (Part.CHIP_DUMP,),
    "atecc608a_dump_is_clean": (Part.CHIP_DUMP, Part.ENDPOINT),
    "mark_by_hand": (),
    "rule_handed_in": (Part.RULE,),
    "table_handed_in": (Part.TABLE,),
    "partition_table_named": (Part.ANSWERS, Part.DUMP),
    "wifi_password_found": (Part.ANSWERS, Part.DUMP),
    "altered_flash_handed_in": (Part.DUMP, Part.ALTERED),
    "altered_flash_boots_as_answered": (Part.ANSWERS, Part.DUMP, Part.ALTERED),
}
#: How each part comes to be.
MAKE: Final[Mapping[Part, str]] = {
    Part.ANSWERS: f'write {ANSWERS_FILE}: endpoint = "…", answer = "…", and [key] offset = 0x…',
    Part.CERTIFICATE: f"copy the certificate that the course gave you (no private key) to {CERTIFICATE_FILE}",
    Part.ENDPOINT: f"write the endpoint that the course gave you into {ANSWERS_FILE}, or give it with --endpoint",
    Part.RULE: f"aws iot get-topic-rule --rule-name NAME > {RULE_FILE}",
    Part.TABLE: f"aws dynamodb describe-table --table-name NAME > {TABLE_FILE}",
    Part.PROJECT: "copy your ESP-IDF project with its sdkconfig to project/, without private keys",
    Part.DUMP: "flash your kit, then: kitbench dump --port PORT -o flash.bin",
    Part.ALTERED: f"change bytes of the dump, write it back (esptool write-flash 0 {ALTERED_FILE}), hand that file in",
    Part.CHIP_PROJECT: "a bonus: copy the variant with the secure element to project_atecc608a/",
    Part.CHIP_DUMP: "flash the variant with the secure element, then: kitbench dump --port PORT -o flash_atecc608a.bin",
}


def parts_there(submission: Submission, student: OwnEntry) -> frozenset[Part]:
    """Return the parts that can be looked at; one that is there and cannot be read counts for what it is."""
    there = {
        Part.ANSWERS: not _is_missing(submission.answers),
        Part.CERTIFICATE: isinstance(submission.certificate_sha256, str),
        Part.ENDPOINT: student.knows_endpoint,
        Part.RULE: not _is_missing(submission.rule),
        Part.TABLE: not _is_missing(submission.table),
        Part.PROJECT: Variant.EMBEDDED_KEY in submission.projects,
        Part.DUMP: not _is_missing(submission.dumps.get(Variant.EMBEDDED_KEY)),
        Part.ALTERED: submission.lab.altered
        if isinstance(submission.lab, DumpLab)
        else not _is_missing(submission.lab),
        Part.CHIP_PROJECT: Variant.ATECC608A in submission.projects,
        Part.CHIP_DUMP: not _is_missing(submission.dumps.get(Variant.ATECC608A)),
    }
    return frozenset(part for part, is_there in there.items() if is_there)


def _is_missing(found: object) -> bool:
    return found is None or (isinstance(found, Problem) and found.stage == MISSING)


def audited_dumps(requirements: Iterable[str]) -> frozenset[Variant]:
    """Return the variants whose dump some requirement looks at."""
    needed = {part for name in requirements for part in NEEDS[name]}
    return frozenset(variant for variant in Variant if Part(variant.dump_file) in needed)
