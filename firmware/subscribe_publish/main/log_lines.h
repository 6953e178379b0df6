/*
 * SPDX-License-Identifier: Apache-2.0
 */
/* The lines that tests and graders wait for: what the firmware promises to print. See docs/log-lines.md. */
#pragma once

/* Before every attempt to connect. */
#define LOG_LINE_CONNECTING "Connecting to AWS..."

/* code (int), host (string), port (int) */
#define LOG_LINE_CONNECT_ERROR "Error(%d) connecting to %s:%d"

/* The broker has accepted the client. */
#define LOG_LINE_CONNECTED "MQTT connected"
#define LOG_LINE_DISCONNECTED "MQTT disconnected"

#define LOG_LINE_SUBSCRIBING "Subscribing..."

/* topic (string); the broker has granted the subscription. */
#define LOG_LINE_SUBSCRIBED "Subscribed: %s"
#define LOG_LINE_SUBSCRIBE_ERROR "Error subscribing : %s"

/* Before every message that has arrived; then its topic and payload, each with its length before it. */
#define LOG_LINE_RECEIVED "Subscribe callback"
#define LOG_LINE_MESSAGE "%.*s\t%.*s"

/* payload (string); one line for every message that has left. */
#define LOG_LINE_PUBLISHED "Published: %s"

/* count (int); nothing more is published after it. */
#define LOG_LINE_LIMIT_REACHED "Published %d messages, the limit is reached"

/* task (string), bytes (int) */
#define LOG_LINE_STACK "Stack remaining for task '%s' is %d bytes"

/* Payloads; the number counts both kinds. */
#define PAYLOAD_QOS0 "hello from ESP32 (QOS0) : %d "
#define PAYLOAD_QOS1 "hello from ESP32 (QOS1) : %d "

/* The atecc608a variant: waits for a moment, or until it is told to go on. */
#define LOG_LINE_CONSOLE_WAITING "Provisioning console: waiting"
#define LOG_LINE_CONSOLE_READY "Provisioning console ready"
#define LOG_LINE_NO_CERTIFICATE "No valid certificate in partition 'devcert'"
#define LOG_LINE_NO_SECURE_ELEMENT "Secure element does not answer (status 0x%02x)"
#define LOG_LINE_SECURE_ELEMENT_UNLOCKED "Secure element is not locked: it can neither make nor use a key"
