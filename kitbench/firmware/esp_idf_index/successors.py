"""What took the place of names that ESP-IDF 5 has no more.

Source: ESP-IDF, "Migration from 4.4 to 5.0", its chapters protocols, system, networking and peripherals; FreeRTOS.h.
"""

from collections.abc import Mapping
from typing import Final

#: Headers, types, functions and macros.
SUCCESSORS: Final[Mapping[str, str]] = {
    "esp_event_loop.h": "esp_event.h",
    "tcpip_adapter.h": "esp_netif.h",
    "mbedtls/config.h": "mbedtls/mbedtls_config.h",
    "mbedtls/net.h": "mbedtls/net_sockets.h",
    "mbedtls/certs.h": "a certificate of one's own",
    "esp_wpa2.h": "esp_eap_client.h",
    "mdns.h": "of espressif/mdns of the component registry",
    "cbor.h": "of espressif/cbor of the component registry",
    "expat.h": "of espressif/expat of the component registry",
    "jsmn.h": "of espressif/jsmn of the component registry",
    "coap.h": "of espressif/coap of the component registry",
    "mdns_init": "of espressif/mdns of the component registry",
    "system_event_t": "esp_event_base_t with an event's id",
    "esp_event_loop_init": "esp_event_loop_create_default",
    "esp_event_loop_set_cb": "esp_event_handler_register",
    "tcpip_adapter_init": "esp_netif_init",
    "tcpip_adapter_get_ip_info": "esp_netif_get_ip_info",
    "SYSTEM_EVENT_STA_START": "WIFI_EVENT_STA_START",
    "SYSTEM_EVENT_STA_DISCONNECTED": "WIFI_EVENT_STA_DISCONNECTED",
    "SYSTEM_EVENT_STA_GOT_IP": "IP_EVENT_STA_GOT_IP",
    "esp_mqtt_set_config": "esp_mqtt_client_set_config",
    "mqtt_event_callback_t": "esp_event_handler_t",
    "gpio_pad_select_gpio": "esp_rom_gpio_pad_select_gpio",
    "ADC_WIDTH_12Bit": "ADC_WIDTH_BIT_12",
    "TIMER_BASE_CLK": "esp_clk_apb_freq",
}

#: FreeRTOS' old names, which ESP-IDF 5 has only with CONFIG_FREERTOS_ENABLE_BACKWARD_COMPATIBILITY.
OLD_FREERTOS: Final[Mapping[str, str]] = {
    "portTICK_RATE_MS": "portTICK_PERIOD_MS",
    "portTickType": "TickType_t",
    "xTaskHandle": "TaskHandle_t",
    "xQueueHandle": "QueueHandle_t",
    "xSemaphoreHandle": "SemaphoreHandle_t",
    "xTimerHandle": "TimerHandle_t",
    "xTaskStatusType": "TaskStatus_t",
    "xQueueSetHandle": "QueueSetHandle_t",
    "xTaskParameters": "TaskParameters_t",
    "xMemoryRegion": "MemoryRegion_t",
    "tmrTIMER_CALLBACK": "TimerCallbackFunction_t",
    "pdTASK_CODE": "TaskFunction_t",
    "eTaskStateGet": "eTaskGetState",
    "pcTaskGetTaskName": "pcTaskGetName",
    "pcTimerGetTimerName": "pcTimerGetName",
    "pcQueueGetQueueName": "pcQueueGetName",
    "vTaskGetTaskInfo": "vTaskGetInfo",
}

#: Fields that changed more than their place in the structure.
FIELDS: Final[Mapping[str, str]] = {
    "esp_mqtt_client_config_t.host": ".broker.address.hostname",
    "esp_mqtt_client_config_t.cert_pem": ".broker.verification.certificate",
    "esp_mqtt_client_config_t.cert_len": ".broker.verification.certificate_len",
    "esp_mqtt_client_config_t.client_cert_pem": ".credentials.authentication.certificate",
    "esp_mqtt_client_config_t.client_cert_len": ".credentials.authentication.certificate_len",
    "esp_mqtt_client_config_t.client_key_pem": ".credentials.authentication.key",
    "esp_mqtt_client_config_t.client_key_len": ".credentials.authentication.key_len",
    "esp_mqtt_client_config_t.clientkey_password": ".credentials.authentication.key_password",
    "esp_mqtt_client_config_t.lwt_topic": ".session.last_will.topic",
    "esp_mqtt_client_config_t.lwt_msg": ".session.last_will.msg",
    "esp_mqtt_client_config_t.lwt_msg_len": ".session.last_will.msg_len",
    "esp_mqtt_client_config_t.lwt_qos": ".session.last_will.qos",
    "esp_mqtt_client_config_t.lwt_retain": ".session.last_will.retain",
    "esp_mqtt_client_config_t.buffer_size": ".buffer.size",
    "esp_mqtt_client_config_t.out_buffer_size": ".buffer.out_size",
    "esp_mqtt_client_config_t.task_prio": ".task.priority",
    "esp_mqtt_client_config_t.task_stack": ".task.stack_size",
    "esp_mqtt_client_config_t.event_handle": "esp_mqtt_client_register_event()",
    "esp_mqtt_client_config_t.event_loop_handle": "esp_mqtt_client_register_event()",
    "esp_mqtt_client_config_t.user_context": "the last argument of esp_mqtt_client_register_event()",
}
