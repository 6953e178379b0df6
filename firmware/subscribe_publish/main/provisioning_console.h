/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

/**
 * @brief Serve the provisioning console until it is told to boot
 *
 * The log is off meanwhile. Nothing in it writes to the secure element or locks it; only GENKEY replaces the key in
 * slot 0, and only with the chip's full serial number typed back.
 */
void provisioning_console_run(void);

/** @brief Enter the console when somebody asks for it within a moment; else go on. */
void provisioning_console_offer(void);
