/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

/**
 * @brief Read the device's certificate from the partition `devcert`
 *
 * The partition holds "DCRT", the length of the PEM (u32), its CRC-32 (u32), and the PEM; the bench writes it, so
 * that the app is the same for every device.
 *
 * @return the PEM, which lives as long as the program; NULL when there is no valid one
 */
const char *device_certificate_read(void);
