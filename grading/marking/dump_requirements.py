"""What a criterion may require of a dump that was handed in: one function each, facts in, judgement out.

Whoever hands in a file can make it. What is asked for here makes a forged dump as much work as the assignment; that it
came out of a kit only a bench can witness, and the reasons say so.
"""

from typing import Final

from kitbench.errors import Fault

from ..hand_in.submission import ANSWERS_FILE, Dump
from ..judgement import MISSING, Judgement, Outcome, Problem, failed, judge_problem, not_graded, passed
from ..variant import Variant
from .audit_verdict import ENCRYPTED_KEY, PRIVATE_KEY, AuditOutcome, AuditVerdict, KeyFinding
from .facts import Facts
from .witness import Witnessed, missing_witness

#: Where the audit says that it has a public key from, when it read it out of a certificate in the dump itself.
CERTIFICATE_IN_DUMP: Final = "certificate in dump"
_NOWHERE: Final = "in erased space, outside of all partitions, or in an app image that fails its check"
#: What a file cannot show.
NOT_WITNESSED: Final = "the dump was handed in, not witnessed"


def endpoint_in_dump(facts: Facts) -> Judgement:
    """The submitted dump carries the roster's endpoint."""
    return _carries_endpoint(facts, Variant.EMBEDDED_KEY)


def dump_is_whole(facts: Facts) -> Judgement:
    """The submitted dump is the whole flash of a kit with a built firmware."""
    return _is_whole(facts, Variant.EMBEDDED_KEY)


def dump_is_of_the_project(facts: Facts) -> Judgement:
    """The app in the submitted dump was built from the submitted project, as far as its own literals tell."""
    return _is_of_the_project(facts, Variant.EMBEDDED_KEY)


def dump_holds_the_key(facts: Facts) -> Judgement:
    """The submitted dump holds the private key of the student's certificate."""
    verdict = _verdict(facts, Variant.EMBEDDED_KEY)
    if isinstance(verdict, Judgement):
        return verdict
    findings = _own_keys(facts, verdict)
    placed = [finding for finding in findings if finding.is_placed]
    if placed:
        return passed(f"the key is at {placed[0].place}; {_origin(facts, Variant.EMBEDDED_KEY)}")
    if findings:
        return failed(
            f"the key at {findings[0].place} is where no build puts one: {_NOWHERE}",
            stage="security analysis",
        )
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
    return failed(f"the key is at {findings[0].place}, not at the stated {stated:#x}", stage="security analysis")


def atecc608a_dump_is_whole(facts: Facts) -> Judgement:
    """The dump of the ATECC608A variant is the whole flash of a kit with a built firmware."""
    return _is_whole(facts, Variant.ATECC608A)


def atecc608a_dump_is_of_the_project(facts: Facts) -> Judgement:
    """The app in the ATECC608A variant's dump was built from its project, as far as its own literals tell."""
    return _is_of_the_project(facts, Variant.ATECC608A)


def atecc608a_certificate_is_registered(facts: Facts) -> Judgement:
    """The ATECC608A variant's dump carries the chip's certificate that the roster binds to this student, if it does."""
    registered = facts.student.certificate_sha256_atecc608a
    verdict = _audited(facts, Variant.ATECC608A)
    if isinstance(verdict, Judgement):
        return verdict
    dump = Variant.ATECC608A.dump_file
    if not registered:
        return passed(
            f"the roster registers no certificate of the chip: whose {dump} is rests on the bench's own run alone"
        )
    certificates = verdict.structure.certificates if verdict.structure else {}
    if not certificates.get(registered, False):
        where = "only where no build puts it" if registered in certificates else "nowhere"
        return failed(
            f"{dump} holds the certificate that is registered for the chip of {facts.student.id}, {registered[:16]}…, "
            f"{where}",
            stage="secure element",
        )
    return passed(f"{dump} carries the chip's registered certificate {registered[:16]}…")


def atecc608a_dump_is_clean(facts: Facts) -> Judgement:
    """The dump of the ATECC608A variant carries the student's endpoint, and no private key was found in it."""
    verdict = _audited(facts, Variant.ATECC608A)
    if isinstance(verdict, AuditVerdict):  # a dump that does not count holds nothing
        verdict = _closed_key(facts, Variant.ATECC608A) or _verdict(facts, Variant.ATECC608A)
    if isinstance(verdict, Judgement):
        return verdict
    dump = Variant.ATECC608A.dump_file
    if verdict.private_keys:
        place = verdict.private_keys[0].place
        return failed(f"{dump} holds a private key at {place}, where anybody can read it", stage="secure element")
    if not verdict.canary_found:
        return not_graded("the audit missed its own canary, so nothing is proven", stage="audit")
    carries = _carries_endpoint(facts, Variant.ATECC608A)
    if carries.outcome is not Outcome.PASSED:
        return carries
    if not any(
        target.source == CERTIFICATE_IN_DUMP and target.key_type.startswith("EC ") for target in verdict.targets
    ):
        return failed(f"{dump} carries no certificate of a secure element's key", stage="secure element")
    return passed(f"{dump}: {verdict.reason}")


def _carries_endpoint(facts: Facts, variant: Variant) -> Judgement:
    dump = _dump(facts, variant)
    if isinstance(dump, Judgement):
        return dump
    audited = _audited(facts, variant)
    if facts.witness_rule.is_required and isinstance(audited, Judgement):
        return audited
    if not dump.carries_endpoint:
        return failed(
            f"{variant.dump_file} does not carry {facts.student.endpoint_origin} endpoint {facts.student.endpoint}: "
            f"it is not the dump of a kit that runs {variant.project_folder}/",
            stage="endpoint",
        )
    verdict = facts.audits.get(variant)
    structure = verdict.structure if isinstance(verdict, AuditVerdict) else None
    if structure is not None and structure.endpoint_placed is False:
        return failed(
            f"{variant.dump_file} holds {facts.student.endpoint} only where no build puts it: {_NOWHERE}",
            stage="endpoint",
        )
    return passed(f"{variant.dump_file} carries {facts.student.endpoint}")


def _is_whole(facts: Facts, variant: Variant) -> Judgement:
    verdict = _audited(facts, variant)
    if isinstance(verdict, Judgement):
        return verdict
    if verdict.structure is None:
        return not_graded(f"the audit does not tell the structure of {variant.dump_file}", stage="audit")
    if verdict.structure.problems:
        reason = f"{variant.dump_file} is not the flash of a kit with a built firmware: {verdict.structure.problems[0]}"
        return failed(reason, stage="validate")
    return passed(
        f"{variant.dump_file} is a whole flash with boot loader, partition table and app; {_origin(facts, variant)}"
    )


def _origin(facts: Facts, variant: Variant) -> str:
    """Return what is known of where a dump came from."""
    witnessed = facts.witnesses.get(variant)
    if isinstance(witnessed, Witnessed):
        return f"the dump was {witnessed.words}"
    if isinstance(witnessed, Problem):
        return f"{NOT_WITNESSED}: {witnessed.reason}"
    return NOT_WITNESSED


def _is_of_the_project(facts: Facts, variant: Variant) -> Judgement:
    verdict = _audited(facts, variant)
    if isinstance(verdict, Judgement):
        return verdict
    match = verdict.project
    if match is None:
        return passed("no project was handed in to compare the dump with")
    count = f"{match.found} of the {match.distinctive} texts that are {variant.project_folder}/'s own"
    if match.is_another:
        example = f", not {match.missing[0]!r} for one" if match.missing else ""
        reason = f"{variant.dump_file} holds {count}{example}: the app that it starts was built from something else"
        return failed(reason, stage="validate")
    if not match.is_decided:
        return passed(f"not decided from the file: {variant.project_folder}/ has {match.distinctive} texts of its own")
    return passed(f"{variant.dump_file} holds {count}")


def unwitnessed_dump(facts: Facts, variant: Variant) -> Judgement | None:
    """Judge the witness that is required and does not hold, or that would have brought the dump that is not there.

    It comes before the dump: what was collected at a bench need not have been handed in, and its loss is no zero.
    """
    witnessed = facts.witnesses.get(variant)
    if facts.witness_rule.is_required and not isinstance(witnessed, Witnessed):
        return judge_problem(missing_witness(variant, witnessed))
    handed_in = not isinstance(facts.submission, Problem) and isinstance(facts.submission.dumps.get(variant), Dump)
    return judge_problem(witnessed) if isinstance(witnessed, Problem) and not handed_in else None


def _dump(facts: Facts, variant: Variant) -> Dump | Judgement:
    """Return the submitted dump, or the judgement that it is not there."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    dump = facts.submission.dumps.get(variant)
    if unwitnessed := unwitnessed_dump(facts, variant):
        return unwitnessed
    if dump is None:
        return failed(f"{variant.dump_file} is missing", stage=MISSING)
    return judge_problem(dump) if isinstance(dump, Problem) else dump


def _audited(facts: Facts, variant: Variant) -> AuditVerdict | Judgement:
    """Return the audit's verdict on a submitted dump, or the judgement that there is none."""
    dump = _dump(facts, variant)
    if isinstance(dump, Judgement):
        return dump
    verdict = facts.audits.get(variant)
    if verdict is None:
        return not_graded(f"{variant.dump_file} was not audited", stage="audit")
    return judge_problem(verdict) if isinstance(verdict, Problem) else verdict


def _verdict(facts: Facts, variant: Variant) -> AuditVerdict | Judgement:
    """Return the audit's verdict on a submitted dump, or the judgement that it says nothing about keys."""
    verdict = _audited(facts, variant)
    if isinstance(verdict, AuditVerdict) and verdict.outcome is AuditOutcome.CANNOT_JUDGE:
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
        return failed(f"{ANSWERS_FILE} states no [key] offset", stage=MISSING)
    return answers.key_offset
