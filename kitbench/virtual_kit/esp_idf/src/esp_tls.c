/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cryptoauthlib.h"
#include "esp_log.h"
#include "esp_tls.h"
#include "kit/host.h"

#define DEFAULT_TIMEOUT_MS 10000
#define HOST_MOST 256
#define ALPN_MOST 128
#if CONFIG_MBEDTLS_HAVE_TIME_DATE
#define DATES KIT_TLS_CHECK_DATES
#else
#define DATES 0
#endif
#if CONFIG_ESP_TLS_SKIP_SERVER_CERT_VERIFY
#define ANY_SERVER KIT_TLS_ANY_SERVER
#else
#define ANY_SERVER 0
#endif
/* Codes at or below are esp_err_t, negated; above are mbedTLS's. */
#define ESP_CODE_LIMIT (-0x8000)

static const char *const TAG = "esp-tls";
static const char *const TAG_MBEDTLS = "esp-tls-mbedtls";

/* What an esp_tls_error_handle_t leads to; apps see the first part alone. */
struct error_record {
    struct esp_tls_last_error error;
    int system_error; /* errno, for ESP_TLS_ERR_TYPE_SYSTEM */
};

struct esp_tls {
    int32_t connection;
    int timeout_ms;
    bool non_block;
    bool is_plain;
    bool has_ended; /* the peer's end was read once */
    esp_tls_conn_state_t state;
    struct error_record record;
};

static const unsigned char *s_global_ca;
static unsigned int s_global_ca_size;

int64_t kit_network_time_us(void)
{
    return kit_real_time_us();
}

esp_tls_t *esp_tls_init(void)
{
    return calloc(1, sizeof(esp_tls_t));
}

static void join_alpn(char *list, const char **protocols)
{
    list[0] = '\0';
    for (; protocols != NULL && *protocols != NULL; protocols++) {
        if (strlen(list) + strlen(*protocols) + 2 > ALPN_MOST) {
            return;
        }
        if (list[0] != '\0') {
            strcat(list, ",");
        }
        strcat(list, *protocols);
    }
}

static void keep_failure(esp_tls_t *tls, const struct kit_tls_failure *failure)
{
    tls->state = ESP_TLS_FAIL;
    tls->record.error.esp_tls_flags = failure->verify_flags;
    tls->record.error.esp_tls_error_code = failure->stack_code;
    if (failure->code == MBEDTLS_ERR_SSL_TIMEOUT) {
        tls->state = ESP_TLS_HANDSHAKE;
        tls->record.error.last_error = ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT;
    } else if (failure->code <= ESP_CODE_LIMIT) {
        const int code = -failure->code;
        tls->record.error.last_error = code == 0xffff ? ESP_FAIL : code == 0x8103 ? ESP_ERR_INVALID_STATE : code;
        if (code > ESP_ERR_ESP_TLS_BASE && code <= ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT) {
            tls->state = ESP_TLS_INIT; /* it got no further than TCP */
            tls->record.system_error = code == ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST ? ECONNRESET : 0;
        }
    } else {
        tls->record.error.last_error = ESP_ERR_MBEDTLS_SSL_HANDSHAKE_FAILED;
        tls->record.error.esp_tls_error_code = -failure->code; /* positive, as esp-tls keeps it */
    }
}

/* What esp-tls says when it cannot use what it was given, once TCP stands. */
static void log_bad_configuration(esp_err_t error, int stack_code)
{
    static const struct {
        esp_err_t error;
        const char *line;
    } lines[] = {
        {ESP_ERR_MBEDTLS_SSL_SETUP_FAILED,
         "No server verification option set in esp_tls_cfg_t structure. Check esp_tls API reference"},
        {ESP_ERR_INVALID_STATE, "You have to provide both clientcert_buf and clientkey_buf for mutual authentication"},
        {ESP_ERR_MBEDTLS_PK_PARSE_KEY_FAILED, "mbedtls_pk_parse_keyfile returned -0x%04X"},
        {ESP_ERR_MBEDTLS_PK_PARSE_KEY_FAILED, "Failed to set client pki context"},
        {ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED, "mbedtls_x509_crt_parse of CA cert returned -0x%04X"},
        {ESP_ERR_ESP_TLS_SE_FAILED, "Failed to parse key from device"},
        {ESP_FAIL, "Device certificate must be provided for TrustCustom Certs"},
    };
    bool known = false;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (lines[i].error == error) {
            char line[128];
            snprintf(line, sizeof(line), lines[i].line, stack_code);
            ESP_LOGE(TAG_MBEDTLS, "%s", line);
            known = true;
        }
    }
    if (known) {
        ESP_LOGE(TAG_MBEDTLS, "Failed to set client configurations, returned [0x%04X] (%s)", (unsigned)error & 0xffff,
                 esp_err_to_name(error));
        ESP_LOGE(TAG, "create_ssl_handle failed");
    }
}

static void log_failure(const esp_tls_t *tls, const char *host)
{
    if (tls->state == ESP_TLS_HANDSHAKE) {
        ESP_LOGW(TAG, "Failed to open new connection in specified timeout");
        return;
    }
    if (tls->record.error.last_error == ESP_ERR_MBEDTLS_SSL_HANDSHAKE_FAILED) {
        ESP_LOGE(TAG_MBEDTLS, "mbedtls_ssl_handshake returned -0x%04X", tls->record.error.esp_tls_error_code);
        ESP_LOGI(TAG_MBEDTLS, "%s", tls->record.error.esp_tls_flags ? "Failed to verify peer certificate!" : "Certificate verified.");
    } else if (tls->record.error.last_error == ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME) {
        ESP_LOGE(TAG, "couldn't get hostname for :%s: getaddrinfo() returns 202, addrinfo=0x0", host);
    } else if (tls->record.error.last_error == ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT) {
        ESP_LOGE(TAG, "[sock=54] select() timeout");
    } else if (tls->record.error.last_error == ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST) {
        ESP_LOGE(TAG, "[sock=54] delayed connect error: Connection reset by peer");
    } else {
        log_bad_configuration(tls->record.error.last_error, tls->record.error.esp_tls_error_code);
    }
    ESP_LOGE(TAG, "Failed to open new connection");
}

int esp_tls_conn_new_sync(const char *hostname, int hostlen, int port, const esp_tls_cfg_t *cfg, esp_tls_t *tls)
{
    if (hostname == NULL || cfg == NULL || tls == NULL || hostlen < 0 || hostlen >= HOST_MOST) {
        return -1;
    }
    char host[HOST_MOST];
    char alpn[ALPN_MOST];
    memcpy(host, hostname, (size_t)hostlen);
    host[hostlen] = '\0';
    join_alpn(alpn, cfg->alpn_protos);
    tls->timeout_ms = cfg->timeout_ms > 0 ? cfg->timeout_ms : DEFAULT_TIMEOUT_MS;
    tls->non_block = cfg->non_block;
    tls->is_plain = cfg->is_plain_tcp;
    const bool global = cfg->use_global_ca_store;
    const struct kit_tls_request request = {
        .host = host,
        .port = (uint32_t)port,
        .ca = global ? s_global_ca : cfg->cacert_buf,
        .ca_size = global ? s_global_ca_size : cfg->cacert_bytes,
        .certificate = cfg->clientcert_buf,
        .certificate_size = cfg->clientcert_bytes,
        .key = cfg->clientkey_buf,
        .key_size = cfg->clientkey_bytes,
        .server_name = cfg->common_name,
        .alpn = alpn,
        .timeout_ms = (uint32_t)tls->timeout_ms,
        .flags = (cfg->use_secure_element ? KIT_TLS_SECURE_ELEMENT : 0) | (cfg->is_plain_tcp ? KIT_TLS_PLAIN : 0) |
                 (cfg->skip_common_name ? KIT_TLS_SKIP_NAME : 0) | DATES | ANY_SERVER,
        .now = (uint32_t)time(NULL),
    };
    if (cfg->clientkey_password != NULL) {
        kit_lacks("private keys with a password");
    }
    if (cfg->crt_bundle_attach != NULL) {
        kit_lacks("a bundle of root certificates (crt_bundle_attach)");
    }
    if (cfg->use_secure_element) {
        ESP_LOGI(TAG_MBEDTLS, "Initialize the ATECC interface...");
        atcab_init(&cfg_ateccx08a_i2c_default);
    }
    struct kit_tls_failure failure = {0};
    tls->connection = kit_tls_open(&request, &failure);
    if (tls->connection == 0) {
        keep_failure(tls, &failure);
        log_failure(tls, host);
        return tls->state == ESP_TLS_HANDSHAKE ? 0 : -1;
    }
    tls->state = tls->is_plain ? ESP_TLS_INIT : ESP_TLS_DONE;
    return 1;
}

int esp_tls_conn_new_async(const char *hostname, int hostlen, int port, const esp_tls_cfg_t *cfg, esp_tls_t *tls)
{
    return esp_tls_conn_new_sync(hostname, hostlen, port, cfg, tls);
}

ssize_t esp_tls_conn_write(esp_tls_t *tls, const void *data, size_t datalen)
{
    const int32_t count = kit_tls_write(tls->connection, data, (int32_t)datalen);
    if (count < 0 && count != ESP_TLS_ERR_SSL_WANT_WRITE) {
        errno = ECONNRESET;
        tls->record.error.last_error = ESP_ERR_MBEDTLS_SSL_WRITE_FAILED;
        tls->record.error.esp_tls_error_code = -count;
        ESP_LOGE(TAG_MBEDTLS, "write error :-0x%04X:", (unsigned)-count);
    }
    return count;
}

ssize_t esp_tls_conn_read(esp_tls_t *tls, void *data, size_t datalen)
{
    const int32_t count =
        kit_tls_read(tls->connection, data, (int32_t)datalen, tls->non_block ? 0 : tls->timeout_ms);
    if (count == 0) { /* the first time; then mbedTLS asks for more, and a socket says that it is not connected */
        const bool again = tls->has_ended;
        tls->has_ended = true;
        errno = ENOTCONN;
        return !again ? 0 : tls->is_plain ? -1 : ESP_TLS_ERR_SSL_WANT_READ;
    }
    if (count < 0 && count != ESP_TLS_ERR_SSL_WANT_READ) {
        errno = ECONNRESET;
        tls->record.error.esp_tls_error_code = -count;
        ESP_LOGE(TAG_MBEDTLS, "read error :-0x%04X:", (unsigned)-count);
    }
    return count;
}

int kit_tls_wait_readable(esp_tls_t *tls, int timeout_ms)
{
    return kit_tls_wait(tls->connection, timeout_ms);
}

int esp_tls_conn_destroy(esp_tls_t *tls)
{
    if (tls == NULL) {
        return -1;
    }
    if (tls->connection != 0) {
        kit_tls_close(tls->connection);
    }
    free(tls);
    return 0;
}

ssize_t esp_tls_get_bytes_avail(esp_tls_t *tls)
{
    return tls == NULL ? ESP_FAIL : kit_tls_pending(tls->connection);
}

esp_err_t esp_tls_get_conn_sockfd(esp_tls_t *tls, int *sockfd)
{
    if (tls == NULL || sockfd == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *sockfd = tls->connection != 0 ? 53 + tls->connection : -1;
    return ESP_OK;
}

esp_err_t esp_tls_get_conn_state(esp_tls_t *tls, esp_tls_conn_state_t *conn_state)
{
    if (tls == NULL || conn_state == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *conn_state = tls->state;
    return ESP_OK;
}

esp_err_t esp_tls_get_error_handle(esp_tls_t *tls, esp_tls_error_handle_t *error_handle)
{
    if (tls == NULL || error_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *error_handle = &tls->record.error;
    return ESP_OK;
}

esp_err_t esp_tls_get_and_clear_last_error(esp_tls_error_handle_t h, int *esp_tls_code, int *esp_tls_flags)
{
    if (h == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    const esp_err_t last = h->last_error;
    if (esp_tls_code != NULL) {
        *esp_tls_code = h->esp_tls_error_code;
    }
    if (esp_tls_flags != NULL) {
        *esp_tls_flags = h->esp_tls_flags;
    }
    memset(h, 0, sizeof(*h));
    return last;
}

esp_err_t esp_tls_get_and_clear_error_type(esp_tls_error_handle_t h, esp_tls_error_type_t err_type, int *error_code)
{
    if (h == NULL || error_code == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    int *slot = err_type == ESP_TLS_ERR_TYPE_MBEDTLS              ? &h->esp_tls_error_code
                : err_type == ESP_TLS_ERR_TYPE_MBEDTLS_CERT_FLAGS ? &h->esp_tls_flags
                : err_type == ESP_TLS_ERR_TYPE_ESP                ? &h->last_error
                        : err_type == ESP_TLS_ERR_TYPE_SYSTEM             ? &((struct error_record *)h)->system_error
                                                                  : NULL;
    *error_code = slot != NULL ? *slot : 0;
    if (slot != NULL) {
        *slot = 0;
    }
    return ESP_OK;
}

esp_err_t esp_tls_init_global_ca_store(void)
{
    return ESP_OK;
}

esp_err_t esp_tls_set_global_ca_store(const unsigned char *cacert_pem_buf, const unsigned int cacert_pem_bytes)
{
    if (cacert_pem_buf == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    s_global_ca = cacert_pem_buf;
    s_global_ca_size = cacert_pem_bytes;
    return ESP_OK;
}

void esp_tls_free_global_ca_store(void)
{
    s_global_ca = NULL;
    s_global_ca_size = 0;
}
