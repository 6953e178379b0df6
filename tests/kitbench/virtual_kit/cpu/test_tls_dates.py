"""Whether a firmware minds the dates of certificates: `CONFIG_MBEDTLS_HAVE_TIME_DATE`, by the kit's own clock."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Final

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, Compiler, MemoryFlash, Run, image_of
from tests.kitbench.virtual_kit.cpu.mqtt_broker_rig import c_string
from tests.kitbench.virtual_kit.tls.tls_servers import Authority, Server, accept, make_authority, server_context

#: Sets the clock where the first letter typed says so, then connects.
_PROGRAM: Final = """
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include "esp_tls.h"
static const char ca[] = %(ca)s;
void app_main(void) {
    if (getchar() == 'y') {
        const struct timeval now = {.tv_sec = %(now)d};
        settimeofday(&now, NULL);
    }
    const esp_tls_cfg_t cfg = {.cacert_buf = (const unsigned char *)ca, .cacert_bytes = sizeof(ca)};
    printf("opened %%d\\n", esp_tls_conn_new_sync("localhost", 9, %(port)d, &cfg, esp_tls_init()));
}
"""
#: What mbedTLS was built with, whether the firmware has set its clock, and what becomes of the connection.
_CASES: Final = [(False, "n", 1), (False, "y", 1), (True, "n", -1), (True, "y", 1)]

_DATES: Final = "#define CONFIG_MBEDTLS_HAVE_TIME_DATE 1\n"


@pytest.fixture(name="authority", scope="module")
def _authority() -> Authority:
    return make_authority("root")


@pytest.fixture(name="port", scope="module")
def _port(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server with a valid certificate, which asks for none."""
    issued = authority.issue("localhost", names=["localhost"])
    context = server_context(issued, tmp_path_factory.mktemp("server"), authority, needs_client=False)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=accept, args=(listener, context, Server()), daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    listener.close()


@pytest.fixture(name="modules", scope="module")
def _modules(authority: Authority, port: int, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, bytes]:
    """The program without and with mbedTLS's dates."""
    program = _PROGRAM % {"ca": c_string(authority.pem), "port": port, "now": int(time.time())}
    return {
        dates: Compiler(tmp_path_factory.mktemp("program"), _DATES if dates else "").build(program)
        for dates in (False, True)
    }


@pytest.mark.parametrize(("dates", "sets_clock", "opened"), _CASES)
def test_dates_are_judged_by_the_kits_clock_where_mbedtls_judges_them(
    modules: dict[bool, bytes], port: int, *, dates: bool, sets_clock: str, opened: int
) -> None:
    flash, image = MemoryFlash(), image_of(modules[dates])
    flash.data[APP_OFFSET : APP_OFFSET + len(image)] = image
    run = Run(flash, access_point=(("localhost", port),))
    run.start()
    try:
        assert run.app is not None
        run.app.uart_input(sets_clock.encode())
        run.wait_for(f"opened {opened}\r\n")
    finally:
        run.stop()
