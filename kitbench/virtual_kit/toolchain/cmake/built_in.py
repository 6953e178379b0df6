"""The names of CMake's own commands, by which an unknown command is told from one that is only not followed here.

Source: cmake-commands(7) of CMake 3.24, and the modules that come with it.
"""

from typing import Final

_NAMES: Final = """
    add_executable add_library add_link_options add_subdirectory add_test aux_source_directory block build_command
    cmake_host_system_information cmake_language cmake_path check_c_compiler_flag check_include_file
    check_symbol_exists configure_file configure_package_config_file create_test_sourcelist define_property endblock
    execute_process export externalproject_add fetchcontent_declare fetchcontent_getproperties
    fetchcontent_makeavailable fetchcontent_populate find_file find_library find_package find_path find_program
    get_cmake_property get_directory_property get_property get_source_file_property get_target_property
    include_guard install link_directories link_libraries load_cache project set_directory_properties
    set_tests_properties site_name source_group target_compile_features target_link_directories
    target_precompile_headers try_compile try_run variable_watch write_basic_package_version_file
"""
BUILT_IN: Final = frozenset(_NAMES.split())
