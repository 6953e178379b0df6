"""What a criterion may require of the files that were handed in: one function each, facts in, judgement out."""

from collections.abc import Callable, Mapping
from typing import Final

from kitbench.errors import Fault

from .audit_verdict import ENCRYPTED_KEY, PRIVATE_KEY, AuditOutcome, AuditVerdict, KeyFinding
from .facts import Facts
from .judgement import UNCLAIMED, Judgement, Outcome, Problem, failed, judge_problem, not_graded, passed
from .submission import ANSWERS_FILE, CERTIFICATE_FILE, Dump
from .variant import Variant

#: Where the audit says that it has a public key from, when it read it out of a certificate in the dump itself.
CERTIFICATE_IN_DUMP: Final = "certificate in dump"

Requirement = Callable[[Facts], Judgement]


def endpoint_in_answers(facts: Facts) -> Judgement:
    """answers.toml names the roster's endpoint."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    answers = facts.submission.answers
    if isinstance(answers, Problem):
        return judge_problem(answers)
    if answers.endpoint is None:
        return failed(f"{ANSWERS_FILE} names no endpoint", stage="endpoint")
    return _same_endpoint(answers.endpoint, facts.student.endpoint, where=ANSWERS_FILE)


def endpoint_in_sdkconfig(facts: Facts) -> Judgement:
    """The submitted sdkconfig was built for the roster's endpoint."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    endpoint = facts.submission.sdkconfig_endpoint
    if isinstance(endpoint, Problem):
        return judge_problem(endpoint)
    return _same_endpoint(endpoint, facts.student.endpoint, where="project/sdkconfig")


def endpoint_in_dump(facts: Facts) -> Judgement:
    """The submitted dump carries the roster's endpoint."""
    return _dump_carries_endpoint(facts, Variant.EMBEDDED_KEY)


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
            f"{sha256[:16]}, the roster's {facts.student.certificate_sha256[:16]}",
            stage="security analysis",
        )
    return passed(f"certificate {sha256[:16]}… is the roster's")


def dump_holds_the_key(facts: Facts) -> Judgement:
    """The submitted dump holds the private key of the student's certificate."""
    verdict = _verdict(facts, Variant.EMBEDDED_KEY)
    if isinstance(verdict, Judgement):
        return verdict
    findings = _own_keys(facts, verdict)
    if findings:
        return passed(f"the key lies at {findings[0].place}")
    if verdict.outcome is AuditOutcome.ABSENT and not verdict.canary_found:
        return not_graded("the audit missed its own canary", stage="audit")
    others = verdict.private_keys
    also = f"; what it holds at {others[0].place} is another key" if others else ""
    return failed(
        f"flash.bin does not hold the private key of the registered certificate{also}", stage="security analysis"
    )


def offset_is_right(facts: Facts) -> Judgement:
    """[key] offset in answers.toml is where the key begins, to within the rubric's tolerance."""
    verdict = _verdict(facts, Variant.EMBEDDED_KEY)
    if isinstance(verdict, Judgement):
        return verdict
    findings = _own_keys(facts, verdict)
    if not findings:
        return dump_holds_the_key(facts)
    answers = _answers(facts)
    if isinstance(answers, Judgement):
        return answers
    stated = answers
    if any(abs(finding.offset - stated) <= facts.offset_tolerance for finding in findings):
        return passed(f"the stated offset {stated:#x} is right")
    return failed(f"the key lies at {findings[0].place}, not at the stated {stated:#x}", stage="security analysis")


def atecc608a_project_handed_in(facts: Facts) -> Judgement:
    """There is an ATECC608A variant at all."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    if Variant.ATECC608A not in facts.submission.projects:
        return failed("not claimed: no project_atecc608a was handed in", stage=UNCLAIMED)
    if Variant.ATECC608A not in facts.submission.dumps:
        return failed("flash_atecc608a.bin is missing", stage="secure element")
    return passed("project_atecc608a and flash_atecc608a.bin were handed in")


def atecc608a_dump_is_clean(facts: Facts) -> Judgement:
    """The dump of the ATECC608A variant carries the student's endpoint, and no private key was found in it."""
    verdict = _closed_key(facts, Variant.ATECC608A) or _verdict(facts, Variant.ATECC608A)
    if isinstance(verdict, Judgement):
        return verdict
    dump = Variant.ATECC608A.dump_file
    if verdict.private_keys:
        place = verdict.private_keys[0].place
        return failed(f"{dump} holds a private key at {place}, where anybody can read it", stage="secure element")
    if not verdict.canary_found:
        return not_graded("the audit missed its own canary, so nothing is proven", stage="audit")
    carries = _dump_carries_endpoint(facts, Variant.ATECC608A)
    if carries.outcome is not Outcome.PASSED:
        return carries
    if not any(
        target.source == CERTIFICATE_IN_DUMP and target.key_type.startswith("EC ") for target in verdict.targets
    ):
        return failed(f"{dump} carries no certificate of a secure element's key", stage="secure element")
    return passed(f"{dump}: {verdict.reason}")


REQUIREMENTS: Final[Mapping[str, Requirement]] = {
    requirement.__name__: requirement
    for requirement in (
        endpoint_in_answers,
        endpoint_in_sdkconfig,
        endpoint_in_dump,
        certificate_is_registered,
        dump_holds_the_key,
        offset_is_right,
        atecc608a_project_handed_in,
        atecc608a_dump_is_clean,
    )
}


def _same_endpoint(actual: str, expected: str, *, where: str) -> Judgement:
    if actual != expected:
        return failed(f"{where} says {actual!r}, but the roster's endpoint is {expected!r}", stage="endpoint")
    return passed(f"{where} names {expected}")


def _dump(facts: Facts, variant: Variant) -> Dump | Judgement:
    """Return the submitted dump, or the judgement that it is not there."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    dump = facts.submission.dumps.get(variant)
    if dump is None:
        return failed(f"{variant.dump_file} is missing", stage="validate")
    return judge_problem(dump) if isinstance(dump, Problem) else dump


def _dump_carries_endpoint(facts: Facts, variant: Variant) -> Judgement:
    dump = _dump(facts, variant)
    if isinstance(dump, Judgement):
        return dump
    if not dump.carries_endpoint:
        return failed(
            f"{variant.dump_file} does not carry the roster's endpoint {facts.student.endpoint}: "
            f"it is not the dump of a kit that runs {variant.project_folder}/",
            stage="endpoint",
        )
    return passed(f"{variant.dump_file} carries {facts.student.endpoint}")


def _verdict(facts: Facts, variant: Variant) -> AuditVerdict | Judgement:
    """Return the audit's verdict on a submitted dump, or the judgement that there is none to go by."""
    dump = _dump(facts, variant)
    if isinstance(dump, Judgement):
        return dump
    verdict = facts.audits.get(variant)
    if verdict is None:
        return not_graded(f"{variant.dump_file} was not audited", stage="audit")
    if isinstance(verdict, Problem):
        return judge_problem(verdict)
    if verdict.outcome is AuditOutcome.CANNOT_JUDGE:
        # An audit that finds its canary works: then it is the dump that cannot be judged, cut, altered or encrypted.
        fault = Fault.STUDENT if verdict.canary_found else Fault.BENCH
        reason = f"{variant.dump_file} cannot be judged: {verdict.reason or 'the audit does not say why'}"
        return judge_problem(Problem(fault, "audit", reason))
    return verdict


def _closed_key(facts: Facts, variant: Variant) -> Judgement | None:
    """Judge what says in a dump that it is a private key and cannot be read; None where there is no such thing.

    Under a password it is a key in the flash all the same; what is damaged, or of a form unknown here, is for a person.
    """
    verdict = facts.audits.get(variant)
    if not isinstance(verdict, AuditVerdict) or verdict.private_keys or not verdict.closed_keys:
        return None
    first = verdict.closed_keys[0]
    if first.kind == ENCRYPTED_KEY:
        where = f"{variant.dump_file} holds a private key under a password at {first.place}"
        return failed(f"{where}: the firmware must hold the password, too", stage="secure element")
    reason = f"{variant.dump_file} holds at {first.place} what says it is a private key, and cannot be read: look there"
    return not_graded(reason, stage="audit")


def _own_keys(facts: Facts, verdict: AuditVerdict) -> list[KeyFinding]:
    """Return the findings that are the key of the student's own, registered certificate, as the audit orders them."""
    registered = facts.student.certificate_sha256
    return [
        finding
        for finding in verdict.findings
        if finding.kind == PRIVATE_KEY and finding.owner == "device" and finding.certificate_sha256 == registered
    ]


def _answers(facts: Facts) -> int | Judgement:
    """Return the stated offset, or the judgement that none was stated."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    answers = facts.submission.answers
    if isinstance(answers, Problem):
        return judge_problem(answers)
    if answers.key_offset is None:
        return failed(f"{ANSWERS_FILE} states no [key] offset", stage="security analysis")
    return answers.key_offset
