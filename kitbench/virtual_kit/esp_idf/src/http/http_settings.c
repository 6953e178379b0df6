/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for, and what is known of the answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "http_client.h"
#include "kit/host.h"

esp_err_t esp_http_client_set_url(esp_http_client_handle_t client, const char *url)
{
    if (client == NULL || url == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    struct http_url *place = &client->url;
    const struct http_url before = *place;
    char *host = place->host != NULL ? strdup(place->host) : NULL;
    const esp_err_t error = kit_http_url_set(place, url);
    const bool elsewhere = host == NULL || place->host == NULL || strcmp(host, place->host) != 0 ||
                           before.port != place->port || before.is_tls != place->is_tls;
    free(host);
    if (error == ESP_OK && elsewhere) {
        char line[300];
        const bool is_usual = place->port == (place->is_tls ? 443 : 80);
        snprintf(line, sizeof(line), is_usual ? "%s" : "%s:%d", place->host, place->port);
        kit_http_header_set(&client->headers, "Host", line);
        esp_http_client_close(client);
    }
    return error;
}

esp_err_t esp_http_client_get_url(esp_http_client_handle_t client, char *url, const int len)
{
    if (client == NULL || url == NULL || len <= 0) {
        return ESP_ERR_INVALID_ARG;
    }
    const char *scheme = client->url.is_tls ? "https" : "http";
    const int length = snprintf(url, (size_t)len, "%s://%s%s", scheme, client->url.host, client->url.path);
    return length < len ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_http_client_set_method(esp_http_client_handle_t client, esp_http_client_method_t method)
{
    if (client == NULL || method < 0 || method >= HTTP_METHOD_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    client->method = method;
    return ESP_OK;
}

esp_err_t esp_http_client_set_timeout_ms(esp_http_client_handle_t client, int timeout_ms)
{
    if (client == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    client->config.timeout_ms = timeout_ms;
    return ESP_OK;
}

/* The data stays the app's, as in ESP-IDF. */
esp_err_t esp_http_client_set_post_field(esp_http_client_handle_t client, const char *data, int len)
{
    client->post = data;
    client->post_size = data != NULL ? len : 0;
    if (data == NULL) {
        return kit_http_header_set(&client->headers, "Content-Type", NULL);
    }
    if (kit_http_header_get(client->headers, "Content-Type") != NULL) {
        return ESP_OK;
    }
    return kit_http_header_set(&client->headers, "Content-Type", "application/x-www-form-urlencoded");
}

int esp_http_client_get_post_field(esp_http_client_handle_t client, char **data)
{
    *data = (char *)client->post;
    return client->post_size;
}

esp_err_t esp_http_client_set_header(esp_http_client_handle_t client, const char *key, const char *value)
{
    return kit_http_header_set(&client->headers, key, value);
}

esp_err_t esp_http_client_get_header(esp_http_client_handle_t client, const char *key, char **value)
{
    *value = (char *)kit_http_header_get(client->headers, key);
    return ESP_OK;
}

esp_err_t esp_http_client_delete_header(esp_http_client_handle_t client, const char *key)
{
    return kit_http_header_set(&client->headers, key, NULL);
}

static esp_err_t keep(char **place, const char *text)
{
    free(*place);
    *place = text != NULL ? strdup(text) : NULL;
    return ESP_OK;
}

esp_err_t esp_http_client_set_username(esp_http_client_handle_t client, const char *username)
{
    return client == NULL ? ESP_ERR_INVALID_ARG : keep(&client->username, username);
}

esp_err_t esp_http_client_set_password(esp_http_client_handle_t client, const char *password)
{
    return client == NULL ? ESP_ERR_INVALID_ARG : keep(&client->password, password);
}

esp_err_t esp_http_client_set_authtype(esp_http_client_handle_t client, esp_http_client_auth_type_t auth_type)
{
    if (client == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (auth_type == HTTP_AUTH_TYPE_DIGEST) {
        kit_lacks("HTTP digest authentication");
    }
    client->auth = auth_type;
    return ESP_OK;
}

esp_err_t esp_http_client_get_user_data(esp_http_client_handle_t client, void **data)
{
    if (client == NULL || data == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *data = client->user_data;
    return ESP_OK;
}

esp_err_t esp_http_client_set_user_data(esp_http_client_handle_t client, void *data)
{
    if (client == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    client->user_data = data;
    return ESP_OK;
}

bool esp_http_client_is_chunked_response(esp_http_client_handle_t client)
{
    return client->response.is_chunked;
}

bool esp_http_client_is_complete_data_received(esp_http_client_handle_t client)
{
    return client->response.is_complete;
}

int esp_http_client_get_status_code(esp_http_client_handle_t client)
{
    return client->response.status;
}

int64_t esp_http_client_get_content_length(esp_http_client_handle_t client)
{
    return client->response.length;
}

esp_http_client_transport_t esp_http_client_get_transport_type(esp_http_client_handle_t client)
{
    return client->url.is_tls ? HTTP_TRANSPORT_OVER_SSL : HTTP_TRANSPORT_OVER_TCP;
}

int esp_http_client_get_errno(esp_http_client_handle_t client)
{
    (void)client;
    return errno;
}
