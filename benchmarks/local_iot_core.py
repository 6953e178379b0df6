"""What the local IoT core costs at rest, and its messages per second with and without a rule.

    python benchmarks/local_iot_core.py [--against CHECKOUT] [--rounds 5] [--messages 20000]

Start-up: CPU seconds and peak memory of `kitbench local-iot-core` until it says where it is, of this checkout and of
another one (with a `.venv` of its own) in turn: trust the ratios. Messages: one publisher, one subscriber, QoS 0, over
TLS, with no rule, with a rule that listens elsewhere, and with one that reads each message and selects nothing.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.message_broker import TOPIC, Server, local_iot_core, measure_messages

HERE = Path(__file__).parents[1]


def measure_start(checkout: Path) -> tuple[float, float]:
    """Return CPU seconds and peak MB of a core that was started and ended at once."""
    python = checkout / ".venv" / "bin" / "python"
    command = [str(python), "-m", "kitbench", "local-iot-core", "--json"]
    process = subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare_starts(other: Path | None, rounds: int) -> None:
    """Print the medians of both checkouts, taken in turn."""
    checkouts = [HERE, *([other] if other else [])]
    taken: dict[Path, list[tuple[float, float]]] = {checkout: [] for checkout in checkouts}
    for _ in range(rounds):
        for checkout in checkouts:
            taken[checkout].append(measure_start(checkout))
    medians = {
        checkout: [statistics.median(column) for column in zip(*values, strict=True)]
        for checkout, values in taken.items()
    }
    for checkout, (seconds, size) in medians.items():
        print(f"{checkout}: {seconds:.2f} CPU s, {size:.0f} MB until it is ready")
    if other:
        ratios = [mine / theirs for mine, theirs in zip(medians[HERE], medians[other], strict=True)]
        print(f"ratio: {ratios[0]:.2f} of CPU, {ratios[1]:.2f} of memory")


def make_rule(endpoint: str, sql: str) -> None:
    """Make the one rule that there is, which republishes what it selects."""
    options = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    keys = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench"}
    iot: Any = boto3.client("iot", **options, **keys)  # type: ignore[call-overload]  # options as one
    iam: Any = boto3.client("iam", **options, **keys)  # type: ignore[call-overload]  # as above
    trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": "iot:Publish", "Resource": "*"}
    if not iot.list_topic_rules()["rules"]:
        iam.create_role(RoleName="bench", AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName="bench", PolicyName="bench", PolicyDocument=document(allowed))
    else:
        iot.delete_topic_rule(ruleName="bench")
    role = iam.get_role(RoleName="bench")["Role"]["Arn"]
    action = {"republish": {"roleArn": role, "topic": "elsewhere"}}
    payload = {"sql": sql, "actions": [action], "awsIotSqlVersion": "2016-03-23"}
    iot.create_topic_rule(ruleName="bench", topicRulePayload=payload)


def document(statement: dict[str, Any]) -> str:
    """Return an IAM policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def measure_rules(count: int) -> None:
    """Print messages per second by what rules there are."""
    with tempfile.TemporaryDirectory() as folder, local_iot_core(Path(folder)) as server:
        rows: list[tuple[str, str]] = [
            ("no rule", ""),
            ("a rule that listens elsewhere", "SELECT * FROM 'elsewhere/#'"),
            ("a rule that selects nothing of it", f"SELECT * FROM '{TOPIC}' WHERE false"),
        ]
        for name, sql in rows:
            if sql:
                make_rule(server.endpoint_url, sql)
            print(f"{name:36} {_rate(server, count):8.0f} messages/s")


def _rate(server: Server, count: int) -> float:
    return max(measure_messages(server, count, 0)[0] for _ in range(2))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout, with its .venv")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=20_000)
    arguments = parser.parse_args()
    compare_starts(arguments.against, arguments.rounds)
    measure_rules(arguments.messages)


if __name__ == "__main__":
    main()
