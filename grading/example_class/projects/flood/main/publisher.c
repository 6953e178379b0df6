/* Publishes as fast as it can: the delay "made it slow". */
#include "publisher.h"

#include <stdio.h>

#include "esp_log.h"
#include "log_lines.h"
#include "mqtt_session.h"

static const char *TAG = "subpub";

void aws_iot_task(void *param)
{
    for (int number = 0;; number++) {
        char payload[100];
        mqtt_session_wait_ready();
        snprintf(payload, sizeof(payload), number % 2 == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number);
        if (mqtt_session_publish(payload, number % 2) == ESP_OK) {
            ESP_LOGI(TAG, LOG_LINE_PUBLISHED, payload);
        }
    }
}
