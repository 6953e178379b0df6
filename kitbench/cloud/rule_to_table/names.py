"""Names of a run's rule: AWS IoT takes no hyphens there."""

from typing import Final

from kitbench.cloud.things.names import OwnName, Run, parse_name

#: One rule with table and role for each run.
ROLE: Final = "rule"
#: The role's only policy.
ROLE_POLICY: Final = "rows"


def rule_name(run: Run) -> str:
    """Return the name of the run's rule."""
    return run.name(ROLE).replace("-", "_")


def parse_rule_name(name: str) -> OwnName | None:
    """Return what a rule's name says, or None when it is not one of ours."""
    return parse_name(name.replace("_", "-")) if "-" not in name else None


def error_topic(run: Run) -> str:
    """Return the topic on which the rule says why an action failed."""
    return run.topic("ruleerror")
