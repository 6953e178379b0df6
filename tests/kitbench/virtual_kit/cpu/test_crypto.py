"""SHA-256 and base64 of mbedTLS's interface, judged by Python's."""

import base64
import hashlib
from typing import Final

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

SIZES: Final = (0, 1, 2, 3, 55, 56, 63, 64, 65, 119, 120, 1000)
PROGRAM: Final = """
#include <stdio.h>
#include <string.h>
#include "mbedtls/base64.h"
#include "mbedtls/sha256.h"
static unsigned char data[1000], text[1400], back[1001];
void app_main(void) {
    const int sizes[] = {%s};
    unsigned char digest[32];
    for (int i = 0; i < 1000; i++) data[i] = i * 7 + i / 256;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        mbedtls_sha256_context c, twin; size_t length, decoded; int n = sizes[i];
        mbedtls_sha256_init(&c); mbedtls_sha256_starts(&c, 0);
        for (int at = 0; at < n; at += 17) mbedtls_sha256_update(&c, data + at, n - at < 17 ? n - at : 17);
        mbedtls_sha256_clone(&twin, &c); mbedtls_sha256_finish(&twin, digest);
        printf("%%d ", n); for (int j = 0; j < 32; j++) printf("%%02x", digest[j]);
        mbedtls_sha256(data, n, digest, 1);
        printf(" "); for (int j = 0; j < 28; j++) printf("%%02x", digest[j]);
        memset(text, 0, sizeof(text));
        int error = mbedtls_base64_encode(text, sizeof(text), &length, data, n);
        error |= mbedtls_base64_decode(back, sizeof(back), &decoded, text, length);
        printf(" %%d %%d [%%s]\\n", error, decoded == (size_t)n && memcmp(back, data, n) == 0, text);
    }
    size_t need = 0;
    printf("%%x ", -mbedtls_base64_encode(text, 8, &need, data, 6)); printf("%%d ", (int)need);
    printf("%%x ", -mbedtls_base64_decode(back, 2, &need, (const unsigned char *)"QUJD", 4)); printf("%%d ", (int)need);
    printf("%%x ", -mbedtls_base64_decode(back, 9, &need, (const unsigned char *)"QU*D", 4));
    printf("%%x ", -mbedtls_base64_decode(back, 9, &need, (const unsigned char *)"QUJ", 3));
    printf("%%d ", mbedtls_base64_decode(back, 9, &need, (const unsigned char *)"QUJD\\r\\nRA==", 10));
    printf("%%d done\\n", (int)need);
}
"""


def test_digests_and_base64_are_pythons(run_program: RunProgram) -> None:
    text = run_program(PROGRAM % ", ".join(map(str, SIZES))).wait_for("done\r\n")

    data = bytes((i * 7 + i // 256) & 0xFF for i in range(1000))
    for size in SIZES:
        part = data[:size]
        digests = f"{hashlib.sha256(part).hexdigest()} {hashlib.sha224(part).hexdigest()}"
        assert f"{size} {digests} 0 1 [{base64.b64encode(part).decode()}]\r\n" in text
    assert "2a 9 2a 3 2c 2c 0 4 done" in text
