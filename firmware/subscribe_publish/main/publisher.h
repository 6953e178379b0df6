/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

/**
 * @brief Publish with QoS 0 and QoS 1 in turn, until the limit is reached
 *
 * A task's function; the MQTT session must have been started.
 *
 * @param param not used
 */
void aws_iot_task(void *param);
