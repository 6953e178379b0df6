"""What the samples of esp-aws-iot call the same settings: those of release/v3.1.x, as in the course, and the LTS ones.

Laid over a project are all names of a setting: a symbol that a project's menu does not have changes nothing.
"""

from typing import Final

HOST: Final = ("AWS_IOT_MQTT_HOST", "MQTT_BROKER_ENDPOINT")
PORT: Final = ("AWS_IOT_MQTT_PORT", "MQTT_BROKER_PORT")
TOPIC: Final = ("EXAMPLE_TOPIC",)
CLIENT_ID: Final = ("AWS_EXAMPLE_CLIENT_ID", "MQTT_CLIENT_IDENTIFIER")


def endpoint_settings(host: str, port: int) -> dict[str, str]:
    """Return the Kconfig symbols that lead a firmware to an endpoint."""
    return dict.fromkeys(HOST, host) | dict.fromkeys(PORT, str(port))


def client_settings(client_id: str) -> dict[str, str]:
    """Return the Kconfig symbols of an MQTT client id."""
    return dict.fromkeys(CLIENT_ID, client_id)
