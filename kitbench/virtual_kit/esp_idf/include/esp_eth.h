/* SPDX-License-Identifier: Apache-2.0 */
/* The Ethernet driver for the OpenCores MAC of Espressif's QEMU, from the ESP-IDF 5.1 API reference ("Ethernet"). */
#pragma once

#include "esp_eth_driver.h"
#include "esp_eth_netif_glue.h"
