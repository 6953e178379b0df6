"""esp-aws-iot release/v3.1.x and older, wherever it is in a project: its port to lwIP and mbedTLS is replaced.

People have it by `--esp-aws-iot`, as a submodule or a copy in `components/`, or beside the project. Its network wrapper
speaks to sockets and mbedTLS; ours speaks to esp-tls, and the headers that the port includes exist without content.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kitbench.firmware.project import CopyLimits, copy_project

_OWN_FILES: Final = Path(__file__).parents[1] / "esp_aws_iot"
#: The one file that is replaced.
_NETWORK_WRAPPER: Final = "port/network_mbedtls_wrapper.c"
#: Where the headers go that the SDK and the sample include, and hardly use.
_HEADERS: Final = "port/include"
_SDK: Final = "aws-iot-device-sdk-embedded-C"
_JSMN: Final = f"{_SDK}/external_libs/jsmn"
#: Before October 2019 the SDK's texts were no constants.
_PLAIN_TEXTS: Final = re.compile(r"\biot_tls_init\s*\([^,]*,\s*char\s*\*")
_REQUIRED_JSMN: Final = re.compile(r"REQUIRES\b[^)]{0,400}\bjsmn\b")
_ADDED_JSMN: Final = f"""
# ESP-IDF had a component jsmn then; the SDK has it, too.
if(NOT COMPONENT_SRCS MATCHES "jsmn.c")
    target_sources(${{COMPONENT_LIB}} PRIVATE {_JSMN}/jsmn.c)
    target_include_directories(${{COMPONENT_LIB}} PUBLIC {_JSMN})
endif()
"""


#: The port that takes the SDK's place speaks to esp-tls, which the SDK itself does not require.
_ADDED_TLS: Final = """
target_link_libraries(${COMPONENT_LIB} PRIVATE idf::esp-tls)
"""


def replace_ports(project: Path, limits: CopyLimits) -> None:
    """Replace the port of every copy of the SDK below the private copy of a project."""
    for component in _copies(project):
        text = (_OWN_FILES / Path(_NETWORK_WRAPPER).name).read_text("utf-8")
        interface = component / _SDK / "include/network_interface.h"
        is_old = interface.is_file() and _PLAIN_TEXTS.search(interface.read_text("utf-8", "replace"))
        definition = "#define SDK_TEXT char\n" if is_old else "#define SDK_TEXT const char\n"
        (component / _NETWORK_WRAPPER).write_text(definition + text, "utf-8")
        copy_project(_OWN_FILES / "include", component / _HEADERS, limits=limits)
        file = component / "CMakeLists.txt"
        if file.is_file():
            jsmn = _ADDED_JSMN if (component / _JSMN / "jsmn.c").is_file() else ""
            file.write_text(f"{file.read_text('utf-8', 'replace')}\n{jsmn}{_ADDED_TLS}", "utf-8")


def is_for_esp_idf_4(project: Path) -> bool:
    """Whether a copy of the SDK is one of 2019, which requires a component that ESP-IDF 5 does not have."""
    files = (component / "CMakeLists.txt" for component in _copies(project))
    return any(file.is_file() and _REQUIRED_JSMN.search(file.read_text("utf-8", "replace")) for file in files)


def is_replaced_port(file: Path, text: str) -> bool:
    """Whether a file of a private copy is ours, to which the rules for the component's own files do not apply."""
    ours = _OWN_FILES / Path(_NETWORK_WRAPPER).name
    return file.name == ours.name and text.endswith(ours.read_text("utf-8"))


def _copies(project: Path) -> Iterator[Path]:
    for wrapper in sorted(project.rglob(_NETWORK_WRAPPER)):
        component = wrapper.parents[1]
        if (component / _SDK / "src").is_dir():
            yield component
