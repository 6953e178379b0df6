/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "esp_netif.h"
#include "esp_wifi.h"
