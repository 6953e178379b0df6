/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for port/network_mbedtls_wrapper.c of esp-aws-iot release/v3.1.x: the SDK's network interface over esp-tls. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "aws_iot_config.h"
#include "aws_iot_error.h"
#include "esp_log.h"
#include "esp_tls.h"
#include "kit/host.h"
#include "network_interface.h"
#include "network_platform.h"
#include "timer_platform.h"

static const char *TAG = "aws_iot";

/* The first character of a location tells its kind: a path, a slot of the secure element, or else the PEM itself. */
#define IS_PATH(location) ((location)[0] == '/')
#define IS_SLOT(location) ((location)[0] == '#')

/* SDK_TEXT is char or const char, as the SDK's own header has it; the build defines it. */
IoT_Error_t iot_tls_init(Network *network, SDK_TEXT *root_ca, SDK_TEXT *certificate, SDK_TEXT *key, SDK_TEXT *host,
                         uint16_t port, uint32_t timeout_ms, bool verify)
{
    network->tlsConnectParams = (TLSConnectParams) {
        .pRootCALocation = root_ca,
        .pDeviceCertLocation = certificate,
        .pDevicePrivateKeyLocation = key,
        .pDestinationURL = host,
        .DestinationPort = port,
        .timeout_ms = timeout_ms,
        .ServerVerificationFlag = verify,
    };
    network->connect = iot_tls_connect;
    network->read = iot_tls_read;
    network->write = iot_tls_write;
    network->disconnect = iot_tls_disconnect;
    network->isConnected = iot_tls_is_connected;
    network->destroy = iot_tls_destroy;
    memset(&network->tlsDataParams, 0, sizeof(network->tlsDataParams));
    return SUCCESS;
}

IoT_Error_t iot_tls_is_connected(Network *network)
{
    (void)network;
    return NETWORK_PHYSICAL_LAYER_CONNECTED;
}

/* There is no file system; and CryptoAuthLib's certificate templates are not modelled. */
static IoT_Error_t check_locations(const TLSConnectParams *params)
{
    if (IS_PATH(params->pRootCALocation)) {
        ESP_LOGE(TAG, "failed!  no file system on the virtual kit to read the root certificate from");
        kit_lacks("a file system to read certificates from");
        return NETWORK_X509_ROOT_CRT_PARSE_ERROR;
    }
    if (IS_PATH(params->pDeviceCertLocation) || IS_SLOT(params->pDeviceCertLocation)) {
        ESP_LOGE(TAG, "failed!  the virtual kit takes the device certificate as PEM only");
        kit_lacks(IS_PATH(params->pDeviceCertLocation) ? "a file system to read certificates from"
                                                       : "certificates that are compressed in the secure element");
        return NETWORK_X509_DEVICE_CRT_PARSE_ERROR;
    }
    if (IS_PATH(params->pDevicePrivateKeyLocation)) {
        ESP_LOGE(TAG, "failed!  no file system on the virtual kit to read the private key from");
        kit_lacks("a file system to read certificates from");
        return NETWORK_PK_PRIVATE_KEY_PARSE_ERROR;
    }
    return SUCCESS;
}

static IoT_Error_t error_of_connection(esp_tls_t *tls)
{
    esp_tls_error_handle_t handle = NULL;
    int code = 0;
    int flags = 0;
    esp_err_t err = ESP_FAIL;
    if (esp_tls_get_error_handle(tls, &handle) == ESP_OK) {
        err = esp_tls_get_and_clear_last_error(handle, &code, &flags);
    }
    ESP_LOGE(TAG, "failed! connection: %s, mbedTLS -0x%x", esp_err_to_name(err), code < 0 ? -code : code);
    switch (err) {
    case ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME:
        return NETWORK_ERR_NET_UNKNOWN_HOST;
    case ESP_ERR_ESP_TLS_CANNOT_CREATE_SOCKET:
        return NETWORK_ERR_NET_SOCKET_FAILED;
    case ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST:
    case ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT:
        return NETWORK_ERR_NET_CONNECT_FAILED;
    case ESP_ERR_MBEDTLS_PK_PARSE_KEY_FAILED:
        return NETWORK_PK_PRIVATE_KEY_PARSE_ERROR;
    case ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED:
        return NETWORK_X509_DEVICE_CRT_PARSE_ERROR;
    default:
        return SSL_CONNECTION_ERROR;
    }
}

IoT_Error_t iot_tls_connect(Network *network, TLSConnectParams *new_params)
{
    static const char *alpn[] = { "x-amzn-mqtt-ca", NULL };
    if (network == NULL) {
        return NULL_VALUE_ERROR;
    }
    if (new_params != NULL) {
        network->tlsConnectParams = *new_params;
    }
    const TLSConnectParams *params = &network->tlsConnectParams;
    IoT_Error_t error = check_locations(params);
    if (error != SUCCESS) {
        return error;
    }
    bool is_slot = IS_SLOT(params->pDevicePrivateKeyLocation);
    esp_tls_cfg_t config = {
        .cacert_buf = (const unsigned char *)params->pRootCALocation,
        .cacert_bytes = strlen(params->pRootCALocation) + 1,
        .clientcert_buf = (const unsigned char *)params->pDeviceCertLocation,
        .clientcert_bytes = strlen(params->pDeviceCertLocation) + 1,
        .clientkey_buf = is_slot ? NULL : (const unsigned char *)params->pDevicePrivateKeyLocation,
        .clientkey_bytes = is_slot ? 0 : strlen(params->pDevicePrivateKeyLocation) + 1,
        .use_secure_element = is_slot,
        .timeout_ms = params->timeout_ms,
        .alpn_protos = params->DestinationPort == 443 ? alpn : NULL,
        .skip_common_name = !params->ServerVerificationFlag,
    };
    esp_tls_t *tls = esp_tls_init();
    if (tls == NULL) {
        return NETWORK_SSL_INIT_ERROR;
    }
    const char *host = params->pDestinationURL;
    if (esp_tls_conn_new_sync(host, strlen(host), params->DestinationPort, &config, tls) != 1) {
        error = error_of_connection(tls);
        esp_tls_conn_destroy(tls);
        return error;
    }
    network->tlsDataParams.ssl.connection = tls;
    return SUCCESS;
}

IoT_Error_t iot_tls_write(Network *network, unsigned char *message, size_t size, Timer *timer, size_t *written)
{
    esp_tls_t *tls = network->tlsDataParams.ssl.connection;
    (void)timer;
    *written = 0;
    while (tls != NULL && *written < size) {
        ssize_t count = esp_tls_conn_write(tls, message + *written, size - *written);
        if (count <= 0) {
            break;
        }
        *written += count;
    }
    return *written == size ? SUCCESS : NETWORK_SSL_WRITE_ERROR;
}

IoT_Error_t iot_tls_read(Network *network, unsigned char *message, size_t size, Timer *timer, size_t *read)
{
    esp_tls_t *tls = network->tlsDataParams.ssl.connection;
    *read = 0;
    if (tls == NULL) {
        return NETWORK_SSL_READ_ERROR;
    }
    while (*read < size) {
        uint32_t left = left_ms(timer);
        /* Waits a moment even when no time is left: the SDK polls with timers that have run out. */
        if (esp_tls_get_bytes_avail(tls) <= 0 && kit_tls_wait_readable(tls, left > 0 ? left : 1) == 0) {
            return *read == 0 ? NETWORK_SSL_NOTHING_TO_READ : NETWORK_SSL_READ_TIMEOUT_ERROR;
        }
        ssize_t count = esp_tls_conn_read(tls, message + *read, size - *read);
        if (count > 0) {
            *read += count;
        } else if (count != ESP_TLS_ERR_SSL_WANT_READ) {
            return NETWORK_SSL_READ_ERROR;
        } else if (has_timer_expired(timer)) {
            return *read == 0 ? NETWORK_SSL_NOTHING_TO_READ : NETWORK_SSL_READ_TIMEOUT_ERROR;
        }
    }
    return SUCCESS;
}

IoT_Error_t iot_tls_disconnect(Network *network)
{
    esp_tls_t *tls = network->tlsDataParams.ssl.connection;
    network->tlsDataParams.ssl.connection = NULL;
    if (tls != NULL) {
        esp_tls_conn_destroy(tls);
    }
    return SUCCESS;
}

IoT_Error_t iot_tls_destroy(Network *network)
{
    return iot_tls_disconnect(network);
}
