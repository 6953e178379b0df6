"""esp_https_ota: an image from a server goes into the other slot, whole or not at all."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from kitbench.flash_format import partition_table
from kitbench.flash_format.partition_table import Partition
from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, Compiler, MemoryFlash, RunProgram, image_of

_SLOT = 0x200000
_PROGRAM = """
#include <stdio.h>
#include "esp_https_ota.h"
static void update(const char *url) {
    esp_http_client_config_t http = {.url = url, .cert_pem = "unused over plain HTTP", .timeout_ms = 3000};
    esp_https_ota_config_t config = {.http_config = &http};
    printf("%s %x boot %s\\n", url, esp_https_ota(&config), esp_ota_get_boot_partition()->label);
}
void app_main(void) {
    esp_http_client_config_t unsafe = {.url = "http://localhost:PORT/good"}, safe = unsafe;
    esp_https_ota_config_t config = {.http_config = &unsafe};
    esp_https_ota_handle_t handle;
    printf("unverified %x\\n", esp_https_ota_begin(&config, &handle));
    update("http://localhost:PORT/none");
    update("http://localhost:PORT/short");
    update("http://localhost:PORT/spoilt");
    update("http://localhost:PORT/chip");
    safe.cert_pem = "unused"; config.http_config = &safe;
    esp_app_desc_t found;
    esp_https_ota_begin(&config, &handle);
    printf("described %x %s\\n", esp_https_ota_get_img_desc(handle, &found), found.project_name);
    printf("size %d\\n", esp_https_ota_get_image_size(handle));
    printf("aborted %x\\n", esp_https_ota_abort(handle));
    update("http://localhost:PORT/moved");
    printf("done\\n");
}
"""


@dataclass
class Images:
    """What the server gives for each path."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    port: int = 0


@pytest.fixture
def images() -> Iterator[Images]:
    """A server of images: `/moved` leads to `/good`, and of `/short` a part comes."""
    served = Images()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = served.bodies.get(self.path)
            self.send_response(302 if self.path == "/moved" else 404 if body is None else 200)
            if self.path == "/moved":
                self.send_header("Location", "/good")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write((body or b"")[: 5000 if self.path == "/short" else None])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


def _flash() -> MemoryFlash:
    flash = MemoryFlash()
    slots = (("ota_0", 0x10, APP_OFFSET), ("ota_1", 0x11, _SLOT))
    table = partition_table.serialize(
        (
            Partition("otadata", 1, 0, 0xD000, 0x2000),
            *(Partition(name, 0, sub, at, 0x180000) for name, sub, at in slots),
        )
    )
    flash.data[0x8000 : 0x8000 + len(table)] = table
    return flash


def test_only_a_whole_image_for_the_chip_is_chosen(run_program: RunProgram, compiler: Compiler, images: Images) -> None:
    good = image_of(compiler.build("void app_main(void) {}"))
    spoilt, other_chip = bytearray(good), bytearray(good)
    spoilt[len(good) // 2] ^= 1
    other_chip[12] = 9
    images.bodies = {"/good": good, "/short": good, "/spoilt": bytes(spoilt), "/chip": bytes(other_chip)}
    flash = _flash()

    run = run_program(
        _PROGRAM.replace("PORT", str(images.port)), flash=flash, access_point=(("localhost", images.port),)
    )
    text = run.wait_for("done\r\n")

    place = f"http://localhost:{images.port}"
    for line in (
        "unverified 102", f"{place}/none ffffffff boot ota_0", f"{place}/short ffffffff boot ota_0",
        f"{place}/spoilt 1503 boot ota_0", f"{place}/chip 10a boot ota_0", "described 0 probe", f"size {len(good)}",
        "aborted 0", f"{place}/moved 0 boot ota_1",
    ):  # fmt: skip
        assert f"{line}\r\n" in text
    assert flash.data[_SLOT : _SLOT + len(good)] == good
