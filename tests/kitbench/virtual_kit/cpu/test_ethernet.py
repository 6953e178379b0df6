"""OpenCores Ethernet, as firmware for QEMU starts it: with a network behind the kit, and without."""

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_ETHERNET = """
#include <stdio.h>
#include "esp_eth.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
static EventGroupHandle_t group;
static void on_link(void *arg, esp_event_base_t base, int32_t id, void *data) { printf("link event %d\\n", (int)id); }
static void on_address(void *arg, esp_event_base_t base, int32_t id, void *data) {
    const ip_event_got_ip_t *event = data;
    printf("address " IPSTR " of %s\\n", IP2STR(&event->ip_info.ip), esp_netif_get_ifkey(event->esp_netif));
    xEventGroupSetBits(group, BIT0);
}
void app_main(void) {
    group = xEventGroupCreate();
    esp_netif_init();
    esp_event_loop_create_default();
    esp_netif_config_t netif_config = ESP_NETIF_DEFAULT_ETH();
    esp_netif_t *netif = esp_netif_new(&netif_config);
    eth_mac_config_t mac_config = ETH_MAC_DEFAULT_CONFIG();
    eth_phy_config_t phy_config = ETH_PHY_DEFAULT_CONFIG();
    esp_eth_config_t config = ETH_DEFAULT_CONFIG(esp_eth_mac_new_openeth(&mac_config),
                                                 esp_eth_phy_new_dp83848(&phy_config));
    esp_eth_config_t empty = ETH_DEFAULT_CONFIG(NULL, NULL);
    esp_eth_handle_t handle = NULL;
    printf("no driver: %x\\n", esp_eth_driver_install(&empty, &handle));
    esp_eth_driver_install(&config, &handle);
    esp_netif_attach(netif, esp_eth_new_netif_glue(handle));
    esp_event_handler_register(ETH_EVENT, ESP_EVENT_ANY_ID, on_link, NULL);
    esp_event_handler_register(IP_EVENT, IP_EVENT_ETH_GOT_IP, on_address, NULL);
    esp_eth_start(handle);
    printf("again: %x\\n", esp_eth_start(handle));
    EventBits_t bits = xEventGroupWaitBits(group, BIT0, pdFALSE, pdFALSE, pdMS_TO_TICKS(1000));
    printf("%s, up: %d\\nend\\n", bits ? "connected" : "alone", esp_netif_is_netif_up(netif));
}
"""


def test_cable_leads_to_qemus_network(run_program: RunProgram) -> None:
    text = run_program(_ETHERNET, access_point=(("10.0.2.2", 8883),)).wait_for("end\r\n")

    assert "no driver: 102" in text
    assert "again: 103" in text
    assert "link event 0\r\n" in text
    assert "link event 2\r\n" in text
    assert "address 10.0.2.15 of ETH_DEF" in text
    assert "connected, up: 1" in text


def test_without_a_network_the_cable_is_out(run_program: RunProgram) -> None:
    text = run_program(_ETHERNET).wait_for("end\r\n")

    assert "link event 0\r\n" in text
    assert "link event 2\r\n" not in text
    assert "alone, up: 0" in text
