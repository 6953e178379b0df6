/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP client: where it goes, what it asks, what came back. */
#pragma once

#include "esp_http_client.h"
#include "esp_tls.h"

struct http_header {
    struct http_header *next;
    char *key;
    char *value;
};

struct http_url {
    char *host;
    char *path; /* with its query */
    int port;
    bool is_tls;
};

struct http_response {
    int status;
    int64_t length; /* -1: none was told */
    int64_t taken;  /* of the body */
    int64_t chunk_left;
    bool is_chunked;
    bool is_complete;
    bool stays_open;
    char *location;
    char *challenge; /* WWW-Authenticate */
};

struct esp_http_client {
    esp_http_client_config_t config;
    struct http_url url;
    struct http_header *headers;
    esp_http_client_method_t method;
    esp_http_client_auth_type_t auth;
    char *username;
    char *password;
    const char *post;
    int post_size;
    void *user_data;
    esp_tls_t *tls;
    struct http_response response;
    int redirections;
    int authorizations;
    bool again;
    char *buffer; /* bytes that came and were not looked at */
    int buffer_size;
    int buffer_at;
    int buffer_end;
};

/** Take a URL apart, over what is known: "/path" alone keeps the host. ESP_ERR_INVALID_ARG, ESP_ERR_NO_MEM. */
esp_err_t kit_http_url_set(struct http_url *url, const char *text);

/** Set a header's value, or remove it where the value is NULL. */
esp_err_t kit_http_header_set(struct http_header **list, const char *key, const char *value);
const char *kit_http_header_get(const struct http_header *list, const char *key);
void kit_http_headers_free(struct http_header **list);

esp_err_t kit_http_tell(esp_http_client_handle_t client, esp_http_client_event_id_t id, void *data, int size);

/** Read the response up to its body; ESP_OK, ESP_ERR_HTTP_EAGAIN, ESP_ERR_HTTP_CONNECTION_CLOSED or
 *  ESP_ERR_HTTP_FETCH_HEADER. */
esp_err_t kit_http_read_head(esp_http_client_handle_t client);

/** Read of the body: its bytes, 0 at its end, -ESP_ERR_HTTP_EAGAIN or ESP_FAIL. */
int kit_http_read_body(esp_http_client_handle_t client, char *data, int size);
void kit_http_response_reset(struct http_response *response);
