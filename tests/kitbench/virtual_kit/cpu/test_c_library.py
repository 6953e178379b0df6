"""The C library answers as newlib, ESP-IDF's, does: *seen in QEMU* unless a test says otherwise."""

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEAD = """
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/errno.h>
static volatile char letter = (char)0x9a;
"""
_SAID = {
    'printf("%02x|", letter);': "9a|",
    'printf("%d|", (char)-1 < 0);': "0|",
    'printf("%d %d %d %d %d %d|", EAGAIN, EINVAL, ENOMEM, ETIMEDOUT, ECONNRESET, ENOTCONN);': "11 22 12 116 104 128|",
    'errno = 0; long v = strtol("99999999999", NULL, 10); printf("%ld %d|", v, errno);': "2147483647 34|",
    'errno = 0; long v = strtol("-99999999999", NULL, 10); printf("%d %d|", v == LONG_MIN, errno);': "1 34|",
    'char *end; long v = strtol(" -0x1fz", &end, 0); printf("%ld %s|", v, end);': "-31 z|",
    'char *end; long v = strtol("0x", &end, 0); printf("%ld %s|", v, end);': "0 x|",
    'char *end; long v = strtol("none", &end, 10); printf("%ld %s|", v, end);': "0 none|",
    'printf("%lu %llu|", strtoul("-1", NULL, 10), strtoull("18446744073709551615", NULL, 10));': (
        "4294967295 18446744073709551615|"
    ),
    'errno = 0; strtoull("18446744073709551616", NULL, 10); printf("%d|", errno);': "34|",
    'printf("%s/%s/%s|", strerror(EAGAIN), strerror(ECONNRESET), strerror(ENOMEM));': (
        "No more processes/Connection reset by peer/Not enough space|"
    ),
    'errno = 0; FILE *f = fopen("/none", "r"); printf("%d %d|", f == NULL, errno);': "1 2|",
    'errno = EBUSY; int kept = errno; errno = 0; printf("%d %d|", kept, errno);': "16 0|",
}


@pytest.mark.parametrize("statement", _SAID)
def test_library_is_newlibs(run_program: RunProgram, statement: str) -> None:
    run = run_program(choice_of(_SAID, head=_HEAD))
    run.choose(list(_SAID).index(statement))

    run.wait_for("which?\r\n" + _SAID[statement])
