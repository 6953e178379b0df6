"""Suite and reference firmware are found, in the checkout as in an installation."""

from kitbench.installation import reference_project, suite_path


def test_suite_has_the_on_kit_tests() -> None:
    assert (suite_path() / "test_connection.py").is_file()


def test_reference_project_can_be_built_with_a_secure_element() -> None:
    assert (reference_project() / "sdkconfig.ci.atecc608a").is_file()
    assert (reference_project() / "main" / "CMakeLists.txt").is_file()
