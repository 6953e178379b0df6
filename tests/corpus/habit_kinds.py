"""Honest firmware as people write it: programs of another shape than the reference, doing what the rubric asks for."""

from pathlib import Path
from typing import Final

from tests.corpus.desk import Desk, Edit
from tests.corpus.firmware_kinds import (
    FAILED,
    PASSED,
    PRINTS_WHAT_CAME,
    PRINTS_WHAT_LEFT,
    PUBLISHER,
    SAMPLE,
    SESSION,
    STARTS,
    firmware,
)
from tests.corpus.kind import Family, Kind, Make

_NUMBER: Final = "    snprintf(payload, sizeof(payload), qos == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number);\n"
_QOS: Final = "    int qos = number % 2;\n"
_LOAD: Final = "    ESP_ERROR_CHECK(device_credentials_load(&credentials));\n"
_TASK: Final = '    xTaskCreate(aws_iot_task, "aws_iot_task", TASK_STACK_SIZE, NULL, TASK_PRIORITY, NULL);\n'
_NVS_INCLUDE: Final = '#include "nvs_flash.h"\n'
_TRIES_AGAIN: Final = (
    "        /* The client's own waits are all alike; ours grow and differ from device to device. */\n"
)
_ADDRESS: Final = """        .broker.address.hostname = CONFIG_AWS_IOT_MQTT_HOST,
        .broker.address.port = CONFIG_AWS_IOT_MQTT_PORT,
        .broker.address.transport = MQTT_TRANSPORT_OVER_SSL,
"""
_URI: Final = '        .broker.address.uri = "mqtts://" CONFIG_AWS_IOT_MQTT_HOST,\n'
_COUNTS_IN_NVS: Final = r"""    nvs_handle_t store;
    uint32_t boots = 0;
    ESP_ERROR_CHECK(nvs_open("app", NVS_READWRITE, &store));
    nvs_get_u32(store, "boots", &boots);
    ESP_ERROR_CHECK(nvs_set_u32(store, "boots", boots + 1));
    ESP_ERROR_CHECK(nvs_commit(store));
    nvs_close(store);
    printf("start number %u\n", (unsigned)boots);
"""
_STARTS_TWICE: Final = r"""    if (esp_reset_reason() != ESP_RST_SW) {
        printf("starting over once, for a clean radio\n");
        esp_restart();
    }
"""
_SETS_THE_TIME: Final = r"""    esp_sntp_setoperatingmode(SNTP_OPMODE_POLL);
    esp_sntp_setservername(0, "pool.ntp.org");
    esp_sntp_init();
    while (time(NULL) < 1600000000) {
        vTaskDelay(pdMS_TO_TICKS(200));
    }
"""
_BANNER: Final = (
    '    for (int row = 0; row < 120; row++) {\n        printf("%03d ****************************\\n", row);\n    }\n'
)
_WORKS_IN_MAIN: Final = "    aws_iot_task(NULL);\n"
_DRIVES_A_LAMP: Final = r"""    gpio_set_direction(GPIO_NUM_2, GPIO_MODE_OUTPUT);
    gpio_set_level(GPIO_NUM_2, event->data_len > 0 && event->data[event->data_len - 1] % 2);
"""
_TRUSTS_ROOT: Final = "        .broker.verification.certificate = credentials->root_ca_pem,\n"
_FORGETS_ITS_HOST: Final = _TRUSTS_ROOT + '        .broker.verification.common_name = "localhost",\n'


def _honest(name: str, why: str, *edits: Edit, make: Make | None = None) -> Kind:
    outcomes = {"connects": PASSED, "traffic": PASSED}
    return Kind(name, Family.HONEST, why, make or firmware(*edits), outcomes)


def _payload(code: str) -> Edit:
    return Edit(PUBLISHER, _NUMBER, code)


def _with_files_of_its_own(desk: Desk) -> Path:
    """Hand in a project whose key and certificate have names of its own, the key emptied before it was handed in."""
    names = {"certs/certificate.pem.crt": "certs/device.crt", "certs/private.pem.key": "certs/device.key"}
    symbols = {"_binary_certificate_pem_crt_start": "_binary_device_crt_start"}
    symbols["_binary_private_pem_key_start"] = "_binary_device_key_start"
    project = desk.project(
        *(Edit("main/CMakeLists.txt", f'"{old}"', f'"{new}"') for old, new in names.items()),
        *(Edit("main/device_credentials_embedded.c", f'"{old}"', f'"{new}"') for old, new in symbols.items()),
    )
    (project / "main" / "certs").mkdir(exist_ok=True)
    (project / "main" / "certs" / "device.key").write_bytes(b"")
    (project / "main" / "certs" / "device.crt").write_bytes(desk.certificate_pem)
    return desk.submission


def _with_defaults_alone(desk: Desk) -> Path:
    """Hand in a project without sdkconfig, its endpoint in sdkconfig.defaults."""
    project = desk.project()
    settings = (project / "sdkconfig").read_text(encoding="utf-8")
    (project / "sdkconfig").unlink()
    defaults = project / "sdkconfig.defaults"
    defaults.write_text(defaults.read_text(encoding="utf-8") + settings, encoding="utf-8")
    return desk.submission


HABITS: Final[tuple[Kind, ...]] = (
    _honest("quality of service 1 alone", "the rubric does not say which", Edit(PUBLISHER, _QOS, "    int qos = 1;\n")),
    _honest("quality of service 0 alone", "the rubric does not say which", Edit(PUBLISHER, _QOS, "    int qos = 0;\n")),
    _honest(
        "letters beyond ASCII",
        "a degree sign is a letter",
        _payload('    snprintf(payload, sizeof(payload), "21.%d \\u00b0C \\u2014 gut", number % 10);\n'),
    ),
    _honest(
        "a long message",
        "the rubric sets no length",
        Edit(PUBLISHER, "#define PAYLOAD_SIZE 100", "#define PAYLOAD_SIZE 700"),
        _payload('    snprintf(payload, sizeof(payload), "%0600d", number);\n'),
    ),
    _honest(
        "an address as URI",
        "esp-mqtt takes it either way",
        Edit(SESSION, _ADDRESS, _URI),
    ),
    _honest(
        "the library connects again by itself",
        "who tries again is nobody's affair",
        Edit(SESSION, _TRIES_AGAIN + "        .network.disable_auto_reconnect = true,\n", ""),
        Edit(SESSION, "            esp_mqtt_client_reconnect(s_client);\n", ""),
    ),
    _honest(
        "counts its starts in flash",
        "it may remember what it likes",
        Edit(SAMPLE, STARTS, _COUNTS_IN_NVS + STARTS),
        Edit(SAMPLE, _NVS_INCLUDE, '#include <stdio.h>\n#include "nvs.h"\n' + _NVS_INCLUDE),
    ),
    _honest(
        "restarts itself once",
        "a restart that the firmware asks for is no crash",
        Edit(SAMPLE, STARTS, _STARTS_TWICE + STARTS),
        Edit(SAMPLE, _NVS_INCLUDE, '#include <stdio.h>\n#include "esp_system.h"\n' + _NVS_INCLUDE),
    ),
    _honest(
        "sets its clock first",
        "TLS wants the date; the network tells it",
        Edit(SAMPLE, STARTS, _SETS_THE_TIME + STARTS),
        Edit(SAMPLE, _NVS_INCLUDE, '#include <time.h>\n#include "esp_sntp.h"\n' + _NVS_INCLUDE),
    ),
    _honest(
        "a banner of a hundred lines",
        "what it prints before is not looked at",
        Edit(SAMPLE, _LOAD, _BANNER + _LOAD),
        Edit(SAMPLE, _NVS_INCLUDE, "#include <stdio.h>\n" + _NVS_INCLUDE),
    ),
    _honest(
        "a keep-alive of twenty minutes",
        "AWS lets a kit be silent for so long",
        Edit(SESSION, "#define KEEP_ALIVE_S 10\n", "#define KEEP_ALIVE_S 1200\n"),
    ),
    _honest("no task of its own", "app_main may do it all", Edit(SAMPLE, _TASK, _WORKS_IN_MAIN)),
    _honest(
        "a lamp that the cloud switches",
        "what it does beside is its own affair",
        Edit(SESSION, PRINTS_WHAT_CAME, PRINTS_WHAT_CAME + _DRIVES_A_LAMP),
        Edit(SESSION, '#include "backoff.h"\n', '#include "backoff.h"\n#include "driver/gpio.h"\n'),
    ),
    _honest(
        "prints in a frame of its own",
        "the rubric does not say how a message is shown",
        Edit(PUBLISHER, PRINTS_WHAT_LEFT, '    printf("\\x1b[32m>>> [%s] <<<\\x1b[0m\\r\\n", payload);\n'),
        Edit(SESSION, PRINTS_WHAT_CAME, '    printf("=== {%.*s} ===\\n", event->data_len, event->data);\n'),
        Edit(SESSION, "#define READY_BIT", "#include <stdio.h>\n#define READY_BIT"),
    ),
    _honest(
        "files under names of its own", "the key is taken away before it is handed in", make=_with_files_of_its_own
    ),
    _honest("settings in sdkconfig.defaults alone", "ESP-IDF makes the other file of it", make=_with_defaults_alone),
)

#: Forged, too, but only in what they leave out.
OMISSIONS: Final[tuple[Kind, ...]] = (
    Kind(
        "names another host to be checked",
        Family.FORGED_FIRMWARE,
        "whoever has a certificate for that host stands in the middle",
        firmware(Edit(SESSION, _TRUSTS_ROOT, _FORGETS_ITS_HOST)),
        {"connects": FAILED, "traffic": PASSED},
        {"connects": "wrong_name"},
    ),
    Kind(
        "trusts no root at all",
        Family.FORGED_FIRMWARE,
        "esp-tls refuses to connect without one, unless it is told to skip the server's certificate",
        firmware(Edit(SESSION, _TRUSTS_ROOT, "")),
        {"connects": FAILED, "traffic": FAILED},
    ),
    Kind(
        "sends once and falls silent",
        Family.FORGED_FIRMWARE,
        "one message is no traffic",
        firmware(Edit(PUBLISHER, "!is_limit_reached(number);", "number < 1;")),
        {"connects": PASSED, "traffic": FAILED},
        {"traffic": "message number 2"},
    ),
)
