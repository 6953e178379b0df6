"""Generates the class: the reference firmware, rules and tables, each with what its student got wrong.

Called by the grader as `generate.py --output FOLDER`. Nothing is built here: this rubric asks for no dump.
"""

import csv
import hashlib
import secrets
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from grading.example_table_class.cloud_files import STATEMENT, rule_json, table_json
from kitbench.command_line import run
from kitbench.errors import BenchError

REFERENCE_PROJECT = Path(__file__).resolve().parents[2] / "firmware" / "sensor_to_table"
_PUBLISHES = "            publish(&reading);\n"
_CONSTANT = "            reading.temperature = 21.5f;\n"


@dataclass(frozen=True, slots=True)
class Student:
    """A student: what this one does, rule and table, and whether the firmware looks at its sensor."""

    id: str
    does: str
    rule: str = rule_json()
    table: str = table_json()
    is_constant: bool = False


STUDENTS = (
    Student("t01", "does everything right"),
    Student("t02", "has the rule listen elsewhere", rule=rule_json(STATEMENT.replace("esp32", "esp8266"))),
    Student("t03", "has another key in the table", table=table_json((("sample_id", "HASH", "S"),))),
    Student("t04", "sends a number of its own", is_constant=True),
)


@click.command()
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A folder that is not there yet.")
def generate(output: Path) -> int:
    """Generate roster.csv and submissions/ for the grader to grade."""
    if not REFERENCE_PROJECT.is_dir():
        raise BenchError(f"{REFERENCE_PROJECT} is missing", stage="generate", fix="grade from a checkout")
    output.mkdir(mode=0o700)
    with (output / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "endpoint", "certificate_sha256"])
        for student in STUDENTS:
            writer.writerow([student.id, *_hand_in(student, output / "submissions" / student.id)])
    return 0


def _hand_in(student: Student, folder: Path) -> tuple[str, str]:
    """Write a submission; return its endpoint and its certificate's SHA-256."""
    endpoint = f"a{secrets.token_hex(7)}-ats.iot.eu-central-1.amazonaws.com"
    certificate = _certificate(student.id)
    project = folder / "project"
    shutil.copytree(REFERENCE_PROJECT, project, ignore=shutil.ignore_patterns("*.pem", "*.key", "*.crt", "build*"))
    (project / "sdkconfig").write_text(f'CONFIG_AWS_IOT_MQTT_HOST="{endpoint}"\n', encoding="utf-8")
    if student.is_constant:
        source = project / "main" / "sensor_to_table.c"
        text = source.read_text(encoding="utf-8")
        source.write_text(text.replace(_PUBLISHES, _CONSTANT + _PUBLISHES), encoding="utf-8")
    (folder / "answers.toml").write_text(f'endpoint = "{endpoint}"\n', encoding="utf-8")
    (folder / "certificate.pem.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "rule.json").write_text(student.rule, encoding="utf-8")
    (folder / "table.json").write_text(student.table, encoding="utf-8")
    return endpoint, hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _certificate(name: str) -> x509.Certificate:
    """Return a certificate; its key is thrown away, as nobody hands one in."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=365)).sign(key, hashes.SHA256())


if __name__ == "__main__":
    sys.exit(run(generate))
