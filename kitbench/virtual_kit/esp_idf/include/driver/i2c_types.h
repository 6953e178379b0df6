/* SPDX-License-Identifier: Apache-2.0 */
/* Types of the I2C driver of ESP-IDF 5.2 and later. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "soc/soc_caps.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int i2c_port_num_t;
typedef enum { I2C_ADDR_BIT_LEN_7 = 0, I2C_ADDR_BIT_LEN_10 = 1 } i2c_addr_bit_len_t;
typedef enum {
    I2C_CLK_SRC_APB = 4,
    I2C_CLK_SRC_DEFAULT = I2C_CLK_SRC_APB,
} i2c_clock_source_t;
typedef struct i2c_master_bus_t *i2c_master_bus_handle_t;
typedef struct i2c_master_dev_t *i2c_master_dev_handle_t;

#ifdef __cplusplus
}
#endif
