"""What a criterion may require of the files that were handed in: one function each, facts in, judgement out."""

from collections.abc import Callable, Mapping
from typing import Final

from kitbench.errors import Fault
from kitbench.rule_and_table import RULE_FILE, TABLE_FILE

from ..hand_in.submission import ANSWERS_FILE, CERTIFICATE_FILE
from ..judgement import MISSING, UNCLAIMED, Judgement, Problem, failed, judge_problem, not_graded, passed
from ..roster import RosterEntry
from ..variant import Variant
from .dump_lab_requirements import (
    altered_flash_boots_as_answered,
    altered_flash_handed_in,
    partition_table_named,
    wifi_password_found,
)
from .dump_requirements import (
    atecc608a_certificate_is_registered,
    atecc608a_dump_is_clean,
    atecc608a_dump_is_of_the_project,
    atecc608a_dump_is_whole,
    dump_holds_the_key,
    dump_is_of_the_project,
    dump_is_whole,
    endpoint_in_dump,
    offset_is_right,
    unwitnessed_dump,
)
from .facts import Facts

Requirement = Callable[[Facts], Judgement]


def endpoint_in_answers(facts: Facts) -> Judgement:
    """answers.toml names the roster's endpoint."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    answers = facts.submission.answers
    if isinstance(answers, Problem):
        return judge_problem(answers)
    if answers.endpoint is None:
        return failed(f"{ANSWERS_FILE} names no endpoint", stage=MISSING)
    return _same_endpoint(answers.endpoint, facts.student, where=ANSWERS_FILE)


def endpoint_in_sdkconfig(facts: Facts) -> Judgement:
    """The submitted sdkconfig was built for the roster's endpoint."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    endpoint = facts.submission.sdkconfig_endpoint
    if isinstance(endpoint, Problem):
        return judge_problem(endpoint)
    return _same_endpoint(endpoint, facts.student, where="project/sdkconfig")


def certificate_is_registered(facts: Facts) -> Judgement:
    """The submitted certificate is the one that the roster binds to this student."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    sha256 = facts.submission.certificate_sha256
    if isinstance(sha256, Problem):
        return judge_problem(sha256)
    if sha256 != facts.student.certificate_sha256:
        return failed(
            f"{CERTIFICATE_FILE} is not the certificate registered for {facts.student.id}: its SHA-256 begins "
            f"{sha256[:16]}, {facts.student.certificate_origin} {facts.student.certificate_sha256[:16]}",
            stage="security analysis",
        )
    return passed(f"certificate {sha256[:16]}… is {facts.student.certificate_origin}")


def atecc608a_project_handed_in(facts: Facts) -> Judgement:
    """There is an ATECC608A variant at all."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    if Variant.ATECC608A not in facts.submission.projects:
        return failed("not claimed: no project_atecc608a was handed in", stage=UNCLAIMED)
    if unwitnessed := unwitnessed_dump(facts, Variant.ATECC608A):
        return unwitnessed
    if Variant.ATECC608A not in facts.submission.dumps:
        return failed("flash_atecc608a.bin is missing", stage=MISSING)
    return passed("project_atecc608a and flash_atecc608a.bin were handed in")


def mark_by_hand(facts: Facts) -> Judgement:
    """A person gives this mark, in overrides.toml."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    return not_graded("a person gives this mark: overrides.toml has none yet", stage="manual", fault=Fault.CALLER)


def rule_handed_in(facts: Facts) -> Judgement:
    """rule.json is what `aws iot get-topic-rule` prints of a rule."""
    return _cloud_file(facts, RULE_FILE)


def table_handed_in(facts: Facts) -> Judgement:
    """table.json is what `aws dynamodb describe-table` prints of a table."""
    return _cloud_file(facts, TABLE_FILE)


def _cloud_file(facts: Facts, name: str) -> Judgement:
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    content = facts.submission.rule if name == RULE_FILE else facts.submission.table
    return judge_problem(content) if isinstance(content, Problem) else passed(f"{name} was handed in")


REQUIREMENTS: Final[Mapping[str, Requirement]] = {
    requirement.__name__: requirement
    for requirement in (
        endpoint_in_answers,
        endpoint_in_sdkconfig,
        endpoint_in_dump,
        certificate_is_registered,
        rule_handed_in,
        table_handed_in,
        dump_is_whole,
        dump_is_of_the_project,
        dump_holds_the_key,
        offset_is_right,
        partition_table_named,
        wifi_password_found,
        altered_flash_handed_in,
        altered_flash_boots_as_answered,
        atecc608a_project_handed_in,
        atecc608a_dump_is_whole,
        atecc608a_dump_is_of_the_project,
        atecc608a_certificate_is_registered,
        atecc608a_dump_is_clean,
        mark_by_hand,
    )
}


def _same_endpoint(actual: str, student: RosterEntry, *, where: str) -> Judgement:
    if actual != student.endpoint:
        told = f"{student.endpoint_origin} endpoint is {student.endpoint!r}"
        return failed(f"{where} says {actual!r}, but {told}", stage="endpoint")
    return passed(f"{where} names {actual}")
