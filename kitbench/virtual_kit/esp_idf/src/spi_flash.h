/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** Look at the flash chip as ESP-IDF does at start-up, and tell what was found. */
void kit_spi_flash_init(void);
