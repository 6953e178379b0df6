"""Whether there are the components that a project requires, as ESP-IDF asks before it compiles anything."""

from collections.abc import Iterable
from typing import Final

from kitbench.errors import GapError, KitError
from kitbench.firmware.esp_idf_index import Kind, esp_idf_index
from kitbench.virtual_kit.toolchain.project.component import Component
from kitbench.virtual_kit.toolchain.project.project_file import ProjectFile
from kitbench.virtual_kit.toolchain.project_facts import OF_ESP_IDF_4
from kitbench.virtual_kit.toolchain.requirements.visibility import is_same

#: What a checkout of esp-aws-iot brings: its two editions.
_ESP_AWS_IOT: Final = frozenset(
    {"esp-aws-iot", "aws_iot", "aws-iot", "coreMQTT", "coreMQTT-Agent", "coreJSON", "coreHTTP", "backoffAlgorithm"}
    | {f"{name}-for-AWS-IoT-embedded-sdk" for name in ("Device-Shadow", "Device-Defender", "Jobs", "ota")}
    | {"corePKCS11", "common", "posix_compat", "esp_secure_cert_mgr"}
)
_STOOD_FOR: Final = ("espressif__esp-cryptoauthlib", "esp-cryptoauthlib")
_COMMON: Final = "protocol_examples_common"
_SUCCESSORS: Final = {
    "esp_adc_cal": "esp_adc",
    "nghttp": "http_parser",
    "tcpip_adapter": "esp_netif",
    "esp32": "esp_system, esp_hw_support and others",
    "openssl": "esp-tls",
    **{name: f"espressif/{name} of the component registry" for name in ("mdns", "cbor", "expat", "jsmn", "coap")},
}


def check_requirements(file: ProjectFile, components: Iterable[Component], version: str) -> None:
    """Check that each required component is the project's or ESP-IDF's.

    Args:
        file: the project's.
        components: of the project.
        version: of ESP-IDF, ``"4.4"`` or ``"5.1"``.

    Raises:
        KitError: one does not exist; ESP-IDF refuses to configure the project, too.
        GapError: it is one that a checkout of esp-aws-iot brings.
    """
    known = [*(item.name for item in components), *file.common, *_STOOD_FOR]
    known += [name for item in file.absent for name in item.folders]
    for component in components:
        for name in (*component.requires, *component.private_requires):
            if not any(is_same(name, other) for other in known):
                _check(component, name, version)


def _check(component: Component, name: str, version: str) -> None:
    where = f"{component.folder.name}/CMakeLists.txt: component {name[:60]!r}"
    found = esp_idf_index().find(name, Kind.COMPONENT)
    if any(max(origin.versions) >= version for origin in found) or name.startswith("esp_driver_"):
        return
    if name in _ESP_AWS_IOT:
        raise GapError(f"the component {name}: --esp-aws-iot brings it", where=where)
    if found:
        instead = f"it is {_SUCCESSORS[name]}" if name in _SUCCESSORS else "there is none"
        raise KitError(f"{where} is of ESP-IDF 4; in ESP-IDF 5 {instead}", stage="build", fix=OF_ESP_IDF_4)
    fix = ""
    if name == _COMMON:
        fix = f"EXTRA_COMPONENT_DIRS leads there: $ENV{{IDF_PATH}}/examples/common_components/{name}"
    # ESP-IDF says "Failed to resolve component".
    raise KitError(f"{where} is required, and is neither in the project nor in ESP-IDF", stage="build", fix=fix)
