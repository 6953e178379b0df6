"""What a build's configuration says about what a test looked at: facts for the author, never a verdict."""

from pathlib import Path
from typing import Any, Final

from kitbench.bench.builds.build_description import read_object
from kitbench.errors import BenchError

#: Test → the settings of ESP-IDF that decide it.
_SETTINGS: Final = {
    "TLS_Expired_Server_Cert": ("MBEDTLS_HAVE_TIME_DATE",),
    "TLS_Incorrect_Subject_Name_Server_Cert": ("ESP_TLS_INSECURE", "ESP_TLS_SKIP_SERVER_CERT_VERIFY"),
    "TLS_Unsecure_Server_Cert": ("ESP_TLS_INSECURE", "ESP_TLS_SKIP_SERVER_CERT_VERIFY"),
    "TLS_Receive_Maximum_Size_Fragments": ("MBEDTLS_SSL_IN_CONTENT_LEN", "MBEDTLS_SSL_MAX_CONTENT_LEN"),
    "TLS_Large_Size_Server_Cert": ("MBEDTLS_SSL_IN_CONTENT_LEN", "MBEDTLS_SSL_MAX_CONTENT_LEN"),
}


def settings_of(folder: Path) -> dict[str, Any]:
    """Return the configuration of a build of ESP-IDF; empty where it left none."""
    try:
        return read_object(folder / "config" / "sdkconfig.json")
    except BenchError:
        return {}


def facts_for(test_id: str, settings: dict[str, Any]) -> str:
    """Return in words how the settings are that a test depends on, "" where there are none."""
    if not settings or test_id not in _SETTINGS:
        return ""
    words = [f"CONFIG_{name}={_as_kconfig(settings[name])}" for name in _SETTINGS[test_id] if name in settings]
    return "the build has " + ", ".join(words) if words else f"the build leaves CONFIG_{_SETTINGS[test_id][0]} off"


def _as_kconfig(value: Any) -> str:
    return {True: "y", False: "n"}.get(value, str(value)) if isinstance(value, bool) else str(value)
