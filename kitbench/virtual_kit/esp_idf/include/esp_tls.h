/* SPDX-License-Identifier: Apache-2.0 */
/* TLS connections, from the ESP-IDF 5.1 API reference ("ESP-TLS"). The TLS itself runs outside the app's memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "esp_err.h"
#include "esp_tls_errors.h"
#include "kit/config.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum esp_tls_conn_state {
    ESP_TLS_INIT = 0,
    ESP_TLS_CONNECTING,
    ESP_TLS_HANDSHAKE,
    ESP_TLS_FAIL,
    ESP_TLS_DONE,
} esp_tls_conn_state_t;

typedef enum esp_tls_role {
    ESP_TLS_CLIENT = 0,
    ESP_TLS_SERVER,
} esp_tls_role_t;

typedef struct psk_key_hint {
    const uint8_t *key;
    const size_t key_size;
    const char *hint;
} psk_hint_key_t;

typedef struct tls_keep_alive_cfg {
    bool keep_alive_enable;
    int keep_alive_idle;
    int keep_alive_interval;
    int keep_alive_count;
} tls_keep_alive_cfg_t;

typedef enum esp_tls_addr_family {
    ESP_TLS_AF_UNSPEC = 0,
    ESP_TLS_AF_INET,
    ESP_TLS_AF_INET6,
} esp_tls_addr_family_t;

/* Sizes of PEM buffers include the closing NUL. */
typedef struct esp_tls_cfg {
    const char **alpn_protos;
    union {
        const unsigned char *cacert_buf;
        const unsigned char *cacert_pem_buf;
    };
    union {
        unsigned int cacert_bytes;
        unsigned int cacert_pem_bytes;
    };
    union {
        const unsigned char *clientcert_buf;
        const unsigned char *clientcert_pem_buf;
    };
    union {
        unsigned int clientcert_bytes;
        unsigned int clientcert_pem_bytes;
    };
    union {
        const unsigned char *clientkey_buf;
        const unsigned char *clientkey_pem_buf;
    };
    union {
        unsigned int clientkey_bytes;
        unsigned int clientkey_pem_bytes;
    };
    const unsigned char *clientkey_password;
    unsigned int clientkey_password_len;
    bool use_ecdsa_peripheral;
    uint8_t ecdsa_key_efuse_blk;
    bool non_block;
    bool use_secure_element; /* the private key is the one in slot 0 of the ATECC608A */
    int timeout_ms;          /* 0: 10 s; network time-outs are real time, whatever the clock factor */
    bool use_global_ca_store;
    const char *common_name;
    bool skip_common_name;
    tls_keep_alive_cfg_t *keep_alive_cfg;
    const psk_hint_key_t *psk_hint_key;
    esp_err_t (*crt_bundle_attach)(void *conf);
    void *ds_data;
    bool is_plain_tcp;
    struct ifreq *if_name;
    esp_tls_addr_family_t addr_family;
} esp_tls_cfg_t;

typedef struct esp_tls esp_tls_t;

esp_tls_t *esp_tls_init(void);

/** Connect and shake hands; 1 when connected, -1 when not (see esp_tls_get_and_clear_last_error). */
int esp_tls_conn_new_sync(const char *hostname, int hostlen, int port, const esp_tls_cfg_t *cfg, esp_tls_t *tls);

/** As esp_tls_conn_new_sync: the first call blocks until the outcome is known. */
int esp_tls_conn_new_async(const char *hostname, int hostlen, int port, const esp_tls_cfg_t *cfg, esp_tls_t *tls);

/** As these, to the host and port of a URL; a scheme http means port 80, and TLS nevertheless. */
int esp_tls_conn_http_new_sync(const char *url, const esp_tls_cfg_t *cfg, esp_tls_t *tls);
int esp_tls_conn_http_new_async(const char *url, const esp_tls_cfg_t *cfg, esp_tls_t *tls);

/** A connection to a URL, or NULL; ESP-IDF 5 calls it deprecated. */
esp_tls_t *esp_tls_conn_http_new(const char *url, const esp_tls_cfg_t *cfg);

/** Write; bytes written, or a negative mbedTLS code. */
ssize_t esp_tls_conn_write(esp_tls_t *tls, const void *data, size_t datalen);

/** Read; bytes read, 0 when the peer closed, ESP_TLS_ERR_SSL_WANT_READ when nothing came within the time-out. */
ssize_t esp_tls_conn_read(esp_tls_t *tls, void *data, size_t datalen);

int esp_tls_conn_destroy(esp_tls_t *tls);
ssize_t esp_tls_get_bytes_avail(esp_tls_t *tls);
esp_err_t esp_tls_get_conn_sockfd(esp_tls_t *tls, int *sockfd);
esp_err_t esp_tls_get_conn_state(esp_tls_t *tls, esp_tls_conn_state_t *conn_state);
esp_err_t esp_tls_get_error_handle(esp_tls_t *tls, esp_tls_error_handle_t *error_handle);
esp_err_t esp_tls_get_and_clear_last_error(esp_tls_error_handle_t h, int *esp_tls_code, int *esp_tls_flags);
esp_err_t esp_tls_get_and_clear_error_type(esp_tls_error_handle_t h, esp_tls_error_type_t err_type, int *error_code);
esp_err_t esp_tls_init_global_ca_store(void);
esp_err_t esp_tls_set_global_ca_store(const unsigned char *cacert_pem_buf, const unsigned int cacert_pem_bytes);
void esp_tls_free_global_ca_store(void);

/** Of the virtual kit only: wait until bytes can be read; 1 readable or closed, 0 nothing within `timeout_ms` of real
 *  time. Stands for select() on the connection's socket. */
int kit_tls_wait_readable(esp_tls_t *tls, int timeout_ms);

#ifdef __cplusplus
}
#endif
