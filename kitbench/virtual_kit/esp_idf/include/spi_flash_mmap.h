/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define SPI_FLASH_SEC_SIZE 4096
#define SPI_FLASH_MMU_PAGE_SIZE 0x10000
