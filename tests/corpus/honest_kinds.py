"""Honest hand-ins that look odd: each does all that the rubric's text asks for."""

from pathlib import Path
from typing import Final

from tests.corpus.desk import Desk, Edit
from tests.corpus.firmware_kinds import (
    PASSED,
    PRINTS_WHAT_CAME,
    PRINTS_WHAT_LEFT,
    PUBLISHER,
    SAMPLE,
    SESSION,
    STARTS,
    firmware,
)
from tests.corpus.kind import Family, Kind

_LOG_LINES: Final = "main/log_lines.h"
_SETTING: Final = "CONFIG_PARTITION_TABLE_CUSTOM=y\n"
_NUMBER: Final = "    snprintf(payload, sizeof(payload), qos == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number);\n"
_SENDS: Final = (
    "    return esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC, payload, 0, qos, 0) >= 0 ? ESP_OK : ESP_FAIL;\n"
)
_RESTS: Final = "        vTaskDelay(pdMS_TO_TICKS(CONFIG_EXAMPLE_PUBLISH_INTERVAL_MS));\n    }\n    ESP_LOGI"
_KEEP_ALIVE: Final = "        .session.keepalive = KEEP_ALIVE_S,\n"
_LAST_WILL: Final = r"""        .session.last_will.topic = CONFIG_EXAMPLE_TOPIC,
        .session.last_will.msg = "gone",
"""
_EARLY: Final = '    esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC, "here I am", 0, 0, 0);\n'


def _payload(text: str) -> Edit:
    """Return what sends this, printf's format of one number, as it stands in C."""
    return Edit(PUBLISHER, _NUMBER, f'    snprintf(payload, sizeof(payload), "{text}", number);\n')


def _set(settings: str) -> Edit:
    return Edit("sdkconfig.defaults", _SETTING, _SETTING + settings)


def _honest(name: str, why: str, *edits: Edit, is_quick: bool = False) -> Kind:
    return Kind(
        name,
        Family.HONEST,
        why,
        firmware(*edits),
        {"connects": PASSED, "traffic": PASSED},
        is_quick=is_quick,
    )


def _with_a_pasted_endpoint(desk: Desk) -> Path:
    """Hand in answers and sdkconfig with the endpoint as people paste it, and a dump that has it in capitals."""
    project, host = desk.project(), desk.student.endpoint
    (project / "sdkconfig").write_text(f'CONFIG_AWS_IOT_MQTT_HOST="{host.upper()} "\n', encoding="utf-8")
    built = desk.build(project, kconfig={"AWS_IOT_MQTT_HOST": host.upper()})
    (desk.submission / "flash.bin").write_bytes(built.flash_image(built.flash_size))
    desk.write_certificate()
    desk.write_answers(endpoint=f" https://{host.upper()}:8883/")
    return desk.submission


HONEST: Final[tuple[Kind, ...]] = (
    Kind(
        "endpoint as it was pasted",
        Family.HONEST,
        "host names have no case, and the rubric asks for the endpoint and not for its spelling",
        _with_a_pasted_endpoint,
        {"endpoint": PASSED},
        is_quick=True,
    ),
    _honest(
        "raw bytes, shown in hex",
        "the rubric does not say what a message looks like",
        Edit(
            PUBLISHER,
            _NUMBER,
            "    payload[0] = 1;\n    payload[1] = (char)(200 + number % 50);\n    payload[2] = 0;\n",
        ),
        Edit(PUBLISHER, PRINTS_WHAT_LEFT, "    ESP_LOG_BUFFER_HEX(TAG, payload, 2);\n"),
    ),
    _honest(
        "sends before it has subscribed",
        "the first message never comes back to it, which is nobody's fault",
        Edit(SESSION, "    ESP_LOGI(TAG, LOG_LINE_CONNECTED);\n", "    ESP_LOGI(TAG, LOG_LINE_CONNECTED);\n" + _EARLY),
        Edit(PUBLISHER, PRINTS_WHAT_LEFT, ""),
    ),
    _honest(
        "a session that outlives its connection",
        "the rubric does not ask for a clean one",
        Edit(SESSION, _KEEP_ALIVE, _KEEP_ALIVE + "        .session.disable_clean_session = true,\n"),
    ),
    _honest("the reference", "it is what the course hands out", is_quick=True),
    _honest(
        "an older sample's log lines",
        "no mark rests on how a line is worded",
        Edit(_LOG_LINES, '"Connecting to AWS..."', "\"Connecting to AWS with client ID 'myesp32'\""),
        Edit(_LOG_LINES, '"MQTT connected"', '"up"'),
    ),
    _honest(
        "JSON payload",
        "the rubric does not say what a message looks like",
        _payload(r"{\"temperature\": 21.5, \"n\": %d}"),
    ),
    _honest(
        "JSON payload over several lines",
        "the serial line shows a line break as it likes",
        _payload(r"{\n  \"n\": %d,\n  \"on\": true\n}\n"),
    ),
    _honest(
        "counter from 1",
        "the rubric does not say where to begin",
        Edit(PUBLISHER, "publish(number))", "publish(number + 1))"),
    ),
    _honest(
        "a counter per quality of service",
        "two messages may have the same number",
        Edit(
            PUBLISHER,
            "qos == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number)",
            "qos == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number / 2)",
        ),
    ),
    _honest(
        "always the same message",
        "the rubric asks for no counter",
        Edit(PUBLISHER, _NUMBER, '    snprintf(payload, sizeof(payload), "ping");\n'),
    ),
    _honest(
        "each message twice",
        "QoS 1 is at least once",
        Edit(
            SESSION,
            _SENDS,
            "    esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC, payload, 0, qos, 0);\n" + _SENDS,
        ),
    ),
    _honest(
        "one message per 10 s",
        "the rubric sets no rate",
        Edit(PUBLISHER, _RESTS, "        vTaskDelay(pdMS_TO_TICKS(10000));\n    }\n    ESP_LOGI"),
    ),
    _honest(
        "bursts of four",
        "the rubric sets no rate",
        Edit(PUBLISHER, _RESTS, "        vTaskDelay(pdMS_TO_TICKS(number % 4 == 0 ? 6000 : 10));\n    }\n    ESP_LOGI"),
    ),
    _honest(
        "prints only what comes back",
        "so does the course's own sample",
        Edit(PUBLISHER, PRINTS_WHAT_LEFT, ""),
    ),
    _honest(
        "log level NONE, messages by printf",
        "the boot line is a log line, too",
        _set("CONFIG_LOG_DEFAULT_LEVEL_NONE=y\nCONFIG_BOOTLOADER_LOG_LEVEL_NONE=y\n"),
        Edit(SESSION, PRINTS_WHAT_CAME, '    printf("%.*s\\n", event->data_len, event->data);\n'),
        Edit(SESSION, "#define READY_BIT", "#include <stdio.h>\n#define READY_BIT"),
    ),
    _honest(
        "log level WARN",
        "the bench builds with level INFO at least, as it has to see what the rubric asks for",
        _set("CONFIG_LOG_DEFAULT_LEVEL_WARN=y\n"),
    ),
    _honest(
        "waits before it connects",
        "a sensor may need its time",
        Edit(SAMPLE, STARTS, "    vTaskDelay(pdMS_TO_TICKS(14000));\n" + STARTS),
    ),
    _honest(
        "a last will on its own topic",
        "the will is the broker's message, and comes while the kit is held in reset",
        Edit(SESSION, _KEEP_ALIVE, _KEEP_ALIVE + _LAST_WILL),
    ),
    _honest(
        "tries only once to connect",
        "the rubric asks for no second attempt",
        Edit(SESSION, "            esp_mqtt_client_reconnect(s_client);\n", "            vTaskDelay(portMAX_DELAY);\n"),
    ),
)
