"""Whole builds of small projects, judged by esptool and pytest-embedded."""

import hashlib
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import wasmtime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from esptool.bin_image import LoadFirmwareImage
from pytest_embedded_idf.app import IdfApp

from kitbench.errors import GapError, KitError
from kitbench.firmware.elf_symbols import read_symbols
from kitbench.firmware.overlay import Overlay
from kitbench.flash_format import app_image, partition_table
from kitbench.virtual_kit import app_module
from kitbench.virtual_kit.toolchain import Build, build_project, warm_up
from kitbench.virtual_kit.toolchain.compilation.c_library import CLibrary
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from tests.kitbench.virtual_kit.toolchain.project_maker import COMPONENT, make_project

REFERENCE_FIRMWARE = Path(__file__).parents[4] / "firmware" / "subscribe_publish"


@pytest.fixture(scope="module", name="build")
def _build(tmp_path_factory: pytest.TempPathFactory, library: CLibrary) -> Build:
    """A small project, built; the project is beside the build folder."""
    assert library.start.is_file()
    tmp_path = tmp_path_factory.mktemp("small")
    component = COMPONENT.replace(")", ' EMBED_TXTFILES "text.txt")')
    project = make_project(tmp_path / "project", {"main/CMakeLists.txt": component, "main/text.txt": "kitbench text\n"})
    return build_project(project, tmp_path / "build")


#: The project's file with the names of its defaults.
_TOP = (
    'cmake_minimum_required(VERSION 3.16)\nset(SDKCONFIG_DEFAULTS "{}")\n'
    "include($ENV{{IDF_PATH}}/tools/cmake/project.cmake)\nproject(small)\n"
)
_CUSTOM_TABLE = (
    "CONFIG_ESPTOOLPY_FLASHSIZE_8MB=y\nCONFIG_PARTITION_TABLE_CUSTOM=y\n"
    'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="tables/mine.csv"\n'
)


def _constants(size: int) -> str:
    return (
        f"const unsigned char table[{size}] = {{1}};\nunsigned sum;\n"
        f"void app_main(void) {{ for (int i = 0; i < {size}; i++) sum += table[i]; }}\n"
    )


def _variables(size: int) -> str:
    return (
        f"unsigned char table[{size}];\n"
        f"void app_main(void) {{ for (int i = 0; i < {size}; i++) table[i] = (unsigned char)i; }}\n"
    )


def make_identity(name: str) -> tuple[bytes, bytes]:
    """Return a fresh key and its certificate, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    certificate = (
        builder.not_valid_before(now).not_valid_after(now.replace(year=now.year + 1, day=1)).sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem, certificate.public_bytes(serialization.Encoding.PEM)


def identity_files(key: bytes, certificate: bytes, root: bytes) -> dict[str, bytes]:
    return {
        "main/certs/aws-root-ca.pem": root,
        "main/certs/certificate.pem.crt": certificate,
        "main/certs/private.pem.key": key,
    }


def test_images_are_valid_to_esptool(build: Build) -> None:
    for path in (build.app_bin, build.build_dir / "bootloader/bootloader.bin"):
        image = LoadFirmwareImage("esp32", str(path))

        assert image.checksum == image.calculate_checksum()
        assert image.stored_digest == image.calc_digest


def test_folder_is_accepted_by_pytest_embedded(build: Build) -> None:
    app = IdfApp(app_path=str(build.build_dir.parent), build_dir="build")

    assert app.target == "esp32"
    assert app.bin_file == str(build.app_bin.resolve())
    assert app.elf_file == str(build.elf.resolve())
    assert [(file.offset, Path(file.file_path).name) for file in app.flash_files] == [
        (0x1000, "bootloader.bin"),
        (0x8000, "partition-table.bin"),
        (0x10000, "small.bin"),
    ]
    assert all(Path(file.file_path).is_file() for file in app.flash_files)
    assert app.flash_settings["flash_size"] == "2MB"


def test_partition_table_is_esp_idfs_own(build: Build) -> None:
    table = partition_table.parse((build.build_dir / "partition_table/partition-table.bin").read_bytes())

    assert [(item.name, item.offset) for item in table.partitions] == [
        ("nvs", 0x9000),
        ("phy_init", 0xF000),
        ("factory", 0x10000),
    ]


def test_app_description_names_project_and_elf(build: Build) -> None:
    image = app_image.parse(build.app_bin.read_bytes())

    assert image.app_desc is not None
    assert image.app_desc.project_name == "small"
    assert image.app_desc.elf_sha256.hex() == sha256(build.elf)
    assert json.loads((build.build_dir / "project_description.json").read_text())["app_bin"] == "small.bin"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_symbols_lead_to_the_bytes_in_flash(build: Build) -> None:
    symbols = symbols_of(build.elf)
    data = build.app_bin.read_bytes()
    image = app_image.parse(data)
    module = app_module.extract(image)

    offset = image.offset_of(symbols["_binary_text_txt_start"])

    assert offset is not None
    assert data[offset : offset + 15] == b"kitbench text\n\0"
    assert symbols["_binary_text_txt_end"] - symbols["_binary_text_txt_start"] == 15
    assert symbols["text_txt"] == symbols["_binary_text_txt_start"]
    length = image.offset_of(symbols["text_txt_length"])
    assert length is not None
    assert int.from_bytes(data[length : length + 4], "little") == 14
    assert read_symbols(build.elf.read_bytes()).all_at(symbols["text_txt"]) == ("_binary_text_txt_start", "text_txt")
    assert 0 < symbols["app_main"] - app_module.IROM_BASE < len(module)


def symbols_of(elf: Path) -> dict[str, int]:
    with elf.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        return {symbol.name: symbol.entry.st_value for symbol in table.iter_symbols()}


def test_module_imports_the_kits_calls_only(build: Build) -> None:
    module = app_module.extract(app_image.parse(build.app_bin.read_bytes()))
    config = wasmtime.Config()
    config.wasm_threads = True
    config.shared_memory = True

    imports = wasmtime.Module(wasmtime.Engine(config), module).imports

    assert {item.module for item in imports} == {"env"}
    assert [item.name for item in imports if not (item.name or "").startswith("kit_")] == ["memory"]
    assert str(build.build_dir).encode() not in module
    assert b"kitbench-build-" not in module


def test_same_sources_give_the_same_image(build: Build, tmp_path: Path) -> None:
    again = build_project(build.build_dir.parent / "project", tmp_path / "again")

    assert again.app_bin.read_bytes() == build.app_bin.read_bytes()


def test_nothing_is_compiled_twice(build: Build) -> None:
    assert build.compiled == ("main/small.c", "main/text.txt")

    assert build_project(build.build_dir.parent / "project", build.build_dir).compiled == ()


def test_changed_header_compiles_what_includes_it(tmp_path: Path) -> None:
    files = {
        "main/small.c": '#include "value.h"\nint value = VALUE;\nvoid app_main(void) {}\n',
        "main/value.h": "#define VALUE 1\n",
    }
    project = make_project(tmp_path / "project", files)
    build_project(project, tmp_path / "build")
    (project / "main/value.h").write_text("#define VALUE 2\n")

    assert build_project(project, tmp_path / "build").compiled == ("main/small.c",)


def test_two_certificates_differ_in_what_they_must_and_no_key_stays(tmp_path: Path) -> None:
    _, root = make_identity("root")
    builds, keys = [], []
    for number in range(2):
        key, certificate = make_identity(f"device {number}")
        overlay = Overlay(identity_files(key, certificate, root), {"AWS_IOT_MQTT_HOST": "localhost"})
        keys.append(key)
        builds.append(build_project(REFERENCE_FIRMWARE, tmp_path / "build", overlay=overlay, variant="embedded_key"))
        image = builds[-1].app_bin.read_bytes()
        assert key in image

    assert builds[1].compiled == ("main/certs/certificate.pem.crt", "main/certs/private.pem.key")
    kept = [*files_below(cache_folder()), *files_below(tmp_path / "build" / "objects")]
    assert kept
    bodies = [line for key in keys for line in key.splitlines() if not line.startswith(b"-----")]
    assert not any(body in path.read_bytes() for path in kept for body in bodies)
    # The control: the same search finds both keys' lines where they belong.
    assert bodies[-1] in builds[1].app_bin.read_bytes()
    assert not any(body in builds[1].app_bin.read_bytes() for body in bodies[: len(bodies) // 2])


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_key_in_a_header_is_never_cached(tmp_path: Path) -> None:
    key, _ = make_identity("device")
    literal = " ".join(f'"{line}\\n"' for line in key.decode().splitlines())
    source = '#include "key.h"\nconst char *app_key = KEY;\nvoid app_main(void) {}\n'
    project = make_project(tmp_path / "project", {"main/small.c": source, "main/key.h": f"#define KEY {literal}\n"})

    build_project(project, tmp_path / "build")

    assert build_project(project, tmp_path / "build").compiled == ("main/small.c",)


def test_private_folder_is_gone_afterwards(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    build_project(build.build_dir.parent / "project", tmp_path / "again")
    with pytest.raises(KitError):
        build_project(make_project(tmp_path / "broken", {"main/small.c": "x"}), tmp_path / "again")

    assert list(scratch.iterdir()) == []


def test_project_is_not_written_to(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    for path in before:
        path.chmod(stat.S_IREAD | (stat.S_IXUSR if path.is_dir() else 0))

    build_project(project, tmp_path / "build")

    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


@pytest.mark.parametrize("variant", ["embedded_key", "atecc608a"])
def test_reference_firmware_builds(tmp_path: Path, variant: str) -> None:
    key, certificate = make_identity("device")
    overlay = Overlay(identity_files(key, certificate, certificate), {"AWS_IOT_MQTT_HOST": "localhost"})

    build = build_project(REFERENCE_FIRMWARE, tmp_path / "build", overlay=overlay, variant=variant)

    image = build.app_bin.read_bytes()
    assert (key in image) is (variant == "embedded_key")
    assert certificate in image
    table = partition_table.parse((build.build_dir / "partition_table/partition-table.bin").read_bytes())
    factory, devcert = table.find("factory"), table.find("devcert")
    assert factory is not None
    assert devcert is not None
    assert factory.size == 0x180000
    assert (devcert.kind, devcert.subtype, devcert.size) == (1, 0x40, 0x2000)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"main/small.c": "void app_main(void)\n{\n    int x = ;\n}\n"}, "main/small.c:3: expected expression"),
        ({"main/small.c": '#include "sensor.h"\n'}, "main/small.c:1: header 'sensor.h' is neither"),
        ({"main/small.c": "void app_main(void)\n{\n    sensor();\n}\n"}, "main/small.c:3: 'sensor' is declared"),
        ({"main/small.c": "int ledc(void);\nvoid app_main(void)\n{\n    ledc();\n}\n"}, "'ledc' is defined neither"),
        ({"main/small.c": "int x;\n"}, "the project has no function app_main()"),
        ({"main/CMakeLists.txt": COMPONENT.replace(")", " EMBED_FILES no.bin)")}, "main/no.bin' does not exist"),
        ({"sdkconfig": "CONFIG_PARTITION_TABLE_CUSTOM=y\n"}, "partition table 'partitions.csv' is not in"),
        (
            {"sdkconfig": "CONFIG_PARTITION_TABLE_CUSTOM=y\n", "partitions.csv": "a,data,nvs,,4K"},
            "no partition for the app",
        ),
        (
            {"sdkconfig": "CONFIG_PARTITION_TABLE_CUSTOM=y\n", "partitions.csv": "f,app,factory,,8K"},
            "app partition is too small",
        ),
        (
            {"sdkconfig": "CONFIG_PARTITION_TABLE_CUSTOM=y\n", "partitions.csv": "f,app,factory,,8M"},
            "the flash has 2MB",
        ),
        (
            {"sdkconfig": "CONFIG_PARTITION_TABLE_CUSTOM=y\n", "partitions.csv": "f,app,factory,,64K"},
            "app partition is too small",
        ),
        ({"main/small.c": _variables(200_000)}, "take 200000 bytes of RAM: region `dram0_0_seg' has 180736"),
        ({"main/small.c": _constants(1_000_000)}, "app partition is too small"),
        ({"CMakeLists.txt": _TOP.format("sdkconfig.defaults;sdkconfig.mine")}, "'sdkconfig.defaults' does not exist"),
    ],
)
def test_students_fault_is_one_line_with_its_place(tmp_path: Path, files: dict[str, str], message: str) -> None:
    project = make_project(tmp_path / "project", files)

    with pytest.raises(KitError, match=r"^build: ") as caught:
        build_project(project, tmp_path / "build", variant="embedded_key")

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "lacks"),
    [
        ('#include "driver/twai.h"\n', "header driver/twai.h (component driver)"),
        ("int twai_start(int, int, void *);\nvoid app_main(void) { twai_start(0, 0, 0); }\n", "twai_start() of"),
        ("void app_main(void) { int in(int x) { return x; } in(1); }\n", "nested functions"),
        ('void app_main(void) { __asm__ volatile("nop"); }\n', "inline assembly"),
        ("int app_main(void) { return 1; }\n", "functions that are declared one way and defined another: app_main()"),
        ("#include <setjmp.h>\n", "setjmp.h"),
    ],
)
def test_gap_of_the_stand_in_is_no_fault_of_the_students(tmp_path: Path, code: str, lacks: str) -> None:
    project = make_project(tmp_path / "project", {"main/small.c": code})

    with pytest.raises(GapError, match="not graded: the virtual kit lacks") as caught:
        build_project(project, tmp_path / "build")

    assert lacks in caught.value.lacks


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sdkconfig", 'CONFIG_IDF_TARGET="esp32c3"\n'),
        ("CMakeLists.txt", _TOP.format("").replace('set(SDKCONFIG_DEFAULTS "")', "set(IDF_TARGET esp32c3)")),
    ],
)
def test_other_chips_are_gaps(tmp_path: Path, name: str, text: str) -> None:
    project = make_project(tmp_path / "project", {name: text})

    with pytest.raises(GapError) as caught:
        build_project(project, tmp_path / "build")

    assert caught.value.lacks == "the chip esp32c3"


@pytest.mark.parametrize("size", ["2MB", "8MB", "16MB"])
def test_flash_is_as_large_as_the_project_says(tmp_path: Path, size: str) -> None:
    project = make_project(tmp_path / "project", {"sdkconfig": f"CONFIG_ESPTOOLPY_FLASHSIZE_{size}=y\n"})

    build = build_project(project, tmp_path / "build")

    assert json.loads(build.flasher_args.read_text())["flash_settings"]["flash_size"] == size


def test_configurations_of_others_are_no_fault(tmp_path: Path) -> None:
    files = {"sdkconfig.ci": "", "sdkconfig.ci.release": "CONFIG_COMPILER_OPTIMIZATION_SIZE=y\n"}
    project = make_project(tmp_path / "project", files)

    assert build_project(project, tmp_path / "build", variant="embedded_key").app_bin.is_file()


def test_constants_lie_in_flash_and_not_in_ram(tmp_path: Path) -> None:
    table = {"sdkconfig": _CUSTOM_TABLE, "tables/mine.csv": "f,app,factory,,3M"}
    project = make_project(tmp_path / "project", {**table, "main/small.c": _constants(1_700_000)})

    assert build_project(project, tmp_path / "build").app_bin.stat().st_size > 1_700_000


@pytest.mark.parametrize(
    ("files", "lacks"),
    [
        ({"sdkconfig": "CONFIG_ESPTOOLPY_FLASHSIZE_32MB=y\n"}, "a flash of 32MB"),
        ({"sdkconfig": "CONFIG_PARTITION_TABLE_TWO_OTA_LARGE=y\n"}, "the partition table partitions_two_ota_large.csv"),
        (
            {"sdkconfig": _CUSTOM_TABLE, "tables/mine.csv": "f,app,factory,,6M", "main/small.c": _constants(5_000_000)},
            "room for the app's data: ",
        ),
    ],
)
def test_what_only_the_stand_in_has_no_room_for_is_its_gap(tmp_path: Path, files: dict[str, str], lacks: str) -> None:
    project = make_project(tmp_path / "project", files)

    with pytest.raises(GapError) as caught:
        build_project(project, tmp_path / "build")

    assert caught.value.lacks.startswith(lacks)


def test_gap_in_code_that_is_not_compiled_is_none(tmp_path: Path) -> None:
    code = '#if 0\n#include "driver/twai.h"\n#endif\nvoid app_main(void) {}\n'
    project = make_project(tmp_path / "project", {"main/small.c": code, "main/other.c": '#include "driver/twai.h"\n'})

    assert build_project(project, tmp_path / "build").app_bin.is_file()


def test_names_that_headers_of_esp_idf_bring_along_are_there(tmp_path: Path) -> None:
    code = '#include "freertos/FreeRTOS.h"\nvoid app_main(void)\n{\n    bool late = true;\n    %s(late);\n}\n'
    files = {"main/small.c": code % "assert"}

    assert build_project(make_project(tmp_path / "project", files), tmp_path / "build").app_bin.is_file()
    files["main/small.c"] = code % "esp_read_mac"
    with pytest.raises(KitError, match=r"'esp_read_mac' is declared in esp_mac.h, which main/small.c does not include"):
        build_project(make_project(tmp_path / "project", files), tmp_path / "build")


def test_projects_of_esp_idf_4_have_its_network_and_those_of_5_have_not(tmp_path: Path) -> None:
    code = (
        '#include "esp_event_loop.h"\n%s'
        "static esp_err_t heard(void *ctx, system_event_t *event) { return ctx == NULL ? ESP_OK : ESP_FAIL; }\n"
        "void app_main(void)\n{\n    tcpip_adapter_init();\n    esp_event_loop_init(heard, NULL);\n}\n"
    )
    header = '#include "tcpip_adapter.h"\n'
    project = make_project(tmp_path / "project", {"main/small.c": code % header})

    assert build_project(project, tmp_path / "build", idf="4.4").app_bin.is_file()
    with pytest.raises(
        KitError, match=r"'tcpip_adapter.h' is of ESP-IDF 4; in ESP-IDF 5 it is esp_netif.h — build it with --idf 4.4"
    ):
        build_project(project, tmp_path / "build", idf="5.1")
    make_project(project, {"main/small.c": code.replace("esp_event_loop.h", "esp_wifi.h") % header})
    assert build_project(project, tmp_path / "build", idf="4.4").app_bin.is_file()
    make_project(project, {"main/small.c": code % ""})
    with pytest.raises(
        KitError,
        match=r"'system_event_t' is of ESP-IDF 4; in ESP-IDF 5 it is esp_event_base_t",
    ):
        build_project(project, tmp_path / "build", idf="5.1")


def test_names_that_esp_idf_5_dropped_are_the_projects_mistake_and_4_has_them(tmp_path: Path) -> None:
    code = (
        '#include "freertos/FreeRTOS.h"\n#include "freertos/task.h"\n#include "driver/gpio.h"\n'
        "void app_main(void)\n{\n    %s\n}\n"
    )
    for statement in (
        "vTaskDelay(9 / portTICK_RATE_MS);",
        "gpio_pad_select_gpio(2);",
        "xTaskHandle task = 0;(void)task;",
    ):
        project = make_project(tmp_path / "project", {"main/small.c": code % statement})
        assert build_project(project, tmp_path / "build", idf="4.4").app_bin.is_file()
        with pytest.raises(KitError, match=r"main/small.c:6: '\w+' is (of ESP-IDF 4; in|declared in rom/gpio.h)"):
            build_project(project, tmp_path / "build", idf="5.1")
    backward = "CONFIG_FREERTOS_ENABLE_BACKWARD_COMPATIBILITY=y\n"
    project = make_project(project, {"sdkconfig": backward})
    assert build_project(project, tmp_path / "build", idf="5.1").app_bin.is_file()


def test_mistake_in_one_file_outranks_a_gap_in_another(tmp_path: Path) -> None:
    files = {
        "main/CMakeLists.txt": COMPONENT.replace('"small.c"', '"small.c" "other.c"'),
        "main/small.c": '#include "driver/twai.h"\n',
        "main/other.c": "int x = ;\n",
    }
    project = make_project(tmp_path / "project", files)

    with pytest.raises(KitError, match=r"main/other.c:1: expected expression"):
        build_project(project, tmp_path / "build")


def test_ota_table_gets_its_data_partition(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "project",
        {"sdkconfig.defaults": "CONFIG_PARTITION_TABLE_TWO_OTA=y\nCONFIG_ESPTOOLPY_FLASHSIZE_4MB=y\n"},
    )

    build = build_project(project, tmp_path / "build")

    assert json.loads(build.flasher_args.read_text())["flash_files"]["0xd000"] == "ota/ota_data_initial.bin"
    assert [path.name for path in build.build_dir.glob("*.bin")] == ["small.bin"]


def test_warm_up_reports_progress() -> None:
    steps: list[tuple[str, int, int]] = []

    warm_up(lambda what, done, total: steps.append((what, done, total)))

    assert steps[-1][1] == steps[-1][2]


def test_header_of_a_component_that_nobody_fetched_is_a_gap_that_names_it(tmp_path: Path) -> None:
    source = '#include "led_strip.h"\nvoid app_main(void) {}\n'
    manifest = 'dependencies:\n  espressif/led_strip: "^2.0.0"\n'
    with_manifest = make_project(tmp_path / "a", {"main/small.c": source, "main/idf_component.yml": manifest})
    without = make_project(tmp_path / "b", {"main/small.c": source})

    with pytest.raises(GapError, match=r"lacks espressif/led_strip \(main/idf_component.yml\).*managed_components"):
        build_project(with_manifest, tmp_path / "build")
    with pytest.raises(KitError, match=r"header 'led_strip.h' is neither in the project"):
        build_project(without, tmp_path / "build")


def test_command_of_a_component_that_nobody_fetched_is_a_gap_that_names_it(tmp_path: Path) -> None:
    manifest = "dependencies:\n  espressif/esp_encrypted_img: '*'\n"
    files = {"main/CMakeLists.txt": f"{COMPONENT}create_esp_enc_img(a b)\n", "main/idf_component.yml": manifest}

    with pytest.raises(GapError, match=r"lacks espressif/esp_encrypted_img \(main/idf_component.yml\)"):
        build_project(make_project(tmp_path / "a", files), tmp_path / "build")
    del files["main/idf_component.yml"]
    with pytest.raises(KitError, match=r"main/CMakeLists.txt:2: unknown CMake command 'create_esp_enc_img'"):
        build_project(make_project(tmp_path / "b", files), tmp_path / "build")


def test_what_only_clang_warns_of_ends_no_build(tmp_path: Path) -> None:
    code = (
        "static int sum(const int *values) { return values[0]; }\n"
        "void app_main(void)\n{\n    int value;\n    sum(&value);\n}\n"
    )
    project = make_project(tmp_path / "project", {"main/small.c": code})

    assert build_project(project, tmp_path / "build").app_bin.is_file()
