"""How a student of the example class does the assignment: build, flash, dump, and state what was found."""

import json
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from grading.example_class.course_cloud import Registered
from grading.example_class.hand_in import HandIn, answers
from grading.example_class.kits import Kit
from grading.example_class.stand_ins import run_tool
from grading.example_class.students import Student
from kitbench.errors import BenchError
from kitbench.flash_format import partition_table

PROJECTS = Path(__file__).resolve().parent / "projects"
#: Where the certificate is in the `devcert` partition: magic, length and CRC-32 before it.
_DEVCERT_MAGIC = b"DCRT"


def hand_in(
    student: Student, reference: Path, work: Path, registered: Registered, kits: tuple[Kit, Kit | None]
) -> HandIn:
    """Do a student's assignment on its kits."""
    endpoint = student.endpoint or registered.endpoint
    kit, chip_kit = kits
    build = Build(work, registered, endpoint, reference)
    project = build.project("project", student.project)
    dump = work / "flash.bin"
    kit.flash(build.build(project, "embedded_key", source=student.built_project))
    kit.dump(dump)
    files = {"flash.bin": dump.read_bytes(), "certificate.pem.crt": registered.certificate_pem}
    projects = {"project": project}
    if chip_kit is not None and student.chip_project is not None:
        chip_project = build.project("project_atecc608a", student.chip_project)
        files["flash_atecc608a.bin"] = _chip_dump(student, build, chip_project, chip_kit)
        projects["project_atecc608a"] = chip_project
    offset = files["flash.bin"].find(registered.private_key_pem[:200])
    if offset < 0:
        raise BenchError(f"the dump of {student.id} does not hold the key that was embedded", stage="generate")
    files["answers.toml"] = answers(endpoint, offset)
    return HandIn(registered, files, projects, offset)


@dataclass(frozen=True, slots=True)
class Build:
    """A student's desk: projects and builds below `work`."""

    work: Path
    registered: Registered
    endpoint: str
    reference: Path

    def project(self, name: str, overlay: str) -> Path:
        """Return a copy of the reference project with a student's files over it."""
        project = self.work / name
        shutil.copytree(self.reference, project, ignore=shutil.ignore_patterns("*.pem", "*.key", "*.crt", "build*"))
        if overlay:
            shutil.copytree(PROJECTS / overlay, project, dirs_exist_ok=True)
        return project

    def build(self, project: Path, variant: str, *, source: str | None = None) -> Path:
        """Build a project with the student's certificate and endpoint; its sdkconfig becomes part of the project.

        Args:
            project: what is handed in.
            variant: which of the two.
            source: overlay that was built in its place, when what is handed in is not what was built.
        """
        built = project if source is None else self.project(f"{project.name}-as-built", source)
        folder = self.work / f"build_{variant}"
        run_tool(
            "kitbench", "build", str(built), "-o", str(folder),
            "--variant", variant,
            "--overlay", str(self._certificates()),
            "--set", f"CONFIG_AWS_IOT_MQTT_HOST={self.endpoint}",
            stage="build",
        )  # fmt: skip
        shutil.copy(folder / "sdkconfig", project / "sdkconfig")
        return folder

    def _certificates(self) -> Path:
        """Return the folder with the files that the project embeds."""
        folder = self.work / "overlay"
        certificates = folder / "main" / "certs"
        certificates.mkdir(parents=True, exist_ok=True)
        (certificates / "aws-root-ca.pem").write_bytes(self.registered.root_ca_pem)
        (certificates / "certificate.pem.crt").write_bytes(self.registered.certificate_pem)
        (certificates / "private.pem.key").write_bytes(self.registered.private_key_pem)
        return folder


def _chip_dump(student: Student, build: Build, project: Path, kit: Kit) -> bytes:
    """Build and flash the ATECC608A variant, give the chip its certificate, dump."""
    folder = build.build(project, "atecc608a")
    kit.flash(folder)
    certificate = build.registered.cloud.sign(kit.signing_request(student.id))
    image = build.work / "devcert.bin"
    length, checksum = len(certificate).to_bytes(4, "little"), zlib.crc32(certificate).to_bytes(4, "little")
    image.write_bytes(_DEVCERT_MAGIC + length + checksum + certificate)
    kit.write(_devcert_offset(folder), image)
    dump = build.work / "flash_atecc608a.bin"
    kit.dump(dump)
    return dump.read_bytes()


def _devcert_offset(build: Path) -> int:
    arguments = json.loads((build / "flasher_args.json").read_text(encoding="utf-8"))
    table = partition_table.parse((build / arguments["partition-table"]["file"]).read_bytes())
    return next(partition.offset for partition in table.partitions if partition.name == "devcert")
