"""One check from end to end, on a bench without kits; hand-ins are read by the real, confined reader."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grading.check.checked import Checked
from grading.check.handed_out import read_handed_out
from grading.check.own_check import check
from grading.check.own_entry import given_entry
from grading.check.standing import Standing
from grading.marking.audit_verdict import AuditVerdict
from grading.variant import Variant
from kitbench.installation import suite_path
from tests.grading.fake_bench import FakeBench
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT, found
from tests.grading.synthetic import finding as own_key


def check_it(source: Path, bench: FakeBench | None = None, only: Sequence[str] = ()) -> Checked:
    handed_out = read_handed_out(None, None, only, suite_path())
    return check(source, given_entry(None, None), handed_out, bench or own_bench(), source.parent, lambda *_: None)


def own_bench() -> FakeBench:
    """Return a bench that finds the key of the certificate that `hand_in` makes."""
    verdict = found(own_key(certificate_sha256=certificate_sha256()))
    return FakeBench(verdict=lambda dump: FakeBench().verdict(dump) if "atecc608a" in dump.name else verdict)


def words(checked: Checked) -> dict[str, str]:
    return {one.criterion.id: one.standing.value for one in checked.standings}


def test_whole_hand_in_is_kept(tmp_path: Path) -> None:
    checked = check_it(hand_in(tmp_path / "mine"))

    assert set(words(checked).values()) == {"kept"}
    assert checked.student.endpoint == ENDPOINT
    assert checked.digests.keys() == {
        *("certificate", "project", "project_atecc608a", "flash.bin", "flash_atecc608a.bin")
    }
    assert [note for note in checked.notes if "--endpoint" in note]
    assert (tmp_path / "evidence" / "embedded_key-attempt-1" / "serial.log").is_file()


def test_bare_project_is_taken_as_it_lies(tmp_path: Path) -> None:
    project = hand_in(tmp_path / "all") / "project"
    (project / "CMakeLists.txt").write_text("include($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(x)\n")
    (project / "build").mkdir()
    (project / "kitbench-check").mkdir()
    (project / "kitbench-check" / "check.json").write_text("{}")

    checked = check_it(project)

    assert words(checked) == {
        **dict.fromkeys(("connects", "traffic"), "kept"),
        **dict.fromkeys(("endpoint", "security_analysis", "secure_element"), "not shown yet"),
    }
    assert not [note for note in checked.notes if "kitbench-check" in note]


def test_empty_folder_shows_nothing_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    bench = own_bench()

    checked = check_it(tmp_path / "empty", bench)

    assert set(words(checked).values()) == {"not shown yet"}
    assert bench.runs == []


def test_archive_and_odd_names_are_read_as_handed_in(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "x" / "Lab 3 (final)")
    (folder / "flash.bin").rename(folder / "Flash.BIN")
    archive = Path(shutil.make_archive(str(tmp_path / "mine"), "zip", folder.parent))

    assert words(check_it(archive))["security_analysis"] == "kept"


def test_only_runs_what_it_needs(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "mine")
    bench = own_bench()
    audited: list[str] = []
    verdict = bench.verdict

    def audit(dump: Path) -> AuditVerdict:
        audited.append(dump.name)
        return verdict(dump)

    bench.verdict = audit

    assert words(check_it(folder, bench, ["traffic"])) == {"traffic": "kept"}
    assert ([variant for _, variant in bench.runs], audited) == ([Variant.EMBEDDED_KEY], [])

    assert words(check_it(folder, bench, ["security_analysis"])) == {"security_analysis": "kept"}
    assert (len(bench.runs), audited) == (1, ["flash.bin"])


def test_other_endpoint_in_the_dump_is_lost(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "mine")
    flash = (folder / "flash.bin").read_bytes()
    (folder / "flash.bin").write_bytes(flash.replace(ENDPOINT.encode(), ENDPOINT.replace("a1", "z9").encode()))

    (endpoint,) = (one for one in check_it(folder).standings if one.criterion.id == "endpoint")

    assert endpoint.standing is Standing.LOST
    assert [fact.name for fact in endpoint.facts if fact.standing is Standing.LOST] == ["endpoint_in_dump"]


@pytest.mark.parametrize("given", ["c.example", None])
def test_given_endpoint_is_looked_for(given: str | None, tmp_path: Path) -> None:
    handed_out = read_handed_out(None, None, ["endpoint"], suite_path())

    checked = check(
        *(hand_in(tmp_path / "mine"), given_entry(given, None), handed_out, own_bench(), tmp_path, lambda *_: None)
    )

    assert words(checked)["endpoint"] == ("lost" if given else "kept")


def test_evidence_of_an_earlier_check_is_gone(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "mine")
    check_it(folder)
    bench = own_bench()
    bench.suite = lambda _project, variant: replace(FakeBench().suite(_project, variant), complete=False)

    assert words(check_it(folder, bench, ["traffic"])) == {"traffic": "not shown yet"}
    assert not (tmp_path / "evidence" / "audit-embedded_key").exists()
