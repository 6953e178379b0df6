/* SPDX-License-Identifier: Apache-2.0 */
/* A response as it comes in: status line, headers, a body of a known length, in chunks, or up to the end (RFC 9112). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "esp_log.h"
#include "http_client.h"

#define LINE_MOST 4096

/* Fill the buffer; ESP_OK, ESP_ERR_HTTP_EAGAIN when nothing came in time, ESP_ERR_HTTP_CONNECTION_CLOSED, ESP_FAIL. */
static esp_err_t fill(esp_http_client_handle_t client)
{
    if (client->buffer_at < client->buffer_end) {
        return ESP_OK;
    }
    if (client->tls == NULL) {
        return ESP_FAIL;
    }
    const ssize_t count = esp_tls_conn_read(client->tls, client->buffer, (size_t)client->buffer_size);
    client->buffer_at = 0;
    client->buffer_end = count > 0 ? (int)count : 0;
    if (count == ESP_TLS_ERR_SSL_WANT_READ) {
        return ESP_ERR_HTTP_EAGAIN;
    }
    return count > 0 ? ESP_OK : count == 0 ? ESP_ERR_HTTP_CONNECTION_CLOSED : ESP_FAIL;
}

static esp_err_t read_line(esp_http_client_handle_t client, char *line)
{
    int length = 0;
    for (;;) {
        const esp_err_t error = fill(client);
        if (error != ESP_OK) {
            return error;
        }
        const char byte = client->buffer[client->buffer_at++];
        if (byte == '\n') {
            line[length] = '\0';
            return ESP_OK;
        }
        if (length + 1 >= LINE_MOST) {
            return ESP_ERR_HTTP_FETCH_HEADER;
        }
        if (byte != '\r') {
            line[length++] = byte;
        }
    }
}

static esp_err_t take_status(struct http_response *response, const char *line)
{
    int minor = 0;
    const char *at = line + 9;
    if (strncmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ') {
        return ESP_ERR_HTTP_FETCH_HEADER;
    }
    minor = line[7] - '0';
    response->status = atoi(at);
    response->stays_open = minor >= 1;
    return response->status >= 100 ? ESP_OK : ESP_ERR_HTTP_FETCH_HEADER;
}

static void take_header(esp_http_client_handle_t client, char *line)
{
    struct http_response *response = &client->response;
    char *value = strchr(line, ':');
    if (value == NULL) {
        return;
    }
    *value++ = '\0';
    value += strspn(value, " \t");
    if (strcasecmp(line, "Content-Length") == 0) {
        response->length = strtoll(value, NULL, 10);
    } else if (strcasecmp(line, "Transfer-Encoding") == 0) {
        response->is_chunked = strcasecmp(value, "chunked") == 0;
    } else if (strcasecmp(line, "Connection") == 0) {
        response->stays_open = strcasecmp(value, "close") != 0;
    } else if (strcasecmp(line, "Location") == 0) {
        free(response->location);
        response->location = strdup(value);
    } else if (strcasecmp(line, "WWW-Authenticate") == 0) {
        free(response->challenge);
        response->challenge = strdup(value);
    }
    esp_http_client_event_t event = {.event_id = HTTP_EVENT_ON_HEADER,
                                     .client = client,
                                     .user_data = client->user_data,
                                     .header_key = line,
                                     .header_value = value};
    if (client->config.event_handler != NULL) {
        client->config.event_handler(&event);
    }
}

void kit_http_response_reset(struct http_response *response)
{
    free(response->location);
    free(response->challenge);
    *response = (struct http_response){.length = -1};
}

static esp_err_t read_headers(esp_http_client_handle_t client, char *line)
{
    esp_err_t error;
    kit_http_response_reset(&client->response);
    while ((error = read_line(client, line)) == ESP_OK && line[0] == '\0') {
    }
    error = error == ESP_OK ? take_status(&client->response, line) : error;
    while (error == ESP_OK && (error = read_line(client, line)) == ESP_OK && line[0] != '\0') {
        take_header(client, line);
    }
    return error;
}

esp_err_t kit_http_read_head(esp_http_client_handle_t client)
{
    char *line = malloc(LINE_MOST);
    if (line == NULL) {
        return ESP_ERR_NO_MEM;
    }
    esp_err_t error;
    do {
        error = read_headers(client, line);
    } while (error == ESP_OK && client->response.status < 200); /* 100 Continue */
    free(line);
    struct http_response *response = &client->response;
    if (response->is_chunked) {
        response->length = -1;
    }
    const bool has_body = client->method != HTTP_METHOD_HEAD && response->status != 204 && response->status != 304;
    response->is_complete = !has_body || (!response->is_chunked && response->length == 0);
    response->stays_open = response->stays_open && (!has_body || response->is_chunked || response->length >= 0);
    return error;
}

/* Read the size of the next chunk; of the last one also what follows it. */
static esp_err_t next_chunk(esp_http_client_handle_t client)
{
    char *line = malloc(LINE_MOST);
    if (line == NULL) {
        return ESP_ERR_NO_MEM;
    }
    esp_err_t error;
    while ((error = read_line(client, line)) == ESP_OK && line[0] == '\0') { /* behind the chunk before */
    }
    if (error == ESP_OK) {
        client->response.chunk_left = strtoll(line, NULL, 16);
    }
    if (error == ESP_OK && client->response.chunk_left == 0) {
        client->response.is_complete = true;
        while ((error = read_line(client, line)) == ESP_OK && line[0] != '\0') {
        }
    }
    free(line);
    return error;
}

/* An error as readers of a body return it. */
static int negative(esp_err_t error)
{
    return error == ESP_ERR_HTTP_EAGAIN ? -ESP_ERR_HTTP_EAGAIN : ESP_FAIL;
}

int kit_http_read_body(esp_http_client_handle_t client, char *data, int size)
{
    struct http_response *response = &client->response;
    if (response->is_chunked && !response->is_complete && response->chunk_left == 0) {
        const esp_err_t error = next_chunk(client);
        if (error != ESP_OK) {
            return negative(error);
        }
    }
    if (response->is_complete) {
        return 0;
    }
    const esp_err_t error = fill(client);
    if (error == ESP_ERR_HTTP_CONNECTION_CLOSED && !response->is_chunked && response->length < 0) {
        response->is_complete = true;
        return 0;
    }
    if (error != ESP_OK) {
        return negative(error);
    }
    int64_t count = client->buffer_end - client->buffer_at;
    const int64_t left = response->is_chunked ? response->chunk_left
                         : response->length < 0 ? INT64_MAX : response->length - response->taken;
    count = count < left ? count : left;
    count = count < size ? count : size;
    memcpy(data, client->buffer + client->buffer_at, (size_t)count);
    client->buffer_at += (int)count;
    response->taken += count;
    if (response->is_chunked) {
        response->chunk_left -= count;
    } else if (response->taken == response->length) {
        response->is_complete = true;
    }
    kit_http_tell(client, HTTP_EVENT_ON_DATA, data, (int)count);
    return (int)count;
}
