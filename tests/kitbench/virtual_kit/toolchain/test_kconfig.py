"""A project's configuration."""

import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.compilation.compiler import sdkconfig_header
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.kconfig import _CHILD, Configuration, ConfigurationJob, configure

KCONFIG = """\
menu "Example"
    config EXAMPLE_NAME
        string "Name"
        default "plain"
    config EXAMPLE_PORT
        int "Port"
        range 1 65535
        default 8883
    config EXAMPLE_LOUD
        bool "Loud"
    config EXAMPLE_ADDRESS
        hex "Address"
        default 0xC0
        depends on EXAMPLE_LOUD
endmenu
"""


def evaluate(
    confinement: Confinement,
    *,
    kconfig: str = KCONFIG,
    sdkconfig: str = "",
    settings: Mapping[str, str] | None = None,
) -> Configuration:
    project = confinement.scratch.parent / "project"
    (project / "Kconfig").write_text(kconfig)
    (project / "sdkconfig").write_bytes(sdkconfig.encode("utf-8", "surrogateescape"))
    job = ConfigurationJob(project, [project / "Kconfig"], [project / "sdkconfig"], settings or {})
    return configure(job, confinement, deadline=time.monotonic() + 30)


@pytest.mark.parametrize(
    ("kconfig", "message"),
    [
        (
            'source "Kconfig"\n',
            "build: Kconfig: Kconfig:1: recursive 'source' of 'Kconfig' detected. Include path: Kconfig:1",
        ),
        (
            'rsource "more"\n',
            "build: Kconfig: more:1: recursive 'source' of 'Kconfig' detected. Include path: Kconfig:1 more:1",
        ),
        ('source "gone"\n', "build: Kconfig: Kconfig:1: 'gone' not found (in 'source \"gone\"')."),
    ],
)
def test_error_names_the_projects_files_alone(confinement: Confinement, kconfig: str, message: str) -> None:
    project = confinement.scratch.parent / "project"
    (project / "more").write_text('source "Kconfig"\n')

    with pytest.raises(KitError) as caught:
        evaluate(confinement, kconfig=kconfig)

    assert str(caught.value) == message


def test_defaults_are_esp_idfs(confinement: Confinement) -> None:
    configuration = evaluate(confinement)

    assert configuration.get("IDF_TARGET") == "esp32"
    assert configuration.get("FREERTOS_HZ") == "100"
    assert configuration.is_set("LOG_DEFAULT_LEVEL_INFO")
    assert configuration.get("EXAMPLE_NAME") == "plain"


def test_sdkconfig_wins_over_defaults_and_settings_over_both(confinement: Confinement) -> None:
    configuration = evaluate(
        confinement,
        sdkconfig='CONFIG_EXAMPLE_NAME="from sdkconfig"\nCONFIG_EXAMPLE_LOUD=y\nCONFIG_EXAMPLE_PORT=1\n',
        settings={"EXAMPLE_PORT": "443"},
    )

    assert configuration.get("EXAMPLE_NAME") == "from sdkconfig"
    assert configuration.get("EXAMPLE_PORT") == "443"
    assert configuration.get("EXAMPLE_ADDRESS") == "0xC0"


def test_header_has_c_values(confinement: Confinement) -> None:
    definitions = evaluate(
        confinement, sdkconfig='CONFIG_EXAMPLE_LOUD=y\nCONFIG_EXAMPLE_NAME="a \\"b\\" \\\\"\n'
    ).definitions()

    assert definitions["EXAMPLE_NAME"] == '"a \\"b\\" \\\\"'
    assert definitions["EXAMPLE_LOUD"] == "1"
    assert definitions["EXAMPLE_ADDRESS"] == "0xC0"
    assert "ESP_TLS_USE_SECURE_ELEMENT" not in definitions


def test_symbols_that_no_kconfig_defines_are_carried_along(confinement: Confinement) -> None:
    configuration = evaluate(
        confinement,
        sdkconfig='CONFIG_LWIP_MAX_SOCKETS=10\nCONFIG_LWIP_NAME="x"\nCONFIG_BT_ENABLED=y\n# CONFIG_SPIRAM is not set\n',
        settings={"OTHER_NAME": "value of the run"},
    )
    definitions = configuration.definitions()

    assert definitions["LWIP_MAX_SOCKETS"] == "10"
    assert definitions["LWIP_NAME"] == '"x"'
    assert definitions["BT_ENABLED"] == "1"
    assert definitions["OTHER_NAME"] == '"value of the run"'
    assert "SPIRAM" not in definitions


def test_bare_value_that_is_no_number_becomes_a_string(confinement: Confinement) -> None:
    definitions = evaluate(confinement, sdkconfig='CONFIG_X=__has_include("/etc/passwd")\n').definitions()

    assert definitions["X"] == '"__has_include(\\"/etc/passwd\\")"'


def test_value_of_the_wrong_type_is_not_taken(confinement: Confinement) -> None:
    assert evaluate(confinement, sdkconfig="CONFIG_EXAMPLE_PORT=__LINE__\n").get("EXAMPLE_PORT") == "8883"


def test_json_has_types(confinement: Confinement) -> None:
    values = evaluate(confinement, sdkconfig="CONFIG_EXAMPLE_LOUD=y\n").to_json()

    assert values["EXAMPLE_PORT"] == 8883
    assert values["EXAMPLE_LOUD"] is True
    assert values["EXAMPLE_NAME"] == "plain"
    assert values["EXAMPLE_ADDRESS"] == 0xC0


def test_text_is_an_sdkconfig_again(confinement: Confinement) -> None:
    first = evaluate(confinement, sdkconfig='CONFIG_EXAMPLE_NAME="5"\nCONFIG_Y=3\n')

    assert evaluate(confinement, sdkconfig=first.text()).values == first.values


def test_sourced_file_of_the_project_is_read(confinement: Confinement) -> None:
    (confinement.scratch.parent / "project" / "more").write_text('config MORE\n    int "More"\n    default 7\n')

    assert evaluate(confinement, kconfig='rsource "more"\n').get("MORE") == "7"


@pytest.mark.parametrize(
    ("kconfig", "message"),
    [
        ('source "/etc/passwd"', "Kconfig:1: source: path '/etc/passwd' is not below"),
        ('rsource "../secret"', "rsource: path '../secret' leaves"),
        ('osource "*"', "lacks Kconfig's patterns"),
        ("source more", "expected a plain file name"),
        ('source "$HOME/x"', "Kconfig: .*HOME"),
        ('source "$IDF_PATH/../kconfig.py"', "is not below"),
        ('source "${HOME}/x"', "lacks Kconfig's macros"),
        ('config X\n    string\n    default "$(shell,id)"', "lacks Kconfig's macros"),
        ("config\n", "Kconfig: "),
        ("x" * (1 << 20) + "x", "larger than"),
    ],
)
def test_what_leads_outside_is_refused(confinement: Confinement, kconfig: str, message: str) -> None:
    with pytest.raises((KitError, GapError), match=message) as caught:
        evaluate(confinement, kconfig=kconfig)

    assert isinstance(caught.value, GapError) is ("lacks" in message)


def test_sources_in_a_circle_end(confinement: Confinement) -> None:
    with pytest.raises(KitError, match="Kconfig"):
        evaluate(confinement, kconfig='source "Kconfig"\n')


def test_environment_does_not_reach_symbols(confinement: Confinement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "kitbench-secret")
    text = 'config STOLEN\n    string\n    option env="AWS_SECRET_ACCESS_KEY"\n'

    try:
        told = str(evaluate(confinement, kconfig=text).values)
    except KitError as error:
        told = str(error)

    assert "kitbench-secret" not in told


def test_quoted_value_is_a_string_whatever_it_looks_like(confinement: Confinement) -> None:
    definitions = evaluate(
        confinement, sdkconfig='CONFIG_WIFI_PASSWORD="12345678"\nCONFIG_ANSWER="n"\nCONFIG_OLD=\nnonsense\n'
    ).definitions()

    assert definitions["WIFI_PASSWORD"] == '"12345678"'
    assert definitions["ANSWER"] == '"n"'
    assert "OLD" not in definitions


def test_bytes_of_any_encoding_reach_the_code(confinement: Confinement) -> None:
    text = 'CONFIG_EXAMPLE_NAME="Caf\udce9"\nCONFIG_STRAY="\udcff\u00fc"\n'

    configuration = evaluate(confinement, sdkconfig=text, settings={"EXAMPLE_NAME": "\u00e4\udce9"})

    assert configuration.get("STRAY") == "\udcff\u00fc"
    assert sdkconfig_header(configuration.definitions()).find(b'"\xc3\xa4\xe9"') > 0


def test_older_name_sets_the_newer_symbol(confinement: Confinement) -> None:
    assert (
        evaluate(confinement, sdkconfig="CONFIG_MAIN_TASK_STACK_SIZE=9000\n").get("ESP_MAIN_TASK_STACK_SIZE") == "9000"
    )


def test_ranges_of_esp_idfs_examples_are_known(confinement: Confinement) -> None:
    kconfig = (
        'orsource "$IDF_PATH/examples/common_components/env_caps/$IDF_TARGET/Kconfig.env_caps"\n'
        'orsource "$IDF_PATH/nowhere"\norsource "nowhere"\n'
        'config LED\n    int "LED"\n    range ENV_GPIO_RANGE_MIN ENV_GPIO_OUT_RANGE_MAX\n    default 5\n'
    )

    assert evaluate(confinement, kconfig=kconfig, sdkconfig="CONFIG_LED=33\n").get("LED") == "33"
    assert evaluate(confinement, kconfig=kconfig, sdkconfig="CONFIG_LED=34\n").get("LED") == "5"


def test_common_component_brings_its_settings(confinement: Confinement) -> None:
    project = confinement.scratch.parent / "project"
    files = ["examples/common_components/protocol_examples_common/Kconfig.projbuild"]
    job = ConfigurationJob(project, [], [], {"EXAMPLE_WIFI_PASSWORD": "12345678"}, files)

    definitions = configure(job, confinement, deadline=time.monotonic() + 30).definitions()

    assert definitions["EXAMPLE_WIFI_PASSWORD"] == '"12345678"'
    assert definitions["EXAMPLE_WIFI_SSID"] == '"myssid"'


@pytest.mark.parametrize("name", ["$(shell,touch made)", "$HOME", "a\nb", 'a"b', "a'b", "ä b", "a#b", "[a]*"])
def test_name_of_a_folder_is_a_name_and_nothing_else(confinement: Confinement, name: str) -> None:
    project = confinement.scratch.parent / "project"
    (project / "components" / name).mkdir(parents=True)
    kconfig = project / "components" / name / "Kconfig"
    kconfig.write_text("config WITHIN\n    int\n    default 7\n")
    job = ConfigurationJob(project, [kconfig], [], {})

    if set(name) & set("$\n"):
        with pytest.raises(KitError, match="cannot stand in Kconfig"):
            configure(job, confinement, deadline=time.monotonic() + 30)
    else:
        assert configure(job, confinement, deadline=time.monotonic() + 30).get("WITHIN") == "7"
    assert not list(project.parent.rglob("made"))


@pytest.mark.parametrize("macro", ["$(shell,id)", "$(info,x)", "$(filename)"])
def test_macros_are_dead_even_where_the_text_was_not_looked_at(confinement: Confinement, macro: str) -> None:
    top = confinement.scratch / "top"
    top.write_text(f'config X\n    string\n    default "{macro}"\n')
    child = replace(confinement, readable=(top,))

    answer = child.ask(
        _CHILD,
        {"kconfig": str(top), "configs": [], "settings": {}},
        folder=confinement.scratch,
        timeout_s=30,
        environment={},
    )

    assert "macros are not expanded" in answer["error"]
