"""Local time by TZ, judged by Python's own zone database; SNTP as esp_netif wraps it."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_ZONES = {
    "CET-1CEST,M3.5.0,M10.5.0/3": "Europe/Berlin",
    "EST5EDT,M3.2.0,M11.1.0": "America/New_York",
    "AEST-10AEDT,M10.1.0,M4.1.0/3": "Australia/Sydney",
    "IST-5:30": "Asia/Kolkata",
    "<-03>3": "America/Sao_Paulo",
}
_PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
void app_main(void) {
    static const char *const zones[] = {ZONES};
    for (unsigned zone = 0; zone < sizeof(zones) / sizeof(zones[0]); zone++) {
        setenv("TZ", zones[zone], 1); tzset();
        for (time_t moment = 1735689600; moment < 1767225600; moment += 3600 * 37) {
            struct tm parts; char text[64];
            localtime_r(&moment, &parts);
            strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &parts);
            printf("%u %lld %s %d\\n", zone, (long long)moment, text, mktime(&parts) == moment);
        }
    }
    printf("end\\n");
}
"""


def test_local_times_are_those_of_the_zone_database(run_program: RunProgram) -> None:
    program = _PROGRAM.replace("ZONES", ", ".join(f'"{zone}"' for zone in _ZONES))

    text = run_program(program).wait_for("end\r\n")

    said = re.findall(r"(\d) (\d{10}) (\S+) (\d)\r\n", text)
    assert len(said) > 1000
    wrong = []
    for number, moment, local, is_inverse in said:
        zone = ZoneInfo(list(_ZONES.values())[int(number)])
        expected = datetime.fromtimestamp(int(moment), UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S%z")
        if (local, is_inverse) != (expected, "1"):
            wrong.append((number, local, expected, is_inverse))
    assert wrong == []


@pytest.mark.parametrize(("access_point", "said"), [((("localhost", 1),), "wait 0 now 1"), ((), "wait 107 now 0")])
def test_sntp_of_esp_netif_waits_for_the_time(
    run_program: RunProgram, access_point: tuple[tuple[str, int], ...], said: str
) -> None:
    run = run_program(
        '#include <stdio.h>\n#include <time.h>\n#include "esp_netif_sntp.h"\nvoid app_main(void) {'
        'esp_sntp_config_t config = ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org"); esp_netif_sntp_init(&config);'
        'printf("wait %x ", esp_netif_sntp_sync_wait(pdMS_TO_TICKS(2000)));'
        'printf("now %d\\n", time(NULL) > 1700000000); }',
        access_point=access_point,
    )

    run.wait_for(said)
