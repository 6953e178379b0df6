/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client as apps call it. */
#include "http_client.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "esp_event.h"
#include "esp_log.h"
#include "kit/host.h"

#define TIMEOUT_MS 5000
#define MOST_REDIRECTIONS 10
#define LINE_MOST 2048

ESP_EVENT_DEFINE_BASE(ESP_HTTP_CLIENT_EVENT);

static const char *const TAG = "HTTP_CLIENT";
static const char *const METHODS[] = {
    "GET",         "POST",    "PUT",  "PATCH", "DELETE", "HEAD",   "NOTIFY",   "SUBSCRIBE",
    "UNSUBSCRIBE", "OPTIONS", "COPY", "MOVE",  "LOCK",   "UNLOCK", "PROPFIND", "PROPPATCH", "MKCOL",
};

esp_err_t kit_http_tell(esp_http_client_handle_t client, esp_http_client_event_id_t id, void *data, int size)
{
    esp_http_client_event_t event = {
        .event_id = id, .client = client, .data = data, .data_len = size, .user_data = client->user_data};
    esp_event_post(ESP_HTTP_CLIENT_EVENT, id, &client, sizeof(client), 0);
    return client->config.event_handler != NULL ? client->config.event_handler(&event) : ESP_OK;
}

static esp_err_t fail(esp_http_client_handle_t client, esp_err_t error)
{
    esp_tls_error_handle_t handle = NULL;
    if (client->tls != NULL) {
        esp_tls_get_error_handle(client->tls, &handle);
    }
    kit_http_tell(client, HTTP_EVENT_ERROR, handle, 0);
    return error;
}

static esp_err_t set_host_header(esp_http_client_handle_t client)
{
    char line[300];
    const bool is_usual = client->url.port == (client->url.is_tls ? 443 : 80);
    snprintf(line, sizeof(line), is_usual ? "%s" : "%s:%d", client->url.host, client->url.port);
    return kit_http_header_set(&client->headers, "Host", line);
}

static esp_err_t set_place(esp_http_client_handle_t client, const esp_http_client_config_t *config)
{
    if (config->url != NULL) {
        return kit_http_url_set(&client->url, config->url);
    }
    client->url.is_tls = config->transport_type == HTTP_TRANSPORT_OVER_SSL;
    client->url.port = client->url.is_tls ? 443 : 80;
    client->url.host = strdup(config->host);
    char path[LINE_MOST];
    const char *query = config->query != NULL ? config->query : "";
    snprintf(path, sizeof(path), "%s%s%s", config->path != NULL ? config->path : "/", *query ? "?" : "", query);
    return kit_http_url_set(&client->url, path);
}

static void note_gaps(const esp_http_client_config_t *config)
{
    if (config->is_async) {
        kit_lacks("esp_http_client with is_async");
    }
    if (config->auth_type == HTTP_AUTH_TYPE_DIGEST) {
        kit_lacks("HTTP digest authentication");
    }
}

esp_http_client_handle_t esp_http_client_init(const esp_http_client_config_t *config)
{
    if (config == NULL || (config->url == NULL && config->host == NULL)) {
        ESP_LOGE(TAG, "config should have either URL or host");
        return NULL;
    }
    struct esp_http_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    note_gaps(config);
    client->config = *config;
    client->method = config->method;
    client->auth = config->auth_type;
    client->user_data = config->user_data;
    client->username = config->username != NULL ? strdup(config->username) : NULL;
    client->password = config->password != NULL ? strdup(config->password) : NULL;
    client->buffer_size = config->buffer_size > 0 ? config->buffer_size : DEFAULT_HTTP_BUF_SIZE;
    client->buffer = malloc((size_t)client->buffer_size);
    client->response.length = -1;
    const char *agent = config->user_agent != NULL ? config->user_agent : "ESP32 HTTP Client/1.0";
    if (client->buffer == NULL || set_place(client, config) != ESP_OK ||
        kit_http_header_set(&client->headers, "User-Agent", agent) != ESP_OK || set_host_header(client) != ESP_OK) {
        ESP_LOGE(TAG, "Error initialize client");
        esp_http_client_cleanup(client);
        return NULL;
    }
    if (config->port != 0) {
        client->url.port = config->port;
        set_host_header(client);
    }
    return client;
}

static unsigned int size_of(const char *text, size_t told)
{
    return text == NULL ? 0 : (unsigned int)(told != 0 ? told : strlen(text) + 1);
}

static esp_err_t connect_it(esp_http_client_handle_t client)
{
    if (client->tls != NULL) {
        return ESP_OK;
    }
    const esp_http_client_config_t *config = &client->config;
    const esp_tls_cfg_t settings = {
        .is_plain_tcp = !client->url.is_tls,
        .timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : TIMEOUT_MS,
        .cacert_buf = (const unsigned char *)config->cert_pem,
        .cacert_bytes = size_of(config->cert_pem, config->cert_len),
        .clientcert_buf = (const unsigned char *)config->client_cert_pem,
        .clientcert_bytes = size_of(config->client_cert_pem, config->client_cert_len),
        .clientkey_buf = (const unsigned char *)config->client_key_pem,
        .clientkey_bytes = size_of(config->client_key_pem, config->client_key_len),
        .clientkey_password = (const unsigned char *)config->client_key_password,
        .clientkey_password_len = (unsigned int)config->client_key_password_len,
        .use_global_ca_store = config->use_global_ca_store,
        .common_name = config->common_name,
        .skip_common_name = config->skip_cert_common_name_check,
        .crt_bundle_attach = config->crt_bundle_attach,
#if CONFIG_ESP_TLS_USE_SECURE_ELEMENT
        .use_secure_element = config->use_secure_element,
#endif
    };
    client->tls = esp_tls_init();
    if (client->tls == NULL) {
        return ESP_ERR_NO_MEM;
    }
    const char *host = client->url.host;
    if (esp_tls_conn_new_sync(host, (int)strlen(host), client->url.port, &settings, client->tls) != 1) {
        ESP_LOGE(TAG, "Connection failed, sock < 0");
        fail(client, ESP_ERR_HTTP_CONNECT);
        esp_tls_conn_destroy(client->tls);
        client->tls = NULL;
        return ESP_ERR_HTTP_CONNECT;
    }
    client->buffer_at = client->buffer_end = 0;
    kit_http_tell(client, HTTP_EVENT_ON_CONNECTED, NULL, 0);
    return ESP_OK;
}

static esp_err_t write_all(esp_http_client_handle_t client, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t count = esp_tls_conn_write(client->tls, data, size);
        if (count <= 0) {
            ESP_LOGE(TAG, "Error write request");
            return ESP_ERR_HTTP_WRITE_DATA;
        }
        data += count;
        size -= (size_t)count;
    }
    return ESP_OK;
}

static esp_err_t send_head(esp_http_client_handle_t client, int size)
{
    char line[LINE_MOST];
    snprintf(line, sizeof(line), "%d", size);
    kit_http_header_set(&client->headers, "Content-Length", size >= 0 ? line : NULL);
    kit_http_header_set(&client->headers, "Transfer-Encoding", size >= 0 ? NULL : "chunked");
    int length = snprintf(line, sizeof(line), "%s %s HTTP/1.1\r\n", METHODS[client->method], client->url.path);
    esp_err_t error = length < LINE_MOST ? write_all(client, line, (size_t)length) : ESP_ERR_HTTP_WRITE_DATA;
    for (const struct http_header *header = client->headers; header != NULL && error == ESP_OK; header = header->next) {
        length = snprintf(line, sizeof(line), "%s: %s\r\n", header->key, header->value);
        error = length < LINE_MOST ? write_all(client, line, (size_t)length) : ESP_ERR_HTTP_WRITE_DATA;
    }
    error = error == ESP_OK ? write_all(client, "\r\n", 2) : error;
    if (error == ESP_OK) {
        kit_http_tell(client, HTTP_EVENT_HEADERS_SENT, NULL, 0);
    }
    return error;
}

static void base64(const char *text, char *made)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t size = strlen(text);
    for (size_t at = 0; at < size; at += 3) {
        const size_t left = size - at;
        const unsigned int bits = (unsigned int)(uint8_t)text[at] << 16 |
                                  (left > 1 ? (unsigned int)(uint8_t)text[at + 1] << 8 : 0) |
                                  (left > 2 ? (unsigned int)(uint8_t)text[at + 2] : 0);
        *made++ = DIGITS[bits >> 18];
        *made++ = DIGITS[bits >> 12 & 63];
        *made++ = left > 1 ? DIGITS[bits >> 6 & 63] : '=';
        *made++ = left > 2 ? DIGITS[bits & 63] : '=';
    }
    *made = '\0';
}

static esp_err_t set_basic_auth(esp_http_client_handle_t client)
{
    char plain[256], line[400] = "Basic ";
    if (client->username == NULL) {
        return ESP_OK;
    }
    const char *password = client->password != NULL ? client->password : "";
    if (snprintf(plain, sizeof(plain), "%s:%s", client->username, password) >= (int)sizeof(plain)) {
        return ESP_ERR_INVALID_SIZE;
    }
    base64(plain, line + strlen(line));
    return kit_http_header_set(&client->headers, "Authorization", line);
}

/* Follow a redirection or a challenge; the request is made once more. */
static esp_err_t judge_status(esp_http_client_handle_t client)
{
    const int status = client->response.status;
    const bool leads_on = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    const int most = client->config.max_redirection_count;
    if (status >= 200 && status < 300) {
        client->redirections = 0;
        return ESP_OK;
    }
    if (client->redirections >= (most > 0 ? most : MOST_REDIRECTIONS)) {
        ESP_LOGE(TAG, "Error, reach max_redirection_count count=%d", client->redirections);
        return ESP_ERR_HTTP_MAX_REDIRECT;
    }
    if (leads_on && client->config.disable_auto_redirect) {
        kit_http_tell(client, HTTP_EVENT_REDIRECT, NULL, 0);
    } else if (leads_on) {
        return esp_http_client_set_redirection(client) == ESP_OK ? ESP_OK : ESP_FAIL;
    } else if (status == 401) {
        esp_http_client_add_auth(client);
    }
    return ESP_OK;
}

esp_err_t esp_http_client_set_redirection(esp_http_client_handle_t client)
{
    if (client == NULL || client->response.location == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    client->redirections++;
    client->again = true;
    return esp_http_client_set_url(client, client->response.location);
}

void esp_http_client_add_auth(esp_http_client_handle_t client)
{
    const char *challenge = client->response.challenge;
    if (client->username == NULL || challenge == NULL) {
        return;
    }
    if (strncasecmp(challenge, "Digest", 6) == 0) {
        kit_lacks("HTTP digest authentication");
        return;
    }
    const int most = client->config.max_authorization_retries;
    client->again = client->authorizations++ < (most > 0 ? most : MOST_REDIRECTIONS) && most >= 0;
    set_basic_auth(client);
}

static esp_err_t exchange(esp_http_client_handle_t client)
{
    esp_err_t error = esp_http_client_open(client, client->post_size);
    if (error != ESP_OK) {
        return error;
    }
    if (client->post_size > 0 && (error = write_all(client, client->post, (size_t)client->post_size)) != ESP_OK) {
        return fail(client, error);
    }
    error = kit_http_read_head(client);
    if (error != ESP_OK) {
        if (error == ESP_ERR_HTTP_CONNECTION_CLOSED) {
            ESP_LOGW(TAG, "Close connection due to FIN received");
            esp_http_client_close(client);
        }
        const bool is_told = error == ESP_ERR_HTTP_CONNECTION_CLOSED || error == ESP_ERR_HTTP_EAGAIN;
        return error == ESP_ERR_HTTP_EAGAIN ? error : fail(client, is_told ? error : ESP_ERR_HTTP_FETCH_HEADER);
    }
    error = judge_status(client);
    if (error != ESP_OK) {
        ESP_LOGE(TAG, "Error response");
        return fail(client, error);
    }
    char data[DEFAULT_HTTP_BUF_SIZE];
    while (kit_http_read_body(client, data, sizeof(data)) > 0) {
    }
    kit_http_tell(client, HTTP_EVENT_ON_FINISH, NULL, 0);
    return ESP_OK;
}

esp_err_t esp_http_client_perform(esp_http_client_handle_t client)
{
    if (client == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    client->authorizations = 0;
    esp_err_t error;
    do {
        client->again = false;
        error = exchange(client);
        if (error == ESP_OK && (!client->response.stays_open || !client->response.is_complete)) {
            esp_http_client_close(client);
        }
    } while (error == ESP_OK && client->again);
    return error;
}

esp_err_t esp_http_client_open(esp_http_client_handle_t client, int write_len)
{
    if (client->auth == HTTP_AUTH_TYPE_BASIC) {
        set_basic_auth(client);
    }
    esp_err_t error = connect_it(client);
    if (error == ESP_OK && (error = send_head(client, write_len)) != ESP_OK) {
        fail(client, error);
        esp_http_client_close(client);
    }
    return error;
}

int esp_http_client_write(esp_http_client_handle_t client, const char *buffer, int len)
{
    if (client->tls == NULL || len < 0) {
        return ESP_FAIL;
    }
    return write_all(client, buffer, (size_t)len) == ESP_OK ? len : ESP_FAIL;
}

int64_t esp_http_client_fetch_headers(esp_http_client_handle_t client)
{
    const esp_err_t error = kit_http_read_head(client);
    if (error != ESP_OK) {
        return error == ESP_ERR_HTTP_EAGAIN ? -ESP_ERR_HTTP_EAGAIN : ESP_FAIL;
    }
    return client->response.length > 0 ? client->response.length : 0;
}

int esp_http_client_read(esp_http_client_handle_t client, char *buffer, int len)
{
    int taken = 0;
    while (taken < len) {
        const int count = kit_http_read_body(client, buffer + taken, len - taken);
        if (count < 0 && taken == 0) {
            return count == -ESP_ERR_HTTP_EAGAIN ? count : fail(client, ESP_FAIL);
        }
        if (count <= 0) {
            break;
        }
        taken += count;
    }
    return taken;
}

int esp_http_client_read_response(esp_http_client_handle_t client, char *buffer, int len)
{
    return esp_http_client_read(client, buffer, len);
}

esp_err_t esp_http_client_flush_response(esp_http_client_handle_t client, int *len)
{
    char data[DEFAULT_HTTP_BUF_SIZE];
    int sum = 0, count;
    while ((count = kit_http_read_body(client, data, sizeof(data))) > 0) {
        sum += count;
    }
    if (len != NULL) {
        *len = sum;
    }
    return count == 0 ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_http_client_close(esp_http_client_handle_t client)
{
    if (client->tls != NULL) {
        kit_http_tell(client, HTTP_EVENT_DISCONNECTED, NULL, 0);
        esp_tls_conn_destroy(client->tls);
        client->tls = NULL;
    }
    return ESP_OK;
}

esp_err_t esp_http_client_cleanup(esp_http_client_handle_t client)
{
    if (client == NULL) {
        return ESP_FAIL;
    }
    esp_http_client_close(client);
    kit_http_headers_free(&client->headers);
    kit_http_response_reset(&client->response);
    free(client->url.host);
    free(client->url.path);
    free(client->username);
    free(client->password);
    free(client->buffer);
    free(client);
    return ESP_OK;
}
