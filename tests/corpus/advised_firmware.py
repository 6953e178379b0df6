"""Firmware for Device Advisor's tests: a model that passes all that a virtual kit can show, and mutants of it.

All of it is the reference firmware with edits; the model adds what a product has and a course's example has not.
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SESSION: Final = "main/mqtt_session.c"
PUBLISHER: Final = "main/publisher.c"
BACKOFF: Final = "main/backoff.c"
SAMPLE: Final = "main/subscribe_publish_sample.c"
SETTINGS: Final = "sdkconfig.defaults"

_STARTS: Final = "    s_client = esp_mqtt_client_init(&config);\n"
_KEEP_ALIVE: Final = "        .session.keepalive = KEEP_ALIVE_S,\n"
_CERTIFICATE: Final = "        .broker.verification.certificate = credentials->root_ca_pem,\n"
_DOUBLES: Final = "    return half + esp_random() % (half + 1);\n"
_SUBSCRIBES: Final = "        subscribe();\n"
_RECEIVES: Final = "    ESP_LOGI(TAG, LOG_LINE_RECEIVED);\n"

#: Opens TLS by itself, and says nothing over it.
_TLS_ALONE: Final = """    esp_tls_cfg_t cfg = {
        .cacert_buf = (const unsigned char *)credentials->root_ca_pem,
        .cacert_bytes = strlen(credentials->root_ca_pem) + 1,
        .clientcert_buf = (const unsigned char *)credentials->certificate_pem,
        .clientcert_bytes = strlen(credentials->certificate_pem) + 1,
        .clientkey_buf = (const unsigned char *)credentials->private_key_pem,
        .clientkey_bytes = strlen(credentials->private_key_pem) + 1,
    };
    esp_tls_conn_new_sync(CONFIG_AWS_IOT_MQTT_HOST, strlen(CONFIG_AWS_IOT_MQTT_HOST), CONFIG_AWS_IOT_MQTT_PORT, &cfg,
                          esp_tls_init());
    vTaskDelay(portMAX_DELAY);
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text in a file, and what stands there instead; an empty text appends."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Firmware:
    """The reference firmware with edits.

    Attributes:
        catches: the tests that must fail.
        touches: tests that the edits change, too, in whatever way.
    """

    name: str
    edits: tuple[Edit, ...] = ()
    catches: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()

    def make(self, reference: Path, folder: Path) -> Path:
        """Write the project into a folder; return it.

        Raises:
            ValueError: a text to be replaced is not there, once.
        """
        project = folder / "project"
        shutil.copytree(reference, project, ignore=shutil.ignore_patterns("build*"))
        for edit in self.edits:
            path = project / edit.file
            text = path.read_text(encoding="utf-8")
            if edit.old and text.count(edit.old) != 1:
                raise ValueError(f"{self.name}: {edit.file} has {edit.old[:60]!r} {text.count(edit.old)} times")
            path.write_text(text.replace(edit.old, edit.new) if edit.old else text + edit.new, encoding="utf-8")
        return project


_CHECKS_DATES: Final = (
    Edit(SETTINGS, "", "\nCONFIG_MBEDTLS_HAVE_TIME=y\nCONFIG_MBEDTLS_HAVE_TIME_DATE=y\n"),
    Edit(SAMPLE, '#include "publisher.h"\n', '#include "publisher.h"\n#include <sys/time.h>\n'),
    # Its build knows the time, as a product knows it from SNTP.
    Edit(
        SAMPLE,
        "    initialise_nvs();\n    ESP_ERROR_CHECK(esp_event",
        f"    struct timeval now = {{ .tv_sec = {int(time.time())} }};\n    settimeofday(&now, NULL);\n"
        "    initialise_nvs();\n    ESP_ERROR_CHECK(esp_event",
    ),
)
_PATIENT: Final = (
    Edit(SESSION, ".base_ms = 2000", ".base_ms = 3000"),
    # A connection is good when messages went over it, and not when it was made.
    Edit(SESSION, "    backoff_reset(&s_backoff);\n", "    s_sent = 0;\n"),
    Edit(SESSION, "static backoff_t s_backoff", "static int s_sent;\nstatic backoff_t s_backoff"),
    Edit(
        SESSION,
        "    return esp_mqtt_client_publish(s_client",
        "    if (++s_sent == 4) {\n        backoff_reset(&s_backoff);\n    }\n"
        "    return esp_mqtt_client_publish(s_client",
    ),
)
#: A lamp with a shadow and jobs, in a session that outlives the connection, and a retained word that it is there.
_LAMP: Final = r"""
#define SHADOW "$aws/things/" CONFIG_AWS_EXAMPLE_CLIENT_ID "/shadow/update"

static bool s_lamp = true;

static void report(void)
{
    char state[64];
    snprintf(state, sizeof(state), "{\"state\":{\"reported\":{\"lamp\":%s}}}", s_lamp ? "true" : "false");
    esp_mqtt_client_publish(s_client, SHADOW, state, 0, 1, 0);
}

#define JOBS "$aws/things/" CONFIG_AWS_EXAMPLE_CLIENT_ID "/jobs/"

static void say_of_job(const char *job, const char *status)
{
    char topic[160], body[48];
    snprintf(topic, sizeof(topic), JOBS "%s/update", job);
    snprintf(body, sizeof(body), "{\"status\":\"%s\"}", status);
    esp_mqtt_client_publish(s_client, topic, body, 0, 1, 0);
}

static void do_job(const esp_mqtt_event_t *event)
{
    char told[600];
    snprintf(told, sizeof(told), "%.*s", event->data_len, event->data);
    char *job = strstr(told, "\"jobId\":\"");
    if (job == NULL) {
        return; /* an answer, or nothing is left to be done */
    }
    job += strlen("\"jobId\":\"");
    *strchr(job, '"') = '\0';
    say_of_job(job, "IN_PROGRESS");
    say_of_job(job, "SUCCEEDED");
}

static void subscribe(void)
{
    esp_mqtt_client_subscribe_single(s_client, SHADOW "/delta", 0);
    esp_mqtt_client_subscribe_single(s_client, JOBS "notify-next", 0);
    esp_mqtt_client_subscribe_single(s_client, CONFIG_EXAMPLE_TOPIC, 1);
}

static void follow(const esp_mqtt_event_t *event)
{
    char topic[160];
    snprintf(topic, sizeof(topic), "%.*s", event->topic_len, event->topic);
    if (strstr(topic, "/jobs/") != NULL) {
        do_job(event);
        return;
    }
    char delta[200];
    snprintf(delta, sizeof(delta), "%.*s", event->data_len, event->data);
    s_lamp = strstr(delta, "false") == NULL;
    report();
}

static void on_connected(const esp_mqtt_event_t *event)
{"""
_KEEPS_SESSION: Final = (
    Edit(SESSION, '#include "sdkconfig.h"\n', '#include "sdkconfig.h"\n#include <stdio.h>\n#include <string.h>\n'),
    Edit(SESSION, "\nstatic void on_connected(void)\n{", _LAMP),
    Edit(SESSION, "        on_connected();\n", "        on_connected(event);\n"),
    Edit(
        SESSION,
        "    esp_mqtt_client_subscribe_single(s_client, CONFIG_EXAMPLE_TOPIC, 0);\n",
        "    if (event->session_present) {\n        xEventGroupSetBits(s_events, READY_BIT);\n    } else {\n"
        f'{_SUBSCRIBES}    }}\n    esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC, "on", 0, 1, 1);\n'
        "    report();\n",
    ),
    Edit(SESSION, _RECEIVES, f"    if (event->topic[0] == '$') {{\n        follow(event);\n    }}\n{_RECEIVES}"),
    Edit(SESSION, _KEEP_ALIVE, f"{_KEEP_ALIVE}        .session.disable_clean_session = true,\n"),
)
MODEL: Final = (*_CHECKS_DATES, *_PATIENT, *_KEEPS_SESSION)

RETRIES: Final = (
    "MQTT_Connect_Jitter_Backoff_Retries",
    "MQTT_Connect_Exponential_Backoff_Retries",
    "MQTT_Reconnect_Backoff_Retries_On_Server_Disconnect",
    "MQTT_Reconnect_Backoff_Retries_On_Unstable_Connection",
)
_REFUSALS: Final = (
    "TLS_Unsecure_Server_Cert",
    "TLS_Incorrect_Subject_Name_Server_Cert",
    "TLS_Expired_Server_Cert",
)
SESSIONS: Final = ("MQTT_Persistent_Session_Happy_Case", "MQTT_Expired_Persistent_Session")
SHADOW_UPDATE: Final = "Shadow_Update_Reported_State"
JOB: Final = "Job_Execution"
ALL: Final = ("*",)
_CARELESS: Final = "\nCONFIG_ESP_TLS_INSECURE=y\nCONFIG_ESP_TLS_SKIP_SERVER_CERT_VERIFY=y\n"
_COMES_BACK_CLEAN: Final = """static esp_mqtt_client_config_t s_config;

static void on_disconnected(void)
{
    s_config.session.disable_clean_session = false;
    esp_mqtt_set_config(s_client, &s_config);
"""

REFERENCE: Final = Firmware("reference firmware")
MODEL_FIRMWARE: Final = Firmware("model", MODEL)
MUTANTS: Final = (
    Firmware(
        "plain TCP",
        (*MODEL, Edit(SESSION, "MQTT_TRANSPORT_OVER_SSL", "MQTT_TRANSPORT_OVER_TCP")),
        ("TLS_Connect",),
        ALL,
    ),
    Firmware(
        "no root certificate",
        # ESP-IDF refuses to connect without one, unless it is told twice not to care.
        (*MODEL, Edit(SESSION, _CERTIFICATE, ""), Edit(SETTINGS, "", _CARELESS)),
        _REFUSALS[:1],
        _REFUSALS,
    ),
    Firmware(
        "any name",
        (
            *MODEL,
            Edit(
                SESSION,
                _CERTIFICATE,
                f"{_CERTIFICATE}        .broker.verification.skip_cert_common_name_check = true,\n",
            ),
        ),
        _REFUSALS[1:2],
    ),
    Firmware("no clock", (*_PATIENT, *_KEEPS_SESSION), _REFUSALS[2:]),
    Firmware(
        "TLS without MQTT",
        (
            *MODEL,
            Edit(SESSION, _STARTS, _TLS_ALONE + _STARTS),
            Edit(
                SESSION,
                '#include "mqtt_client.h"\n',
                '#include "mqtt_client.h"\n#include "esp_tls.h"\n',
            ),
        ),
        ("MQTT_Connect",),
        ALL,
    ),
    Firmware(
        "no subscription",
        (*MODEL, Edit(SESSION, _SUBSCRIBES, "        xEventGroupSetBits(s_events, READY_BIT);\n")),
        ("MQTT_Subscribe",),
        ("MQTT_Client_Puback_Qos1", "MQTT_Subscribe_Retry_No_Suback", *SESSIONS, SHADOW_UPDATE, JOB),
    ),
    Firmware("QoS 1 alone", (*MODEL, Edit(PUBLISHER, "int qos = number % 2;", "int qos = 1;")), ("MQTT_Publish",)),
    Firmware(
        "constant back-off",
        (*MODEL, Edit(BACKOFF, _DOUBLES, "    (void)half;\n    return backoff->base_ms;\n")),
        RETRIES,
    ),
    Firmware(
        "doubling without jitter",
        (*MODEL, Edit(BACKOFF, _DOUBLES, "    (void)half;\n    return (uint32_t)ceiling;\n")),
        (),
        RETRIES,
    ),
    Firmware(
        "comes back at once",
        (*MODEL, Edit(BACKOFF, _DOUBLES, "    return half / 20 + esp_random() % (half / 20 + 1);\n")),
        ("MQTT_ReconnectionAfterSuccessfulConnection",),
        RETRIES,
    ),
    Firmware(
        "restarts on a strange message",
        (
            *MODEL,
            Edit(
                SESSION,
                _RECEIVES,
                "    if (event->topic[0] != '$' && event->data_len > 0 && event->data[0] == '{') {\n"
                "        esp_restart();\n    }\n" + _RECEIVES,
            ),
            Edit(SESSION, '#include "mqtt_client.h"\n', '#include "mqtt_client.h"\n#include "esp_system.h"\n'),
        ),
        ("MQTT_Client_Puback_Qos1",),
        SESSIONS,
    ),
    Firmware(
        "no retransmission",
        (*MODEL, Edit(SESSION, _KEEP_ALIVE, f"{_KEEP_ALIVE}        .session.message_retransmit_timeout = 600000,\n")),
        ("MQTT_Publish_Retry_No_Puback", "MQTT_Subscribe_Retry_No_Suback"),
    ),
    Firmware(
        "no keep-alive",
        (*MODEL, Edit(SESSION, _KEEP_ALIVE, "        .session.disable_keepalive = true,\n")),
        ("MQTT_No_Ack_PingResp",),
    ),
    Firmware(
        "clean session on return",
        (
            *MODEL,
            Edit(SESSION, "static void on_disconnected(void)\n{\n", _COMES_BACK_CLEAN),
            Edit(
                SESSION,
                "    s_client = esp_mqtt_client_init(",
                "    s_config = config;\n    s_client = esp_mqtt_client_init(",
            ),
        ),
        SESSIONS,
    ),
    Firmware(
        "subscribes once",
        (
            *MODEL,
            Edit(
                SESSION,
                _SUBSCRIBES,
                "        static bool s_has_subscribed;\n        xEventGroupSetBits(s_events, READY_BIT);\n"
                "        if (!s_has_subscribed) {\n            s_has_subscribed = true;\n    "
                f"{_SUBSCRIBES}        }}\n",
            ),
        ),
        SESSIONS[1:],
    ),
    Firmware(
        "retains nothing",
        (*MODEL, Edit(SESSION, 'CONFIG_EXAMPLE_TOPIC, "on", 0, 1, 1)', 'CONFIG_EXAMPLE_TOPIC, "", 0, 1, 1)')),
        ("MQTT_Publish_Retained_Messages",),
    ),
    Firmware(
        "reports what it wants",
        (*MODEL, Edit(SESSION, r"{\"reported\":", r"{\"desired\":")),
        ("Shadow_Publish_Reported_State",),
        (SHADOW_UPDATE,),
    ),
    Firmware(
        "deaf to its shadow",
        (*MODEL, Edit(SESSION, "        follow(event);\n", "        (void)follow;\n")),
        (SHADOW_UPDATE, JOB),
    ),
    Firmware(
        "subscribes again on return",
        (*MODEL, Edit(SESSION, "    if (event->session_present) {\n", "    if (false) {\n")),
        SESSIONS[:1],
    ),
    Firmware(
        "subscribes again with QoS 0",
        (
            *MODEL,
            Edit(
                SESSION, "(s_client, CONFIG_EXAMPLE_TOPIC, 1);", "(s_client, CONFIG_EXAMPLE_TOPIC, s_times++ ? 0 : 1);"
            ),
            Edit(SESSION, "static void subscribe(void)\n", "static int s_times;\n\nstatic void subscribe(void)\n"),
        ),
        (),
        SESSIONS[1:],
    ),
    Firmware(
        "five seconds each time",
        (*MODEL, Edit(BACKOFF, _DOUBLES, "    (void)half;\n    return 5000;\n")),
        RETRIES,
    ),
    Firmware(
        "gives up after three times",
        (
            *MODEL,
            Edit(
                SESSION,
                "        if ((bits & LOST_BIT) != 0) {\n",
                "        if ((bits & LOST_BIT) != 0) {\n            static int s_lost;\n"
                "            if (++s_lost > 3) {\n                vTaskDelay(portMAX_DELAY);\n            }\n",
            ),
        ),
        RETRIES,
    ),
    Firmware(
        "acknowledges late",
        (
            *MODEL,
            Edit(
                SESSION,
                _RECEIVES,
                "    if (event->topic[0] != '$' && event->data_len > 0 && event->data[0] == '{') {\n"
                "        vTaskDelay(pdMS_TO_TICKS(5000));\n    }\n" + _RECEIVES,
            ),
        ),
    ),
    Firmware(
        "never ends a job",
        (*MODEL, Edit(SESSION, '    say_of_job(job, "SUCCEEDED");\n', "")),
        (JOB,),
    ),
    Firmware(
        "says what is no state of a job",
        (*MODEL, Edit(SESSION, 'say_of_job(job, "SUCCEEDED")', 'say_of_job(job, "DONE")')),
        (JOB,),
    ),
)
FIRMWARE: Final = (REFERENCE, MODEL_FIRMWARE, *MUTANTS)
