from kitbench.firmware.setting_names import client_settings, endpoint_settings


def test_all_names_of_a_setting_are_laid_over() -> None:
    assert endpoint_settings("a1.example", 8443) == {
        "AWS_IOT_MQTT_HOST": "a1.example",
        "MQTT_BROKER_ENDPOINT": "a1.example",
        "AWS_IOT_MQTT_PORT": "8443",
        "MQTT_BROKER_PORT": "8443",
    }
    assert client_settings("kit") == {"AWS_EXAMPLE_CLIENT_ID": "kit", "MQTT_CLIENT_IDENTIFIER": "kit"}
