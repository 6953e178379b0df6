"""The Wi-Fi station's events, with an access point and without."""

import pytest

from kitbench.board.board import Board
from kitbench.board.wifi import Wifi
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_STATION = """
#include <stdio.h>
#include <string.h>
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_tls.h"
#include "esp_wifi.h"
#include "freertos/event_groups.h"
static EventGroupHandle_t group;
static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data) {
    if (base == WIFI_EVENT && id == WIFI_EVENT_STA_START) { printf("started\\n"); esp_wifi_connect(); }
    if (base == WIFI_EVENT && id == WIFI_EVENT_STA_CONNECTED) {
        wifi_event_sta_connected_t *event = data; printf("joined %.*s\\n", event->ssid_len, event->ssid);
    }
    if (base == WIFI_EVENT && id == WIFI_EVENT_STA_DISCONNECTED) {
        printf("reason %d\\n", ((wifi_event_sta_disconnected_t *)data)->reason); xEventGroupSetBits(group, BIT1);
    }
    if (base == IP_EVENT && id == IP_EVENT_STA_GOT_IP) {
        printf("address " IPSTR "\\n", IP2STR(&((ip_event_got_ip_t *)data)->ip_info.ip));
        xEventGroupSetBits(group, BIT0);
    }
}
static void reach(const char *host) {
    esp_tls_cfg_t config = {.skip_common_name = true};
    esp_tls_t *tls = esp_tls_init();
    esp_tls_error_handle_t error;
    int connected = esp_tls_conn_new_sync(host, strlen(host), 8883, &config, tls);
    esp_tls_get_error_handle(tls, &error);
    printf("%s: %d %x\\n", host, connected, esp_tls_get_and_clear_last_error(error, NULL, NULL));
    esp_tls_conn_destroy(tls);
}
void app_main(void) {
    group = xEventGroupCreate();
    esp_netif_init();
    esp_event_loop_create_default();
    esp_netif_create_default_wifi_sta();
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_wifi_init(&init);
    esp_event_handler_instance_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_event, NULL, NULL);
    esp_event_handler_instance_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_event, NULL, NULL);
    wifi_config_t config = {.sta = {.ssid = "class", .password = "secret password"}};
    esp_wifi_set_mode(WIFI_MODE_STA);
    esp_wifi_set_config(WIFI_IF_STA, &config);
    esp_wifi_start();
    EventBits_t bits = xEventGroupWaitBits(group, BIT0 | BIT1, pdFALSE, pdFALSE, portMAX_DELAY);
    if (bits & BIT0) { reach("example.com"); reach("169.254.169.254"); }
    printf("end\\n");
}
"""


def test_station_joins_and_gets_an_address_but_reaches_nothing_else(run_program: RunProgram) -> None:
    run = run_program(_STATION, access_point=(("localhost", 8883),))

    text = run.wait_for("end\r\n")

    assert "started\r\n" in text
    assert "joined class\r\n" in text
    assert "address 192.168.4.2\r\n" in text
    assert "example.com: -1 8001\r\n" in text
    assert "169.254.169.254: -1 8001\r\n" in text
    assert any("does not lead to 'example.com':8883" in line for line in run.log)


def test_kit_without_an_access_point_finds_none(run_program: RunProgram) -> None:
    run = run_program(_STATION, clock_factor=10.0)

    text = run.wait_for("end\r\n")

    assert "reason 201\r\n" in text
    assert "joined" not in text
    assert "secret password" not in text


_SCAN = """
#include <stdio.h>
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data) {
    if (id == WIFI_EVENT_SCAN_DONE) printf("done %d\\n", ((wifi_event_sta_scan_done_t *)data)->number);
    if (id == WIFI_EVENT_AP_START) printf("open\\n");
}
void app_main(void) {
    esp_netif_init();
    esp_event_loop_create_default();
    esp_netif_create_default_wifi_sta();
    esp_netif_t *ap = esp_netif_create_default_wifi_ap();
    esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_event, NULL);
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_wifi_init(&init);
    wifi_config_t weak = {.ap = {.ssid = "mine", .password = "short", .authmode = WIFI_AUTH_WPA2_PSK}};
    printf("mode %x\\n", esp_wifi_set_config(WIFI_IF_AP, &weak));
    esp_wifi_set_mode(WIFI_MODE_APSTA);
    printf("weak %x\\n", esp_wifi_set_config(WIFI_IF_AP, &weak));
    printf("early %x\\n", esp_wifi_scan_start(NULL, true));
    esp_wifi_start();
    wifi_scan_config_t scan = {.ssid = (uint8_t *)"lab"};
    printf("scan %x\\n", esp_wifi_scan_start(&scan, true));
    uint16_t found = 0, room = 4;
    wifi_ap_record_t records[4];
    esp_wifi_scan_get_ap_num(&found);
    esp_wifi_scan_get_ap_records(&room, records);
    printf("found %d %d\\n", found, room);
    if (room) printf("%s %d\\n", records[0].ssid, records[0].rssi);
    wifi_sta_list_t list = {.num = 9};
    esp_netif_ip_info_t info;
    esp_netif_get_ip_info(ap, &info);
    printf("joined %x %d at " IPSTR "\\n", esp_wifi_ap_get_sta_list(&list), list.num, IP2STR(&info.ip));
    vTaskDelay(5);
    printf("end\\n");
}
"""


def test_scan_finds_the_access_point_and_nobody_joins_the_apps_own(run_program: RunProgram) -> None:
    text = run_program(_SCAN, access_point=(("localhost", 8883),)).wait_for("end\r\n")

    for line in ("mode 3005", "weak 300b", "early 3002", "scan 0", "done 1", "found 1 1", "lab -42", "open"):
        assert f"{line}\r\n" in text
    assert "joined 0 0 at 192.168.4.1\r\n" in text


def test_scan_without_a_network_finds_nothing(run_program: RunProgram) -> None:
    text = run_program(_SCAN).wait_for("end\r\n")

    assert "done 0\r\n" in text
    assert "found 0 0\r\n" in text


_STATIC = """
#include <stdio.h>
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data) {
    if (base == IP_EVENT) { printf("got " IPSTR "\\nend\\n", IP2STR(&((ip_event_got_ip_t *)data)->ip_info.ip)); }
    else if (id == WIFI_EVENT_STA_START) { esp_wifi_connect(); }
}
void app_main(void) {
    esp_event_loop_create_default();
    esp_netif_t *sta = esp_netif_create_default_wifi_sta(), *ap = esp_netif_create_default_wifi_ap();
    esp_netif_ip_info_t own = {.ip.addr = ESP_IP4TOADDR(10, 0, 0, 9), .gw.addr = ESP_IP4TOADDR(10, 0, 0, 1)};
    printf("early %x\\n", esp_netif_set_ip_info(sta, &own));
    printf("wrong %x\\n", esp_netif_dhcps_stop(sta));
    printf("stop %x %x\\n", esp_netif_dhcpc_stop(sta), esp_netif_dhcpc_stop(sta));
    printf("set %x\\n", esp_netif_set_ip_info(sta, &own));
    printf("ap %x %x %x\\n", esp_netif_dhcps_stop(ap), esp_netif_dhcps_start(ap), esp_netif_dhcps_start(ap));
    esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_event, NULL);
    esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, on_event, NULL);
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_wifi_init(&init);
    wifi_config_t config = {.sta = {.ssid = "class"}};
    esp_wifi_set_config(WIFI_IF_STA, &config);
    esp_wifi_start();
}
"""


def test_address_that_was_set_is_the_one_that_the_app_gets(run_program: RunProgram) -> None:
    text = run_program(_STATIC, access_point=(("localhost", 8883),)).wait_for("end\r\n")

    for line in ("early 5007", "wrong 5001", "stop 0 5005", "set 0", "ap 0 0 5004", "got 10.0.0.9"):
        assert f"{line}\r\n" in text


@pytest.mark.parametrize(
    ("ssid", "password", "said"),
    [
        ("class", "secret password", "address 192.168.4.2"),
        ("class", "another password", "reason 15"),
        ("elsewhere", "secret password", "reason 201"),
        ("class", "", "address 192.168.4.2"),
    ],
)
def test_board_that_names_its_network_lets_in_who_knows_it(
    run_program: RunProgram, ssid: str, password: str, said: str
) -> None:
    board = Board("table", wifi=Wifi(ssid, password))

    run = run_program(_STATION, access_point=(("localhost", 8883),), clock_factor=10.0, board=board)
    text = run.wait_for("end\r\n")

    assert said in text
    assert "secret password" not in "".join(run.log)
    assert any("wifi: wrong" in line for line in run.log) == ("reason" in said)


_SEARCH = """
#include <stdio.h>
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
static void look_for(const char *name) {
    wifi_scan_config_t config = {.ssid = (uint8_t *)name};
    wifi_ap_record_t record;
    uint16_t number = 1;
    esp_wifi_scan_start(&config, true);
    esp_err_t error = esp_wifi_scan_get_ap_records(&number, &record);
    printf("%d %d %s\\n", error, number, number ? (char *)record.ssid : "nothing");
}
void app_main(void) {
    esp_netif_init();
    esp_event_loop_create_default();
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_wifi_init(&init);
    esp_wifi_set_mode(WIFI_MODE_STA);
    esp_wifi_start();
    look_for(NULL);
    look_for("lab");
    look_for("elsewhere");
    printf("end\\n");
}
"""


def test_scan_finds_the_boards_network_and_no_other(run_program: RunProgram) -> None:
    board = Board("table", wifi=Wifi("lab"))

    run = run_program(_SEARCH, access_point=(("localhost", 8883),), clock_factor=10.0, board=board)

    assert "0 1 lab\r\n0 1 lab\r\n0 0 nothing\r\nend\r\n" in run.wait_for("end\r\n")


_SETTINGS = """
#include <stdio.h>
#include "esp_event.h"
#include "esp_wifi.h"
void app_main(void) {
    uint8_t protocols, channel; wifi_bandwidth_t width; wifi_second_chan_t second; int8_t power; char code[3];
    wifi_country_t country = {.cc = "DE", .schan = 1, .nchan = 13, .policy = WIFI_COUNTRY_POLICY_MANUAL}; uint16_t s;
    printf("%x ", esp_wifi_set_bandwidth(WIFI_IF_STA, WIFI_BW_HT20));
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_netif_init(); esp_event_loop_create_default(); esp_wifi_init(&init); esp_wifi_set_mode(WIFI_MODE_STA);
    printf("%x %x ", esp_wifi_set_max_tx_power(40), esp_wifi_set_channel(6, WIFI_SECOND_CHAN_NONE));
    esp_wifi_start();
    printf("%x %x ", esp_wifi_set_bandwidth(WIFI_IF_STA, WIFI_BW_HT20), esp_wifi_set_bandwidth(WIFI_IF_STA, 7));
    printf("%x %x ", esp_wifi_set_protocol(WIFI_IF_AP, WIFI_PROTOCOL_11B), esp_wifi_set_protocol(WIFI_IF_STA, 64));
    printf("%x %x ", esp_wifi_set_max_tx_power(40), esp_wifi_set_max_tx_power(100));
    printf("%x %x ", esp_wifi_set_channel(6, WIFI_SECOND_CHAN_ABOVE), esp_wifi_set_channel(15, 0));
    printf("%x %x\\n", esp_wifi_set_country(&country), esp_wifi_set_inactive_time(WIFI_IF_STA, 2));
    esp_wifi_get_bandwidth(WIFI_IF_STA, &width); esp_wifi_get_protocol(WIFI_IF_AP, &protocols);
    esp_wifi_get_channel(&channel, &second); esp_wifi_get_max_tx_power(&power); esp_wifi_get_country_code(code);
    esp_wifi_get_inactive_time(WIFI_IF_AP, &s);
    printf("%d %d %d %d %d %.2s %d end\\n", width, protocols, channel, second, power, code, s);
}
"""


def test_settings_of_the_radio_are_judged_and_kept(run_program: RunProgram) -> None:
    text = run_program(_SETTINGS).wait_for("end\r\n")

    assert "\n3001 " in text
    assert "3002 3002 " in text
    assert "\n0 102 0 102 0 102 0 102 0 102\r\n1 1 6 1 40 DE 300 end" in text
