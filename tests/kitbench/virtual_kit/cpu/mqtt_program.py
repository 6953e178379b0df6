"""A program around esp-mqtt that does what is typed, and the kit that runs it."""

from collections.abc import Callable

from tests.kitbench.virtual_kit.cpu.app_rig import Run

#: Prints every event; what the test types on the console says what to do next, so that one module serves all tests.
PROGRAM = """
#include <stdio.h>
#include <string.h>
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_client.h"

static const char ca[] = %(ca)s;
static const char certificate[] = %(certificate)s;
static const char key[] = %(key)s;
static char uri[64];

static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    static const char *const names[] = {"ERROR", "CONNECTED", "DISCONNECTED", "SUBSCRIBED", "UNSUBSCRIBED",
                                        "PUBLISHED", "DATA", "BEFORE_CONNECT", "DELETED", "USER"};
    const esp_mqtt_event_t *event = data;
    printf("EVENT %%s in %%s", names[id], pcTaskGetName(NULL));
    if (id == MQTT_EVENT_DATA) {
        printf(" topic=%%.*s offset=%%d of %%d qos=%%d data=%%.*s", event->topic_len, event->topic ? event->topic : "",
               event->current_data_offset, event->total_data_len, event->qos,
               event->data_len > 8 ? 8 : event->data_len, event->data ? event->data : "");
    } else if (id == MQTT_EVENT_ERROR) {
        printf(" type=%%d esp=0x%%x tls=0x%%x flags=%%d code=%%d", event->error_handle->error_type,
               event->error_handle->esp_tls_last_esp_err, event->error_handle->esp_tls_stack_err,
               event->error_handle->esp_tls_cert_verify_flags, event->error_handle->connect_return_code);
    } else {
        printf(" id=%%d type=%%d session=%%d", event->msg_id, event->error_handle->error_type, event->session_present);
    }
    printf(" .\\n");
}

static void command(esp_mqtt_client_handle_t client, const char *line)
{
    static char large[3000];
    memset(large, 'L', sizeof(large));
    int result = 99;
    switch (line[0]) {
    case '0': result = esp_mqtt_client_publish(client, "up", "zero", 0, 0, 0); break;
    case '1': result = esp_mqtt_client_publish(client, "up", "one", 3, 1, 1); break;
    case 'l': result = esp_mqtt_client_publish(client, "up", large, sizeof(large), 1, 0); break;
    case 'e': result = esp_mqtt_client_enqueue(client, "up", "later", 0, 0, 0, true); break;
    case 's': result = esp_mqtt_client_subscribe(client, "down", 1); break;
    case 'u': result = esp_mqtt_client_unsubscribe(client, "down"); break;
    case 'd': result = esp_mqtt_client_disconnect(client); break;
    case 'r': result = esp_mqtt_client_reconnect(client); break;
    case 'x': result = esp_mqtt_client_stop(client); break;
    case 'X': result = esp_mqtt_client_destroy(client); break;
    }
    printf("DONE %%c %%d .\\n", line[0], result);
}

void app_main(void)
{
    int port = 0, keepalive = 0, no_reconnect = 0, timeout_ms = 0;
    printf("READY\\n");
    scanf("%%d %%d %%d %%d", &port, &keepalive, &no_reconnect, &timeout_ms);
    snprintf(uri, sizeof(uri), "mqtts://localhost:%%d", port);
    const esp_mqtt_client_config_t config = {
        .broker = {.address.uri = uri, .verification.certificate = ca},
        .credentials = {.client_id = "kit-1",
                        .authentication = {.certificate = certificate, .certificate_len = sizeof(certificate),
                                           .key = %(chip)d ? NULL : key, .key_len = %(chip)d ? 0 : sizeof(key),
                                           .use_secure_element = %(chip)d}},
        .session = {.keepalive = keepalive, .message_retransmit_timeout = 300,
                    .last_will = {.topic = "will", .msg = "gone", .qos = 1}},
        .network = {.reconnect_timeout_ms = 100, .disable_auto_reconnect = no_reconnect, .timeout_ms = timeout_ms},
        .buffer = {.size = 256},
    };
    esp_mqtt_client_handle_t client = esp_mqtt_client_init(&config);
    esp_mqtt_client_register_event(client, ESP_EVENT_ANY_ID, on_event, NULL);
    printf("START %%d\\n", esp_mqtt_client_start(client));
    for (;;) {
        char line[16];
        if (scanf("%%15s", line) == 1) {
            command(client, line);
        }
    }
}
"""


class Kit:
    """The running program."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def type(self, text: str) -> None:
        assert self.run.app is not None
        self.run.app.uart_input(text.encode() + b"\n")

    def do(self, command: str, result: int | None = None) -> None:
        """Type a command and wait for its result."""
        self.type(command)
        self.see(f"DONE {command} {'' if result is None else f'{result} .'}")

    def see(self, text: str) -> str:
        return self.run.wait_for(text)

    def count(self, text: str) -> int:
        return self.run.text.count(text)


#: The type of fixtures that start the program.
StartKit = Callable[..., Kit]
