"""An HTTP server that nobody asks: what an app sets up is judged, what it queues runs; *from ESP-IDF's sources*."""

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEAD = """
#include "esp_http_server.h"
static esp_err_t on_get(httpd_req_t *r) { return httpd_resp_sendstr(r, "hello"); }
static volatile int worked; static char name[configMAX_TASK_NAME_LEN];
static void work(void *by) { worked += (int)(intptr_t)by; strcpy(name, pcTaskGetName(NULL)); }
static httpd_handle_t start(int handlers) {
    httpd_config_t c = HTTPD_DEFAULT_CONFIG(); c.max_uri_handlers = handlers; httpd_handle_t h = NULL;
    printf("%x ", httpd_start(&h, &c)); return h;
}
static void match(const char *a, const char *b) { printf("%d", httpd_uri_match_wildcard(a, b, strlen(b))); }
"""
_SAID = {
    'httpd_handle_t h = start(2); httpd_uri_t u = {.uri = "/", .method = HTTP_GET, .handler = on_get};'
    " int a = httpd_register_uri_handler(h, &u); int b = httpd_register_uri_handler(h, &u); u.method = HTTP_POST;"
    ' int c = httpd_register_uri_handler(h, &u); u.uri = "/x"; int d = httpd_register_uri_handler(h, &u);'
    ' int e = httpd_unregister_uri(h, "/"); int f = httpd_unregister_uri_handler(h, "/x", HTTP_GET);'
    ' int g = httpd_register_uri_handler(h, &u); printf("%x %x %x %x %x %x %x|", a, b, c, d, e, f, g);': (
        "0 b002 0 b001 0 105 0|"
    ),
    "httpd_handle_t h = start(8); httpd_queue_work(h, work, (void *)3); httpd_queue_work(h, work, (void *)4);"
    " int fds[7]; size_t n = 7; httpd_get_client_list(h, &n, fds);"
    ' printf("%x ", httpd_stop(h)); printf("%d %s %d|", worked, name, (int)n);': "0 0 7 httpd 0|",
    'httpd_config_t c = HTTPD_DEFAULT_CONFIG(); printf("%x %x|", httpd_start(NULL, &c), httpd_stop(NULL));': "102 102|",
    'char v[4]; int a = httpd_query_key_value("a=1&bc=234&d=4321", "bc", v, 4); printf("%x %s ", a, v);'
    ' a = httpd_query_key_value("a=1&d=4321", "d", v, 4); printf("%x %s ", a, v);'
    ' printf("%x|", httpd_query_key_value("abc=1&bcd=2", "bc", v, 4));': "0 234 b004 432 105|",
    'match("/a", "/a"); match("/a", "/ab"); match("/a*", "/ab"); match("/a*", "/b"); match("/a?", "/"); match("/a?",'
    ' "/a"); match("/a?", "/b"); match("/a/?*", "/a"); match("/a/?*", "/a/x"); match("/a/?*", "/ab"); printf("|");': (
        "1010110110|"
    ),
}


@pytest.mark.parametrize("number", range(len(_SAID)))
def test_server_answers_as_documented(run_program: RunProgram, number: int) -> None:
    run = run_program(choice_of(_SAID, head=_HEAD, tail='printf("done\\n");'))
    run.choose(number)

    assert tuple(_SAID.values())[number] in run.wait_for("done")
