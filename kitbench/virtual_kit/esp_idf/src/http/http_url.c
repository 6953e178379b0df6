/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of http and https, and lists of headers. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "http_client.h"

static char *replaced(char *old, const char *text, size_t length)
{
    free(old);
    char *copy = malloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

static const char *take_scheme(struct http_url *url, const char *text)
{
    const char *end = strstr(text, "://");
    if (end == NULL) {
        return text;
    }
    const size_t length = (size_t)(end - text);
    const bool is_tls = length == 5 && strncasecmp(text, "https", 5) == 0;
    if (!is_tls && (length != 4 || strncasecmp(text, "http", 4) != 0)) {
        return NULL;
    }
    url->is_tls = is_tls;
    url->port = is_tls ? 443 : 80;
    return end + 3;
}

esp_err_t kit_http_url_set(struct http_url *url, const char *text)
{
    const char *at = take_scheme(url, text);
    if (at == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (at != text) {
        const char *host = at;
        const size_t length = strcspn(host, "/?#");
        const char *user = memchr(host, '@', length);
        const char *name = user != NULL ? user + 1 : host;
        const size_t rest = length - (size_t)(name - host);
        const char *colon = memchr(name, ':', rest);
        const size_t name_length = colon != NULL ? (size_t)(colon - name) : rest;
        if (name_length == 0) {
            return ESP_ERR_INVALID_ARG;
        }
        url->host = replaced(url->host, name, name_length);
        if (colon != NULL) {
            url->port = atoi(colon + 1);
        }
        at = host + length;
    }
    const size_t length = strcspn(at, "#");
    const char *path = *at == '/' ? at : "/";
    url->path = replaced(url->path, path, *at == '/' ? length : 1);
    if (*at == '?' && url->path != NULL) { /* "https://host?query" */
        char *whole = malloc(length + 2);
        if (whole != NULL) {
            whole[0] = '/';
            memcpy(whole + 1, at, length);
            whole[length + 1] = '\0';
        }
        free(url->path);
        url->path = whole;
    }
    return url->path != NULL && url->host != NULL ? ESP_OK : ESP_ERR_NO_MEM;
}

static struct http_header **find(struct http_header **list, const char *key)
{
    while (*list != NULL && strcasecmp((*list)->key, key) != 0) {
        list = &(*list)->next;
    }
    return list;
}

const char *kit_http_header_get(const struct http_header *list, const char *key)
{
    struct http_header **found = find((struct http_header **)&list, key);
    return *found != NULL ? (*found)->value : NULL;
}

static void drop(struct http_header **at)
{
    struct http_header *old = *at;
    *at = old->next;
    free(old->key);
    free(old->value);
    free(old);
}

esp_err_t kit_http_header_set(struct http_header **list, const char *key, const char *value)
{
    struct http_header **at = find(list, key);
    if (value == NULL) {
        if (*at != NULL) {
            drop(at);
        }
        return ESP_OK;
    }
    if (*at != NULL) {
        char *copy = strdup(value);
        if (copy == NULL) {
            return ESP_ERR_NO_MEM;
        }
        free((*at)->value);
        (*at)->value = copy;
        return ESP_OK;
    }
    struct http_header *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return ESP_ERR_NO_MEM;
    }
    made->key = strdup(key);
    made->value = strdup(value);
    *at = made;
    if (made->key == NULL || made->value == NULL) {
        drop(at);
        return ESP_ERR_NO_MEM;
    }
    return ESP_OK;
}

void kit_http_headers_free(struct http_header **list)
{
    while (*list != NULL) {
        drop(list);
    }
}
