"""ESP-IDF 4's time of 32 bits."""

import pytest

from kitbench.virtual_kit import esp_idf
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_CLOCK = """
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_sntp.h"
#include "esp_wifi.h"
#include "lwip/sockets.h"
static void heard(struct timeval *now) {
    printf("sntp %d %d\\n", now->tv_sec > 1600000000, now->tv_usec >= 0 && now->tv_usec < 1000000);
    printf("end\\n");
}
static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data) {
    if (base == WIFI_EVENT && id == WIFI_EVENT_STA_START) esp_wifi_connect();
}
void app_main(void) {
    struct timeval tv = {.tv_sec = 1700000000, .tv_usec = 250000};
    struct timespec ts;
    printf("size %d %d %d\\n", (int)sizeof(time_t), (int)sizeof(tv), (int)sizeof(ts));
    settimeofday(&tv, NULL);
    tv.tv_sec = tv.tv_usec = 77;
    time_t now, same = time(&now);
    gettimeofday(&tv, NULL);
    clock_gettime(CLOCK_REALTIME, &ts);
    printf("now %d %d %d %d\\n", now == same, (int)now / 10, (int)tv.tv_sec / 10, (int)ts.tv_sec / 10);
    printf("us %d %d\\n", tv.tv_usec >= 0 && tv.tv_usec < 1000000, ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
    now = 1700000000;
    struct tm parts, *utc = gmtime(&now);
    printf("utc %d %d\\n", utc->tm_hour, utc->tm_min);
    printf("back %d\\n", (int)(mktime(gmtime_r(&now, &parts)) - now));
    setenv("TZ", "CET-1", 1); tzset();
    localtime_r(&now, &parts);
    printf("local %d %s", parts.tm_hour, ctime(&now));
    printf("diff %d\\n", (int)difftime(now, now - 5));
    int s = socket(AF_INET, SOCK_STREAM, 0);
    tv.tv_sec = 1; tv.tv_usec = 0;
    printf("limit %d\\n", setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
    esp_event_loop_create_default();
    esp_netif_create_default_wifi_sta();
    esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_event, NULL);
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_wifi_init(&init);
    wifi_config_t config = {.sta = {.ssid = "class"}};
    esp_wifi_set_config(WIFI_IF_STA, &config);
    sntp_set_time_sync_notification_cb(heard);
    sntp_setservername(0, "pool.ntp.org");
    sntp_init();
    esp_wifi_start();
}
"""
_WANTED = (
    "now 1 170000000 170000000 170000000", "us 1 1", "utc 22 13", "back 0", "local 23 Tue Nov 14 23:13:20 2023",
    "diff 5", "limit 0", "sntp 1 1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "sizes"),
    [(("-I", str(esp_idf.include_dir_of_4())), "size 4 8 8"), (("-D_OF_ESP_IDF_5",), "size 8 16 16")],
)
def test_clock_tells_the_same_in_both_sizes(run_program: RunProgram, flags: tuple[str, ...], sizes: str) -> None:
    program = f"/* {sizes} */{_CLOCK}"

    text = run_program(program, flags=flags, access_point=(("localhost", 8883),)).wait_for("end\r\n")

    for line in (sizes, *_WANTED):
        assert f"{line}\r\n" in text
