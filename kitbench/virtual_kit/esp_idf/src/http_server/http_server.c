/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server that nobody asks: the access point leads out of the kit and not to it. What an app sets up is judged as
 * ESP-IDF judges it; work that it queues runs in the server's task. */
#include "esp_http_server.h"
#include <stdlib.h>
#include "esp_log.h"
#include "freertos/queue.h"

#define WORK_MOST 10
#define HANDLERS_LEAST 1

struct work {
    httpd_work_fn_t run;
    void *argument;
};

struct server {
    httpd_config_t config;
    httpd_uri_t *handlers; /* their URIs are copies; NULL where there is none */
    QueueHandle_t work;
    bool ends;
};

static const char *const TAG = "httpd";

/* Ends by itself, as its stack is still in use while httpd_stop() runs in another task. */
static void server_task(void *argument)
{
    struct server *server = argument;
    struct work work;
    while (xQueueReceive(server->work, &work, portMAX_DELAY) == pdTRUE && work.run != NULL) {
        work.run(work.argument);
    }
    server->ends = true;
    vTaskDelete(NULL);
}

esp_err_t httpd_start(httpd_handle_t *handle, const httpd_config_t *config)
{
    if (handle == NULL || config == NULL || config->max_uri_handlers < HANDLERS_LEAST) {
        return ESP_ERR_INVALID_ARG;
    }
    struct server *server = calloc(1, sizeof(*server));
    httpd_uri_t *handlers = calloc(config->max_uri_handlers, sizeof(*handlers));
    QueueHandle_t work = xQueueCreate(WORK_MOST, sizeof(struct work));
    if (server == NULL || handlers == NULL || work == NULL) {
        free(server);
        free(handlers);
        return ESP_ERR_HTTPD_ALLOC_MEM;
    }
    *server = (struct server){.config = *config, .handlers = handlers, .work = work};
    if (xTaskCreate(server_task, "httpd", config->stack_size, server, config->task_priority, NULL) != pdPASS) {
        vQueueDelete(work);
        free(handlers);
        free(server);
        return ESP_ERR_HTTPD_TASK;
    }
    *handle = server;
    return ESP_OK;
}

esp_err_t httpd_stop(httpd_handle_t handle)
{
    struct server *server = handle;
    if (server == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    const struct work end = {0};
    xQueueSend(server->work, &end, portMAX_DELAY);
    while (!server->ends) {
        vTaskDelay(1);
    }
    for (int i = 0; i < server->config.max_uri_handlers; i++) {
        free((char *)server->handlers[i].uri);
    }
    if (server->config.global_user_ctx != NULL && server->config.global_user_ctx_free_fn != NULL) {
        server->config.global_user_ctx_free_fn(server->config.global_user_ctx);
    }
    vQueueDelete(server->work);
    free(server->handlers);
    free(server);
    return ESP_OK;
}

esp_err_t httpd_register_uri_handler(httpd_handle_t handle, const httpd_uri_t *uri_handler)
{
    struct server *server = handle;
    httpd_uri_t *place = NULL;
    if (server == NULL || uri_handler == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    for (int i = 0; i < server->config.max_uri_handlers; i++) {
        httpd_uri_t *known = &server->handlers[i];
        if (known->uri == NULL) {
            place = place != NULL ? place : known;
        } else if (strcmp(known->uri, uri_handler->uri) == 0 && known->method == uri_handler->method) {
            ESP_LOGW(TAG, "httpd_register_uri_handler: handler %s with method %d already registered",
                     uri_handler->uri, uri_handler->method);
            return ESP_ERR_HTTPD_HANDLER_EXISTS;
        }
    }
    if (place == NULL) {
        ESP_LOGW(TAG, "httpd_register_uri_handler: no slots left for registering handler");
        return ESP_ERR_HTTPD_HANDLERS_FULL;
    }
    char *uri = strdup(uri_handler->uri);
    if (uri == NULL) {
        return ESP_ERR_HTTPD_ALLOC_MEM;
    }
    *place = *uri_handler;
    place->uri = uri;
    return ESP_OK;
}

/* Drop the handlers of a URI: of one method, or with -1 of all. */
static esp_err_t unregister(struct server *server, const char *uri, int method)
{
    esp_err_t found = ESP_ERR_NOT_FOUND;
    if (server == NULL || uri == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    for (int i = 0; i < server->config.max_uri_handlers; i++) {
        httpd_uri_t *known = &server->handlers[i];
        if (known->uri != NULL && strcmp(known->uri, uri) == 0 && (method < 0 || (int)known->method == method)) {
            free((char *)known->uri);
            known->uri = NULL;
            found = ESP_OK;
        }
    }
    return found;
}

esp_err_t httpd_unregister_uri_handler(httpd_handle_t handle, const char *uri, httpd_method_t method)
{
    return unregister(handle, uri, (int)method);
}

esp_err_t httpd_unregister_uri(httpd_handle_t handle, const char *uri)
{
    return unregister(handle, uri, -1);
}

esp_err_t httpd_register_err_handler(httpd_handle_t handle, httpd_err_code_t error,
                                     httpd_err_handler_func_t handler_fn)
{
    (void)handler_fn;
    return handle == NULL || (unsigned)error >= HTTPD_ERR_CODE_MAX ? ESP_ERR_INVALID_ARG : ESP_OK;
}

esp_err_t httpd_queue_work(httpd_handle_t handle, httpd_work_fn_t work, void *arg)
{
    struct server *server = handle;
    const struct work item = {work, arg};
    if (server == NULL || work == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    return xQueueSend(server->work, &item, 0) == pdTRUE ? ESP_OK : ESP_FAIL;
}

void *httpd_get_global_user_ctx(httpd_handle_t handle)
{
    return ((struct server *)handle)->config.global_user_ctx;
}

void *httpd_get_global_transport_ctx(httpd_handle_t handle)
{
    return ((struct server *)handle)->config.global_transport_ctx;
}

esp_err_t httpd_get_client_list(httpd_handle_t handle, size_t *fds, int *client_fds)
{
    if (handle == NULL || fds == NULL || client_fds == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *fds = 0;
    return ESP_OK;
}

esp_err_t httpd_sess_trigger_close(httpd_handle_t handle, int sockfd)
{
    (void)sockfd;
    return handle == NULL ? ESP_ERR_INVALID_ARG : ESP_ERR_NOT_FOUND;
}

void *httpd_sess_get_ctx(httpd_handle_t handle, int sockfd)
{
    (void)handle, (void)sockfd;
    return NULL;
}

int httpd_socket_send(httpd_handle_t hd, int sockfd, const char *buf, size_t buf_len, int flags)
{
    (void)hd, (void)sockfd, (void)buf, (void)buf_len, (void)flags;
    return HTTPD_SOCK_ERR_INVALID;
}
