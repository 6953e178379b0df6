/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of ESP-TLS to the host and port of a URL, and what ESP-IDF 4 has beside them. */
#include <stdlib.h>
#include <string.h>
#include "esp_tls.h"
#include "http/http_client.h"

int esp_tls_conn_http_new_sync(const char *url, const esp_tls_cfg_t *cfg, esp_tls_t *tls)
{
    struct http_url parts = {0};
    int state = -1;
    if (url != NULL && cfg != NULL && tls != NULL && kit_http_url_set(&parts, url) == ESP_OK && parts.host != NULL) {
        state = esp_tls_conn_new_sync(parts.host, (int)strlen(parts.host), parts.port, cfg, tls);
    }
    free(parts.host);
    free(parts.path);
    return state;
}

int esp_tls_conn_http_new_async(const char *url, const esp_tls_cfg_t *cfg, esp_tls_t *tls)
{
    return esp_tls_conn_http_new_sync(url, cfg, tls);
}

esp_tls_t *esp_tls_conn_http_new(const char *url, const esp_tls_cfg_t *cfg)
{
    esp_tls_t *tls = esp_tls_init();
    if (tls == NULL || esp_tls_conn_http_new_sync(url, cfg, tls) == 1) {
        return tls;
    }
    esp_tls_conn_destroy(tls);
    return NULL;
}

esp_tls_t *esp_tls_conn_new(const char *hostname, int hostlen, int port, const esp_tls_cfg_t *cfg)
{
    esp_tls_t *tls = esp_tls_init();
    if (tls == NULL || esp_tls_conn_new_sync(hostname, hostlen, port, cfg, tls) == 1) {
        return tls;
    }
    esp_tls_conn_destroy(tls);
    return NULL;
}

void esp_tls_conn_delete(esp_tls_t *tls)
{
    esp_tls_conn_destroy(tls);
}
