"""ESP-IDF 4's way to the network: one callback for all events, and interfaces by their kind."""

from kitbench.virtual_kit import esp_idf
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

#: ESP-IDF 4's headers before those of 5.
OF_4 = ("-I", str(esp_idf.include_dir_of_4()))
_STATION = """
#include <stdio.h>
#include "esp_event_loop.h"
#include "tcpip_adapter.h"
#include "esp_wifi.h"
#include "freertos/event_groups.h"
static EventGroupHandle_t group;
static esp_err_t on_event(void *ctx, system_event_t *event) {
    switch (event->event_id) {
    case SYSTEM_EVENT_STA_START: printf("start %s\\n", (char *)ctx); esp_wifi_connect(); break;
    case SYSTEM_EVENT_STA_CONNECTED: printf("joined %.*s\\n", event->event_info.connected.ssid_len,
                                            event->event_info.connected.ssid); break;
    case SYSTEM_EVENT_STA_DISCONNECTED: printf("reason %d\\n", event->event_info.disconnected.reason);
        xEventGroupSetBits(group, 1); break;
    case SYSTEM_EVENT_STA_GOT_IP: printf("address " IPSTR "\\n", IP2STR(&event->event_info.got_ip.ip_info.ip));
        xEventGroupSetBits(group, 1); break;
    default: printf("other %d\\n", event->event_id); break;
    }
    return ESP_OK;
}
void app_main(void) {
    group = xEventGroupCreate();
    tcpip_adapter_init();
    system_event_t early = {.event_id = SYSTEM_EVENT_ETH_START};
    printf("early %x\\n", esp_event_send(&early));
    printf("init %x %x\\n", esp_event_loop_init(on_event, "mine"), esp_event_loop_init(on_event, NULL));
    esp_event_send(&early);
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_wifi_init(&init);
    wifi_config_t config = {.sta = {.ssid = "class", .password = "secret password"}};
    esp_wifi_set_mode(WIFI_MODE_STA);
    esp_wifi_set_config(ESP_IF_WIFI_STA, &config);
    esp_wifi_start();
    xEventGroupWaitBits(group, 1, pdFALSE, pdFALSE, portMAX_DELAY);
    tcpip_adapter_ip_info_t info = {0};
    printf("info %x " IPSTR "\\n", tcpip_adapter_get_ip_info(TCPIP_ADAPTER_IF_STA, &info), IP2STR(&info.gw));
    printf("none %x\\n", tcpip_adapter_get_ip_info(TCPIP_ADAPTER_IF_ETH, &info));
    printf("end\\n");
}
"""


def test_callback_hears_of_everything_under_the_old_names(run_program: RunProgram) -> None:
    text = run_program(_STATION, flags=OF_4, access_point=(("localhost", 8883),)).wait_for("end\r\n")

    lines = [line for line in text.splitlines() if not line.startswith(("I (", "E (", "\x1b"))]
    wanted = ["early 103", "init 0 103", f"other {26}", "start mine", "joined class", "address 192.168.4.2"]
    assert lines[-9:] == [*wanted, "info 0 192.168.4.1", "none 5001", "end"]


def test_without_an_access_point_the_reason_is_told(run_program: RunProgram) -> None:
    text = run_program(_STATION, flags=OF_4).wait_for("end\r\n")

    assert "reason 201\r\n" in text
    assert "address" not in text
