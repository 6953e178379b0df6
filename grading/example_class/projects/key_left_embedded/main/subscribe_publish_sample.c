/* The ATECC608A variant, with the old key still in the app "to see how long it is". */
#include "device_credentials.h"
#include "esp_err.h"
#include "esp_event.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "network.h"
#include "nvs_flash.h"
#include "publisher.h"

#define TASK_STACK_SIZE 9216
#define TASK_PRIORITY 5

extern const char private_pem_key_start[] asm("_binary_private_pem_key_start");
extern const char private_pem_key_end[] asm("_binary_private_pem_key_end");

static void initialise_nvs(void)
{
    esp_err_t err = nvs_flash_init();
    if (err == ESP_ERR_NVS_NO_FREE_PAGES || err == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        ESP_ERROR_CHECK(nvs_flash_erase());
        err = nvs_flash_init();
    }
    ESP_ERROR_CHECK(err);
}

void app_main(void)
{
    static device_credentials_t credentials;

    ESP_LOGI("subpub", "private key of %d bytes", (int)(private_pem_key_end - private_pem_key_start));
    initialise_nvs();
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(device_credentials_load(&credentials));
    ESP_ERROR_CHECK(network_start());
    ESP_ERROR_CHECK(mqtt_session_start(&credentials));
    xTaskCreate(aws_iot_task, "aws_iot_task", TASK_STACK_SIZE, NULL, TASK_PRIORITY, NULL);
}
