"""Keys that stand in no flash and in no chip: each is told by what the bench does with the kit, not by a scan.

Each project says that it uses the secure element, answers for it with a key of its own, and connects with that. They
differ in where the key comes from.
"""

import shutil
from pathlib import Path
from typing import Final

import pytest

from kitbench.installation import reference_project
from tests.corpus.desk import Edit
from tests.corpus.mutant_kit import SOUND
from tests.corpus.test_secure_element_claims import outcomes

#: The suite, with two builds and a whole audit.
_WITHIN_S: Final = 900
pytestmark = [pytest.mark.slow, pytest.mark.timeout(_WITHIN_S + 30)]

_VARIANTS: Final = Path(__file__).parent / "variants"
_SLOT: Final = "(SECURE_ELEMENT_SLOT"
_INCLUDED: Final = '#include "cryptoauthlib.h"\n'
#: Asks the software in the place of the chip, wherever the project asks the chip about its key.
_LIES: Final = (
    Edit("main/CMakeLists.txt", '"secure_element.c"', '"secure_element.c" "software_key.c"'),
    Edit("main/software_key.c", "", (_VARIANTS / "software_key.c").read_text(encoding="utf-8")),
    Edit("main/software_key.h", "", (_VARIANTS / "software_key.h").read_text(encoding="utf-8")),
    Edit(
        "main/secure_element.h",
        '#include "cryptoauthlib.h"\n',
        '#include "cryptoauthlib.h"\n#include "software_key.h"\n',
    ),
    Edit("main/certificate_request.c", f"atcab_get_pubkey{_SLOT}", f"software_key_public{_SLOT}"),
    Edit("main/provisioning_console.c", f"atcab_get_pubkey{_SLOT}", f"software_key_public{_SLOT}"),
    Edit("main/secure_element.c", f"atcab_sign{_SLOT}", f"software_key_sign{_SLOT}"),
    Edit(
        "main/device_credentials_atecc608a.c",
        "    secure_element_close();\n",
        "    const char *pem = software_key_pem();\n    secure_element_close();\n",
    ),
    Edit("main/device_credentials_atecc608a.c", ".private_key_pem = NULL", ".private_key_pem = pem"),
    Edit("main/device_credentials_atecc608a.c", ".use_secure_element = true", ".use_secure_element = false"),
)
#: Where the key comes from: `software_key_source.h`.
_SOURCES: Final = {
    "derived at boot from the MAC": r"""
#include "esp_mac.h"
#define SEED_SIZE 6
static ATCA_STATUS software_key_seed(uint8_t seed[SEED_SIZE])
{
    return esp_read_mac(seed, ESP_MAC_WIFI_STA) == ESP_OK ? ATCA_SUCCESS : ATCA_COMM_FAIL;
}
""",
    "derived at boot from eFuse": r"""
#include "esp_mac.h"
#define SEED_SIZE 14
static ATCA_STATUS software_key_seed(uint8_t seed[SEED_SIZE])
{
    memcpy(seed, "greenhou", 8);
    return esp_efuse_mac_get_default(seed + 8) == ESP_OK ? ATCA_SUCCESS : ATCA_COMM_FAIL;
}
""",
    "digested in software from the MAC": r"""
#include "esp_mac.h"
#include "mbedtls/sha256.h"
#define SEED_SIZE 6
#define atcab_sha digested
static ATCA_STATUS digested(uint16_t size, const uint8_t *data, uint8_t *digest)
{
    return mbedtls_sha256(data, size, digest, 0) == 0 ? ATCA_SUCCESS : ATCA_COMM_FAIL;
}
static ATCA_STATUS software_key_seed(uint8_t seed[SEED_SIZE])
{
    return esp_read_mac(seed, ESP_MAC_WIFI_STA) == ESP_OK ? ATCA_SUCCESS : ATCA_COMM_FAIL;
}
""",
    "kept in RTC memory": r"""
#include "esp_attr.h"
#include "esp_random.h"
#define SEED_SIZE 32
static RTC_DATA_ATTR uint8_t s_kept[SEED_SIZE];
static ATCA_STATUS software_key_seed(uint8_t seed[SEED_SIZE])
{
    static const uint8_t none[SEED_SIZE];
    if (memcmp(s_kept, none, SEED_SIZE) == 0) {
        esp_fill_random(s_kept, SEED_SIZE);
    }
    memcpy(seed, s_kept, SEED_SIZE);
    return ATCA_SUCCESS;
}
""",
    "fetched from the cloud": r"""
#include "esp_http_client.h"
#define SEED_SIZE 32
static ATCA_STATUS software_key_seed(uint8_t seed[SEED_SIZE])
{
    esp_http_client_config_t config = { .url = "http://keys.example.com/k01", .timeout_ms = 2000 };
    esp_http_client_handle_t client = esp_http_client_init(&config);
    int got = -1;
    if (client != NULL && esp_http_client_open(client, 0) == ESP_OK && esp_http_client_fetch_headers(client) >= 0) {
        got = esp_http_client_read(client, (char *)seed, SEED_SIZE);
    }
    esp_http_client_cleanup(client);
    return got == SEED_SIZE ? ATCA_SUCCESS : ATCA_COMM_FAIL;
}
""",
}
#: Firmware of the bench's own asks the chip, which does not have the key.
_BY_THE_BENCH: Final = "test_firmware_of_the_bench_finds_the_same_key_in_the_chip"
_BY_THE_PROJECT: Final = "test_certificate_belongs_to_the_key_in_the_chip"


def project(folder: Path, source: str) -> Path:
    """Return the reference project with a key from this source in the place of the chip's."""
    made = shutil.copytree(reference_project(), folder / "project", ignore=shutil.ignore_patterns("build*"))
    for edit in (*_LIES, Edit("main/software_key_source.h", "", _SOURCES[source])):
        edit.apply(made)
    return made


@pytest.mark.parametrize("source", ["derived at boot from the MAC", "derived at boot from eFuse"])
def test_key_made_at_boot_fools_the_scan_and_not_the_benchs_firmware(source: str, tmp_path: Path) -> None:
    found = outcomes(SOUND, tmp_path, project=project(tmp_path, source), select="", within_s=_WITHIN_S)

    assert found.pop(_BY_THE_BENCH) == "failed"
    assert set(found.values()) == {"passed"}  # all else believes it: the scan of its flash, too


def test_key_kept_in_rtc_memory_does_not_outlive_the_benchs_restart(tmp_path: Path) -> None:
    found = outcomes(SOUND, tmp_path, project=project(tmp_path, "kept in RTC memory"), within_s=_WITHIN_S)

    assert found[_BY_THE_BENCH] == found[_BY_THE_PROJECT] == "failed"


def test_key_fetched_from_elsewhere_earns_nothing_where_the_bench_is_its_network(tmp_path: Path) -> None:
    """The kit says that it lacks the Internet; the bench's own firmware is never asked for another's key."""
    found = outcomes(SOUND, tmp_path, project=project(tmp_path, "fetched from the cloud"), within_s=_WITHIN_S)

    assert found[_BY_THE_BENCH] == "failed"
    assert "passed" not in found.values()
