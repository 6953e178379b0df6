/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler asks of a request: there is none, and what is no request is refused as ESP-IDF refuses it. */
#include "esp_http_server.h"

int httpd_req_to_sockfd(httpd_req_t *r)
{
    (void)r;
    return -1;
}

int httpd_req_recv(httpd_req_t *r, char *buf, size_t buf_len)
{
    (void)r, (void)buf, (void)buf_len;
    return HTTPD_SOCK_ERR_INVALID;
}

size_t httpd_req_get_hdr_value_len(httpd_req_t *r, const char *field)
{
    (void)r, (void)field;
    return 0;
}

esp_err_t httpd_req_get_hdr_value_str(httpd_req_t *r, const char *field, char *val, size_t val_size)
{
    (void)r, (void)field, (void)val, (void)val_size;
    return ESP_ERR_HTTPD_INVALID_REQ;
}

size_t httpd_req_get_url_query_len(httpd_req_t *r)
{
    (void)r;
    return 0;
}

esp_err_t httpd_req_get_url_query_str(httpd_req_t *r, char *buf, size_t buf_len)
{
    (void)r, (void)buf, (void)buf_len;
    return ESP_ERR_HTTPD_INVALID_REQ;
}

esp_err_t httpd_req_get_cookie_val(httpd_req_t *req, const char *cookie_name, char *val, size_t *val_size)
{
    (void)req, (void)cookie_name, (void)val, (void)val_size;
    return ESP_ERR_HTTPD_INVALID_REQ;
}

esp_err_t httpd_resp_send(httpd_req_t *r, const char *buf, ssize_t buf_len)
{
    (void)r, (void)buf, (void)buf_len;
    return ESP_ERR_HTTPD_INVALID_REQ;
}

esp_err_t httpd_resp_send_chunk(httpd_req_t *r, const char *buf, ssize_t buf_len)
{
    return httpd_resp_send(r, buf, buf_len);
}

esp_err_t httpd_resp_set_status(httpd_req_t *r, const char *status)
{
    (void)r, (void)status;
    return ESP_ERR_HTTPD_INVALID_REQ;
}

esp_err_t httpd_resp_set_type(httpd_req_t *r, const char *type)
{
    return httpd_resp_set_status(r, type);
}

esp_err_t httpd_resp_set_hdr(httpd_req_t *r, const char *field, const char *value)
{
    (void)value;
    return httpd_resp_set_status(r, field);
}

esp_err_t httpd_resp_send_err(httpd_req_t *req, httpd_err_code_t error, const char *msg)
{
    (void)error;
    return httpd_resp_send(req, msg, HTTPD_RESP_USE_STRLEN);
}

int httpd_send(httpd_req_t *r, const char *buf, size_t buf_len)
{
    (void)r, (void)buf, (void)buf_len;
    return HTTPD_SOCK_ERR_INVALID;
}
