"""Substitution templates: ``${expression}`` within the parameters of an action. Pure.

Source: AWS IoT Core developer guide, "Substitution templates".
"""

from dataclasses import dataclass

from kitbench.local_iot_core.rules.evaluation import Occasion, evaluate
from kitbench.local_iot_core.rules.syntax import Expression, SqlError, parse_expression
from kitbench.local_iot_core.rules.value import UNDEFINED, to_string


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions in it, in order."""

    parts: tuple["str | Expression", ...]

    def fill(self, occasion: Occasion) -> str:
        """Return the text for a message.

        Raises:
            SqlError: an expression is Undefined for this message.
        """
        return "".join(part if isinstance(part, str) else _text(part, occasion) for part in self.parts)


def parse_template(text: str) -> Template:
    """Return the template in a text.

    Raises:
        SqlError: an expression in it is none, or its brace is not closed.
    """
    parts: list[str | Expression] = []
    rest = text
    while "${" in rest:
        before, _, after = rest.partition("${")
        expression, rest = _split(after)
        parts += [before, parse_expression(expression)]
    return Template((*parts, rest))


def _split(text: str) -> tuple[str, str]:
    """Return what stands before the brace that closes, and what behind it; not those of strings and objects."""
    depth, quote = 0, ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}":
            if depth == 0:
                return text[:at], text[at + 1 :]
            depth -= 1
    raise SqlError(f"'${{{text[:20]}' is not closed by a brace")


def _text(expression: Expression, occasion: Occasion) -> str:
    value = to_string(evaluate(expression, occasion))
    if value is UNDEFINED:
        raise SqlError("a substitution template is Undefined for this message")
    return str(value)
