"""Projects with C++: what ESP-IDF takes by default runs, the rest is told apart."""

from pathlib import Path
from typing import Final

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain import build_project
from kitbench.virtual_kit.toolchain.languages import has_cpp
from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, MemoryFlash, Run
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

COMPONENT: Final = 'idf_component_register(SRCS "small.cpp" "plain.c" INCLUDE_DIRS ".")\n'
PLAIN: Final = "int twice(int n)\n{\n    return n * 2;\n}\n"
PROGRAM: Final = """
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "cJSON.h"
#include "esp_log.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "mqtt_client.h"
#include "nvs_flash.h"

extern "C" int twice(int n);

struct Reading {
    virtual ~Reading() = default;
    virtual float value() const = 0;
};
class Fixed final : public Reading {
public:
    explicit Fixed(float value) : value_(value) { made.push_back(value); }
    float value() const override { return value_; }
    static std::vector<float> made;
private:
    float value_;
};
std::vector<float> Fixed::made;
static Fixed before_main(1.5f);

extern "C" void app_main(void)
{
    (void)nvs_flash_init();
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_mqtt_client_config_t mqtt = {};
    mqtt.broker.address.uri = "mqtts://localhost";
    (void)init;
    std::map<std::string, std::function<float()>> readers;
    std::unique_ptr<Reading> owned = std::make_unique<Fixed>(2.5f);
    readers["b"] = [&owned] { return owned->value() * twice(2); };
    readers["a"] = [] { return before_main.value(); };
    for (auto &[key, reader] : readers) {
        ESP_LOGI("cpp", "%s=%.1f of %d", key.c_str(), reader(), (int)Fixed::made.size());
    }
    QueueHandle_t queue = xQueueCreate(1, sizeof(int));
    xTaskCreate([](void *to) {
        int number = 7;
        xQueueSend(static_cast<QueueHandle_t>(to), &number, portMAX_DELAY);
        vTaskDelete(nullptr);
    }, "sender", 4096, queue, 5, nullptr);
    int number = 0;
    xQueueReceive(queue, &number, portMAX_DELAY);
    std::cout << "streamed " << number << std::endl;
    std::abort();
}
"""


def build_cpp(
    tmp_path: Path, program: str, *, sdkconfig: str = "", component: str = COMPONENT, idf: str = "5.1"
) -> Path:
    files = {"main/CMakeLists.txt": component, "main/small.cpp": program, "main/plain.c": PLAIN}
    files["main/small.c"] = "int kit_small;\n"  # of SRC_DIRS, too
    files |= {"sdkconfig.defaults": sdkconfig} if sdkconfig else {}
    project = make_project(tmp_path / "project", files)
    return build_project(project, tmp_path / "build", idf=idf).app_bin


def test_cpp_runs_with_its_library(tmp_path: Path) -> None:
    image = build_cpp(tmp_path, PROGRAM).read_bytes()
    flash = MemoryFlash()
    flash.data[APP_OFFSET : APP_OFFSET + len(image)] = image
    run = Run(flash)
    run.start()
    try:
        text = run.wait_for("abort() was called")
    finally:
        run.stop()

    assert "cpp: a=1.5 of 2\x1b" in text
    assert "cpp: b=10.0 of 2\x1b" in text
    assert "streamed 7\r\n" in text


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("void app_main(void) {}\n", "no function app_main()"),
        ('extern "C" void app_main(void) { throw 1; }\n', "small.cpp:1: cannot use 'throw' with exceptions disabled"),
        ('int twice(int);\nextern "C" void app_main(void) { twice(1); }\n', "'twice' is declared and defined nowhere"),
        ('#include <string>\nextern "C" void app_main(void) { std::strnig s; }\n', "small.cpp:2: no"),
    ],
)
def test_what_esp_idf_refuses_is_refused(tmp_path: Path, program: str, said: str) -> None:
    with pytest.raises(KitError, match=said.replace("(", r"\(").replace(")", r"\)")):
        build_cpp(tmp_path, program)


@pytest.mark.parametrize(
    ("program", "sdkconfig", "lacks"),
    [
        ('extern "C" void app_main(void) {}\n', "CONFIG_COMPILER_CXX_EXCEPTIONS=y\n", "CONFIG_COMPILER_CXX_EXCEPTIONS"),
        ('extern "C" void app_main(void) {}\n', "CONFIG_COMPILER_CXX_RTTI=y\n", "CONFIG_COMPILER_CXX_RTTI"),
        ('#include <thread>\nextern "C" void app_main(void) { std::thread t; }\n', "", "std::thread"),
        ('#include <bits/stdc++.h>\nextern "C" void app_main(void) {}\n', "", "bits/stdc"),
    ],
)
def test_what_is_lacking_is_a_gap(tmp_path: Path, program: str, sdkconfig: str, lacks: str) -> None:
    with pytest.raises(GapError, match=lacks):
        build_cpp(tmp_path, program, sdkconfig=sdkconfig)


def test_all_of_a_folder_and_the_older_standard(tmp_path: Path) -> None:
    component = 'idf_component_register(SRC_DIRS "." INCLUDE_DIRS ".")\n'
    program = '#include <stdint.h>\nextern "C" int twice(int);\nstatic_assert(__cplusplus == 201103L, "");\n'
    program += 'extern "C" void app_main(void) { int32_t n = twice(4); (void)n; }\n'

    assert build_cpp(tmp_path, program, component=component, idf="4.4").is_file()


def test_files_of_cpp_are_found_by_name(tmp_path: Path) -> None:
    make_project(tmp_path)
    assert not has_cpp(tmp_path)

    (tmp_path / "main" / "deep").mkdir()
    (tmp_path / "main" / "deep" / "part.cc").write_text("")
    assert has_cpp(tmp_path)
