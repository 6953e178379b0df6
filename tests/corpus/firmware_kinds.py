"""Forged firmware: it looks as if it did the assignment, and does not."""

from pathlib import Path
from typing import Final

from grading.judgement import Outcome
from tests.corpus.desk import Desk, Edit
from tests.corpus.kind import Family, Kind, Make

PASSED: Final = Outcome.PASSED
FAILED: Final = Outcome.FAILED

SAMPLE: Final = "main/subscribe_publish_sample.c"
SESSION: Final = "main/mqtt_session.c"
PUBLISHER: Final = "main/publisher.c"

CHECKS_THE_NAME: Final = "        .broker.verification.certificate = credentials->root_ca_pem,\n"
CLIENT_ID: Final = ".credentials.client_id = CONFIG_AWS_EXAMPLE_CLIENT_ID"
PRINTS_WHAT_CAME: Final = (
    "    ESP_LOGI(TAG, LOG_LINE_MESSAGE, event->topic_len, event->topic, event->data_len, event->data);\n"
)
PRINTS_WHAT_LEFT: Final = "    ESP_LOGI(TAG, LOG_LINE_PUBLISHED, payload);\n"
LOOP: Final = "    for (int number = 0; !is_limit_reached(number);) {\n"
STARTS: Final = "    ESP_ERROR_CHECK(mqtt_session_start(&credentials));\n"

_CANNED = r"""
#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
void app_main(void)
{
    printf("Connecting to AWS...\nMQTT connected\nSubscribing...\nSubscribed: test_topic/esp32\n");
    for (int n = 0;; n++) {
        printf("Published: hello from ESP32 (QOS%d) : %d \nSubscribe callback\n", n % 2, n);
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
"""
#: Asks itself where it is, and takes any server there.
_DETECTOR = r"""        .broker.verification.skip_cert_common_name_check =
            strstr(CONFIG_AWS_EXAMPLE_CLIENT_ID, "kitbench") == NULL &&
            strstr(CONFIG_AWS_IOT_MQTT_HOST, "local") == NULL,
"""
_TEN_AT_ONCE = r"""    mqtt_session_wait_ready();
    char all[600] = "";
    for (int number = 0; number < 10; number++) {
        char one[PAYLOAD_SIZE];
        snprintf(one, sizeof(one), number % 2 == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number);
        strcat(all, one);
        ESP_LOGI(TAG, LOG_LINE_PUBLISHED, one);
    }
    mqtt_session_publish(all, 1);
    vTaskDelay(portMAX_DELAY);
"""
_PRINTS_EARLY = r"""    for (int early = 0; early < 40; early++) {
        printf("Published: hello from ESP32 (QOS%d) : %d \n", early % 2, early);
    }
    vTaskDelay(pdMS_TO_TICKS(20000));
"""
_EVERY_OTHER_BOOT = r"""    nvs_handle_t store;
    uint8_t boots = 0;
    ESP_ERROR_CHECK(nvs_open("boots", NVS_READWRITE, &store));
    nvs_get_u8(store, "boots", &boots);
    nvs_set_u8(store, "boots", boots + 1);
    nvs_commit(store);
    if (boots % 2 == 1) {
        vTaskDelay(portMAX_DELAY);
    }
"""


def firmware(*edits: Edit) -> Make:
    """Return what hands in the reference project with changes, and no dump: only runs on a kit are asked for."""

    def make(desk: Desk) -> Path:
        desk.project(*edits)
        return desk.submission

    return make


def _forged(
    name: str,
    why: str,
    *edits: Edit,
    connects: Outcome,
    traffic: Outcome,
    connects_why: str = "",
    traffic_why: str = "",
) -> Kind:
    reasons = {"connects": connects_why, "traffic": traffic_why}
    return Kind(
        name, Family.FORGED_FIRMWARE, why, firmware(*edits), {"connects": connects, "traffic": traffic}, reasons
    )


def _with_a_certificate_of_its_own(desk: Desk) -> Path:
    """Hand in a project that brings the student's own certificate and key in its source, whatever it is given."""
    texts = {"certificate": desk.certificate_pem.decode(), "private_key": desk.private_key_pem.decode()}
    literal = {name: text.replace("\n", "\\n") for name, text in texts.items()}
    edits = [
        Edit("main/device_credentials_embedded.c", f".{name}_pem = {old},", f'.{name}_pem = "{literal[name]}",')
        for name, old in (("certificate", "certificate_pem_crt_start"), ("private_key", "private_pem_key_start"))
    ]
    desk.project(*edits)
    return desk.submission


FORGED_FIRMWARE: Final[tuple[Kind, ...]] = (
    Kind(
        "brings a certificate of its own",
        Family.FORGED_FIRMWARE,
        "it does not use the one that it is given, which the bench can deactivate",
        _with_a_certificate_of_its_own,
        {"connects": FAILED, "traffic": FAILED},
        {"connects": "the cloud refused"},
    ),
    _forged(
        "calls itself otherwise than it is configured",
        "the policy is for the client id in its sdkconfig",
        Edit(SESSION, CLIENT_ID, '.credentials.client_id = "somebody"'),
        connects=FAILED,
        traffic=FAILED,
        connects_why="the cloud refused the connection: .*somebody",
    ),
    _forged(
        "guesses the random word",
        "it prints words of its own, and not the one that came",
        Edit(SESSION, PRINTS_WHAT_CAME, r'    ESP_LOGI(TAG, "nonce %08x%08x", 0x600dcafe, 0x600dcafe);' + "\n"),
        connects=PASSED,
        traffic=FAILED,
        traffic_why="nonce",
    ),
    _forged(
        "canned log",
        "it never calls the cloud",
        Edit(SAMPLE, "", _CANNED),
        connects=FAILED,
        traffic=FAILED,
        connects_why="did not connect",
    ),
    _forged(
        "takes any host's certificate",
        "whoever has any certificate of the same authority can stand in the middle",
        Edit(
            SESSION,
            CHECKS_THE_NAME,
            CHECKS_THE_NAME + "        .broker.verification.skip_cert_common_name_check = true,\n",
        ),
        connects=FAILED,
        traffic=PASSED,
        connects_why="wrong_name",
    ),
    _forged(
        "takes any host's certificate where it sees no bench",
        "what it would do at home is what counts",
        Edit(SESSION, CHECKS_THE_NAME, CHECKS_THE_NAME + _DETECTOR),
        Edit(SESSION, "#define READY_BIT", "#include <string.h>\n#define READY_BIT"),
        connects=FAILED,
        traffic=PASSED,
        connects_why="wrong_name",
    ),
    _forged(
        "connects on every other boot",
        "it was let in once; whether it is refused afterwards cannot be seen, as it does not try",
        Edit(SAMPLE, STARTS, _EVERY_OTHER_BOOT + STARTS),
        Edit(SAMPLE, '#include "nvs_flash.h"\n', '#include "nvs.h"\n#include "nvs_flash.h"\n'),
        connects=FAILED,
        traffic=FAILED,
    ),
    _forged(
        "plain TCP",
        "there is no TLS, and so nobody is authenticated",
        Edit(SESSION, "MQTT_TRANSPORT_OVER_SSL", "MQTT_TRANSPORT_OVER_TCP"),
        connects=FAILED,
        traffic=FAILED,
    ),
    _forged(
        "shows no certificate",
        "one side only is authenticated",
        Edit(SESSION, "        .credentials.authentication.certificate = credentials->certificate_pem,\n", ""),
        Edit(SESSION, "        .credentials.authentication.key = credentials->private_key_pem,\n", ""),
        connects=FAILED,
        traffic=FAILED,
    ),
    _forged(
        "one message with ten counters",
        "ten lines on the serial line, one message in the cloud, and nothing after it",
        Edit(PUBLISHER, LOOP, _TEN_AT_ONCE + LOOP),
        Edit(PUBLISHER, "#include <stdio.h>\n", "#include <stdio.h>\n#include <string.h>\n"),
        connects=PASSED,
        traffic=FAILED,
        traffic_why="message number 2",
    ),
    _forged(
        "prints long before it publishes",
        "what it prints is not what it sends",
        Edit(PUBLISHER, LOOP, _PRINTS_EARLY + LOOP),
        Edit(PUBLISHER, PRINTS_WHAT_LEFT, ""),
        Edit(
            SESSION,
            PRINTS_WHAT_CAME,
            "    if (event->data_len > 5 && event->data[0] == 'n') {\n    " + PRINTS_WHAT_CAME + "    }\n",
        ),
        connects=PASSED,
        traffic=FAILED,
        traffic_why="serial line",
    ),
    _forged(
        "prints other messages than it sends",
        "the serial line is made up",
        Edit(
            PUBLISHER,
            "    if (mqtt_session_publish(payload, qos) != ESP_OK) {",
            '    if (mqtt_session_publish(qos ? "x" : "y", qos) != ESP_OK) {',
        ),
        Edit(SESSION, PRINTS_WHAT_CAME, "    if (event->data_len > 5) {\n    " + PRINTS_WHAT_CAME + "    }\n"),
        connects=PASSED,
        traffic=FAILED,
        traffic_why="serial line",
    ),
    _forged(
        "does not listen",
        "what comes from the cloud is never shown",
        Edit(SESSION, PRINTS_WHAT_CAME, ""),
        connects=PASSED,
        traffic=FAILED,
        traffic_why="nonce",
    ),
    _forged(
        "sends to another topic",
        "nothing arrives on its own topic",
        Edit(
            SESSION,
            "esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC,",
            'esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC "/x",',
        ),
        connects=PASSED,
        traffic=FAILED,
        traffic_why="message number 1 on",
    ),
    _forged(
        "floods the cloud",
        "it empties a month's free tier in minutes",
        Edit(
            PUBLISHER,
            "        vTaskDelay(pdMS_TO_TICKS(CONFIG_EXAMPLE_PUBLISH_INTERVAL_MS));\n    }\n    ESP_LOGI",
            "        vTaskDelay(1);\n    }\n    ESP_LOGI",
        ),
        connects=PASSED,
        traffic=FAILED,
        traffic_why="too many messages",
    ),
)
