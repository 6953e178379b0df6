from pathlib import Path

import pytest

from kitbench.firmware.own_endpoint import OwnEndpoint, own_endpoint

HOST = "a1b2-ats.iot.eu-west-1.amazonaws.com"
MENU = """menu "Example"
    config AWS_IOT_MQTT_HOST
        string "Host"
        default ""
    config AWS_IOT_MQTT_PORT
        int "Port"
        range 1 65535
        default 8883
    config AWS_EXAMPLE_CLIENT_ID
        string "Client id"
        default "myesp32"
endmenu
"""


def project(folder: Path, **files: str) -> Path:
    (folder / "main").mkdir()
    for name, text in files.items():
        path = folder / {"menu": "main/Kconfig.projbuild", "defaults": "sdkconfig.defaults"}.get(name, name)
        path.write_text(text, encoding="utf-8")
    return folder


def test_last_assignment_counts_and_wins_over_defaults_and_menu(tmp_path: Path) -> None:
    sdkconfig = f'CONFIG_AWS_IOT_MQTT_HOST="old"\nCONFIG_AWS_IOT_MQTT_HOST=" {HOST} "\nCONFIG_AWS_IOT_MQTT_PORT=443\n'
    defaults = 'CONFIG_AWS_IOT_MQTT_HOST="other"\nCONFIG_AWS_EXAMPLE_CLIENT_ID="kit 7"\n'

    own = own_endpoint(project(tmp_path, sdkconfig=sdkconfig, defaults=defaults, menu=MENU))

    assert own == OwnEndpoint(HOST, 443, "")  # a client id with a blank is none that a policy can name


def test_names_of_the_lts_sample_count_too(tmp_path: Path) -> None:
    menu = MENU.replace("AWS_IOT_MQTT_HOST", "MQTT_BROKER_ENDPOINT")
    menu = menu.replace("AWS_IOT_MQTT_PORT", "MQTT_BROKER_PORT").replace(
        "AWS_EXAMPLE_CLIENT_ID", "MQTT_CLIENT_IDENTIFIER"
    )
    sdkconfig = f'CONFIG_MQTT_BROKER_ENDPOINT="{HOST}"\nCONFIG_MQTT_BROKER_PORT=443\n'

    assert own_endpoint(project(tmp_path, sdkconfig=sdkconfig, menu=menu)) == OwnEndpoint(HOST, 443, "myesp32")


def test_menu_alone(tmp_path: Path) -> None:
    assert own_endpoint(project(tmp_path, menu=MENU)) == OwnEndpoint("", 8883, "myesp32")


@pytest.mark.parametrize("sdkconfig", ["", "\0\xff", "CONFIG_AWS_IOT_MQTT_PORT=99999\n", "CONFIG_AWS_IOT_MQTT_PORT=x"])
def test_nothing_that_can_be_used(tmp_path: Path, sdkconfig: str) -> None:
    assert own_endpoint(project(tmp_path, sdkconfig=sdkconfig)) == OwnEndpoint()


def test_file_without_end_is_not_read(tmp_path: Path) -> None:
    huge = f'CONFIG_AWS_IOT_MQTT_HOST="{HOST}"\n' + "\n" * (2 << 20)

    assert own_endpoint(project(tmp_path, sdkconfig=huge)) == OwnEndpoint()


@pytest.mark.parametrize(
    ("topic", "kept"), [("s07/data", "s07/data"), ("$aws/things/x", ""), ("class/+", ""), ("a topic", ""), ("", "")]
)
def test_topic_that_a_policy_can_name_is_kept(tmp_path: Path, topic: str, kept: str) -> None:
    assert own_endpoint(project(tmp_path, sdkconfig=f'CONFIG_EXAMPLE_TOPIC="{topic}"\n')).topic == kept
