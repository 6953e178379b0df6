/* SPDX-License-Identifier: Apache-2.0 */
/* Queries and templates of URIs, from the API reference. */
#include <strings.h>
#include "esp_http_server.h"

esp_err_t httpd_query_key_value(const char *qry, const char *key, char *val, size_t val_size)
{
    if (qry == NULL || key == NULL || val == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    const size_t length = strlen(key);
    while (*qry != '\0') {
        const size_t pair = strcspn(qry, "&");
        if (pair > length && qry[length] == '=' && strncasecmp(qry, key, length) == 0) {
            const size_t size = pair - length - 1;
            snprintf(val, val_size, "%.*s", (int)size, qry + length + 1);
            return size < val_size ? ESP_OK : ESP_ERR_HTTPD_RESULT_TRUNC;
        }
        qry += pair + (qry[pair] == '&');
    }
    return ESP_ERR_NOT_FOUND;
}

bool httpd_uri_match_wildcard(const char *uri_template, const char *uri_to_match, size_t match_upto)
{
    const size_t whole = strlen(uri_template);
    const char last = whole > 0 ? uri_template[whole - 1] : '\0';
    const char before = whole > 1 ? uri_template[whole - 2] : '\0';
    const bool has_star = last == '*' || (last == '?' && before == '*');
    const bool has_question = last == '?' || (last == '*' && before == '?');
    const size_t fixed = whole - has_star - has_question;
    if (has_question && fixed == 0) { /* nothing stands before it */
        return false;
    }
    if (match_upto < fixed || strncmp(uri_template, uri_to_match, fixed) != 0) {
        return has_question && match_upto == fixed - 1 && strncmp(uri_template, uri_to_match, fixed - 1) == 0;
    }
    return has_star || match_upto == fixed;
}
